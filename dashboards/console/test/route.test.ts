import { describe, expect, it } from 'vitest';
import { parseRoute } from '../src/state/route';

describe('Route', () => {
  it.each([
    ['/', '', { page: 'board' }],
    ['/board', '', { page: 'board' }],
    ['/wall', '?post=hall', { page: 'wall', post: 'hall' }],
    ['/alarms/00f1', '', { page: 'alarm', id: '00f1' }],
    ['/history', '', { page: 'history' }],
    ['/devices', '', { page: 'devices' }],
    ['/devices/unmapped', '', { page: 'unmapped' }],
    ['/devices/%3Fnative%2Fx', '', { page: 'device', id: '?native/x' }],
    ['/health/', '', { page: 'health' }],
    ['/devices/a/b', '', { page: 'nowhere' }],
    ['/nothing', '', { page: 'nowhere' }],
    ['/devices/%E0%A4%A', '', { page: 'device', id: '%E0%A4%A' }],
  ])('%s%s', (path, search, expected) => {
    expect(parseRoute(path, search)).toEqual(expected);
  });
});
