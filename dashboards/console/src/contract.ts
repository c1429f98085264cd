// The words of the gateway's API and live feed, by the names that the console uses. The types are generated from
// gateway/api/openapi.yaml (npm run generate). Times are RFC 3339 UTC texts. A list of words may grow on the gateway's side: unknown
// words are shown as they are.
import type { components, paths } from './api/schema';

type Schemas = components['schemas'];

export const kPriorities = ['fire', 'life_threat', 'pre_alarm', 'supervisory', 'fault', 'info'] as const;
export type Priority = Schemas['Priority'];

export const kLamps = ['fire', 'life_threat', 'pre_alarm', 'supervisory', 'fault', 'disablement', 'test'] as const;
export type Lamp = Schemas['Lamp'];

export const kVerdicts = ['real', 'cooking', 'steam_or_dust', 'test', 'device_fault', 'unknown'] as const;
export type Verdict = Schemas['Verdict'];

export type AlarmSound = Schemas['Sound'];
export type AlarmState = Schemas['AlarmState'];
export type PlaceName = Schemas['PlaceName'];
export type Place = Schemas['Place'];
export type PointValue = Schemas['Value']; // null: unknown
export type Evidence = Schemas['Evidence'];
export type AlarmView = Schemas['AlarmView'];
export type Held = Schemas['Held'];
export type Silence = Schemas['Silence']; // until null: the silence has ended
export type Health = Schemas['Health'];
export type Snapshot = Schemas['Snapshot'];

export type ServerFrame = Schemas['LiveServerFrame'];
export type LiveEvent = Extract<ServerFrame, { t: 'ev' }>;
export type Hello = Extract<ServerFrame, { t: 'hello' }>;

export interface ConsoleReport {
  post: string;
  visible: boolean;
  audio: 'running' | 'suspended';
  build: string;
}

export type Timeline = Schemas['Timeline'];
export type TimelineEntry = Timeline['entries'][number];
export type Delivery = Timeline['deliveries'][number];
export type Presence = Schemas['Presence'];
export type DeviceView = Schemas['Device'];
export type DeviceReading = Schemas['CurrentValue'];
export type DeviceDetail = DeviceView & { values: DeviceReading[] };
export type Series = Schemas['Series'];
export type RawMessage = Schemas['RawMessage'];
export type UnmappedDevice = Schemas['UnmappedDevice'];
export type RejectedSample = Schemas['RejectedSample'];
export type AlarmFigures = Schemas['AlarmFigures'];
export type ClassInfo = Schemas['ClassInfo'];
export type RuleInfo = Schemas['RuleInfo'];
export type RuleHits = Schemas['RuleHits'];
export type RuleFile = Schemas['RuleFile'];
export type RulePatch = Schemas['RulePatch']; // texts by name, laid over the files in force; null: removed
export type RuleVersion = Schemas['RuleVersion'];
export type RuleChanges = Schemas['RuleChanges'];
export type RuleCheck = Schemas['RuleCheck'];
export type ConfigProblem = Schemas['ConfigProblem'];
export type Backtest = Schemas['Backtest'];
export type Shadow = Schemas['Shadow'];
export type TrialEpisode = Schemas['TrialEpisode'];
export type TrialSummary = Schemas['TrialSummary'];
export interface RuleFiles {
  version: number;
  built_in: boolean;
  files: RuleFile[];
}
export type FloorPlan = Schemas['FloorPlan'];
export type Photo = Schemas['Photo'];
export type Problem = Schemas['Problem'];

export const kRoles = ['viewer', 'operator', 'duty', 'installer', 'manager', 'admin'] as const;
export type Role = Schemas['Role'];
export type Grant = Schemas['Grants'][number];
export const kEveryEstate = '*';

export type SessionView = Schemas['Session'];
export type SessionRow = Schemas['SessionInfo'];
export type UserView = Schemas['User'];
export type InviteLink = Schemas['Invite'];
export type TokenView = Schemas['Token'];
export type JournalEntry = Schemas['JournalEntry'];
export type JournalReport = Schemas['JournalReport'];
export type JournalCheck = Schemas['JournalCheck'];

export type Estate = Schemas['Estate'];
export type AdoptRequest = paths['/api/v1/unmapped/{key}:adopt']['post']['requestBody']['content']['application/json'];
export type DevicePatch = paths['/api/v1/devices/{id}']['patch']['requestBody']['content']['application/json'];
export type ReplaceRequest = paths['/api/v1/devices/{id}/replace']['post']['requestBody']['content']['application/json'];
export type DeviceTest = Schemas['DeviceTest'];
export type DeviceChange = Schemas['DeviceChange'];
export type TestList = paths['/api/v1/tests']['get']['responses']['200']['content']['application/json'];
export type TestRow = TestList['devices'][number];
export type ImportResult = Schemas['Import'];
export type ImportProblem = Schemas['ImportProblem'];
export type DeviceCommand = Schemas['DeviceCommand'];
export type CommandKind = Schemas['CommandKind'];
export type CommandOffer = paths['/api/v1/devices/{id}/commands']['get']['responses']['200']['content']['application/json']['offers'][number];
export type CommandRequest = paths['/api/v1/devices/{id}/commands']['post']['requestBody']['content']['application/json'];
export type DeviceTestEvent = Extract<LiveEvent, { type: 'device_test' }>['data'];

// What the gateway adds to a refusal that is about fields, about other devices, or about the rows of a table.
export interface FieldProblem {
  field: string;
  found: string;
  expected: string[];
}
export interface Refusals {
  fields?: FieldProblem[];
  devices?: string[];
  problems?: ImportProblem[];
}
