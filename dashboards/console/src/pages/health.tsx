// How the gateway itself is, part by part, and whether this console can be heard.
import { t, word } from '../i18n';
import { detailText } from '../i18n/said';
import { Loading, number } from '../parts/states';
import { HeldPanel } from './held';
import { audio, board, phase } from '../state/store';

export function HealthPage() {
  const health = board.value.health;
  const fact = (label: string, value: string) => <div><dt>{label}</dt><dd>{value}</dd></div>;
  return (
    <>
      <h1 tabIndex={-1}>{t('health')}</h1>
      {!health ? <Loading /> : (
        <div class="columns">
          <section class="panel">
            <h2>{t('parts')}</h2>
            <ul class="parts">
              {health.parts.map((part) => (
                <li key={part.name} class={part.ok ? 'part-ok' : 'part-failed'}>
                  <span class="part-mark" aria-hidden="true">{part.ok ? '✓' : '!'}</span>
                  <b>{word('part', part.name)}</b>
                  <span>{part.ok ? t('part_ok') : t('part_failed')}</span>
                  <span class="note">{detailText(part.detail)}</span>
                </li>
              ))}
            </ul>
          </section>
          <div>
            <section class="panel">
              <h2>{t('health')}</h2>
              <dl class="facts">
                {fact(t('devices_online'), `${number(health.devices_online)} / ${number(health.devices_total)}`)}
                {fact(t('devices_unmapped'), number(health.devices_unmapped))}
                {fact(t('inbox_waiting'), number(health.inbox_waiting))}
                {fact(t('decision_lag_label'), `${number(health.decision_lag_ms)} ms`)}
                {fact(t('clock_drift_label'), `${number(health.clock_drift_ms)} ms`)}
                {fact(t('gateway_version'), board.value.version)}
              </dl>
            </section>
            <section class="panel">
              <h2>{t('console_here')}</h2>
              <dl class="facts">
                {fact(t('lamp_link'), t(phase.value === 'live' ? 'link_live' : 'link_lost'))}
                {fact(t('sound_here'), t(audio.value === 'running' ? 'sound_running' : 'sound_suspended'))}
              </dl>
            </section>
          </div>
        </div>
      )}
      <HeldPanel />
    </>
  );
}
