// How the alarm list is read: order, the first alarm, lamps, and the grouped view of a flood. Pure.
import type { AlarmView, Lamp, PlaceName } from '../contract';
import { kLamps } from '../contract';
import { announced, needsAcknowledgement, rank } from './board';

const kFloodAlarms = 20; // more than so many new alarms within a minute are a flood (design, console 1.1)
const kFloodWindow = 60_000;
const kFloodHold = 120_000; // the grouped view stays this long after the flood ebbs, so that it does not flap; our choice

// The building, its id unique over all estates: the ids of a file are unique below their parent only.
export function building(alarm: AlarmView): PlaceName {
  const { estate, building: at } = alarm.place;
  if (!at) return estate ?? { id: '', name: '' };
  return estate?.id ? { id: `${estate.id}/${at.id}`, name: at.name } : at;
}

// By time; of two at the same moment the ids decide, so that every console shows the same.
function earlier(a: AlarmView, b: AlarmView): boolean {
  return a.first_raised_at < b.first_raised_at || (a.first_raised_at === b.first_raised_at && a.id < b.id);
}

function firstOutKey(alarm: AlarmView): string {
  return `${alarm.priority}/${building(alarm).id}`;
}

// The ids that went off first in their building and priority (ISA-18.1 "first out").
function firstOuts(alarms: readonly AlarmView[]): Set<string> {
  const first = new Map<string, AlarmView>();
  for (const alarm of alarms) {
    const known = first.get(firstOutKey(alarm));
    if (!known || earlier(alarm, known)) first.set(firstOutKey(alarm), alarm);
  }
  return new Set([...first.values()].map((alarm) => alarm.id));
}

// Class, then unacknowledged, then first-out, then newest.
export function sortAlarms(alarms: readonly AlarmView[]): AlarmView[] {
  const firsts = firstOuts(alarms);
  const late = (condition: boolean) => (condition ? 0 : 1);
  return [...alarms].sort(
    (a, b) =>
      rank(a.priority) - rank(b.priority) ||
      late(needsAcknowledgement(a)) - late(needsAcknowledgement(b)) ||
      late(firsts.has(a.id)) - late(firsts.has(b.id)) ||
      b.first_raised_at.localeCompare(a.first_raised_at) ||
      a.id.localeCompare(b.id),
  );
}

// The alarm that is pinned on top: where it began. Only fire and threats to life are pinned.
export function firstAlarm(alarms: readonly AlarmView[]): AlarmView | null {
  let first: AlarmView | null = null;
  for (const alarm of alarms) {
    if (rank(alarm.priority) > rank('life_threat') || alarm.overlays.length > 0) continue;
    const more = first ? rank(first.priority) - rank(alarm.priority) : 1;
    if (!first || more > 0 || (more === 0 && earlier(alarm, first))) first = alarm;
  }
  return first;
}

export interface LampCount {
  total: number;
  unacknowledged: number;
}

// An alarm under an overlay is not announced: it lights 屏蔽, on every screen, until the overlay ends.
export function countLamps(alarms: Iterable<AlarmView>): Record<Lamp, LampCount> {
  const counts = Object.fromEntries(kLamps.map((lamp) => [lamp, { total: 0, unacknowledged: 0 }])) as Record<Lamp, LampCount>;
  for (const alarm of alarms) {
    const count = counts[alarm.overlays.length > 0 ? 'disablement' : alarm.lamp];
    if (!count) continue;
    count.total += 1;
    if (announced(alarm)) count.unacknowledged += 1;
  }
  return counts;
}

// `now` is the gateway's time, ms.
export function isFlood(alarms: Iterable<AlarmView>, now: number): boolean {
  const raised = [...alarms]
    .map((alarm) => Date.parse(alarm.first_raised_at))
    .filter((at) => at > now - kFloodHold - kFloodWindow)
    .sort((a, b) => a - b);
  return raised.some((at, index) => {
    const last = raised[index + kFloodAlarms];
    return last !== undefined && last - at <= kFloodWindow && last > now - kFloodHold;
  });
}

export interface Group {
  building: PlaceName;
  alarms: AlarmView[]; // in the order of the list
  first: AlarmView;
}

export function groupByBuilding(sorted: readonly AlarmView[]): Group[] {
  const groups = new Map<string, Group>();
  for (const alarm of sorted) {
    const place = building(alarm);
    const group = groups.get(place.id);
    if (!group) groups.set(place.id, { building: place, alarms: [alarm], first: alarm });
    else {
      group.alarms.push(alarm);
      if (alarm.priority === group.first.priority && earlier(alarm, group.first)) group.first = alarm;
    }
  }
  return [...groups.values()];
}

// The act that brings an alarm forward: what the one button of a row offers.
export type NextAct = 'acknowledge' | 'verdict' | 'reset' | null;
export function nextAct(alarm: AlarmView): NextAct {
  if (needsAcknowledgement(alarm)) return 'acknowledge';
  if (alarm.latching && alarm.verdict === null) return 'verdict';
  if (alarm.state === 'latched_acknowledged') return 'reset';
  return null;
}
