// Rules on trial: judged beside those in force, raising nothing.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Shadow } from '../../contract';
import { t } from '../../i18n';
import { dateTime } from '../../i18n/format';
import { r } from '../../i18n/rules';
import { rest } from '../../link/rest';
import { Dialog } from '../../parts/dialog';
import { Field, onSubmit, useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { Loaded, number, useQuery } from '../../parts/states';
import { isEmpty } from '../../state/rule_edits';
import { navigate } from '../../state/route';
import { now } from '../../state/store';
import { authorText, Changes } from './parts';
import { Episodes, Summary } from './trial';
import { Workshop, type Shop } from './workshop';

const kRefresh = 5_000;
const kBehind = 5; // s that are worth a word

function Start({ shop, onStarted }: { shop: Shop; onStarted: () => void }) {
  const note = useSignal('');
  const attempt = useAttempt();
  const empty = isEmpty(shop.patch);
  const submit = async () => {
    if (await attempt.run(() => rest.startShadow(shop.patch, note.value.trim()))) onStarted();
  };
  return (
    <form class="panel form" onSubmit={onSubmit(submit)} data-form="shadow">
      <p>{r('shadow_none')}. {empty && r('shadow_nothing')}</p>
      <Field label={r('publish_note')} value={note} name="note" maxLength={160} autocomplete="off" />
      <button type="submit" class="button primary" data-act="start" disabled={attempt.busy || empty || shop.checked.check?.ok !== true}>{r('shadow_start')}</button>
      <Refusal error={attempt.error} />
    </form>
  );
}

function Counts({ rules }: { rules: NonNullable<Shadow['rules']> }) {
  if (rules.length === 0) return null;
  return (
    <div class="table-box" role="group" tabIndex={0} aria-label={r('shadow_rules')}>
      <table class="shadow-rules">
        <thead><tr><th>{t('rule')}</th><th class="count">{r('side_today')}</th><th class="count">{r('side_candidate')}</th></tr></thead>
        <tbody>
          {rules.map((one) => (
            <tr key={one.rule}><td><a href={`/rules/${encodeURIComponent(one.rule)}`}>{one.rule}</a></td><td class="count">{number(one.today)}</td><td class="count">{number(one.candidate)}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RunningProps {
  shadow: Shadow;
  shop: Shop;
  refresh: () => void;
}
function Running({ shadow, shop, refresh }: RunningProps) {
  const asking = useSignal<'stop' | 'take' | null>(null);
  const attempt = useAttempt();
  const close = () => (asking.value = null);
  const take = () => {
    shop.replace(shadow.files ?? {});
    navigate('/rules?view=files');
  };
  const stop = async () => {
    if (await attempt.run(rest.endShadow)) close();
    refresh();
  };
  const who = authorText({ author: shadow.author ?? '', name: shadow.name ?? '' });
  const behind = shadow.behind_s ?? 0;
  return (
    <section class="panel" data-shadow="running">
      <p><b>{r('shadow_since', { who, time: dateTime(shadow.since ?? '') })}</b> {shadow.note}</p>
      <p role="status">
        {r('shadow_at', { time: shadow.at ? dateTime(shadow.at) : '—', messages: number(shadow.messages ?? 0) })}
        {behind > kBehind && ` · ${r('shadow_behind', { seconds: Math.round(behind) })}`}
      </p>
      {shadow.error && <p class="refusal" role="alert">{r('shadow_broken', { error: shadow.error })}</p>}
      {shadow.changes && <Changes changes={shadow.changes} />}
      <div class="draft-acts">
        <button type="button" class="button" data-act="take" onClick={() => (isEmpty(shop.patch) ? take() : (asking.value = 'take'))}>{r('shadow_take')}</button>
        <button type="button" class="button" data-act="stop" onClick={() => (asking.value = 'stop')}>{r('shadow_stop')}</button>
      </div>
      <h2>{r('shadow_rules')}</h2>
      {shadow.summary && <Summary summary={shadow.summary} />}
      <Counts rules={shadow.rules ?? []} />
      <Episodes episodes={shadow.episodes ?? []} more={shadow.more ?? 0} from={Date.parse(shadow.since ?? '')} to={now.value} />
      {asking.value && (
        <Dialog title={asking.value === 'stop' ? r('shadow_stop') : r('shadow_take')} onClose={close}>
          <p>{asking.value === 'stop' ? r('shadow_stop_text') : r('shadow_take_text')}</p>
          <Refusal error={attempt.error} />
          <div class="dialog-acts">
            <button type="button" class="button" onClick={close}>{t('cancel')}</button>
            <button type="button" class="button primary" data-act="sure" disabled={attempt.busy} onClick={() => (asking.value === 'stop' ? void stop() : take())}>{t('confirm')}</button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

function ShadowPanel({ shop }: { shop: Shop }) {
  const query = useQuery((how) => rest.shadow(how), []);
  useEffect(() => {
    const timer = setInterval(query.refresh, kRefresh);
    return () => clearInterval(timer);
  }, []);
  return (
    <Loaded query={query}>
      {(shadow) => (shadow.running ? <Running shadow={shadow} shop={shop} refresh={query.refresh} /> : <Start shop={shop} onStarted={query.refresh} />)}
    </Loaded>
  );
}

export function ShadowView() {
  return (
    <>
      <p class="page-text">{r('shadow_text')}</p>
      <Workshop>{(shop) => shop.mayTry && <ShadowPanel shop={shop} />}</Workshop>
    </>
  );
}
