// Which alarm the keys act on. Until a person chooses, it is the top of the list; once chosen, it stays with that alarm however
// the list moves.
import { computed, effect, signal } from '@preact/signals';
import type { AlarmView } from '../contract';
import { groupByBuilding, type Group } from './order';
import { flood, listed, pinned } from './store';

const kSettle = 1_000; // ms; a key pressed sooner after the top has changed was meant for another alarm (our choice)

const kGroupLimit = 50; // rows of one building shown at once during a flood

const chosen = signal<string | null>(null);
const known = signal<ReadonlySet<string>>(new Set()); // what the list held when the choice was made
let topChangedAt = 0;

export const openGroups = signal<ReadonlySet<string>>(new Set()); // ids of the buildings unfolded during a flood
export function toggleGroup(id: string): void {
  const open = new Set(openGroups.value);
  if (!open.delete(id)) open.add(id);
  openGroups.value = open;
}

export const groups = computed<Group[]>(() => (flood.value ? groupByBuilding(listed.value) : []));

// What a group shows when it is unfolded. The pinned alarm stands above the groups already.
export function groupRows(group: Group): AlarmView[] {
  return group.alarms.filter((alarm) => alarm.id !== pinned.value?.id).slice(0, kGroupLimit);
}

// The rows in the order in which they are shown, the first alarm pinned on top. A key never acts on a row that is not shown.
export const rows = computed<AlarmView[]>(() => {
  const first = pinned.value;
  const others = flood.value
    ? groups.value.filter((group) => openGroups.value.has(group.building.id)).flatMap(groupRows)
    : listed.value.filter((alarm) => alarm.id !== first?.id);
  return first ? [first, ...others] : others;
});

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
