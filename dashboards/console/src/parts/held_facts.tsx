// What keeps an alarm quiet, who said so and until when, and what explains it.
import type { AlarmView } from '../contract';
import { t, word } from '../i18n';
import { Time } from './time';

export function HeldFacts({ alarm }: { alarm: AlarmView }) {
  return (
    <>
      {alarm.shelved_until && (
        <div>
          <dt>{word('overlay', 'shelved')}</dt>
          <dd>{t('until')} <Time at={alarm.shelved_until} short /> · {alarm.shelved_by} · {alarm.shelved_why}</dd>
        </div>
      )}
      {alarm.cause && (
        <div>
          <dt>{word('overlay', 'suppressed_by_design')}</dt>
          <dd><a href={`/alarms/${encodeURIComponent(alarm.cause)}`}>{t('explained_by')}</a></dd>
        </div>
      )}
      {alarm.consequences > 0 && <div><dt>{t('explains')}</dt><dd>{t('consequences', { count: alarm.consequences })}</dd></div>}
    </>
  );
}
