// Floor plans: shares and points, what moves a mark, which device lies on top, and the permanent addresses.
import { describe, expect, it } from 'vitest';
import type { AlarmView, DeviceView } from '../src/contract';
import { labelUrl } from '../src/plan/label_url';
import { marksOf } from '../src/plan/marks';
import { moved, movedBy, pointsOf, shareOf } from '../src/plan/plan_view';
import { parseRoute } from '../src/state/route';

const image = { url: '', width: 1000, height: 500 };

describe('places on a plan', () => {
  it('are points of the picture to people and shares to the gateway', () => {
    expect(pointsOf({ x: 0.25, y: 0.5 }, image)).toEqual({ x: 250, y: 250 });
    expect(shareOf('250', '250', image)).toEqual({ x: 0.25, y: 0.5 });
    for (const [x, y] of [['', '1'], ['1', ' '], ['-1', '1'], ['1001', '1'], ['1', '501'], ['a', '1']] as const) expect(shareOf(x, y, image)).toBeNull();
  });

  it('move by one point with an arrow and by ten with Shift', () => {
    const at = { x: 0.5, y: 0.5 };
    expect(pointsOf(movedBy('ArrowRight', false, at, image)!, image)).toEqual({ x: 501, y: 250 });
    expect(pointsOf(movedBy('ArrowUp', true, at, image)!, image)).toEqual({ x: 500, y: 240 });
    expect(movedBy('Enter', false, at, image)).toBeNull();
  });

  it('never leave the picture', () => {
    expect(moved({ x: 0, y: 1 }, image, -5, 5)).toEqual({ x: 0, y: 1 });
  });
});

describe('marks', () => {
  const device = (id: string, more: Partial<DeviceView> = {}) => ({ id, presence: 'online', disabled_until: null, test_until: null, ...more }) as DeviceView;
  const alarm = (id: string, lamp: string, state: string) => ({ device: { id }, lamp, state }) as unknown as AlarmView;
  const states = (devices: DeviceView[], alarms: AlarmView[]) =>
    marksOf(devices, alarms, ({ state }) => state === 'unacknowledged').map((mark) => [mark.device.id, mark.state]);

  it('lie the higher the more urgent, and highest while nobody has acknowledged', () => {
    const devices = ['a', 'b', 'c', 'd'].map((id) => device(id));
    const alarms = [alarm('a', 'fire', 'acknowledged'), alarm('c', 'fault', 'unacknowledged'), alarm('d', 'fire', 'unacknowledged')];
    expect(states(devices, alarms)).toEqual([['b', 'normal'], ['a', 'fire'], ['c', 'fault'], ['d', 'fire']]);
  });

  it('say what a device without an alarm is', () => {
    expect(states([device('a', { presence: 'lost' })], [])).toEqual([['a', 'away']]);
    expect(states([device('a', { disabled_until: '2026-11-23T00:00:00Z' })], [])).toEqual([['a', 'disablement']]);
    expect(states([device('a', { test_until: '2026-11-23T00:00:00Z' })], [])).toEqual([['a', 'test']]);
    expect(states([device('a')], [alarm('a', 'fire', 'normal')])).toEqual([['a', 'normal']]);
  });
});

describe('addresses', () => {
  it('of a plan name its floor, and what to look at or to place', () => {
    expect(parseRoute('/plan/jinxiu/b1/f%2F3', '?place=a-1')).toEqual({ page: 'plan', estate: 'jinxiu', building: 'b1', floor: 'f/3', device: '', place: 'a-1' });
    expect(parseRoute('/plan/jinxiu/b1', '').page).toBe('nowhere');
    expect(parseRoute('/plan/a/b/c/d', '').page).toBe('nowhere');
  });

  it('on a label lead to the device', () => {
    expect(labelUrl('https://gw.example', '?native/garage 03')).toBe('https://gw.example/d/%3Fnative%2Fgarage%2003');
    expect(parseRoute('/d/%3Fnative%2Fgarage%2003', '')).toEqual({ page: 'device', id: '?native/garage 03' });
  });
});
