// Full-width strips above the page: what must not be overlooked. None of them is a toast; each stays until it is no longer true
// or has been read.
import { t, word } from '../i18n';
import { alarmTitle, duration, placeText, shortTime, stopwatch } from '../i18n/format';
import { detailText } from '../i18n/said';
import { actError } from '../state/acts';
import {
  audio, board, degraded, dismissMissed, lostFor, newVersion, now, phase,
} from '../state/store';
import { synth } from '../sound/synth';
import { Shape } from './shape';
import { Time } from './time';

export function NoSoundStrip() {
  if (audio.value === 'running') return null;
  return (
    <button type="button" class="strip strip-sound" onClick={() => void synth.unlock()}>{t('no_sound')}</button>
  );
}

// The page takes the new version by itself as soon as nothing waits for a person (main.tsx); until then it says so.
export function VersionStrip() {
  if (!newVersion.value) return null;
  return (
    <div class="strip strip-version" role="status">
      {t('new_version', { version: newVersion.value })}
      <button type="button" class="button" onClick={() => location.reload()}>{t('reload')}</button>
    </div>
  );
}

export function DegradedStrip() {
  const health = board.value.health;
  if (!health || !degraded.value || phase.value === 'lost') return null;
  const broken = health.parts.filter((part) => !part.ok);
  return (
    <section class="strip strip-degraded" role="status">
      <Shape lamp="fault" />
      <strong>{t('degraded')}</strong>
      <ul>
        {broken.map((part) => (
          <li key={part.name}><b>{word('part', part.name)}</b> {detailText(part.detail)}</li>
        ))}
        {health.decision_lag_ms > 5_000 && (
          <li>{t('decision_lag', { seconds: Math.round(health.decision_lag_ms / 1000) })}</li>
        )}
        {Math.abs(health.clock_drift_ms) > 2_000 && (
          <li>{t('clock_drift', { seconds: (health.clock_drift_ms / 1000).toFixed(1) })}</li>
        )}
      </ul>
    </section>
  );
}

export function ActErrorStrip() {
  const error = actError.value;
  if (!error) return null;
  const refused = error.problem?.status === 409;
  return (
    <section class="strip strip-error" role="status">
      <strong>{t('act_failed')}</strong>
      <span>
        {error.code === 'unreachable' ? t('unreachable') : refused ? t('refused_state', { detail: error.message }) : error.message}
        {error.problem?.state && ` (${word('state', error.problem.state)})`}
      </span>
      {error.problem && <code>{error.problem.code} · {error.problem.request_id}</code>}
      <button type="button" class="button" onClick={() => (actError.value = null)}>{t('dismiss')}</button>
    </section>
  );
}

export function MissedStrip() {
  const missed = board.value.missed;
  if (!missed || phase.value === 'lost') return null;
  const away = duration(missed.until - missed.since);
  const count = missed.alarms.length;
  return (
    <section class="strip strip-missed" aria-label={t('lost_tab')} data-missed={count}>
      <header>
        <strong>
          {count > 0 ? t('missed_title', { duration: away, count }) : t('missed_none', { duration: away })}
        </strong>
        <span>
          {t('missed_range', { from: shortTime(missed.since, now.value), to: shortTime(missed.until, now.value) })}
        </span>
        <button type="button" class="button" data-act="read-missed" onClick={dismissMissed}>{t('missed_read')}</button>
      </header>
      {count > 0 && (
        <ul>
          {missed.alarms.slice(0, 50).map((alarm) => (
            <li key={alarm.id}>
              <Shape lamp={alarm.lamp} />
              <Time at={alarm.changed_at} short />
              <b>{alarmTitle(alarm)}</b>
              <a href={`/alarms/${encodeURIComponent(alarm.id)}`}>{placeText(alarm.place)}</a>
              <span>{word('state', alarm.state)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

// Cannot be dismissed: while it stands, nothing on the screen is the present.
export function LostBar() {
  if (phase.value !== 'lost') return null;
  const since = stopwatch(lostFor.value);
  const never = board.value.serverId === '';
  return (
    <>
      <div class="lost-veil" aria-hidden="true" />
      <div class="lost-bar" role="status" data-lost>
        <div class="lost-words">
          <strong>
            {never ? t('lost_never') : t('lost_title')} <span class="lost-time" aria-hidden="true">{since}</span>
          </strong>
          <span>{t('lost_text')}</span>
        </div>
      </div>
    </>
  );
}
