// What a backtest or a shadow found: how many of which outcome, when, and each one in a table.
import { useSignal } from '@preact/signals';
import type { TrialEpisode, TrialSummary } from '../../contract';
import { t, word } from '../../i18n';
import { shortTime } from '../../i18n/format';
import { r, ruleWord } from '../../i18n/rules';
import { number } from '../../parts/states';
import { Time } from '../../parts/time';
import { kOutcomes, lanes, type Bar, type Lane, type Outcome } from '../../state/episodes';
import { now } from '../../state/store';

const kLanes = 16; // rules in the chart, those that differ most (our choice)
const kRows = 100; // of the table at once
const kWidth = 1000;
const kLane = 34; // a pair of lines, with the gap; of a chart that is as high as
const kLaneHeight = 2.125; // rem a pair, as its name beside it
const kLine = 12;
const kLeast = 6; // the narrowest bar that is still seen

export const kSigns: Record<Outcome, string> = { extra: '+', missed: '−', earlier: '◀', later: '▶', caught: '=' };

export function Summary({ summary }: { summary: TrialSummary }) {
  const { real_missed: realMissed = 0, false_missed: falseMissed = 0 } = summary;
  return (
    <>
      <dl class="outcomes" data-summary>
        {kOutcomes.map((outcome) => (
          <div key={outcome} data-outcome={outcome}>
            <dt><span class={`sign sign-${outcome}`} aria-hidden="true">{kSigns[outcome]}</span> {ruleWord('outcome', outcome)}</dt>
            <dd>{number(summary[outcome] ?? 0)}</dd>
          </div>
        ))}
      </dl>
      {realMissed > 0 && <p class="strip strip-broken" role="alert"><strong>{r('real_missed', { count: realMissed })}</strong></p>}
      {falseMissed > 0 && <p>{r('false_missed', { count: falseMissed })}</p>}
    </>
  );
}

function BarShape({ bar, top }: { bar: Bar; top: number }) {
  const x = bar.from * (kWidth - kLeast);
  const y = top + (bar.side === 'today' ? 0 : kLine + 2);
  return <rect class={`bar bar-${bar.outcome} bar-${bar.side}`} x={x.toFixed(1)} y={y} width={Math.max(kLeast, (bar.to - bar.from) * kWidth).toFixed(1)} height={kLine} />;
}

function Chart({ shown, from, to }: { shown: readonly Lane[]; from: number; to: number }) {
  return (
    <figure class="chart">
      <figcaption>{r('chart')}</figcaption>
      <div class="chart-box" aria-hidden="true">
        <ul class="chart-names">{shown.map((lane) => <li key={lane.rule} title={lane.rule}>{lane.rule}</li>)}</ul>
        <svg viewBox={`0 0 ${kWidth} ${shown.length * kLane}`} preserveAspectRatio="none" focusable="false" height={`${shown.length * kLaneHeight}rem`}>
          {shown.map((lane, index) => (
            <g key={lane.rule}>
              <path class="chart-line" d={`M0 ${(index + 1) * kLane - 1}H${kWidth}`} />
              {lane.bars.map((bar, at) => <BarShape key={at} bar={bar} top={index * kLane + 3} />)}
            </g>
          ))}
        </svg>
        <ul class="chart-counts">
          {shown.map((lane) => (
            <li key={lane.rule}>{kOutcomes.filter((one) => lane.counts[one]).map((one) => <span key={one}><i class={`sign sign-${one}`}>{kSigns[one]}</i>{lane.counts[one]}</span>)}</li>
          ))}
        </ul>
      </div>
      <p class="trend-ends"><span>{shortTime(from, now.value)}</span><span>{shortTime(to, now.value)}</span></p>
    </figure>
  );
}

function Side({ side }: { side: TrialEpisode['today'] }) {
  if (!side) return <span class="note">—</span>;
  return (
    <>
      <Time at={side.raised_at} short /> → {side.cleared_at ? <Time at={side.cleared_at} short /> : r('to_end')}
      {side.raises > 1 && ` · ${r('raises', { count: side.raises })}`}
    </>
  );
}

function leadText(lead: number | null): string {
  if (lead === null || lead === 0) return '';
  const seconds = Math.abs(Math.round(lead * 10) / 10);
  return lead > 0 ? r('lead_earlier', { seconds }) : r('lead_later', { seconds });
}

function Row({ one }: { one: TrialEpisode }) {
  return (
    <tr data-episode={one.outcome}>
      <td class="nowrap"><span class={`sign sign-${one.outcome}`} aria-hidden="true">{kSigns[one.outcome]}</span> {ruleWord('outcome', one.outcome)}</td>
      <td><a href={`/rules/${encodeURIComponent(one.rule)}`}>{one.rule}</a><br /><small class="note">{word('class', one.class)}</small></td>
      <td><a href={`/devices/${encodeURIComponent(one.device)}`}>{one.subject}</a></td>
      <td data-label={r('side_today')}><Side side={one.today} /></td>
      <td data-label={r('side_candidate')}><Side side={one.candidate} /></td>
      <td>{leadText(one.lead_s)}</td>
      <td>{one.verdict ? word('verdict', one.verdict) : ''}</td>
    </tr>
  );
}

interface EpisodesProps {
  episodes: readonly TrialEpisode[];
  more: number;
  from: number; // ms
  to: number;
}
export function Episodes({ episodes, more, from, to }: EpisodesProps) {
  const rows = useSignal(kRows);
  if (episodes.length === 0) return <p>{r('episodes_empty')}</p>;
  const all = lanes(episodes, from, to);
  return (
    <>
      <Chart shown={all.slice(0, kLanes)} from={from} to={to} />
      {all.length > kLanes && <p class="note">{r('chart_left', { count: all.length - kLanes })}</p>}
      <div class="table-box" role="group" tabIndex={0} aria-label={r('episodes')}>
        <table class="episodes">
          <thead>
            <tr>
              <th>{r('outcome')}</th><th>{t('rule')}</th><th>{t('device')}</th><th>{r('side_today')}</th><th>{r('side_candidate')}</th><th>{r('lead')}</th><th>{t('verdict')}</th>
            </tr>
          </thead>
          <tbody>{episodes.slice(0, rows.value).map((one, index) => <Row key={index} one={one} />)}</tbody>
        </table>
      </div>
      {episodes.length > rows.value && (
        <button type="button" class="button more" data-act="more" onClick={() => (rows.value += kRows)}>{t('rows_left', { count: episodes.length - rows.value })} · {t('more')}</button>
      )}
      {more > 0 && <p class="note">{r('more_left', { count: number(more) })}</p>}
    </>
  );
}
