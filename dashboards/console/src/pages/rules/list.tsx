// The list: which rules there are, what they raised, and how much of it people called false.
import { useSignal, useSignalEffect } from '@preact/signals';
import type { ClassInfo, RuleHits, RuleInfo, RuleVersion } from '../../contract';
import { t, word } from '../../i18n';
import { dateTime } from '../../i18n/format';
import { r, ruleWord } from '../../i18n/rules';
import { language } from '../../state/settings';
import { kBackground, rest } from '../../link/rest';
import { Shape } from '../../parts/shape';
import { Empty, Failure, Loaded, number, useQuery } from '../../parts/states';
import { Time } from '../../parts/time';
import { keepSearch } from '../../state/route';
import { ruleRows, type RuleOrder, type RuleRow } from '../../state/rule_list';
import { authorText, noteText, RuleLinks } from './parts';
import { KeptDraft } from './workshop';

const kRows = 200; // at once: a page of a thousand rules stays quick (our choice)
const kOrders: readonly RuleOrder[] = ['hits', 'false', 'name'];
const kManyKinds = 20; // of 22: a rule of any device

export function kindsText(kinds: RuleInfo['kinds'], most = 3): string {
  if (kinds.length >= kManyKinds || kinds.length === 0) return r('kinds_any');
  const shown = kinds.slice(0, most).map((one) => word('kind', one)).join(' · ');
  return kinds.length > most ? `${shown} ${r('kinds_more', { count: kinds.length - most })}` : shown;
}

export function verdictText(verdicts: RuleHits['verdicts']): string {
  return Object.entries(verdicts).filter(([, count]) => count > 0).map(([verdict, count]) => `${word('verdict', verdict)} ${count}`).join(' · ');
}

export const percent = (share: number) => `${Math.round(share * 100)} %`;

function Share({ hits }: { hits: RuleHits | null }) {
  if (!hits || hits.false_share === null) return <span class="note">{hits ? r('false_none') : '—'}</span>;
  return (
    <span title={r('false_share_title')}>
      <b>{percent(hits.false_share)}</b> <meter class="share" min={0} max={1} value={hits.false_share} aria-hidden="true" />
      <small class="note">{verdictText(hits.verdicts)}</small>
    </span>
  );
}

function Row({ row: { rule, hits }, lamps }: { row: RuleRow; lamps: ReadonlyMap<string, ClassInfo['lamp']> }) {
  const lamp = lamps.get(rule.class);
  return (
    <tr data-rule={rule.id}>
      <td class="rule-class">{lamp && <Shape lamp={lamp} />} <span>{word('class', rule.class)}</span></td>
      <td class="rule-name">
        <a href={`/rules/${encodeURIComponent(rule.id)}`}><strong>{rule.text[language.value]}</strong></a>
        <small>{rule.id}{rule.overrides.length > 0 && ` · ${r('overrides')} ${rule.overrides.length}`}</small>
      </td>
      <td class="rule-kinds">{kindsText(rule.kinds)}</td>
      <td class="count" data-label={r('day')}>{number(hits?.day ?? 0)}</td>
      <td class="count" data-label={r('month')}>{number(hits?.month ?? 0)}</td>
      <td data-label={r('false_share')}><Share hits={hits} /></td>
      <td data-label={r('last_raised_at')}>{hits ? <Time at={hits.last_at} short /> : <span class="note">—</span>}</td>
    </tr>
  );
}

interface TableProps {
  rules: readonly RuleInfo[];
  hits: readonly RuleHits[];
  q: string;
  order: RuleOrder;
}
function Table({ rules, hits, q, order }: TableProps) {
  const classes = useQuery(() => rest.classes(kBackground), []);
  const shown = useSignal(kRows);
  const lamps = new Map(classes.data?.map((one) => [one.class as string, one.lamp]));
  const rows = ruleRows(rules, hits, q, order);
  if (rules.length === 0) return <Empty text={r('rules_empty')} />;
  if (rows.length === 0) return <Empty text={r('rules_none')} />;
  return (
    <>
      <p class="note" role="status">{r('rules_count', { shown: number(rows.length), total: number(rules.length) })}</p>
      <div class="panel table-box" role="group" tabIndex={0} aria-label={t('rules')}>
        <table class="rules">
          <thead>
            <tr>
              <th>{t('class')}</th><th>{t('rule')}</th><th>{t('kind')}</th><th class="count">{r('day')}</th><th class="count">{r('month')}</th>
              <th>{r('false_share')}</th><th>{r('last_raised_at')}</th>
            </tr>
          </thead>
          <tbody>{rows.slice(0, shown.value).map((row) => <Row key={row.rule.id} row={row} lamps={lamps} />)}</tbody>
        </table>
      </div>
      {rows.length > shown.value && (
        <button type="button" class="button more" data-act="more" onClick={() => (shown.value += kRows)}>
          {t('rows_left', { count: rows.length - shown.value })} · {t('more')}
        </button>
      )}
    </>
  );
}

export function VersionNow({ version }: { version: RuleVersion | null }) {
  if (!version) return null;
  return (
    <p class="version-now" data-version={version.number}>
      <b>{r('version_now', { number: version.number })}</b> {r('version_by', { who: authorText(version), time: dateTime(version.at) })}
      {version.note && <span> · {noteText(version)}</span>} <RuleLinks changes={version.changes} />
    </p>
  );
}

export function ListView() {
  const rules = useQuery(rest.rules, []);
  const hits = useQuery((how) => rest.ruleHits(how), []);
  const first = new URLSearchParams(location.search);
  const q = useSignal(first.get('q') ?? '');
  const order = useSignal<RuleOrder>(kOrders.find((one) => one === first.get('order')) ?? 'hits');
  useSignalEffect(() => {
    keepSearch('rules', { q: q.value.trim(), order: order.value === 'hits' ? '' : order.value });
  });
  return (
    <>
      <p class="page-text">{r('list_text')}</p>
      <KeptDraft />
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label class="field grow">{t('search')}
          <input type="search" placeholder={r('search_rules')} value={q.value} onInput={(event) => (q.value = event.currentTarget.value)} />
        </label>
        <label class="field">{r('order')}
          <select name="order" value={order.value} onChange={(event) => (order.value = event.currentTarget.value as RuleOrder)}>
            {kOrders.map((one) => <option key={one} value={one}>{ruleWord('order', one)}</option>)}
          </select>
        </label>
      </form>
      {hits.error && <Failure error={hits.error} retry={hits.retry} />}
      <Loaded query={rules}>
        {(answer) => (
          <>
            <VersionNow version={answer.version} />
            <Table rules={answer.rules} hits={hits.data?.rules ?? []} q={q.value} order={order.value} />
          </>
        )}
      </Loaded>
    </>
  );
}
