import { describe, expect, it } from 'vitest';
import { countLamps, firstAlarm, groupByBuilding, isFlood, nextAct, sortAlarms } from '../src/state/order';
import { alarm, at, fault, gas, inBuilding, kStart } from './support';

const ids = (list: { id: string }[]) => list.map((one) => one.id);

describe('Order', () => {
  it('puts the class first', () => {
    expect(ids(sortAlarms([fault('x'), gas('g', { state: 'acknowledged' }), alarm('f', { state: 'acknowledged' })]))).toEqual(['f', 'g', 'x']);
  });
  it('puts unacknowledged before acknowledged within a class', () => {
    expect(ids(sortAlarms([alarm('a', { state: 'acknowledged', first_raised_at: at(9) }), alarm('b')]))).toEqual(['b', 'a']);
  });
  it('puts the first-out of each building before what followed, then the newest', () => {
    const list = [
      alarm('b1-third', { first_raised_at: at(30) }), alarm('b1-first', { first_raised_at: at(10) }),
      alarm('b1-second', { first_raised_at: at(20) }), alarm('b2-first', { ...inBuilding('b2'), first_raised_at: at(25) }),
    ];
    expect(ids(sortAlarms(list))).toEqual(['b2-first', 'b1-first', 'b1-third', 'b1-second']);
  });
  it('is the same whatever order the alarms came in', () => {
    const list = [alarm('a'), alarm('b'), gas('c'), fault('d')];
    expect(ids(sortAlarms(list))).toEqual(ids(sortAlarms([...list].reverse())));
  });
});

describe('Groups', () => {
  it('keep buildings of the same id apart where they stand in two estates', () => {
    const other = { place: { ...alarm('x').place, estate: { id: 'e2', name: 'E2' } } };
    const groups = groupByBuilding([alarm('a'), alarm('b', other), alarm('c')]);
    expect(groups.map((group) => ids(group.alarms))).toEqual([['a', 'c'], ['b']]);
  });
  it('name a first-out in each of two estates with a building of the same id', () => {
    const other = { place: { ...alarm('x').place, estate: { id: 'e2', name: 'E2' } } };
    const list = [
      alarm('e-first', { first_raised_at: at(10) }), alarm('e-second', { first_raised_at: at(30) }),
      alarm('e2-first', { ...other, first_raised_at: at(20) }),
    ];
    expect(ids(sortAlarms(list))).toEqual(['e2-first', 'e-first', 'e-second']);
  });
});

describe('First alarm', () => {
  it('is the earliest fire', () => {
    expect(firstAlarm([alarm('late', { first_raised_at: at(9) }), alarm('early'), gas('g', { first_raised_at: at(-9) })])?.id).toBe('early');
  });
  it('is the earliest threat to life where there is no fire', () => {
    expect(firstAlarm([gas('late', { first_raised_at: at(9) }), gas('early'), fault('x')])?.id).toBe('early');
  });
  it('is nothing where nobody is in danger, nor an alarm out of service', () => {
    expect(firstAlarm([fault('x'), alarm('a', { overlays: ['out_of_service'] })])).toBeNull();
  });
});

describe('Lamps', () => {
  it('count by lamp, and what is under an overlay as disabled', () => {
    const counts = countLamps([alarm('a'), alarm('b', { state: 'acknowledged' }), fault('c', { overlays: ['shelved'] })]);
    expect(counts.fire).toEqual({ total: 2, unacknowledged: 1 });
    expect(counts.disablement).toEqual({ total: 1, unacknowledged: 0 });
    expect(counts.fault.total).toBe(0);
  });
});

describe('Flood', () => {
  const burst = (count: number, spread: number) =>
    Array.from({ length: count }, (_, n) => fault(`x${n}`, { first_raised_at: at((n * spread) / count) }));
  it('is more than 20 new alarms within a minute', () => {
    expect(isFlood(burst(20, 59), kStart + 60_000)).toBe(false);
    expect(isFlood(burst(21, 59), kStart + 60_000)).toBe(true);
  });
  it('is not the same number spread over ten minutes', () => {
    expect(isFlood(burst(60, 600), kStart + 600_000)).toBe(false);
  });
  it('stays a while after it ebbs, then ends', () => {
    expect(isFlood(burst(30, 10), kStart + 100_000)).toBe(true);
    expect(isFlood(burst(30, 10), kStart + 200_000)).toBe(false);
  });
  it('groups by building in the order of the list, with the first-out of each', () => {
    const sorted = sortAlarms([
      fault('x', inBuilding('b2')), alarm('second', { first_raised_at: at(5) }), alarm('first'), fault('y'),
    ]);
    const groups = groupByBuilding(sorted);
    expect(groups.map((group) => [group.building.id, group.alarms.length, group.first.id])).toEqual([['e/b1', 3, 'first'], ['e/b2', 1, 'x']]);
  });
});

describe('Next act', () => {
  it('goes from acknowledge over verdict to reset', () => {
    expect(nextAct(alarm('a'))).toBe('acknowledge');
    expect(nextAct(alarm('a', { state: 'acknowledged' }))).toBe('verdict');
    expect(nextAct(alarm('a', { state: 'acknowledged', verdict: 'real' }))).toBeNull();
    expect(nextAct(alarm('a', { state: 'latched_acknowledged', verdict: 'real' }))).toBe('reset');
    expect(nextAct(fault('x', { state: 'acknowledged' }))).toBeNull();
    expect(nextAct(fault('x', { state: 'returned_unacknowledged' }))).toBe('acknowledge');
  });
});
