// What was done and has not yet reached the gateway: it is never out of sight.
import { t } from '../i18n';
import { jobCount, lasting, outboxAsks } from '../state/outbox_view';

export function OutboxStrip() {
  const { waiting, refused, others } = jobCount.value;
  if (waiting + refused + others === 0) return null;
  const said = [
    waiting > 0 && t('outbox_waiting', { count: waiting }),
    refused > 0 && t('outbox_refused', { count: refused }),
    others > 0 && t('outbox_others', { count: others }),
  ].filter((one) => one !== false);
  return (
    <section class="strip strip-outbox" role="status" data-outbox={waiting} data-refused={refused}>
      <strong>{said.join(' · ')}</strong>
      {outboxAsks.value && <span>{t('outbox_asks')}</span>}
      {!lasting.value && <span>{t('outbox_passing')}</span>}
      <a class="button" href="/outbox">{t('open')}</a>
    </section>
  );
}
