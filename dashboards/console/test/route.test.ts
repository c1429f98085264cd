import { afterEach, describe, expect, it, vi } from 'vitest';
import { keepSearch, parseRoute, place } from '../src/state/route';

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

describe('What a list is narrowed to', () => {
  afterEach(() => vi.unstubAllGlobals());
  const written = (page: 'journal' | 'devices') => {
    const replaceState = vi.fn();
    vi.stubGlobal('location', { pathname: '/devices', search: '?q=hall' });
    vi.stubGlobal('history', { state: null, replaceState });
    place.value = { path: '/devices', search: '?q=hall' };
    keepSearch(page, { q: 'shed', presence: '' });
    return replaceState.mock.calls.map((call) => call[2] as string);
  };

  it('stands in the address of its page', () => {
    expect(written('devices')).toEqual(['/devices?q=shed']);
  });
  it('is not written into the address of the page that came after it', () => {
    expect(written('journal')).toEqual([]);
  });
});
