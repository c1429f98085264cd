// What waits to be sent, in its order; what was refused, beside what is there now. Nothing is merged: a person sends it again or discards it.
import { useSignal } from '@preact/signals';
import type { DeviceView } from '../../contract';
import { t, word } from '../../i18n';
import { dateTime, placeText } from '../../i18n/format';
import { i, installWord } from '../../i18n/install';
import { ApiError, kBackground, rest } from '../../link/rest';
import { Dialog } from '../../parts/dialog';
import { useQuery } from '../../parts/states';
import type { Act } from '../../state/acts_on_site';
import { nextOf, type Job } from '../../state/outbox';
import { dropJob, retryJob, sendNow } from '../../state/outbox_desk';
import { jobs, outboxAsks } from '../../state/outbox_view';
import { person } from '../../state/session';
import { FieldRefusal } from './parts';
import { Frame } from './frame';

export function actText(act: Act): string {
  switch (act.kind) {
    case 'adopt': return i('do_adopt', { address: act.address, name: act.body.name ?? act.body.id ?? act.address });
    case 'ignore': return i('do_ignore', { address: act.address });
    case 'heed': return i('do_heed', { address: act.address });
    case 'test': return i('do_test', { name: act.name });
    case 'end_test': return i('do_end_test', { name: act.name });
    case 'photo': return i('do_photo', { name: act.name });
    case 'note': return i('do_note', { name: act.name, note: act.note });
  }
}

function deviceLine(device: DeviceView): string {
  return [device.name || device.id, word('kind', device.kind), placeText(device.place), device.address].filter((part) => part !== '').join(' · ');
}

// What the gateway knows of the thing that was refused: the device of this id, or the one that has this address.
async function thereNow(act: Act): Promise<DeviceView | null> {
  if ('device' in act) return rest.device(act.device, kBackground);
  const { devices } = await rest.devices({ q: act.address, limit: 50 }, kBackground);
  return devices.find((one) => one.address === act.address) ?? null;
}

function Now({ act }: { act: Act }) {
  const query = useQuery(() => thereNow(act).then((device) => ({ device })), []);
  if (query.error) return <p>{i('outbox_now_unknown')}</p>;
  if (!query.data) return <p>…</p>;
  return <p>{query.data.device ? <a href={`/devices/${encodeURIComponent(query.data.device.id)}`}>{deviceLine(query.data.device)}</a> : i('outbox_now_none')}</p>;
}

function Wanted({ act }: { act: Act }) {
  if (act.kind !== 'adopt') return <p>{actText(act)}</p>;
  const said = Object.entries(act.body).map(([field, value]) => `${installWord('column', field)}: ${field === 'kind' ? word('kind', String(value)) : String(value)}`);
  return <p>{said.join(' · ')}</p>;
}

function Conflict({ job }: { job: Job }) {
  const { code, detail, problem } = job.refused!;
  return (
    <>
      <FieldRefusal error={new ApiError(code, detail, problem)} />
      <div class="conflict">
        <div class="conflict-side"><h3>{i('outbox_now')}</h3><Now act={job.act} /></div>
        <div class="conflict-side"><h3>{i('outbox_wanted')}</h3><Wanted act={job.act} /></div>
      </div>
    </>
  );
}

function stateText(job: Job, next: Job | null): string {
  if (job.person !== person.value) return i('outbox_other');
  return next && next.no <= job.no ? i('entry_waits') : i('outbox_held');
}

function Row({ job, next, onDrop }: { job: Job; next: Job | null; onDrop: () => void }) {
  return (
    <li class="panel job" data-job={job.act.kind} data-state={job.refused ? 'refused' : 'waiting'}>
      <div class="job-what">
        <b>{actText(job.act)}</b> <small>{i('outbox_done_at', { time: dateTime(job.at) })}{!job.refused && ` · ${stateText(job, next)}`}</small>
      </div>
      {job.refused && <Conflict job={job} />}
      <div class="job-acts">
        {job.refused && <button type="button" class="button" data-act="retry" onClick={() => void retryJob(job)}>{i('outbox_retry')}</button>}
        <button type="button" class="button" data-act="drop" onClick={onDrop}>{i('outbox_drop')}</button>
      </div>
    </li>
  );
}

function Drop({ job, onClose }: { job: Job; onClose: () => void }) {
  return (
    <Dialog title={i('outbox_drop')} onClose={onClose}>
      <p>{i('outbox_drop_text', { what: actText(job.act) })}</p>
      <div class="dialog-acts">
        <button type="button" class="button" onClick={onClose}>{t('cancel')}</button>
        <button type="button" class="button primary" data-act="sure" onClick={() => void dropJob(job.no).then(onClose)}>{i('outbox_drop')}</button>
      </div>
    </Dialog>
  );
}

export function OutboxPage() {
  const dropping = useSignal<Job | null>(null);
  const all = jobs.value;
  const next = nextOf(all, person.value);
  return (
    <Frame here="outbox" title={i('outbox')}>
      <p class="note">{i('outbox_text')}</p>
      {all.length === 0 && <p class="empty empty-text">{i('outbox_empty')}</p>}
      {next && (
        <p class="page-text"><button type="button" class="button primary" data-act="send" onClick={() => void sendNow()}>{i('outbox_send')}</button> {outboxAsks.value && t('outbox_asks')}</p>
      )}
      <ol class="tray">
        {all.map((job) => <Row key={`${job.no}/${job.key}`} job={job} next={next} onDrop={() => (dropping.value = job)} />)}
      </ol>
      {dropping.value && <Drop job={dropping.value} onClose={() => (dropping.value = null)} />}
    </Frame>
  );
}
