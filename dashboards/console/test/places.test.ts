import { describe, expect, it } from 'vitest';
import type { DeviceView, Estate } from '../src/contract';
import { freeName, idFrom, nameStem, shortOf } from '../src/state/device_names';
import { chosen, cleaned, completed, kNowhere, nextRoom, offered, standing, treeOf, type Choice } from '../src/state/places';

const spot = (id: string, name: string) => ({ id, name });
const zone = (id: string, name: string, ...locations: [string, string][]) => ({ id, name, locations: locations.map(([one, said]) => spot(one, said)) });
const kEstates: Estate[] = [{
  id: 'jinxiu', name: '锦绣苑',
  buildings: [
    {
      id: 'b12', name: '12号楼',
      floors: [
        { id: 'f3', name: '3层', zones: [zone('b12-301', '301室', ['kitchen', '厨房'], ['bedroom', '卧室']), zone('b12-302', '302室', ['k2', '厨房'], ['living', '客厅'])] },
        { id: 'f4', name: '4层', zones: [zone('b12-401', '401室')] },
        { id: 'roof', name: '屋顶', zones: [] },
      ],
    },
    { id: 'garage', name: '车棚', floors: [] },
  ],
}];
const tree = treeOf(kEstates);
const at = (floor: string, room: string, location = ''): Choice => ({ estate: 'jinxiu', building: 'b12', floor, zone: room, location });
const ids = (level: Parameters<typeof offered>[2], choice: Choice) => offered(tree, choice, level).map(({ id }) => id);

describe('Places', () => {
  it('are offered below what is chosen, and what needs no choice is chosen', () => {
    const start = completed(tree, kNowhere);
    expect(start).toEqual({ ...kNowhere, estate: 'jinxiu' });
    expect(ids('building', start)).toEqual(['b12', 'garage']);
    const floor4 = chosen(tree, chosen(tree, start, 'building', 'b12'), 'floor', 'f4');
    expect(floor4).toEqual(at('f4', 'b12-401'));
    expect(ids('zone', { ...floor4, floor: 'unknown' })).toEqual([]);
  });
  it('that were chosen below another place are gone with it', () => {
    expect(chosen(tree, at('f3', 'b12-301', 'kitchen'), 'building', 'garage')).toEqual({ ...kNowhere, estate: 'jinxiu', building: 'garage' });
  });
  it('that are no longer there are not chosen', () => {
    expect(cleaned(tree, at('f3', 'b12-303', 'kitchen'))).toEqual(at('f3', ''));
    expect(cleaned(tree, { ...at('f3', 'b12-301'), estate: 'other' })).toEqual({ ...kNowhere, estate: 'jinxiu' });
  });
  it('come one after another, floor by floor, at the same spot of each room', () => {
    const second = nextRoom(tree, at('f3', 'b12-301', 'kitchen'))!;
    expect(second).toEqual(at('f3', 'b12-302', 'k2'));
    const third = nextRoom(tree, second)!;
    expect(third).toEqual(at('f4', 'b12-401'));
    expect(nextRoom(tree, third)).toBeNull();
    expect(nextRoom(tree, at('f3', ''))).toBeNull();
  });
  it('whose locations are numbered are gone through location by location', () => {
    const flats = treeOf([{ id: 'e', name: 'E', buildings: [{ id: 'b', name: 'B', floors: [
      { id: 'f1', name: '1层', zones: [zone('east', '东区', ['101', '101 室'], ['102', '102 室']), zone('west', '西区', ['103', '103 室'])] },
    ] }] }]);
    const first = { estate: 'e', building: 'b', floor: 'f1', zone: 'east', location: '101' };
    const second = nextRoom(flats, first)!;
    expect([second, nextRoom(flats, second)]).toEqual([{ ...first, location: '102' }, { ...first, zone: 'west', location: '103' }]);
  });
  it('show where something stands already', () => {
    const device = { place: { estate: spot('jinxiu', ''), building: spot('b12', ''), floor: spot('f3', ''), zone: spot('b12-301', ''), location: null } } as unknown as DeviceView;
    expect([...standing([device, device], at('f3', ''), 'zone')]).toEqual([['b12-301', 2]]);
    expect([...standing([device], at('f4', ''), 'zone')]).toEqual([]);
  });
});

describe('Names of devices', () => {
  it.each([['12号楼', '12'], ['301室', '301'], ['B2层', 'B2'], ['Building 3', '3'], ['3栋', '3'], ['门厅', '门厅'], ['3层走廊', '3层走廊'], ['北区12号楼', '12'], ['1号楼2单元', '1号楼2单元']])(
    '%s is said as %s', (name, short) => expect(shortOf(name)).toBe(short));
  it('are building, room, kind and a number that is free', () => {
    const stem = nameStem({ building: '12号楼', floor: '3层', zone: '301室', location: '厨房', kind: '烟感' });
    expect(stem).toBe('12-301-烟感');
    expect(freeName(stem, new Set())).toBe('12-301-烟感1');
    expect(freeName(stem, new Set(['12-301-烟感1', '12-301-烟感3']))).toBe('12-301-烟感2');
  });
  it('say the floor where there is no room', () => {
    expect(nameStem({ building: '车棚', floor: 'B1层', zone: '', location: '东端', kind: '烟感' })).toBe('车棚-B1-东端-烟感');
  });
  it('take the number of the location where the zone has none', () => {
    expect(nameStem({ building: '1号楼', floor: '3层', zone: '东区', location: '301 室', kind: '烟感' })).toBe('1-301-烟感');
  });
  it('leave ids of what any wire says', () => {
    expect(idFrom('0x00158d0009c1', new Set())).toBe('0x00158d0009c1');
    expect(idFrom('新到烟感 7', new Set(['7']))).toBe('7-2');
    expect(idFrom('烟感', new Set(['device', 'device-2']))).toBe('device-3');
    expect(idFrom('../a b', new Set())).toBe('a-b');
  });
});
