// The walk test, building by building and floor by floor: how many are tested, and which are not. Pure.
import type { Place, TestRow } from '../contract';
import { levelName } from '../i18n/format';

interface Count {
  key: string;
  name: string;
  tested: number;
  total: number;
}
export interface FloorTests extends Count {
  rows: TestRow[]; // those to show: in test first, then not yet tested, then passed
}
export interface BuildingTests extends Count {
  floors: FloorTests[];
}

export const isPassed = (row: TestRow): boolean => row.last_test?.passed === true;

const rank = (row: TestRow) => (row.test_until !== null ? 0 : isPassed(row) ? 2 : 1);
const kOrder = new Intl.Collator('zh', { numeric: true });
const byName = (a: Count, b: Count) => kOrder.compare(a.name, b.name);

function counted<One extends Count>(known: Map<string, One>, key: string, make: () => One, row: TestRow): One {
  const one = known.get(key) ?? make();
  known.set(key, one);
  one.total += 1;
  if (isPassed(row)) one.tested += 1;
  return one;
}

// With its estate where there are several.
function buildingName({ estate, building }: Place, estates: number): string {
  return [estates > 1 ? levelName(estate) : '', levelName(building) || levelName(estate)].filter((one) => one !== '').join(' ');
}

// `all`: with those that have passed. A floor of which nothing is to be shown is left out, and so is its building; they are counted all the same.
export function buildingsOf(rows: readonly TestRow[], all: boolean): BuildingTests[] {
  const estates = new Set(rows.map(({ place }) => place.estate.id)).size;
  const buildings = new Map<string, BuildingTests>();
  const floors = new Map<string, FloorTests>();
  for (const row of rows) {
    const { place } = row;
    const key = `${place.estate.id}/${place.building?.id ?? ''}`;
    const building = counted(buildings, key, () => ({ key, name: buildingName(place, estates), tested: 0, total: 0, floors: [] }), row);
    const floorKey = `${key}/${place.floor?.id ?? ''}`;
    const floor = counted(floors, floorKey, () => ({ key: floorKey, name: levelName(place.floor), tested: 0, total: 0, rows: [] }), row);
    if (!building.floors.includes(floor)) building.floors.push(floor);
    if (all || !isPassed(row) || row.test_until !== null) floor.rows.push(row);
  }
  for (const floor of floors.values()) floor.rows.sort((a, b) => rank(a) - rank(b) || kOrder.compare(a.name || a.device, b.name || b.device));
  for (const building of buildings.values()) building.floors = building.floors.filter((floor) => floor.rows.length > 0).sort(byName);
  return [...buildings.values()].filter((building) => building.floors.length > 0).sort(byName);
}
