// The words of the gateway's API and live feed, as gateway/api/openapi.yaml defines them.
// Times are RFC 3339 UTC texts. A list of words may grow on the gateway's side: unknown words are shown as they are.

export const kPriorities = ['fire', 'life_threat', 'pre_alarm', 'supervisory', 'fault', 'info'] as const;
export type Priority = (typeof kPriorities)[number];

export const kLamps = ['fire', 'life_threat', 'pre_alarm', 'supervisory', 'fault', 'disablement', 'test'] as const;
export type Lamp = (typeof kLamps)[number];

export const kVerdicts = ['real', 'cooking', 'steam_or_dust', 'test', 'device_fault', 'unknown'] as const;
export type Verdict = (typeof kVerdicts)[number];

export type AlarmSound = 'fire' | 'life_threat' | 'two_tone' | 'chime' | 'beep' | 'none';
export type AlarmState =
  | 'normal'
  | 'unacknowledged'
  | 'acknowledged'
  | 'returned_unacknowledged'
  | 'latched_unacknowledged'
  | 'latched_acknowledged';

export interface PlaceName {
  id: string;
  name: string;
}
export interface Place {
  estate: PlaceName | null;
  building: PlaceName | null;
  floor: PlaceName | null;
  zone: PlaceName | null;
  location: PlaceName | null;
  occupancy: string[];
}

export type PointValue = boolean | number | string | null; // null: unknown

export interface Evidence {
  point: string;
  port: number | null;
  value: PointValue;
  unit: string;
  limit: number | null;
  at: string;
}

export interface AlarmView {
  id: string;
  class: string;
  priority: Priority;
  lamp: Lamp;
  sound: AlarmSound;
  latching: boolean;
  state: AlarmState;
  overlays: string[];
  confirmation: string;
  late: boolean;
  not_recorded: boolean;
  rule: string;
  subject: string;
  device: { id: string; name: string; kind: string; mapped: boolean };
  port: number | null;
  place: Place;
  evidence: Evidence[];
  first_raised_at: string;
  last_raised_at: string;
  occurrences: number;
  returned_at: string | null;
  acknowledged_at: string | null;
  acknowledged_by: string | null;
  verdict: Verdict | null;
  verdict_by: string | null;
  shelved_until: string | null;
  changed_at: string;
  revision: number;
}

export interface Silence {
  post: string;
  priority: Priority;
  until: string | null; // null: the silence has ended
  by?: string;
}

export interface HealthPart {
  name: string;
  ok: boolean;
  detail: string;
}
export interface Health {
  ok: boolean;
  parts: HealthPart[];
  devices_total: number;
  devices_online: number;
  devices_unmapped: number;
  inbox_waiting: number;
  decision_lag_ms: number;
  clock_drift_ms: number;
}

export interface Snapshot {
  server_id: string;
  version: string;
  seq: number;
  time: string;
  alarms: AlarmView[];
  silences: Silence[];
  health: Health;
}

export type LiveEvent =
  | { t: 'ev'; seq: number; type: 'alarm'; data: AlarmView }
  | { t: 'ev'; seq: number; type: 'silence'; data: Silence }
  | { t: 'ev'; seq: number; type: 'health'; data: Health };

export type ServerFrame =
  | { t: 'hello'; server_id: string; version: string; seq: number; time: string; heartbeat_s: number }
  | { t: 'hb'; seq: number; time: string }
  | LiveEvent
  | { t: 'gap'; seq: number }
  | { t: 'bye'; reason: string };

export interface ConsoleReport {
  post: string;
  visible: boolean;
  audio: 'running' | 'suspended';
  build: string;
}

export interface TimelineEntry {
  at: string;
  kind: string;
  from: string | null;
  to: string | null;
  who: string | null;
  post: string | null;
  why: string | null;
}
export interface Delivery {
  channel: string;
  state: string;
  attempts: number;
  at: string;
  detail: string;
}
export interface Timeline {
  entries: TimelineEntry[];
  deliveries: Delivery[];
}

export type Presence = 'online' | 'lost' | 'never_heard';

export interface DeviceView {
  id: string;
  name: string;
  kind: string;
  format: string;
  source: string;
  address: string;
  model: string;
  mapped: boolean;
  place: Place;
  presence: Presence;
  last_heard: string | null;
  interval_s: number;
  disabled_until: string | null;
}
export interface DeviceReading {
  point: string;
  port: number | null;
  value: PointValue;
  unit: string;
  quality: string;
  changed_at: string;
  updated_at: string;
}
export interface DeviceDetail extends DeviceView {
  values: DeviceReading[];
}
export interface Series {
  point: string;
  unit: string;
  points: { at: string; value: PointValue; quality: string }[];
}
export interface UnmappedDevice {
  id: string;
  source: string;
  format: string;
  address: string;
  first_heard: string;
  last_heard: string;
  messages: number;
  first_topic: string;
  first_payload: string;
  points: string[];
}
export interface ClassInfo {
  class: string;
  priority: Priority;
  lamp: Lamp;
  sound: AlarmSound;
  latching: boolean;
  dispatch: string;
}
export interface RuleInfo {
  id: string;
  class: string;
  kinds: string[];
  text: { zh: string; en: string };
  source: string;
}
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  request_id: string;
  state?: string;
}
