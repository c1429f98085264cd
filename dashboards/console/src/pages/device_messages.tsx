// The last messages of one device as they came, each on a line that opens: for whoever installs or repairs it.
import type { RawMessage } from '../contract';
import { t, word } from '../i18n';
import { rest } from '../link/rest';
import { Loaded, number, useQuery } from '../parts/states';
import { Time } from '../parts/time';
import { keyed, payloadLine, wholePayload } from './device_payload';

function Message({ message }: { message: RawMessage }) {
  return (
    <details>
      <summary>
        <Time at={message.at} short />
        <code class="raw-topic">{message.topic}</code>
        {message.retained && <span class="mark">{word('quality', 'retained')}</span>}
        <code class="raw-line">{payloadLine(message)}</code>
      </summary>
      <pre tabIndex={0} aria-label={t('payload')}>{wholePayload(message)}</pre>
      <p class="raw-facts">
        {t('source')}: {message.source} · {t(message.cut ? 'payload_cut' : 'payload_bytes', { bytes: number(message.bytes) })}
      </p>
    </details>
  );
}

export function DeviceMessages({ id }: { id: string }) {
  const query = useQuery((how) => rest.messages(id, how), [id]);
  return (
    <section class="panel">
      <div class="raw-head">
        <h2>{t('device_messages')}</h2>
        <button type="button" class="button" onClick={query.retry}>{t('reload')}</button>
      </div>
      <Loaded query={query}>
        {({ messages }) =>
          messages.length === 0 ? (
            <p>{t('device_messages_empty')}</p>
          ) : (
            <ul class="raw">
              {keyed(messages).map(({ key, message }) => (
                <li key={key}><Message message={message} /></li>
              ))}
            </ul>
          )}
      </Loaded>
    </section>
  );
}
