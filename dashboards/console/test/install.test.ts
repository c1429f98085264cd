import { describe, expect, it } from 'vitest';
import type { DeviceView, Place, TestRow } from '../src/contract';
import { differing, draftOf, patchOf } from '../src/state/device_edit';
import { buildingsOf } from '../src/state/tests';
import { parseRoute } from '../src/state/route';
import { alarm, at } from './support';

const level = (id: string) => ({ id, name: id });
const place = (building: string, floor: string | null): Place => ({ ...alarm('x').place, building: level(building), floor: floor === null ? null : level(floor) });
const row = (device: string, building: string, floor: string | null, how: 'never' | 'passed' | 'failed' | 'open'): TestRow => ({
  device, name: device, kind: 'smoke_detector', place: place(building, floor), test_until: how === 'open' ? at(60) : null,
  last_test: how === 'never' || how === 'open' ? null : { at: at(0), by: '王芳', passed: how === 'passed' },
});

describe('The walk test', () => {
  const rows = [row('a10', '1号楼', '10层', 'never'), row('a2', '1号楼', '2层', 'passed'), row('b', '1号楼', '10层', 'open'), row('a9', '1号楼', '10层', 'failed'), row('c', '1号楼', '10层', 'passed')];
  const told = (all: boolean) => buildingsOf(rows, all).map((one) => [one.name, `${one.tested}/${one.total}`, ...one.floors.map((floor) => [floor.name, `${floor.tested}/${floor.total}`, floor.rows.map(({ device }) => device)])]);
  it('goes building by building and floor by floor: what is in test first, then what is left', () => {
    expect(told(false)).toEqual([['1号楼', '2/5', ['10层', '1/4', ['b', 'a9', 'a10']]]]);
    expect(told(true)).toEqual([['1号楼', '2/5', ['2层', '1/1', ['a2']], ['10层', '1/4', ['b', 'a9', 'a10', 'c']]]]);
  });
  it('keeps apart what has no floor, and estates that both have a building 1', () => {
    const other: TestRow = { ...row('d', '1号楼', null, 'never') };
    other.place = { ...other.place, estate: { id: 'f', name: 'F' } };
    expect(buildingsOf([row('a', '1号楼', null, 'never'), other], false).map(({ name }) => name)).toEqual(['E 1号楼', 'F 1号楼']);
  });
});

describe('A change of a device', () => {
  const device = {
    name: '烟感', kind: 'smoke_detector', model: 'm', note: '', place: place('b1', 'f1'), expected_life_years: 10, calibrated_at: '2026-01-02T00:00:00Z',
  } as unknown as DeviceView;
  const base = draftOf(device);
  it('sends only what differs', () => {
    expect(patchOf(base, base)).toEqual({});
    expect(patchOf(base, { ...base, name: ' 烟感2 ', expected_life_years: '', calibrated_at: '' })).toEqual({ name: '烟感2', expected_life_years: null, calibrated_at: null });
    expect(differing(base, { ...base, name: '烟感 ' })).toEqual([]);
  });
  it('names a place whole', () => {
    expect(patchOf(base, { ...base, floor: 'f2' })).toEqual({ estate: 'e', building: 'b1', floor: 'f2' });
    expect(patchOf(base, { ...base, floor: '' })).toEqual({ estate: 'e', building: 'b1' });
  });
});

describe('Routes of installers', () => {
  it('lead to the tray, the walk test, the import, what waits, and by a label to the device', () => {
    expect(['/devices/unmapped', '/tests', '/import', '/outbox', '/d/b1-301'].map((path) => parseRoute(path, ''))).toEqual([
      { page: 'unmapped' }, { page: 'tests' }, { page: 'import' }, { page: 'outbox' }, { page: 'device', id: 'b1-301' },
    ]);
  });
});
