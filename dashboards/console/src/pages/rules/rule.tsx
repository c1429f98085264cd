// One rule: what it raised and what people called it, its limits and exceptions; and, for who may, the form and the file it stands in.
import { useSignal } from '@preact/signals';
import { kEveryEstate, type RuleHits, type RuleInfo } from '../../contract';
import { t, word } from '../../i18n';
import { duration } from '../../i18n/format';
import { limitText } from '../../i18n/limit';
import { r, ruleWord } from '../../i18n/rules';
import { rest } from '../../link/rest';
import { Empty, Loaded, number, useQuery } from '../../parts/states';
import { Time } from '../../parts/time';
import { may, mayEverywhereOnceAwake, mayOnceAwake } from '../../state/session';
import { language } from '../../state/settings';
import { names } from '../../state/rule_edits';
import { Editor } from './editor';
import { RuleForm, useRulesIn } from './form';
import { Views } from './frame';
import { kindsText, percent } from './list';
import { published, Workshop, type Shop } from './workshop';

const delay = (seconds: number) => (seconds > 0 ? duration(seconds * 1000) : r('no_delay'));

function Limits({ rule }: { rule: RuleInfo }) {
  return (
    <section class="panel">
      <h2>{r('limits')}</h2>
      <ul class="limits">{rule.limits.map((one, index) => <li key={index} title={one}>{limitText(one)}</li>)}</ul>
      <dl class="facts">
        <div><dt>{t('class')}</dt><dd>{word('class', rule.class)}</dd></div>
        <div><dt>{t('kind')}</dt><dd>{kindsText(rule.kinds, 22)}</dd></div>
        {rule.steps.map((step, index) => (
          <div key={index}>
            <dt>{rule.steps.length > 1 ? r('step', { step: index + 1 }) : ruleWord('field', 'on_delay')}</dt>
            <dd>{rule.steps.length > 1 && `${word('class', step.class)} · `}{delay(step.on_delay_s)}</dd>
          </div>
        ))}
        <div><dt>{r('where_from')}</dt><dd>{rule.source}</dd></div>
        {rule.file && <div><dt>{r('stands_in')}</dt><dd><code>{rule.file}:{rule.line}</code></dd></div>}
      </dl>
    </section>
  );
}

function Hits({ hits }: { hits: RuleHits | null }) {
  const said = hits ? Object.entries(hits.verdicts).filter(([, count]) => count > 0) : [];
  const all = said.reduce((sum, [, count]) => sum + count, 0);
  return (
    <section class="panel" data-hits>
      <h2>{r('hits')}</h2>
      {!hits ? <p>{r('no_hits')}</p> : (
        <dl class="facts">
          <div><dt>{r('day')}</dt><dd>{number(hits.day)}</dd></div>
          <div><dt>{r('month')}</dt><dd>{number(hits.month)}</dd></div>
          <div><dt>{r('last_raised_at')}</dt><dd><Time at={hits.last_at} /></dd></div>
          <div><dt>{r('false_share')}</dt><dd title={r('false_share_title')}>{hits.false_share === null ? r('false_none') : percent(hits.false_share)}</dd></div>
        </dl>
      )}
      {hits && <h3>{r('verdicts')}</h3>}
      {hits && (said.length === 0 ? <p class="note">{r('verdicts_none')}</p> : (
        <table class="verdict-shares">
          <tbody>
            {said.map(([verdict, count]) => (
              <tr key={verdict}><th scope="row">{word('verdict', verdict)}</th><td class="count">{number(count)}</td><td><meter min={0} max={all} value={count} aria-hidden="true" /></td></tr>
            ))}
          </tbody>
        </table>
      ))}
    </section>
  );
}

function Overrides({ rule }: { rule: RuleInfo }) {
  const list = rule.overrides;
  return (
    <section class="panel">
      <h2>{r('overrides')}</h2>
      {list.length === 0 ? <p>{r('overrides_none')}</p> : (
        <ul class="overrides">
          {list.map((one, index) => (
            <li key={index}>
              <b>{one.where}</b> {one.enabled ? one.set : r('override_off')} {one.reason && `· ${one.reason}`} <small class="note">{one.source} · {one.at}</small>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

// The file that the rule stands in, as it is edited; where the gateway does not know it, the one that names it.
function fileOf(shop: Shop, rule: RuleInfo): string {
  const all = names(shop.files.files, shop.edits);
  if (rule.file && all.includes(rule.file)) return rule.file;
  return all.find((name) => shop.text(name)?.includes(`id: ${rule.id}`)) ?? all[0] ?? '';
}

function Edit({ shop, rule }: { shop: Shop; rule: RuleInfo }) {
  const name = fileOf(shop, rule);
  const text = shop.text(name) ?? '';
  const { rules } = useRulesIn(text);
  const place = rules.find((one) => one.id === rule.id);
  const problems = shop.checked.check?.problems.filter((one) => one.file === name) ?? [];
  const onText = (next: string) => shop.edit(name, next);
  return (
    <div class="rule-edit">
      {shop.mayTry && <section class="panel"><h2>{r('form')}</h2><RuleForm id={rule.id} text={text} onText={onText} /></section>}
      <section class="panel">
        <h2>{r('file')} <code>{name}</code></h2>
        <Editor name={name} text={text} problems={problems} readOnly={!shop.mayTry} onText={onText} {...(place ? { focus: place } : {})} />
      </section>
    </div>
  );
}

// Reading the files takes powers that may be asleep: nobody is asked for a password who only wants to look.
function MayEdit({ rule }: { rule: RuleInfo }) {
  const wanted = useSignal(may('edit_rules', kEveryEstate));
  if (!mayOnceAwake('edit_rules')) return null;
  if (!mayEverywhereOnceAwake('edit_rules')) return <p class="note" data-read-only>{r('read_only')}</p>;
  if (!wanted.value) {
    return (
      <section class="panel desk-only">
        <button type="button" class="button" data-act="wake" onClick={() => (wanted.value = true)}>{r('wake')}</button> <span class="note">{r('wake_text')}</span>
      </section>
    );
  }
  return <div class="desk-only"><Workshop>{(shop) => <Edit shop={shop} rule={rule} />}</Workshop></div>;
}

export function RulePage({ id }: { id: string }) {
  const rules = useQuery(rest.rules, [published.value]);
  const hits = useQuery((how) => rest.ruleHits(how), []);
  return (
    <>
      <a class="back" href="/rules">← {r('all_rules')}</a>
      <Loaded query={rules}>
        {(answer) => {
          const rule = answer.rules.find((one) => one.id === id);
          if (!rule) return <><h1 tabIndex={-1}>{id}</h1><Empty text={r('unknown_rule')} /></>;
          return (
            <article data-rule={id}>
              <div class="page-head"><h1 tabIndex={-1}>{rule.text[language.value]}</h1> <code>{id}</code><Views here={null} /></div>
              <div class="columns">
                <div><Limits rule={rule} /></div>
                <div><Hits hits={hits.data?.rules.find((one) => one.rule === id) ?? null} />{may('look', kEveryEstate) && <Overrides rule={rule} />}</div>
              </div>
              {mayEverywhereOnceAwake('edit_rules') && <p class="note phone-only">{r('phone_only_looks')}</p>}
              <MayEdit rule={rule} />
            </article>
          );
        }}
      </Loaded>
    </>
  );
}
