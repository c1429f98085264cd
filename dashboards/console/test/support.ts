// Alarms and clocks for the tests.
import type { AlarmView, Health, Snapshot } from '../src/contract';
import type { Clock } from '../src/link/freshness';

export const kStart = Date.parse('2026-11-22T03:00:00.000Z');
export const at = (seconds: number) => new Date(kStart + seconds * 1000).toISOString();

export function alarm(id: string, more: Partial<AlarmView> = {}): AlarmView {
  return {
    id, class: 'fire_alarm', priority: 'fire', lamp: 'fire', sound: 'fire', latching: true, state: 'unacknowledged', overlays: [],
    confirmation: 'single', late: false, not_recorded: false, rule: 'smoke_alarm', group: 'e/b1', subject: id,
    device: { id, name: id, kind: 'smoke_detector', mapped: true }, port: null,
    place: {
      estate: { id: 'e', name: 'E' }, building: { id: 'b1', name: '1号楼' }, floor: null, zone: null, location: null, occupancy: [],
    },
    evidence: [], first_raised_at: at(0), last_raised_at: at(0), occurrences: 1, returned_at: null, acknowledged_at: null,
    acknowledged_by: null, verdict: null, verdict_by: null, shelved_until: null, shelved_by: null, shelved_why: null,
    suppressed_why: null, cause: null, consequences: 0, chattering: false, changed_at: at(0), revision: 1, ...more,
  };
}
export const fault = (id: string, more: Partial<AlarmView> = {}) =>
  alarm(id, { class: 'fault', priority: 'fault', lamp: 'fault', sound: 'beep', latching: false, ...more });
export const gas = (id: string, more: Partial<AlarmView> = {}) =>
  alarm(id, { class: 'gas_alarm', priority: 'life_threat', lamp: 'life_threat', sound: 'life_threat', ...more });
export const inBuilding = (id: string) => ({
  place: { ...alarm('x').place, building: { id, name: id } },
});

export const kHealth: Health = {
  ok: true, parts: [], devices_total: 1, devices_online: 1, devices_unmapped: 0, inbox_waiting: 0, decision_lag_ms: 0,
  clock_drift_ms: 0,
};
export function snapshot(alarms: AlarmView[], more: Partial<Snapshot> = {}): Snapshot {
  return { server_id: 's1', version: '0.1.0', seq: 10, time: at(0), alarms, silences: [], health: kHealth, ...more };
}

export class FakeClock implements Clock {
  monoMs = 0;
  wallMs = kStart;
  mono = () => this.monoMs;
  wall = () => this.wallMs;
  pass(ms: number): void {
    this.monoMs += ms;
    this.wallMs += ms;
  }
  iso(): string {
    return new Date(this.wallMs).toISOString();
  }
}
