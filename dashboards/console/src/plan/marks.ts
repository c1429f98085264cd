// What each device looks like on a plan: its kind as a short word, its state as a shape, so that neither needs a colour; what nobody has
// acknowledged lies on top. Pure.
import type { AlarmView, DeviceView, Lamp } from '../contract';

export type MarkState = Lamp | 'away' | 'normal';

export interface DeviceMark {
  device: DeviceView;
  state: MarkState;
  announced: boolean; // nobody has acknowledged it
}

const kUrgent: readonly MarkState[] = ['fire', 'life_threat', 'pre_alarm', 'supervisory', 'fault', 'disablement', 'test', 'away', 'normal'];

function stateOf(device: DeviceView, alarms: readonly AlarmView[]): MarkState {
  const worst = alarms.map(({ lamp }) => lamp as MarkState).sort((a, b) => kUrgent.indexOf(a) - kUrgent.indexOf(b))[0];
  if (worst) return worst;
  if (device.disabled_until) return 'disablement';
  if (device.test_until) return 'test';
  return device.presence === 'online' ? 'normal' : 'away';
}

// The least urgent first, so that the most urgent is drawn last and read first from the end.
export function marksOf(devices: readonly DeviceView[], alarms: readonly AlarmView[], announced: (alarm: AlarmView) => boolean): readonly DeviceMark[] {
  const weight = (mark: DeviceMark) => (mark.announced ? 100 : 0) + kUrgent.length - kUrgent.indexOf(mark.state);
  return devices
    .map((device) => {
      const own = alarms.filter((alarm) => alarm.device.id === device.id && alarm.state !== 'normal');
      return { device, state: stateOf(device, own), announced: own.some(announced) };
    })
    .sort((a, b) => weight(a) - weight(b));
}
