// What was taken out of the tray, by whom and why; each can be listed again.
import { useSignal } from '@preact/signals';
import type { UnmappedDevice } from '../../contract';
import { dateTime } from '../../i18n/format';
import { i } from '../../i18n/install';
import { asApiError, rest, type ApiError } from '../../link/rest';
import { Refusal } from '../../parts/refusal';
import { Loaded } from '../../parts/states';
import { act, settledJobs } from '../../state/outbox_desk';
import { pendingOf } from '../../state/outbox';
import { jobs } from '../../state/outbox_view';
import { useKeptQuery } from './parts';

function Row({ entry, onHeed, waits }: { entry: UnmappedDevice; onHeed: () => void; waits: boolean }) {
  return (
    <li data-ignored={entry.key}>
      <div class="card-main">
        <strong>{entry.address}</strong>
        {entry.ignored && <span>{entry.ignored.reason}</span>}
        {entry.ignored && <span class="card-label">{i('ignored_by', { by: entry.ignored.by, time: dateTime(entry.ignored.at) })}</span>}
      </div>
      <button type="button" class="button" data-act="heed" disabled={waits} onClick={onHeed}>{waits ? i('entry_waits') : i('heed')}</button>
    </li>
  );
}

export function Ignored() {
  const query = useKeptQuery('ignored', rest.ignored, [settledJobs.value]);
  const error = useSignal<ApiError | null>(null);
  const pending = pendingOf(jobs.value);
  const heed = async (entry: UnmappedDevice) => {
    error.value = null;
    const done = await act({ kind: 'heed', entry: entry.key, address: entry.address });
    if (done.how === 'refused') error.value = asApiError(done.error);
  };
  const count = query.data?.devices.length ?? 0;
  return (
    <details class="panel ignored">
      <summary>{i('ignored', { count })}</summary>
      <Refusal error={error.value} />
      <Loaded query={query}>
        {({ devices }) => (devices.length === 0 ? <p>{i('ignored_none')}</p> : (
          <ul class="cards">
            {devices.map((entry) => <Row key={entry.key} entry={entry} waits={pending.has(`entry/${entry.key}`)} onHeed={() => void heed(entry)} />)}
          </ul>
        ))}
      </Loaded>
    </details>
  );
}
