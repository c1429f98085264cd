// The history: what was, newest first. A separate screen, because the board is never limited in time.
import { useSignal } from '@preact/signals';
import type { AlarmView, ClassInfo } from '../contract';
import { t, word } from '../i18n';
import { alarmTitle, deviceText, placeText } from '../i18n/format';
import { rest, type HistoryQuery } from '../link/rest';
import { Shape } from '../parts/shape';
import { Empty, Loaded, useQuery } from '../parts/states';
import { Time } from '../parts/time';

// A day picked by a person, as Shanghai counts days, in the API's time.
function dayStart(day: string, plus = 0): string | undefined {
  const at = Date.parse(`${day}T00:00:00+08:00`);
  return Number.isNaN(at) ? undefined : new Date(at + plus).toISOString();
}

export function AlarmTable({ alarms }: { alarms: readonly AlarmView[] }) {
  return (
    <ul class="history">
      {alarms.map((alarm) => (
        <li key={`${alarm.id}/${alarm.first_raised_at}`}>
          <Shape lamp={alarm.lamp} />
          <Time at={alarm.first_raised_at} />
          <b>{alarmTitle(alarm)}</b>
          <a href={`/alarms/${encodeURIComponent(alarm.id)}`}>{placeText(alarm.place)}</a>
          <span>{deviceText(alarm)}</span>
          <span class="history-state">
            {word('state', alarm.state)}
            {alarm.occurrences > 1 && ` ×${alarm.occurrences}`}
            {alarm.verdict && ` · ${word('verdict', alarm.verdict)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Older({ asked, cursor }: { asked: HistoryQuery; cursor: string }) {
  const open = useSignal(false);
  if (!open.value) {
    return <button type="button" class="button more" onClick={() => (open.value = true)}>{t('more')}</button>;
  }
  return <Page asked={asked} cursor={cursor} />;
}

function Page({ asked, cursor = '' }: { asked: HistoryQuery; cursor?: string }) {
  const query = useQuery((how) => rest.history({ ...asked, cursor, limit: 100 }, how), [JSON.stringify(asked), cursor]);
  return (
    <Loaded query={query}>
      {({ alarms, next_cursor }) => (
        <>
          {alarms.length === 0 && !cursor ? <Empty text={t('history_empty')} /> : <AlarmTable alarms={alarms} />}
          {next_cursor ? (
            <Older key={next_cursor} asked={asked} cursor={next_cursor} />
          ) : (
            alarms.length > 0 && <p class="note">{t('history_end')}</p>
          )}
        </>
      )}
    </Loaded>
  );
}

export function HistoryPage() {
  const from = useSignal('');
  const to = useSignal('');
  const alarmClass = useSignal<ClassInfo['class'] | ''>('');
  const classes = useQuery(rest.classes, []);
  const asked: HistoryQuery = { class: alarmClass.value };
  const first = dayStart(from.value);
  const end = dayStart(to.value, 86_400_000);
  if (first) asked.from = first;
  if (end) asked.to = end;
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>{t('history')}</h1>
        <a class="button" href="/figures">{t('figures')}</a>
      </div>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label class="field">{t('from')}
          <input type="date" value={from.value} onInput={(event) => (from.value = event.currentTarget.value)} />
        </label>
        <label class="field">{t('to')}
          <input type="date" value={to.value} onInput={(event) => (to.value = event.currentTarget.value)} />
        </label>
        <label class="field">{t('class')}
          <select value={alarmClass.value} onChange={(event) => (alarmClass.value = event.currentTarget.value as ClassInfo['class'] | '')}>
            <option value="">{t('all')}</option>
            {classes.data?.map((one) => <option key={one.class} value={one.class}>{word('class', one.class)}</option>)}
          </select>
        </label>
      </form>
      <Page key={JSON.stringify(asked)} asked={asked} />
    </>
  );
}
