// Commands to one device: which buttons it gets, what is typed as a port, and what the live feed says of those that are listed.
import type { CommandKind, CommandOffer, DeviceCommand } from '../contract';

// What makes sense for a kind of device; any of these that its format has is a button. A kind that is not here gets all of its format.
const kQueries: readonly CommandKind[] = ['query'];
const kCharging: readonly CommandKind[] = ['cut_off', 'release', 'start', 'stop', 'query', 'set_limits'];
const kSirens: readonly CommandKind[] = ['sound', 'strobe', 'silence_device', 'query'];
const kSwitches: readonly CommandKind[] = ['switch_on', 'switch_off', 'open_valve', 'close_valve', 'hold_door', 'release_door', 'query'];
const kUnits: readonly CommandKind[] = ['query', 'sync_clock', 'duty_check'];
const kFor: Readonly<Record<string, readonly CommandKind[]>> = {
  charging_station: kCharging, swap_cabinet: kCharging, elevator_controller: ['hold_door', 'release_door', 'recall', 'query'],
  sounder: kSirens, smoke_detector: ['silence_device', 'query'], gas_detector: ['silence_device', 'close_valve', 'query'],
  heat_detector: kQueries, co_detector: ['silence_device', 'query'], multi_detector: ['silence_device', 'query'], manual_call_point: kQueries,
  sos_button: kQueries, ebike_camera: kQueries, electrical_fire_monitor: kQueries, water_pressure_sensor: kQueries, water_level_sensor: kQueries,
  door_contact: kQueries, environment_sensor: kQueries, relay: kSwitches, metering_plug: kSwitches, fire_panel: kUnits,
  user_transmission_unit: kUnits, gateway: kUnits,
};
const kOnPorts: readonly CommandKind[] = ['cut_off', 'release', 'start', 'stop'];

export function buttonsOf(kind: string, offers: readonly CommandOffer[]): CommandOffer[] {
  const sensible = kFor[kind];
  return offers.filter(({ command }) => !sensible || sensible.includes(command));
}

// A charging station has ports, whether its format insists on one or not.
export function asksForPort(kind: string, offer: CommandOffer): boolean {
  return offer.needs_port || ((kind === 'charging_station' || kind === 'swap_cabinet') && kOnPorts.includes(offer.command));
}

export function portOf(typed: string): number | null {
  const text = typed.trim();
  if (!/^\d{1,5}$/.test(text)) return null;
  const port = Number(text);
  return port <= 32_767 ? port : null;
}

// The list with what was told since; it may be about a command that the list does not have yet.
export function withTold(list: readonly DeviceCommand[], told: readonly DeviceCommand[], device: string): DeviceCommand[] {
  const known = new Map(list.map((one) => [one.id, one]));
  for (const one of told) {
    if (one.device !== device) continue;
    const before = known.get(one.id);
    if (!before || Date.parse(one.changed_at) >= Date.parse(before.changed_at)) known.set(one.id, one);
  }
  return [...known.values()].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

const kUnderWay: ReadonlySet<string> = new Set(['requested', 'sent', 'accepted']);
const kWell: ReadonlySet<string> = new Set(['done', 'verified']);
export function toneOf(state: string): 'waits' | 'well' | 'ill' {
  if (kUnderWay.has(state)) return 'waits';
  return kWell.has(state) ? 'well' : 'ill';
}

// The last few that were told, newest last: a page that opens later reads the list anyway.
export const kMostTold = 50;
export function remember(told: readonly DeviceCommand[], one: DeviceCommand): DeviceCommand[] {
  return [...told.filter(({ id }) => id !== one.id), one].slice(-kMostTold);
}
