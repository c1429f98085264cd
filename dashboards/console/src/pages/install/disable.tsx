// A disablement has a reason and an end; it ends by itself.
import { useSignal } from '@preact/signals';
import type { DeviceDetail } from '../../contract';
import { dateTime } from '../../i18n/format';
import { i, installWord } from '../../i18n/install';
import { asApiError, rest } from '../../link/rest';
import { now } from '../../state/store';
import { useOnce } from './once';
import { Chips, ReasonDialog } from './parts';

const kHour = 3_600_000;
const kSpans: Readonly<Record<string, number>> = { h1: kHour, h4: 4 * kHour, h24: 24 * kHour, d7: 7 * 24 * kHour };

interface Props {
  device: DeviceDetail;
  onDone: () => void;
  onClose: () => void;
}
export function DisableDialog({ device, onDone, onClose }: Props) {
  const span = useSignal('h4');
  const until = Math.floor((now.value + kSpans[span.value]!) / 60_000) * 60_000;
  const once = useOnce();
  const run = async (reason: string) => {
    try {
      await rest.disableDevice(device.id, reason, new Date(until).toISOString(), once.key);
      once.answered();
    } catch (error) {
      once.after(asApiError(error));
      throw error;
    }
    onDone();
  };
  return (
    <ReasonDialog title={i('disable_title', { name: device.name || device.id })} text={i('disable_text')} act={i('disable')} of="why_disabled" run={run} onClose={onClose}>
      <Chips legend={i('disable_until')} name="until" value={span.value} onChoose={(id) => (span.value = id)}
        options={Object.keys(kSpans).map((id) => ({ id, name: installWord('hours', id) }))} />
      <p data-until>{i('disable_until')} <b>{dateTime(until).slice(0, 16)}</b></p>
    </ReasonDialog>
  );
}
