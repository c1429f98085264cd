// A made estate for the scripted gateway: places, devices and alarms in the shape of the API.
import type {
  AlarmSound, AlarmView, ClassInfo, DeviceView, Lamp, Place, Priority, RawMessage,
} from '../../../dashboards/console/src/contract.ts';

const row = (
  name: ClassInfo['class'], priority: Priority, lamp: Lamp, sound: AlarmSound, latching: boolean, dispatch: ClassInfo['dispatch'],
): ClassInfo => ({ class: name, priority, lamp, sound, latching, dispatch });
export const kClasses: ClassInfo[] = [
  row('fire_alarm', 'fire', 'fire', 'fire', true, 'yes'),
  row('gas_alarm', 'life_threat', 'life_threat', 'life_threat', true, 'yes'),
  row('one_key_alarm', 'life_threat', 'life_threat', 'life_threat', true, 'yes'),
  row('electrical_fire', 'pre_alarm', 'pre_alarm', 'two_tone', false, 'look'),
  row('ebike_intrusion', 'supervisory', 'supervisory', 'chime', false, 'by_route'),
  row('charging_hazard', 'supervisory', 'supervisory', 'chime', false, 'by_route'),
  row('fault', 'fault', 'fault', 'beep', false, 'by_route'),
  row('disablement', 'info', 'disablement', 'none', false, 'no'),
  row('test', 'info', 'test', 'none', false, 'no'),
];

export function place(index: number): Place {
  const building = 1 + Math.floor(index / 60) % 24;
  const floor = 1 + Math.floor(index / 4) % 18;
  const room = `${floor}0${1 + (index % 4)}`;
  return {
    estate: { id: 'jinxiu', name: '锦绣苑' },
    building: { id: `b${building}`, name: `${building}号楼` },
    floor: { id: `f${floor}`, name: `${floor}层` },
    zone: { id: `b${building}-${room}`, name: `${room}室` },
    location: { id: 'kitchen', name: '厨房' },
    occupancy: index % 5 === 0 ? ['elderly_alone', 'kitchen'] : ['kitchen'],
  };
}

const kKinds = ['smoke_detector', 'gas_detector', 'manual_call_point', 'charging_station', 'elevator_controller'] as const;
const kNames = ['烟感', '燃气', '手报', '充电桩', '电梯'];

// A message as it came: text, or bytes that are none.
export function makeMessage(payload: string | Uint8Array, at = new Date().toISOString()): RawMessage {
  const text = typeof payload === 'string' ? payload : null;
  return {
    at, source: 'native', topic: 'fg/v1/jinxiu/b1-00008/up', retained: false, bytes: payload.length, cut: false, payload: text,
    payload_b64: text === null ? Buffer.from(payload).toString('base64') : null,
  };
}

export function makeDevices(count: number): DeviceView[] {
  return Array.from({ length: count }, (_, index) => {
    const where = place(index);
    return {
      id: `b1-${String(index).padStart(5, '0')}`,
      name: `${where.building!.name}${where.zone!.name}${kNames[index % kNames.length]}`,
      kind: kKinds[index % kKinds.length]!,
      format: 'zigbee2mqtt',
      source: 'z2m-1',
      address: `0x00158d00${index.toString(16).padStart(8, '0')}`,
      model: 'heiman/HS1SA-E-PLUS',
      mapped: true,
      place: where,
      presence: index % 97 === 3 ? 'lost' : index % 211 === 5 ? 'never_heard' : 'online',
      last_heard: index % 211 === 5 ? null : new Date(Date.now() - (index % 97 === 3 ? 3 * 86_400_000 : index * 700)).toISOString(),
      interval_s: 86_400,
      disabled_until: null,
      disabled_why: null,
      note: '',
      position: null,
      test_until: null,
      last_test: null,
      adopted_at: null,
      expected_life_years: null,
      calibrated_at: null,
    };
  });
}

const kEvidence: Record<string, { point: string; value: boolean | number; unit: string; limit: number | null }> = {
  fire_alarm: { point: 'smoke', value: true, unit: '', limit: null },
  gas_alarm: { point: 'gas', value: true, unit: '', limit: null },
  one_key_alarm: { point: 'sos', value: true, unit: '', limit: null },
  electrical_fire: { point: 'residual_current_ma', value: 612, unit: 'mA', limit: 500 },
  ebike_intrusion: { point: 'ebike_detected', value: true, unit: '', limit: null },
  charging_hazard: { point: 'power_w', value: 1240, unit: 'W', limit: 1000 },
  fault: { point: 'battery_pct', value: 8, unit: '%', limit: 10 },
  disablement: { point: 'disabled', value: true, unit: '', limit: null },
  test: { point: 'test', value: true, unit: '', limit: null },
};

let made = 0;
export function makeAlarm(alarmClass: string, index: number, more: Partial<AlarmView> = {}): AlarmView {
  const info = kClasses.find((one) => one.class === alarmClass)!;
  const where = place(index);
  const at = more.first_raised_at ?? new Date().toISOString();
  made += 1;
  const { dispatch: _, ...rest } = info;
  return {
    ...rest,
    id: made.toString(16).padStart(16, '0'),
    state: 'unacknowledged',
    overlays: [],
    confirmation: 'single',
    late: false,
    not_recorded: false,
    rule: alarmClass,
    subject: `b1-${String(index).padStart(5, '0')}`,
    device: {
      id: `b1-${String(index).padStart(5, '0')}`, name: `${where.building!.name}${where.zone!.name}${kNames[index % 5]}`,
      kind: kKinds[index % 5]!, mapped: true,
    },
    port: alarmClass === 'charging_hazard' ? 3 : null,
    place: where,
    evidence: [{ ...kEvidence[alarmClass]!, port: alarmClass === 'charging_hazard' ? 3 : null, at, device: null, share_pct: null }],
    first_raised_at: at,
    last_raised_at: at,
    occurrences: 1,
    returned_at: null,
    acknowledged_at: null,
    acknowledged_by: null,
    verdict: null,
    verdict_by: null,
    shelved_until: null,
    shelved_by: null,
    shelved_why: null,
    suppressed_why: null,
    cause: null,
    consequences: 0,
    chattering: false,
    group: `${where.estate.id}/${where.building!.id}`,
    changed_at: at,
    revision: 1,
    ...more,
  };
}
