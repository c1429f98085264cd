// The photos of a device and of its walk tests. One that is taken where there is no signal is kept and sent later.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { DeviceDetail, Photo } from '../../contract';
import { t } from '../../i18n';
import { p } from '../../i18n/plan';
import { asApiError, rest, type ApiError } from '../../link/rest';
import { Dialog } from '../../parts/dialog';
import { useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { Loaded, useQuery } from '../../parts/states';
import { Time } from '../../parts/time';
import { smaller } from '../../plan/smaller';
import { act, settledJobs } from '../../state/outbox_desk';
import { jobs } from '../../state/outbox_view';
import { mayOnceAwake } from '../../state/session';

const urlOf = (device: string, photo: Photo) => `/api/v1/devices/${encodeURIComponent(device)}/photos/${photo.no}?v=${photo.hash.slice(0, 12)}`;

export function AddPhoto({ device, test }: { device: DeviceDetail; test: number | null }) {
  const input = useRef<HTMLInputElement>(null);
  const error = useSignal<ApiError | null>(null);
  const add = async (file: File | undefined) => {
    if (!file) return;
    error.value = null;
    const done = await act({ kind: 'photo', device: device.id, name: device.name || device.id, test, picture: await smaller(file) });
    if (done.how === 'refused') error.value = asApiError(done.error);
    if (input.current) input.current.value = '';
  };
  return (
    <>
      <label class="button">{p('photo_add')}
        <input ref={input} type="file" class="hidden" name="photo" accept="image/jpeg,image/png" capture="environment" onChange={(event) => void add(event.currentTarget.files?.[0])} />
      </label>
      <Refusal error={error.value} />
    </>
  );
}

function Shown({ device, photo, onDropped }: { device: DeviceDetail; photo: Photo; onDropped: () => void }) {
  const asked = useSignal(false);
  const attempt = useAttempt();
  const name = device.name || device.id;
  const drop = async () => {
    if (!(await attempt.run(() => rest.dropPhoto(device.id, photo.no)))) return;
    asked.value = false;
    onDropped();
  };
  return (
    <li data-photo={photo.no}>
      <a href={urlOf(device.id, photo)} target="_blank" rel="noreferrer">
        <img src={urlOf(device.id, photo)} alt={p('photo_of', { name, no: photo.no })} width={photo.width} height={photo.height} loading="lazy" />
      </a>
      <p><Time at={photo.at} short /> · {photo.by}{photo.test !== null && ` · ${p('photo_test', { test: photo.test })}`}</p>
      {mayOnceAwake('map_devices') && <button type="button" class="button" aria-label={p('photo_drop')} data-act="drop-photo" onClick={() => (asked.value = true)}>✕</button>}
      {asked.value && (
        <Dialog title={p('photo_drop')} onClose={() => (asked.value = false)}>
          <p>{p('photo_drop_sure')}</p>
          <Refusal error={attempt.error} />
          <div class="dialog-acts">
            <button type="button" class="button" onClick={() => (asked.value = false)}>{t('cancel')}</button>
            <button type="button" class="button primary" data-act="sure" disabled={attempt.busy} onClick={() => void drop()}>{p('photo_drop')}</button>
          </div>
        </Dialog>
      )}
    </li>
  );
}

export function DevicePhotos({ device }: { device: DeviceDetail }) {
  const query = useQuery((how) => rest.photos(device.id, how), [device.id, settledJobs.value]);
  const waiting = jobs.value.filter(({ act: what }) => what.kind === 'photo' && what.device === device.id).length;
  return (
    <section class="panel" data-photos>
      <h2>{p('photos')}</h2>
      {mayOnceAwake('map_devices') && device.mapped && <AddPhoto device={device} test={null} />}
      {waiting > 0 && <p role="status" data-photo-waits>{p('photo_waits')}</p>}
      <Loaded query={query}>
        {({ photos }) => (photos.length === 0 ? <p>{p('photos_none')}</p> : (
          <ul class="photos">{photos.map((photo) => <Shown key={photo.no} device={device} photo={photo} onDropped={query.refresh} />)}</ul>
        ))}
      </Loaded>
    </section>
  );
}
