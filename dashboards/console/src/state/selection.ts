// Which alarm the keys act on. Until a person chooses, it is the top of the list; once chosen, it stays with that alarm however
// the list moves.
import { computed, effect, signal } from '@preact/signals';
import type { AlarmView } from '../contract';
import { Moves } from './moves';
import { groupByBuilding, type Group } from './order';
import { flood, listed, pinned } from './store';

const kSettle = 1_000; // ms; a key pressed sooner after the top has changed was meant for another alarm (our choice)

// Rows shown at once, of the list or of one building: after an outage there may be an alarm for each of thousands of devices,
// and the page must stay quick. What is left out stands last in the order; how many, is said. Our choice.
const kRows = 100;

export const listNote = signal(false); // "the list has just changed, press again"
const chosen = signal<string | null>(null);
const known = signal<ReadonlySet<string>>(new Set()); // what the list held when the choice was made
let topChangedAt = 0;

export const openGroups = signal<ReadonlySet<string>>(new Set()); // ids of the buildings unfolded during a flood
export function toggleGroup(id: string): void {
  const open = new Set(openGroups.value);
  if (!open.delete(id)) open.add(id);
  openGroups.value = open;
}

const limit = signal(kRows);
export function showMore(): void {
  limit.value += kRows;
}

export const groups = computed<Group[]>(() => (flood.value ? groupByBuilding(listed.value) : []));

export interface Rows {
  shown: AlarmView[];
  left: number; // how many more there are
}
// The pinned alarm stands above all others already.
function cut(alarms: readonly AlarmView[]): Rows {
  const others = alarms.filter((alarm) => alarm.id !== pinned.value?.id);
  return { shown: others.slice(0, limit.value), left: Math.max(0, others.length - limit.value) };
}

// What a group shows when it is unfolded.
export function groupRows(group: Group): Rows {
  return cut(group.alarms);
}
export const rowsLeft = computed(() => cut(listed.value).left);

// The rows in the order in which they are shown, the first alarm pinned on top. A key never acts on a row that is not shown.
export const rows = computed<AlarmView[]>(() => {
  const first = pinned.value;
  const others = flood.value
    ? groups.value.filter((group) => openGroups.value.has(group.building.id)).flatMap((group) => groupRows(group).shown)
    : cut(listed.value).shown;
  return first ? [first, ...others] : others;
});

const moves = new Moves();
const order = computed(() =>
  flood.value
    ? groups.value.flatMap((group) => [
        `group ${group.building.id}`,
        ...(openGroups.value.has(group.building.id) ? groupRows(group).shown.map((alarm) => alarm.id) : []),
      ])
    : rows.value.map((alarm) => alarm.id),
);
effect(() => moves.note(order.value, performance.now()));
export function justMoved(alarm: AlarmView): boolean {
  return moves.justMoved(alarm.id, performance.now());
}

export const selected = computed<AlarmView | null>(
  () => rows.value.find((alarm) => alarm.id === chosen.value) ?? rows.value[0] ?? null,
);

// New alarms that stand above the chosen one.
export const newAbove = computed(() => {
  const at = rows.value.findIndex((alarm) => alarm.id === chosen.value);
  return at < 0 ? 0 : rows.value.slice(0, at).filter((alarm) => !known.value.has(alarm.id)).length;
});

const top = computed(() => rows.value[0]?.id ?? null);
effect(() => {
  void top.value;
  topChangedAt = performance.now();
});

export function settled(): boolean {
  return chosen.value !== null || performance.now() - topChangedAt > kSettle;
}

function choose(alarm: AlarmView | undefined): void {
  if (!alarm) return;
  chosen.value = alarm.id;
  known.value = new Set(rows.value.map((row) => row.id));
  requestAnimationFrame(() =>
    document.querySelector(`[data-alarm="${CSS.escape(alarm.id)}"]`)?.scrollIntoView({ block: 'nearest' }),
  );
}

export function move(by: 1 | -1): void {
  const at = rows.value.findIndex((alarm) => alarm.id === selected.value?.id);
  if (chosen.value === null && by === -1) return;
  choose(rows.value[chosen.value === null ? 1 : at + by] ?? rows.value[at]);
}

export function backToTop(): void {
  chosen.value = null;
  scrollTo({ top: 0 });
}
