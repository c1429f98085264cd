// The devices of the building that an installer is in: their names are taken, their rooms are done. Read once for each building and kept while
// the page is open, with those that wait to be sent.
import { signal } from '@preact/signals';
import type { DeviceView } from '../contract';
import { kBackground, rest } from '../link/rest';
import type { Job } from './outbox';

const kMost = 1_000; // rows a request
const kPages = 5; // a building of more is named by hand where numbers meet

const known = signal<ReadonlyMap<string, readonly DeviceView[]>>(new Map());
const keyOf = (estate: string, building: string) => `${estate}/${building}`;

export const neighbours = (estate: string, building: string): readonly DeviceView[] => known.value.get(keyOf(estate, building)) ?? [];

export async function readNeighbours(estate: string, building: string): Promise<void> {
  const found: DeviceView[] = [];
  for (let page = 0; page < kPages; page += 1) {
    const answer = await rest.devices({ estate, building, limit: kMost, offset: page * kMost }, kBackground);
    found.push(...answer.devices);
    if (answer.next_cursor === null) break;
  }
  known.value = new Map(known.peek()).set(keyOf(estate, building), found);
}

// Names that are given: at the gateway, and by what waits to be sent.
export function takenNames(devices: readonly DeviceView[], jobs: readonly Job[]): ReadonlySet<string> {
  const waiting = jobs.flatMap(({ act }) => (act.kind === 'adopt' && act.body.name ? [act.body.name] : []));
  return new Set([...devices.map(({ name }) => name), ...waiting]);
}
