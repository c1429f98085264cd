import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// Each test is a page that has just been loaded.
const load = async () => (vi.resetModules(), await import('../src/state/version'));
const stored = new Map<string, string>();
let reloads = 0;

beforeEach(() => {
  stored.clear();
  reloads = 0;
  vi.stubGlobal('sessionStorage', { getItem: (key: string) => stored.get(key) ?? null, setItem: (key: string, value: string) => stored.set(key, value) });
  vi.stubGlobal('location', { reload: () => (reloads += 1) });
});
afterEach(() => vi.unstubAllGlobals());

describe('Version', () => {
  it('is none where the page is the gateway’s', async () => {
    const { newerThanPage } = await load();
    expect(newerThanPage('0.1.0', '0.1.0')).toBeNull();
  });
  it('is the gateway’s after an update', async () => {
    const { newerThanPage } = await load();
    newerThanPage('0.1.0', '0.1.0');
    expect(newerThanPage('0.2.0', '0.1.0')).toBe('0.2.0');
  });
  it('does not make a page that was built for another reload for ever', async () => {
    let page = await load();
    expect(page.newerThanPage('0.2.0', '0.1.0')).toBe('0.2.0');
    page.reloadFor('0.2.0');
    expect(reloads).toBe(1);
    page = await load();
    expect(page.newerThanPage('0.2.0', '0.1.0')).toBeNull();
  });
  it('does not reload where nothing would end it', async () => {
    vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: () => { throw new Error('refused'); } });
    const { reloadFor } = await load();
    reloadFor('0.2.0');
    expect(reloads).toBe(0);
  });
  it('is the same for the console and for the gateway', () => {
    const page = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
    const gateway = /project\(firegate VERSION (\S+)/.exec(readFileSync(new URL('../../../CMakeLists.txt', import.meta.url), 'utf8'))?.[1];
    expect(page.version).toBe(gateway);
  });
});
