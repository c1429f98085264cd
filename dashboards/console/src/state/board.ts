// Board: everything the console knows about the present, as one immutable value, and the pure steps that change it.
// Owned by state/store.ts. No clock and no I/O in here: times come in with the messages.
import type { AlarmView, Health, LiveEvent, Priority, Silence, Snapshot } from '../contract';
import { kPriorities } from '../contract';

export interface Outage {
  since: number; // wall clock of this machine, ms: the last message before the link was lost
  before: ReadonlyMap<string, AlarmView>;
  during: ReadonlyMap<string, AlarmView>; // newest view of each alarm that changed while we were away
}
export interface Missed {
  since: number;
  until: number;
  alarms: readonly AlarmView[]; // newest change first
}

export interface Board {
  serverId: string;
  version: string;
  seq: number;
  alarms: ReadonlyMap<string, AlarmView>;
  silences: ReadonlyMap<string, Silence>; // by post
  health: Health | null;
  outage: Outage | null;
  missed: Missed | null;
}

export const kEmptyBoard: Board = {
  serverId: '',
  version: '',
  seq: 0,
  alarms: new Map(),
  silences: new Map(),
  health: null,
  outage: null,
  missed: null,
};

export function rank(priority: Priority): number {
  const at = kPriorities.indexOf(priority);
  return at < 0 ? kPriorities.length : at;
}

export function needsAcknowledgement(alarm: AlarmView): boolean {
  return (
    alarm.state === 'unacknowledged' ||
    alarm.state === 'returned_unacknowledged' ||
    alarm.state === 'latched_unacknowledged'
  );
}
// A shelved alarm that went back to normal stays until its overlay ends.
export function live(alarm: AlarmView): boolean {
  return alarm.state !== 'normal' || alarm.overlays.length > 0;
}
// Announced: it asks for people. An overlay (shelved, suppressed, out of service) takes that away.
export function announced(alarm: AlarmView): boolean {
  return needsAcknowledgement(alarm) && alarm.overlays.length === 0;
}

// What the picture covers: without a device that is heard, silence is no news.
export type Watched = 'unknown' | 'nothing_listed' | 'none_online' | 'devices';
export function watched(health: Health | null): Watched {
  if (!health) return 'unknown';
  if (health.devices_total === 0) return 'nothing_listed';
  return health.devices_online === 0 ? 'none_online' : 'devices';
}

// An alarm that is announced anew ends the silences that it outranks or equals (EN 54-2: a new alarm re-sounds).
function endSilences(silences: ReadonlyMap<string, Silence>, alarm: AlarmView): ReadonlyMap<string, Silence> {
  const kept = [...silences].filter(([, silence]) => rank(alarm.priority) > rank(silence.priority));
  return kept.length === silences.size ? silences : new Map(kept);
}

export function applyAlarm(board: Board, alarm: AlarmView): Board {
  const known = board.alarms.get(alarm.id);
  if (known && known.revision > alarm.revision) return board;
  const alarms = new Map(board.alarms);
  if (live(alarm)) alarms.set(alarm.id, alarm);
  else alarms.delete(alarm.id);
  const anew = announced(alarm) && !(known && announced(known));
  const silences = anew ? endSilences(board.silences, alarm) : board.silences;
  const outage = board.outage && { ...board.outage, during: new Map(board.outage.during).set(alarm.id, alarm) };
  return { ...board, alarms, silences, outage };
}

export function applySilence(board: Board, silence: Silence): Board {
  const silences = new Map(board.silences);
  if (silence.until === null) silences.delete(silence.post);
  else silences.set(silence.post, silence);
  return { ...board, silences };
}

export function applyEvent(board: Board, event: LiveEvent): Board {
  if (event.seq <= board.seq) return board; // seen before: the feed may repeat after a resume
  const next = { ...board, seq: event.seq };
  switch (event.type) {
    case 'alarm': return applyAlarm(next, event.data);
    case 'silence': return applySilence(next, event.data);
    case 'health': return { ...next, health: event.data };
    default: return next; // an event of a newer gateway
  }
}

export function applySnapshot(board: Board, snapshot: Snapshot): Board {
  return {
    ...board,
    serverId: snapshot.server_id,
    version: snapshot.version,
    seq: snapshot.seq,
    alarms: new Map(snapshot.alarms.filter(live).map((alarm) => [alarm.id, alarm])),
    silences: new Map(snapshot.silences.map((silence) => [silence.post, silence])),
    health: snapshot.health,
  };
}

export function beginOutage(board: Board, since: number): Board {
  return board.outage ? board : { ...board, outage: { since, before: board.alarms, during: new Map() } };
}

// What changed between two views of the live list, plus what came and went in between (`others`), newest change first.
function changes(outage: Outage, after: ReadonlyMap<string, AlarmView>, others: readonly AlarmView[]): AlarmView[] {
  const changed = new Map<string, AlarmView>();
  for (const alarm of [...others, ...outage.during.values(), ...after.values()]) {
    if (alarm.revision !== outage.before.get(alarm.id)?.revision) changed.set(alarm.id, alarm);
  }
  for (const [id, alarm] of outage.before) {
    if (!after.has(id) && !changed.has(id)) changed.set(id, { ...alarm, state: 'normal', overlays: [] });
  }
  return [...changed.values()].sort((a, b) => b.changed_at.localeCompare(a.changed_at));
}

// The link is back and the board is current again. What an earlier outage brought and nobody has read stays on the list.
export function endOutage(board: Board, until: number, history: readonly AlarmView[] = []): Board {
  if (!board.outage) return board;
  const alarms = changes(board.outage, board.alarms, history);
  const unread = board.missed?.alarms.filter((old) => !alarms.some((alarm) => alarm.id === old.id)) ?? [];
  const since = board.missed ? board.missed.since : board.outage.since;
  return { ...board, outage: null, missed: { since, until, alarms: [...alarms, ...unread] } };
}

export function readMissed(board: Board): Board {
  return { ...board, missed: null };
}
