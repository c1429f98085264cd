// The tests of one device, with what it said and what the person saw.
import { useSignal } from '@preact/signals';
import type { DeviceDetail, DeviceTest } from '../../contract';
import { t } from '../../i18n';
import { i } from '../../i18n/install';
import { asApiError, rest, type ApiError } from '../../link/rest';
import { onSubmit } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { Loaded, useQuery } from '../../parts/states';
import { Time } from '../../parts/time';
import { act, settledJobs } from '../../state/outbox_desk';
import { mayOnceAwake } from '../../state/session';
import { latestTest } from '../../state/store';
import { AddPhoto } from '../plan/photos';

function stateText(test: DeviceTest): string {
  if (test.passed) return `✓ ${i('test_passed')}`;
  return test.ended_at === null ? i('test_waits') : i('test_failed');
}

function Note({ test, name }: { test: DeviceTest; name: string }) {
  const note = useSignal(test.note);
  const error = useSignal<ApiError | null>(null);
  const save = async () => {
    error.value = null;
    const done = await act({ kind: 'note', device: test.device, name, test: test.no, note: note.value.trim() });
    if (done.how === 'refused') error.value = asApiError(done.error);
  };
  return (
    <form class="test-note" onSubmit={onSubmit(save)}>
      <label class="field grow">{i('test_note')}
        <input value={note.value} maxLength={300} autocomplete="off" onInput={(event) => (note.value = event.currentTarget.value)} />
      </label>
      <button type="submit" class="button" data-act="note" disabled={note.value.trim() === test.note}>{i('test_note_save')}</button>
      <Refusal error={error.value} />
    </form>
  );
}

function Row({ test, device, newest }: { test: DeviceTest; device: DeviceDetail; newest: boolean }) {
  const name = device.name || device.id;
  const said = test.payload ?? (test.payload_b64 === null ? '' : `base64 ${test.payload_b64}`);
  return (
    <li data-device-test={test.no} data-state={test.passed ? 'passed' : test.ended_at === null ? 'open' : 'failed'}>
      <p>
        <b>{stateText(test)}</b> <Time at={test.message_at ?? test.at} short /> · {test.by}
        {test.signal_dbm !== null && ` · ${i('signal')} ${Math.round(test.signal_dbm)} dBm`}
      </p>
      {said !== '' && <details><summary>{t('payload')}</summary><pre tabIndex={0}>{said}</pre></details>}
      {newest && mayOnceAwake('map_devices') && <AddPhoto device={device} test={test.no} />}
      {newest && mayOnceAwake('map_devices') ? <Note key={test.no} test={test} name={name} /> : test.note && <p>{test.note}</p>}
    </li>
  );
}

export function DeviceTests({ device }: { device: DeviceDetail }) {
  const told = latestTest.value?.device === device.id ? latestTest.value : null;
  const query = useQuery((how) => rest.deviceTests(device.id, how), [device.id, device.test_until, told, settledJobs.value]);
  return (
    <Loaded query={query}>
      {({ tests }) => (tests.length === 0 ? <p>{i('tests_history_none')}</p> : (
        <ol class="device-changes">{tests.map((test, index) => <Row key={test.no} test={test} device={device} newest={index === 0} />)}</ol>
      ))}
    </Loaded>
  );
}
