// What came and could not be read, and why: beside the tray, for whoever installs or repairs a device.
import type { RejectedSample } from '../contract';
import { t, word } from '../i18n';
import { rest } from '../link/rest';
import { Loaded, number, useQuery } from '../parts/states';
import { Time } from '../parts/time';
import { hexOf, rejectedRows, type RejectedRow } from '../state/rejected';

const kStart = 256; // bytes that the gateway keeps (core/live.h)

function Example({ sample }: { sample: RejectedSample }) {
  const cut = sample.payload_bytes > kStart;
  return (
    <li>
      <p class="raw-facts">
        <Time at={sample.at} /> · {cut ? t('rejected_cut', { bytes: number(sample.payload_bytes) }) : t('payload_bytes', { bytes: number(sample.payload_bytes) })} · {sample.detail}
      </p>
      <h4>{t('as_text')}</h4>
      <pre tabIndex={0} aria-label={t('as_text')}>{sample.payload_start}</pre>
      <h4>{t('as_hex')}</h4>
      <pre tabIndex={0} aria-label={t('as_hex')} class="hex">{hexOf(sample.payload_start)}</pre>
    </li>
  );
}

function Row({ row }: { row: RejectedRow }) {
  const { last } = row;
  return (
    <details data-rejected={last.reason}>
      <summary>
        <Time at={last.at} short />
        <b>{word('reject', last.reason)}</b>
        <code class="raw-topic">{last.topic}</code>
        <span class="mark">{t('rejected_examples', { count: row.examples.length })}</span>
        <code class="raw-line">{last.payload_start}</code>
      </summary>
      <p class="raw-facts">{t('source')}: {last.source}</p>
      <ul class="examples">{row.examples.map((one, index) => <Example key={index} sample={one} />)}</ul>
    </details>
  );
}

export function Rejected() {
  const query = useQuery(rest.rejected, []);
  return (
    <section class="panel rejected">
      <div class="raw-head">
        <h2>{t('rejected')}</h2>
        <button type="button" class="button" onClick={query.retry}>{t('reload')}</button>
      </div>
      <p class="note">{t('rejected_text')}</p>
      <Loaded query={query}>
        {({ samples }) =>
          samples.length === 0 ? <p>{t('rejected_empty')}</p> : (
            <ul class="raw">{rejectedRows(samples).map((row) => <li key={row.key}><Row row={row} /></li>)}</ul>
          )}
      </Loaded>
    </section>
  );
}
