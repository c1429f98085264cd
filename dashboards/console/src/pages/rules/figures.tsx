// How many alarms people at a post have to bear, beside what the standard asks; and which alarms are to blame.
import { useSignal, useSignalEffect } from '@preact/signals';
import type { AlarmFigures } from '../../contract';
import { t } from '../../i18n';
import { alarmTitle, duration, placeText } from '../../i18n/format';
import { r, ruleWord } from '../../i18n/rules';
import { kBackground, rest } from '../../link/rest';
import { Loaded, number, useQuery } from '../../parts/states';
import { kPeriods, measures, span, type Measure, type Period } from '../../state/figures';
import { keepSearch } from '../../state/route';
import { ruleTexts } from '../../state/rules';
import { language } from '../../state/settings';
import { board, now } from '../../state/store';

const kMost = 50; // alarms in a list; how many more there are, is said
const kSigns = { good: '✓', over: '▲', far: '!' } as const;

const rounded = (value: number) => String(Math.round(value * 10) / 10);

function MeasureRow({ one }: { one: Measure }) {
  return (
    <tr data-measure={one.name} data-judged={one.judged}>
      <th scope="row">{ruleWord('measure', one.name)}</th>
      <td class="count"><b>{rounded(one.value)}{one.unit && ` ${one.unit}`}</b></td>
      <td class="count" data-label={r('target')}>{one.target}</td>
      <td class="count" data-label={r('limit_most')}>{one.limit}</td>
      <td class={`judged judged-${one.judged}`}><span aria-hidden="true">{kSigns[one.judged]}</span> {ruleWord('judged', one.judged)}</td>
    </tr>
  );
}

function Measures({ figures }: { figures: AlarmFigures }) {
  return (
    <div class="table-box" role="group" tabIndex={0} aria-label={t('figures')}>
      <table class="measures">
        <thead><tr><th>{r('measure')}</th><th class="count">{r('value_here')}</th><th class="count">{r('target')}</th><th class="count">{r('limit_most')}</th><th>{r('judged')}</th></tr></thead>
        <tbody>{measures(figures).map((one) => <MeasureRow key={one.name} one={one} />)}</tbody>
      </table>
    </div>
  );
}

function AlarmList({ ids }: { ids: readonly string[] }) {
  if (ids.length === 0) return <p>{r('none_such')}</p>;
  return (
    <>
      <ul class="alarm-links">
        {ids.slice(0, kMost).map((id) => {
          const alarm = board.value.alarms.get(id);
          return <li key={id}><a href={`/alarms/${encodeURIComponent(id)}`}>{alarm ? `${alarmTitle(alarm)} · ${placeText(alarm.place)}` : id}</a></li>;
        })}
      </ul>
      {ids.length > kMost && <p class="note">{r('left_out', { count: ids.length - kMost })}</p>}
    </>
  );
}

function BadActors({ figures }: { figures: AlarmFigures }) {
  if (figures.bad_actors.length === 0) return <p>{r('none_such')}</p>;
  const most = Math.max(...figures.bad_actors.map((one) => one.raises));
  return (
    <table class="bad-actors">
      <tbody>
        {figures.bad_actors.map((one) => (
          <tr key={`${one.rule} ${one.subject}`}>
            <td class="count">{number(one.raises)}</td>
            <td><meter min={0} max={most} value={one.raises} aria-hidden="true" /></td>
            <td>
              <a href={`/rules/${encodeURIComponent(one.rule)}`}>{ruleTexts.value.get(one.rule)?.[language.value] ?? one.rule}</a>
              <br /><a class="note" href={`/devices/${encodeURIComponent(one.subject.replace(/\/\d+$/, ''))}`}>{one.subject}</a>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Figures({ figures }: { figures: AlarmFigures }) {
  const fact = (label: string, value: number) => <div><dt>{label}</dt><dd>{number(value)}</dd></div>;
  const priorities = Object.entries(figures.by_priority);
  return (
    <>
      {figures.in_flood && <p class="strip strip-flood" role="status">{r('flood_now')}</p>}
      <section class="panel">
        <p class="figures-total"><b>{figures.raises === 0 ? r('raises_none') : r('raises_total', { count: number(figures.raises) })}</b></p>
        <Measures figures={figures} />
      </section>
      <div class="columns">
        <div>
          <section class="panel">
            <h2>{r('bad_actors')} {figures.bad_actors.length > 0 && <small class="note">{r('share_of_all', { share: rounded(figures.bad_actors_pct) })}</small>}</h2>
            <BadActors figures={figures} />
          </section>
        </div>
        <div>
          {priorities.length > 0 && (
            <section class="panel"><h2>{r('by_priority')}</h2><dl class="facts facts-wide">{priorities.map(([name, count]) => <div key={name}><dt>{ruleWord('priority', name)}</dt><dd>{number(count)} · {rounded((100 * count) / figures.raises)} %</dd></div>)}</dl></section>
          )}
          <section class="panel">
            <h2>{r('acknowledged_in')}</h2>
            <p>
              {figures.acknowledge_median_ms === null || figures.acknowledge_p95_ms === null ? r('acknowledged_none')
                : r('acknowledged_of', { count: number(figures.acknowledged), median: duration(figures.acknowledge_median_ms), p95: duration(figures.acknowledge_p95_ms) })}
            </p>
          </section>
          <section class="panel">
            <h2>{r('right_now')}</h2>
            <dl class="facts facts-wide">
              {fact(r('standing'), figures.standing)}
              {fact(r('unacknowledged'), figures.unacknowledged)}
              {fact(r('shelved'), figures.shelved)}
              {fact(r('suppressed'), figures.suppressed)}
              {fact(r('out_of_service'), figures.out_of_service)}
            </dl>
          </section>
          <section class="panel"><h2>{r('stale_list')}</h2><AlarmList ids={figures.stale} /></section>
          <section class="panel"><h2>{r('chattering_list')}</h2><AlarmList ids={figures.chattering} /></section>
        </div>
      </div>
    </>
  );
}

const kFirst: Period = 'hours_24';

export function FiguresPage() {
  const first = new URLSearchParams(location.search);
  const estate = useSignal(first.get('estate') ?? '');
  const period = useSignal<Period>((Object.keys(kPeriods) as Period[]).find((one) => one === first.get('period')) ?? kFirst);
  const estates = useQuery(() => rest.estates(kBackground), []);
  useSignalEffect(() => {
    keepSearch('figures', { estate: estate.value, period: period.value === kFirst ? '' : period.value });
  });
  const query = useQuery((how) => rest.figures({ estate: estate.value, ...span(period.value, now.peek()) }, how), [estate.value, period.value]);
  return (
    <>
      <div class="page-head"><h1 tabIndex={-1}>{t('figures')}</h1><a class="button" href="/rules">{t('rules')}</a></div>
      <p class="page-text">{r('figures_text')}</p>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label class="field">{t('estate')}
          <select name="estate" value={estate.value} onChange={(event) => (estate.value = event.currentTarget.value)}>
            <option value="">{t('all')}</option>
            {estates.data?.estates.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          </select>
        </label>
        <label class="field">{r('period')}
          <select name="period" value={period.value} onChange={(event) => (period.value = event.currentTarget.value as Period)}>
            {(Object.keys(kPeriods) as Period[]).map((one) => <option key={one} value={one}>{ruleWord('period', one)}</option>)}
          </select>
        </label>
      </form>
      <Loaded query={query}>{(figures) => <Figures figures={figures} />}</Loaded>
    </>
  );
}
