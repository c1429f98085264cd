// The places of an estate as the adopt sheet offers them: building, floor, zone (a room, mostly), location; and which one comes next when one
// goes from room to room. Pure.
import type { DeviceView, Estate, PlaceName } from '../contract';
import { isRoomNumber } from './device_names';

export interface Choice {
  estate: string;
  building: string;
  floor: string;
  zone: string;
  location: string;
}
export type Level = keyof Choice;
export const kLevels: readonly Level[] = ['estate', 'building', 'floor', 'zone', 'location'];
export const kNowhere: Choice = { estate: '', building: '', floor: '', zone: '', location: '' };

interface Node extends PlaceName {
  below: readonly Node[];
}

// One tree whatever the level is called.
export function treeOf(estates: readonly Estate[]): readonly Node[] {
  return estates.map((estate) => ({
    ...estate,
    below: estate.buildings.map((building) => ({
      ...building,
      below: building.floors.map((floor) => ({
        ...floor,
        below: floor.zones.map((zone) => ({ ...zone, below: zone.locations.map((location) => ({ ...location, below: [] })) })),
      })),
    })),
  }));
}

// What may be chosen at a level, below what is chosen above it.
export function offered(tree: readonly Node[], choice: Choice, level: Level): readonly PlaceName[] {
  let nodes = tree;
  for (const above of kLevels.slice(0, kLevels.indexOf(level))) {
    const chosen = nodes.find(({ id }) => id === choice[above]);
    if (!chosen) return [];
    nodes = chosen.below;
  }
  return nodes;
}

export function nameAt(tree: readonly Node[], choice: Choice, level: Level): string {
  return offered(tree, choice, level).find(({ id }) => id === choice[level])?.name ?? '';
}

// `id` at `level`: what was chosen below is gone, and where only one is there, it is chosen.
export function chosen(tree: readonly Node[], choice: Choice, level: Level, id: string): Choice {
  const at = kLevels.indexOf(level);
  let next = { ...choice, [level]: id };
  for (const below of kLevels.slice(at + 1)) next = { ...next, [below]: '' };
  return completed(tree, next);
}

// Levels of which there is only one need no choice.
export function completed(tree: readonly Node[], choice: Choice): Choice {
  let next = choice;
  for (const level of kLevels) {
    const here = offered(tree, next, level);
    if (next[level] === '' && here.length === 1) next = { ...next, [level]: here[0]!.id };
    if (next[level] === '') break;
  }
  return next;
}

// What is no longer there is not chosen either.
export function cleaned(tree: readonly Node[], choice: Choice): Choice {
  let next = kNowhere;
  for (const level of kLevels) {
    if (!offered(tree, next, level).some(({ id }) => id === choice[level])) break;
    next = { ...next, [level]: choice[level] };
  }
  return completed(tree, next);
}

// The room after this one, on the next floor where this was the last; the same spot in it where it has such a one. A room is a zone, or a
// location where those are numbered. Null: this was the last.
export function nextRoom(tree: readonly Node[], choice: Choice): Choice | null {
  const spot = offered(tree, choice, 'location').find(({ id }) => id === choice.location);
  const byLocation = spot !== undefined && isRoomNumber(spot.name);
  const rooms = zonesOf(tree, choice).flatMap((zone) =>
    byLocation ? offered(tree, zone, 'location').map(({ id }) => ({ ...zone, location: id })) : [zone]);
  const here = rooms.findIndex((room) => room.floor === choice.floor && room.zone === choice.zone && (!byLocation || room.location === choice.location));
  const next = here < 0 ? undefined : rooms[here + 1];
  if (!next) return null;
  return completed(tree, byLocation ? next : { ...next, location: spotLike(spot, offered(tree, next, 'location')) });
}

function zonesOf(tree: readonly Node[], choice: Choice): Choice[] {
  return offered(tree, choice, 'floor').flatMap((floor) =>
    offered(tree, { ...choice, floor: floor.id }, 'zone').map((zone) => ({ ...choice, floor: floor.id, zone: zone.id, location: '' })));
}

function spotLike(spot: PlaceName | undefined, there: readonly PlaceName[]): string {
  if (!spot) return '';
  return (there.find(({ id }) => id === spot.id) ?? there.find(({ name }) => name === spot.name))?.id ?? '';
}

// How many known devices stand at each place below a choice: where one has been already.
export function standing(devices: readonly DeviceView[], choice: Choice, level: Level): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const above = kLevels.slice(0, kLevels.indexOf(level));
  for (const { place } of devices) {
    const at = place[level]?.id ?? '';
    if (at === '' || !above.every((one) => (place[one]?.id ?? '') === choice[one])) continue;
    counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  return counts;
}
