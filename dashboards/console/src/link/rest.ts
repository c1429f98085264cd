// Calls of the REST API, by the names that the pages use.
import type { paths } from '../api/schema';
import type { AdoptRequest, CommandRequest, DevicePatch, Grant, ReplaceRequest, RulePatch, Verdict } from '../contract';
import { door } from '../state/session';
import { createClient, kBackground, kForeground, taggedOf, valueOf, type How } from './client';

export { ApiError, asApiError } from './api_error';
export { kBackground, kForeground, type How, type Tagged } from './client';

const client = createClient({
  base: typeof location === 'undefined' ? '' : location.origin,
  door,
  fetch: (request) => fetch(request),
});

// Without what is empty: an empty field of a filter asks for nothing.
type Given<Query> = { [Name in keyof Query]: Exclude<Query[Name], ''> };
function given<Query extends object>(query: Query): Given<Query> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '')) as Given<Query>;
}

// Marks one thing that a person wants done: asked for again under the same key, the gateway does it once.
export function idempotencyKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const ifMatch = (revision: number) => ({ header: { 'If-Match': `"${revision}"` } });
const once = (key: string) => ({ 'Idempotency-Key': key });
const entry = (key: string) => ({ path: { key } });
const path = (id: string) => ({ path: { id } });

export interface FloorIds {
  estate: string;
  building: string;
  floor: string;
}
const floorPath = ({ estate, building, floor }: FloorIds) => ({ estate, building, floor });
// The bytes as they are; a type that the browser does not know is for the gateway to refuse.
const pictureBody = (picture: Blob, how: How = kForeground) =>
  ({ body: '', bodySerializer: () => picture, headers: { ...how, 'Content-Type': picture.type || 'application/octet-stream' } });

type QueryOf<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Query } } } ? NonNullable<Query> : never;
type Filter<Query> = { [Name in keyof Query]: Query[Name] | '' };
export type HistoryQuery = Filter<QueryOf<'/api/v1/history'>>;
export type DeviceQuery = Filter<QueryOf<'/api/v1/devices'>>;
export type TestQuery = Filter<QueryOf<'/api/v1/tests'>>;
export type FiguresQuery = Filter<QueryOf<'/api/v1/alarms/figures'>>;
export type JournalQuery = Filter<QueryOf<'/api/v1/journal'>>;
export type UserChange = { name?: string; grants?: Grant[]; disabled?: boolean };

