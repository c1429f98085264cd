// What the changed rules would have made of the messages that were kept, beside those in force.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Backtest } from '../../contract';
import { t } from '../../i18n';
import { dateTime } from '../../i18n/format';
import { r } from '../../i18n/rules';
import { rest } from '../../link/rest';
import { Field, onSubmit, useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { Loaded, number, useQuery } from '../../parts/states';
import { isEmpty } from '../../state/rule_edits';
import { now } from '../../state/store';
import { Changes } from './parts';
import { Episodes, Summary } from './trial';
import { Workshop, type Shop } from './workshop';

const kAskAgain = 1_000; // ms between two questions how far it is
const kUsual = 7 * 86_400_000;
const kLongest = 31 * 86_400_000;

// A moment as Shanghai's clock shows it, for a field; and back.
const fieldOf = (at: number) => dateTime(at).replace(' ', 'T').slice(0, 16);
const momentOf = (text: string) => Date.parse(`${text}:00+08:00`);

function Start({ shop, running, onStarted }: { shop: Shop; running: boolean; onStarted: () => void }) {
  const from = useSignal(fieldOf(now.peek() - kUsual));
  const to = useSignal(fieldOf(now.peek()));
  const attempt = useAttempt();
  const [start, end] = [momentOf(from.value), momentOf(to.value)];
  const sound = start < end && end - start <= kLongest;
  const submit = async () => {
    if (await attempt.run(() => rest.startBacktest(shop.patch, new Date(start).toISOString(), new Date(end).toISOString()))) onStarted();
  };
  return (
    <form class="panel form" onSubmit={onSubmit(submit)} data-form="backtest">
      {isEmpty(shop.patch) && <p class="note">{r('backtest_nothing')}</p>}
      <div class="span-fields">
        <Field label={t('from')} type="datetime-local" value={from} name="from" required />
        <Field label={t('to')} type="datetime-local" value={to} name="to" required />
        <button type="submit" class="button primary" data-act="start" disabled={attempt.busy || running || !sound || shop.checked.check?.ok === false}>{r('backtest_start')}</button>
      </div>
      {!sound && <p role="status">{r('backtest_too_long')}</p>}
      <Refusal error={attempt.error} />
    </form>
  );
}

function Running({ test, onEnd }: { test: Backtest; onEnd: () => void }) {
  const attempt = useAttempt();
  const share = Math.floor(test.progress * 100);
  return (
    <section class="panel" data-backtest="running">
      <p role="status">{r('backtest_running', { percent: share, time: test.at ? dateTime(test.at) : '—', messages: number(test.messages) })}</p>
      <progress max={100} value={share} aria-label={r('backtest')} />
      <p><button type="button" class="button" data-act="end" disabled={attempt.busy} onClick={() => void attempt.run(rest.endBacktest).then(onEnd)}>{r('backtest_end')}</button></p>
      <Refusal error={attempt.error} />
    </section>
  );
}

function Found({ test }: { test: Backtest }) {
  const { covers } = test;
  const from = test.from ? Date.parse(test.from) : 0;
  const to = test.to ? Date.parse(test.to) : 0;
  return (
    <section class="panel" data-backtest="done">
      <h2>{r('summary')}</h2>
      <p>{r('backtest_done', { messages: number(test.messages) })}</p>
      <p class="note">{covers ? r('backtest_covers', { from: dateTime(covers.from), to: dateTime(covers.to) }) : r('backtest_covers_none')}</p>
      {covers?.reduced_until && <p class="strip" role="note">{r('backtest_reduced', { time: dateTime(covers.reduced_until) })}</p>}
      {test.changes && <Changes changes={test.changes} />}
      {test.summary && <Summary summary={test.summary} />}
      <Episodes episodes={test.episodes} more={test.more} from={from} to={to} />
    </section>
  );
}

function Last({ test, refresh }: { test: Backtest; refresh: () => void }) {
  if (test.state === 'none') return null;
  const by = test.by.replace(/^user:/, '');
  return (
    <>
      {test.from && test.to && <p class="note trial-span">{r('backtest_span', { by, from: dateTime(test.from), to: dateTime(test.to) })}</p>}
      {test.state === 'running' && <Running test={test} onEnd={refresh} />}
      {test.state === 'done' && <Found test={test} />}
      {test.state === 'ended' && <p data-backtest="ended">{r('backtest_ended')}</p>}
      {test.state === 'failed' && <p class="refusal" role="alert" data-backtest="failed">{r('backtest_failed', { error: test.error ?? '' })}</p>}
    </>
  );
}

// Whoever comes back finds the one that runs.
export function BacktestPanel({ shop }: { shop: Shop }) {
  const query = useQuery((how) => rest.backtest(how), []);
  const running = query.data?.state === 'running';
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(query.refresh, kAskAgain);
    return () => clearInterval(timer);
  }, [running]);
  return (
    <>
      {shop.mayTry && <Start shop={shop} running={running} onStarted={query.refresh} />}
      <Loaded query={query}>{(test) => <Last test={test} refresh={query.refresh} />}</Loaded>
    </>
  );
}

export function BacktestView() {
  return (
    <>
      <p class="page-text">{r('backtest_text')}</p>
      <Workshop>{(shop) => shop.mayTry && <BacktestPanel shop={shop} />}</Workshop>
    </>
  );
}
