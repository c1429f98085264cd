// What an installer does to a device that is in the list: test, replace, disable, change, take out of service; and what was done to it before.
import { useSignal } from '@preact/signals';
import type { DeviceDetail } from '../../contract';
import { shortTime } from '../../i18n/format';
import { i } from '../../i18n/install';
import { asApiError, rest, type ApiError } from '../../link/rest';
import { Refusal } from '../../parts/refusal';
import { act } from '../../state/outbox_desk';
import { pendingOf } from '../../state/outbox';
import { jobs } from '../../state/outbox_view';
import { navigate } from '../../state/route';
import { mayOnceAwake } from '../../state/session';
import { now } from '../../state/store';
import { Changes } from './changes';
import { DeviceTests } from './device_tests';
import { DisableDialog } from './disable';
import { EditDialog } from './edit';
import { ReasonDialog } from './parts';
import { ReplaceDialog } from './replace';
import { Tick } from './tick';
import { useOnce } from './once';

type Open = 'replace' | 'disable' | 'edit' | 'remove' | null;
interface Props {
  device: DeviceDetail;
  onChanged: () => void;
}

function TestButton({ device, onError }: { device: DeviceDetail; onError: (error: ApiError | null) => void }) {
  const waits = pendingOf(jobs.value).has(`device/${device.id}`);
  const name = device.name || device.id;
  const inTest = device.test_until !== null && Date.parse(device.test_until) > now.value;
  const run = async () => {
    onError(null);
    const done = await act(inTest ? { kind: 'end_test', device: device.id, name } : { kind: 'test', device: device.id, name, minutes: 30 });
    if (done.how === 'refused') onError(asApiError(done.error));
  };
  return (
    <button type="button" class={`button large ${inTest ? '' : 'primary'}`} data-act={inTest ? 'end-test' : 'test'} disabled={waits} onClick={() => void run()}>
      {waits ? i('entry_waits') : inTest ? i('test_end') : i('test')}
    </button>
  );
}

function EnableButton({ device, onChanged, onError }: Props & { onError: (error: ApiError | null) => void }) {
  const once = useOnce();
  const busy = useSignal(false);
  const run = async () => {
    busy.value = true;
    onError(null);
    try {
      await rest.enableDevice(device.id, once.key);
      once.answered();
      onChanged();
    } catch (error) {
      once.after(asApiError(error));
      onError(asApiError(error));
    } finally {
      busy.value = false;
    }
  };
  return <button type="button" class="button" data-act="enable" disabled={busy.value} onClick={() => void run()}>{i('enable')}</button>;
}

function Dialogs({ open, device, onChanged, onClose }: Props & { open: Open; onClose: () => void }) {
  const name = device.name || device.id;
  switch (open) {
    case 'replace': return <ReplaceDialog device={device} onDone={onChanged} onClose={onClose} />;
    case 'disable': return <DisableDialog device={device} onDone={onChanged} onClose={onClose} />;
    case 'edit': return <EditDialog id={device.id} onDone={onChanged} onClose={onClose} />;
    case 'remove': return (
      <ReasonDialog title={i('remove_title', { name })} text={i('remove_text')} act={i('remove')} of="why_removed" onClose={onClose}
        run={async (reason) => {
          await rest.removeDevice(device.id, reason);
          navigate('/devices');
        }} />
    );
    case null: return null;
  }
}

export function DeviceRecord({ device }: { device: DeviceDetail }) {
  return (
    <div class="columns">
      <section class="panel"><h2>{i('tests_history')}</h2><DeviceTests device={device} /></section>
      <section class="panel"><h2>{i('changes')}</h2><Changes device={device} /></section>
    </div>
  );
}

export function DeviceActs({ device, onChanged }: Props) {
  const open = useSignal<Open>(null);
  const error = useSignal<ApiError | null>(null);
  const onError = (next: ApiError | null) => (error.value = next);
  const button = (what: Exclude<Open, null>, text: string) => (
    <button type="button" class="button" data-act={what} onClick={() => (open.value = what)}>{text}</button>
  );
  return (
    <>
      <Tick names={new Map([[device.id, device.name || device.id]])} />
      {device.test_until !== null && <p class="strip" role="status" data-in-test>{i('test_waits')} {i('test_until', { time: shortTime(device.test_until, now.value) })}</p>}
      {mayOnceAwake('map_devices') && device.mapped && (
        <section class="panel device-acts" aria-label={i('acts')} data-acts>
          <TestButton device={device} onError={onError} />
          {button('replace', i('replace'))}
          {device.disabled_until ? <EnableButton device={device} onChanged={onChanged} onError={onError} /> : button('disable', i('disable'))}
          {button('edit', i('edit'))}
          <a class="button" href={`/labels?device=${encodeURIComponent(device.id)}`}>{i('label')}</a>
          {button('remove', i('remove'))}
        </section>
      )}
      <Refusal error={error.value} />
      <Dialogs open={open.value} device={device} onChanged={onChanged} onClose={() => (open.value = null)} />
    </>
  );
}