export const rest = {
  snapshot: () => valueOf(client.GET('/api/v1/snapshot', { headers: kBackground })),
  alarm: (id: string, how: How = kForeground) => valueOf(client.GET('/api/v1/alarms/{id}', { params: path(id), headers: how })),
  held: (how: How = kForeground) => valueOf(client.GET('/api/v1/alarms/held', { headers: how })),
  timeline: (id: string, how: How = kForeground) =>
    valueOf(client.GET('/api/v1/alarms/{id}/timeline', { params: path(id), headers: how })),
  history: (query: HistoryQuery, how: How = kForeground) =>
    valueOf(client.GET('/api/v1/history', { params: { query: given(query) }, headers: how })),
  devices: (query: DeviceQuery, how: How = kForeground) =>
    valueOf(client.GET('/api/v1/devices', { params: { query: given(query) }, headers: how })),
  estates: (how: How = kForeground) => valueOf(client.GET('/api/v1/estates', { headers: how })),
  device: (id: string, how: How = kForeground) => valueOf(client.GET('/api/v1/devices/{id}', { params: path(id), headers: how })),
  series: (id: string, point: string, port: number | null, from: string, to: string, how: How = kForeground) =>
    valueOf(client.GET('/api/v1/devices/{id}/series', {
      params: { ...path(id), query: { point, from, to, ...(port === null ? {} : { port }) } },
      headers: how,
    })),
  messages: (id: string, how: How = kForeground) =>
    valueOf(client.GET('/api/v1/devices/{id}/messages', { params: path(id), headers: how })),
  unmapped: (how: How = kForeground) => valueOf(client.GET('/api/v1/unmapped', { headers: how })),
  ignored: (how: How = kForeground) => valueOf(client.GET('/api/v1/unmapped', { params: { query: { ignored: true } }, headers: how })),
  plans: (how: How = kForeground) => valueOf(client.GET('/api/v1/plans', { headers: how })),
  putPlan: (floor: FloorIds, picture: Blob) =>
    valueOf(client.PUT('/api/v1/floors/{estate}/{building}/{floor}/plan', { params: { path: floorPath(floor) }, ...pictureBody(picture) })),
  dropPlan: (floor: FloorIds) => valueOf(client.DELETE('/api/v1/floors/{estate}/{building}/{floor}/plan', { params: { path: floorPath(floor) } })),
  photos: (id: string, how: How = kForeground) => valueOf(client.GET('/api/v1/devices/{id}/photos', { params: path(id), headers: how })),
  addPhoto: (id: string, test: number | null, picture: Blob, how: How) =>
    valueOf(client.POST('/api/v1/devices/{id}/photos', { params: { ...path(id), query: test === null ? {} : { test } }, ...pictureBody(picture, how) })),
  dropPhoto: (id: string, no: number) => valueOf(client.DELETE('/api/v1/devices/{id}/photos/{no}', { params: { path: { id, no } } })),
  rejected: (how: How = kForeground) => valueOf(client.GET('/api/v1/rejected', { headers: how })),
  figures: (query: FiguresQuery, how: How = kForeground) =>
    valueOf(client.GET('/api/v1/alarms/figures', { params: { query: given(query) }, headers: how })),
  health: (how: How = kForeground) => valueOf(client.GET('/api/v1/health', { headers: how })),
  classes: (how: How = kForeground) => valueOf(client.GET('/api/v1/classes', { headers: how })),
  rules: () => valueOf(client.GET('/api/v1/rules', { headers: kBackground })),
  ruleHits: (how: How = kForeground) => valueOf(client.GET('/api/v1/rules/hits', { headers: how })),
  ruleFiles: (how: How = kForeground) => valueOf(client.GET('/api/v1/rules/files', { headers: how })),
  ruleVersions: (how: How = kForeground) => valueOf(client.GET('/api/v1/rules/versions', { params: { query: { limit: 100 } }, headers: how })),
  ruleVersion: (number: number, how: How = kForeground) =>
    valueOf(client.GET('/api/v1/rules/versions/{number}', { params: { path: { number } }, headers: how })),
  checkRules: (files: RulePatch, how: How = kForeground) => valueOf(client.POST('/api/v1/rules:check', { body: { files }, headers: how })),
  publishRules: (files: RulePatch, note: string, base: number) =>
    valueOf(client.POST('/api/v1/rules:publish', { params: ifMatch(base), body: { files, note } })),
  rollBackRules: (version: number, note: string, base: number) =>
    valueOf(client.POST('/api/v1/rules:rollback', { params: ifMatch(base), body: { version, note } })),
  backtest: (how: How = kForeground) => valueOf(client.GET('/api/v1/rules:backtest', { headers: how })),
  startBacktest: (files: RulePatch, from: string, to: string) =>
    valueOf(client.POST('/api/v1/rules:backtest', { body: { files, from, to } })),
  endBacktest: () => valueOf(client.DELETE('/api/v1/rules:backtest')),
  shadow: (how: How = kForeground) => valueOf(client.GET('/api/v1/rules/shadow', { headers: how })),
  startShadow: (files: RulePatch, note: string) =>
    valueOf(client.POST('/api/v1/rules/shadow', { body: { files, ...(note === '' ? {} : { note }) } })),
  endShadow: () => valueOf(client.DELETE('/api/v1/rules/shadow')),

  acknowledge: (id: string, post: string) => valueOf(client.POST('/api/v1/alarms/{id}/acknowledge', { params: path(id), body: { post } })),
  verdict: (id: string, post: string, verdict: Verdict, why: string) =>
    valueOf(client.POST('/api/v1/alarms/{id}/verdict', { params: path(id), body: { post, verdict, why } })),
  reset: (id: string, post: string, why: string) =>
    valueOf(client.POST('/api/v1/alarms/{id}/reset', { params: path(id), body: { post, why } })),
  silence: (post: string) => valueOf(client.POST('/api/v1/alarms:silence', { body: { post } })),

  adopt: (key: string, device: AdoptRequest, how: How) =>
    valueOf(client.POST('/api/v1/unmapped/{key}:adopt', { params: entry(key), body: device, headers: how })),
  ignore: (key: string, reason: string, how: How) =>
    valueOf(client.POST('/api/v1/unmapped/{key}:ignore', { params: entry(key), body: { reason }, headers: how })),
  heed: (key: string, how: How) => valueOf(client.POST('/api/v1/unmapped/{key}:heed', { params: entry(key), body: {}, headers: how })),
  taggedDevice: (id: string, how: How = kForeground) => taggedOf(client.GET('/api/v1/devices/{id}', { params: path(id), headers: how })),
  changeDevice: (id: string, tag: string, change: DevicePatch) =>
    taggedOf(client.PATCH('/api/v1/devices/{id}', { params: { ...path(id), header: { 'If-Match': tag } }, body: change })),
  removeDevice: (id: string, reason: string) => valueOf(client.DELETE('/api/v1/devices/{id}', { params: path(id), body: { reason } })),
  replaceDevice: (id: string, by: ReplaceRequest, key: string) =>
    valueOf(client.POST('/api/v1/devices/{id}/replace', { params: path(id), body: by, headers: once(key) })),
  disableDevice: (id: string, reason: string, until: string, key: string) =>
    valueOf(client.POST('/api/v1/devices/{id}/disable', { params: path(id), body: { reason, until }, headers: once(key) })),
  enableDevice: (id: string, key: string) => valueOf(client.POST('/api/v1/devices/{id}/enable', { params: path(id), body: {}, headers: once(key) })),
  commandDevice: (id: string, body: CommandRequest, key: string) =>
    valueOf(client.POST('/api/v1/devices/{id}/commands', { params: path(id), body, headers: once(key) })),
  deviceCommands: (id: string, how: How = kForeground) => valueOf(client.GET('/api/v1/devices/{id}/commands', { params: path(id), headers: how })),
  testDevice: (id: string, minutes: number, how: How) =>
    valueOf(client.POST('/api/v1/devices/{id}/test', { params: path(id), body: { minutes }, headers: how })),
  endTest: (id: string, how: How) => valueOf(client.POST('/api/v1/devices/{id}/end_test', { params: path(id), body: {}, headers: how })),
  deviceTests: (id: string, how: How = kForeground) => valueOf(client.GET('/api/v1/devices/{id}/tests', { params: path(id), headers: how })),
  noteTest: (id: string, no: number, note: string, how: How) =>
    valueOf(client.PUT('/api/v1/devices/{id}/tests/{no}/note', { params: { path: { id, no } }, body: { note }, headers: how })),
  deviceChanges: (id: string, how: How = kForeground) => valueOf(client.GET('/api/v1/devices/{id}/changes', { params: path(id), headers: how })),
  tests: (query: TestQuery, how: How = kForeground) => valueOf(client.GET('/api/v1/tests', { params: { query: given(query) }, headers: how })),
  importDevices: (csv: string, dryRun: boolean, key: string) =>
    valueOf(client.POST('/api/v1/devices:import', {
      params: { query: { dry_run: dryRun } }, body: csv, bodySerializer: (body: string) => body, headers: { 'Content-Type': 'text/csv', ...once(key) },
    })),
  undoImport: (no: number, key: string) =>
    valueOf(client.POST('/api/v1/imports/{no}:undo', { params: { path: { no } }, body: {}, headers: once(key) })),

  session: () => valueOf(client.GET('/api/v1/session', { headers: kBackground })),
  signIn: (user: string, password: string) => valueOf(client.POST('/api/v1/session', { body: { user, password } })),
  signOut: () => valueOf(client.DELETE('/api/v1/session')),
  confirm: (answer: { pin: string } | { password: string }) => valueOf(client.POST('/api/v1/session:confirm', { body: answer })),
  ticket: async () => (await valueOf(client.POST('/api/v1/session:ticket', { body: {}, headers: kBackground }))).ticket,
  setup: (asked: { code: string; user: string; name: string; password: string }) => valueOf(client.POST('/api/v1/setup', { body: asked })),
  redeem: (secret: string) => valueOf(client.POST('/api/v1/invites:redeem', { body: { secret } })),
  setPassword: (secret: string, password: string) => valueOf(client.POST('/api/v1/password', { body: { secret, password } })),

  ownSessions: (how: How = kForeground) => valueOf(client.GET('/api/v1/account/sessions', { headers: how })),
  endOwnSession: (id: string) => valueOf(client.DELETE('/api/v1/account/sessions/{id}', { params: path(id) })),
  changePassword: (old: string, fresh: string) => valueOf(client.PUT('/api/v1/account/password', { body: { old, new: fresh } })),
  changePin: (password: string, pin: string) => valueOf(client.PUT('/api/v1/account/pin', { body: { password, pin } })),

  users: (how: How = kForeground) => valueOf(client.GET('/api/v1/users', { headers: how })),
  user: (id: string, how: How = kForeground) => valueOf(client.GET('/api/v1/users/{id}', { params: path(id), headers: how })),
  createUser: (user: { id: string; name: string; grants: Grant[] }, key: string) =>
    valueOf(client.POST('/api/v1/users', { body: user, headers: once(key) })),
  changeUser: (id: string, revision: number, change: UserChange) =>
    valueOf(client.PATCH('/api/v1/users/{id}', { params: { ...path(id), ...ifMatch(revision) }, body: change })),
  dropUser: (id: string, revision: number) =>
    valueOf(client.DELETE('/api/v1/users/{id}', { params: { ...path(id), ...ifMatch(revision) } })),
  inviteUser: (id: string, key: string) => valueOf(client.POST('/api/v1/users/{id}:invite', { params: path(id), body: {}, headers: once(key) })),

  sessions: (how: How = kForeground) => valueOf(client.GET('/api/v1/sessions', { headers: how })),
  endSession: (id: string) => valueOf(client.DELETE('/api/v1/sessions/{id}', { params: path(id) })),
  tokens: (how: How = kForeground) => valueOf(client.GET('/api/v1/tokens', { headers: how })),
  createToken: (token: { name: string; grants: Grant[]; ends_at: string }, key: string) =>
    valueOf(client.POST('/api/v1/tokens', { body: token, headers: once(key) })),
  dropToken: (id: string) => valueOf(client.DELETE('/api/v1/tokens/{id}', { params: path(id) })),
  invite: (asked: { kind: 'phone' | 'wall'; user?: string; label: string; grants: Grant[] }, key: string) =>
    valueOf(client.POST('/api/v1/invites', { body: asked, headers: once(key) })),

  journal: (query: JournalQuery, how: How = kForeground) =>
    valueOf(client.GET('/api/v1/journal', { params: { query: given(query) }, headers: how })),
  verifyJournal: () => valueOf(client.POST('/api/v1/journal:verify', { body: {} })),
  journalCheck: () => valueOf(client.GET('/api/v1/journal:verify', { headers: kBackground })),
};

// An address that the browser itself asks for: a file to keep.
export function journalCsv(query: JournalQuery): string {
  const params = new URLSearchParams(Object.entries(given(query)).map(([name, value]) => [name, String(value)]));
  return `/api/v1/journal.csv?${params.toString()}`;
}
