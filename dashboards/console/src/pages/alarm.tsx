// One alarm: who, where, what now; the acts; what spoke for it; everything that happened to it since.
import type { AlarmView, Evidence, Place, PlaceName } from '../contract';
import { t, word } from '../i18n';
import { alarmTitle, levelName, placeText, shareText, valueText } from '../i18n/format';
import { reasonText, whoText } from '../i18n/said';
import { kBackground, rest } from '../link/rest';
import { ActButton, Marks } from '../parts/alarm_row';
import { HeldFacts } from '../parts/held_facts';
import { Shape } from '../parts/shape';
import { Loaded, useQuery } from '../parts/states';
import { Time } from '../parts/time';
import { Trend } from '../parts/trend';
import { askVerdict, mayHandle } from '../state/acts';
import { announced } from '../state/board';
import { PlanPart } from './office';
import { nextAct } from '../state/order';
import { board } from '../state/store';

const kTrend = 3_600_000; // ms

export function PlaceFacts({ place }: { place: Place }) {
  const level = (label: string, name: PlaceName | null) => levelName(name) && <div><dt>{label}</dt><dd>{levelName(name)}</dd></div>;
  return (
    <dl class="facts">
      {level(t('estate'), place.estate)}
      {level(t('building'), place.building)}
      {level(t('floor'), place.floor)}
      {level(t('zone'), place.zone)}
      {level(t('location'), place.location)}
      {place.occupancy.length > 0 && (
        <div><dt>{t('occupancy')}</dt><dd>{place.occupancy.map((one) => word('occupancy', one)).join(' · ')}</dd></div>
      )}
    </dl>
  );
}

function EvidenceTable({ evidence }: { evidence: Evidence[] }) {
  const shares = evidence.some((one) => one.share_pct !== null);
  return (
    <div class="table-box" role="group" tabIndex={0} aria-label={t('evidence')}>
      <table>
        <thead><tr><th>{t('name')}</th><th>{t('value')}</th><th>{t('limit')}</th>{shares && <th>{t('share')}</th>}<th>{t('measured_at')}</th></tr></thead>
        <tbody>
          {evidence.map((one) => (
            <tr key={`${one.device}/${one.point}/${one.port}/${one.at}`}>
              <td>{word('point', one.point)}{one.port !== null && ` · ${t('port', { port: one.port })}`}{one.device && ` · ${one.device}`}</td>
              <td>{valueText(one.value, one.unit)}</td>
              <td>{one.limit === null ? '—' : valueText(one.limit, one.unit)}</td>
              {shares && <td>{one.share_pct === null ? '—' : shareText(one.share_pct)}</td>}
              <td><Time at={one.at} short /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function EvidenceTrend({ alarm, evidence }: { alarm: AlarmView; evidence: Evidence }) {
  const to = Math.max(Date.parse(alarm.changed_at), Date.parse(evidence.at));
  const from = to - kTrend;
  const query = useQuery(
    () => rest.series(alarm.device.id, evidence.point, evidence.port, new Date(from).toISOString(), new Date(to).toISOString(), kBackground),
    [alarm.id, alarm.revision],
  );
  return <Loaded query={query}>{(series) => <Trend series={series} limit={evidence.limit} from={from} to={to} />}</Loaded>;
}

function History({ alarm }: { alarm: AlarmView }) {
  const query = useQuery(() => rest.timeline(alarm.id, kBackground), [alarm.id, alarm.revision]);
  return (
    <Loaded query={query}>
      {({ entries, deliveries }) => (
        <>
          <section class="panel">
            <h2>{t('timeline')}</h2>
            {entries.length === 0 && <p>{t('timeline_empty')}</p>}
            <ol class="timeline">
              {entries.map((entry, index) => (
                <li key={index}>
                  <Time at={entry.at} short />
                  <div>
                    <b>{word('event', entry.kind)}</b>
                    {entry.from && entry.to && entry.from !== entry.to && (
                      <span class="timeline-step">{word('state', entry.from)} → {word('state', entry.to)}</span>
                    )}
                    {entry.who && <span>{entry.name || whoText(entry.who)}{entry.post && ` · ${entry.post}`}</span>}
                    {entry.why && <span class="timeline-why">{reasonText(entry)}</span>}
                  </div>
                </li>
              ))}
            </ol>
          </section>
          <section class="panel">
            <h2>{t('deliveries')}</h2>
            {deliveries.length === 0 && <p>{t('deliveries_empty')}</p>}
            <ul class="deliveries">
              {deliveries.map((delivery, index) => (
                <li key={index}>
                  <b>{delivery.channel}</b>
                  <span>{word('delivery', delivery.state)}</span>
                  {delivery.attempts > 1 && <span>{t('delivery_attempts', { count: delivery.attempts })}</span>}
                  <Time at={delivery.at} short />
                  {delivery.detail && <span class="note">{delivery.detail}</span>}
                </li>
              ))}
            </ul>
          </section>
        </>
      )}
    </Loaded>
  );
}

function Acts({ alarm }: { alarm: AlarmView }) {
  return (
    <div class="detail-acts">
      <ActButton alarm={alarm} large />
      {nextAct(alarm) !== 'verdict' && alarm.state !== 'normal' && mayHandle(alarm) && (
        <button type="button" class="button large" onClick={() => askVerdict(alarm)}>{t('verdict')}</button>
      )}
    </div>
  );
}

// Faults of the gateway itself come from no rule of its files.
function RuleName({ rule }: { rule: string }) {
  const own = rule.startsWith('self_') || rule === 'line_down';
  return own ? <code>{rule}</code> : <a href={`/rules/${encodeURIComponent(rule)}`}><code>{rule}</code></a>;
}

function Detail({ alarm }: { alarm: AlarmView }) {
  const numeric = alarm.evidence.find((one) => typeof one.value === 'number');
  const live = board.value.alarms.has(alarm.id);
  return (
    <article class="detail" data-alarm={alarm.id} data-state={alarm.state}>
      <header class={`detail-head lamp-${alarm.lamp} ${announced(alarm) ? `frame-${alarm.lamp}` : ''}`}>
        <Shape lamp={alarm.lamp} />
        <div>
          <h1 tabIndex={-1}>{alarmTitle(alarm)}</h1>
          <p class="detail-place">{placeText(alarm.place)}</p>
          <p>{word('state', alarm.state)} <Marks alarm={alarm} /></p>
        </div>
        {live && <Acts alarm={alarm} />}
      </header>
      <div class="columns">
        <div>
          <PlanPart device={alarm.device.id} place={alarm.place} />
          <section class="panel">
            <h2>{t('evidence')}</h2>
            <EvidenceTable evidence={alarm.evidence} />
            {numeric && <EvidenceTrend alarm={alarm} evidence={numeric} />}
          </section>
          <section class="panel"><h2>{t('where')}</h2><PlaceFacts place={alarm.place} /></section>
          <section class="panel">
            <h2>{t('what')}</h2>
            <dl class="facts">
              <div>
                <dt>{t('device')}</dt>
                <dd><a href={`/devices/${encodeURIComponent(alarm.device.id)}`}>{alarm.device.name || alarm.device.id}</a></dd>
              </div>
              <div><dt>{t('kind')}</dt><dd>{word('kind', alarm.device.kind)}</dd></div>
              {alarm.port !== null && <div><dt>{t('location')}</dt><dd>{t('port', { port: alarm.port })}</dd></div>}
              <div><dt>{t('class')}</dt><dd>{word('class', alarm.class)}</dd></div>
              <div><dt>{t('rule')}</dt><dd><RuleName rule={alarm.rule} /></dd></div>
              <div><dt>{t('confirmation')}</dt><dd>{word('confirmation', alarm.confirmation)}</dd></div>
              <div><dt>{t('first_raised')}</dt><dd><Time at={alarm.first_raised_at} /></dd></div>
              <div><dt>{t('last_raised')}</dt><dd><Time at={alarm.last_raised_at} /></dd></div>
              <div><dt>{t('occurrences')}</dt><dd>{alarm.occurrences}</dd></div>
              {alarm.returned_at && <div><dt>{t('returned_at')}</dt><dd><Time at={alarm.returned_at} /></dd></div>}
              {alarm.acknowledged_at && (
                <div>
                  <dt>{t('acknowledge')}</dt>
                  <dd>{alarm.acknowledged_by} · <Time at={alarm.acknowledged_at} short /></dd>
                </div>
              )}
              <HeldFacts alarm={alarm} />
              {alarm.verdict && (
                <div>
                  <dt>{t('verdict')}</dt>
                  <dd>{t('verdict_given', { verdict: word('verdict', alarm.verdict), who: alarm.verdict_by ?? '' })}</dd>
                </div>
              )}
            </dl>
          </section>
        </div>
        <div><History alarm={alarm} /></div>
      </div>
    </article>
  );
}

export function AlarmPage({ id }: { id: string }) {
  const live = board.value.alarms.get(id);
  const query = useQuery(() => rest.alarm(id, kBackground), [id, live?.revision ?? 0]);
  return (
    <>
      <a class="back" href="/board">← {t('back_to_board')}</a>
      {live ? <Detail alarm={live} /> : <Loaded query={query}>{(alarm) => <Detail alarm={alarm} />}</Loaded>}
    </>
  );
}
