// Debian's Chromium, driven by playwright-core; a new profile for every launch.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

const kFlags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

export interface Console {
  context: BrowserContext;
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}
export interface ConsoleOptions {
  autoplay?: boolean; // the flag of a wall machine; without it a page is silent until a gesture
  width?: number;
  height?: number;
  post?: string; // that this console answers for
  language?: 'zh' | 'en';
  theme?: 'day' | 'night';
  reducedMotion?: boolean;
  touch?: boolean;
  phone?: boolean; // as Chromium on a phone lays pages out
  host?: string; // a name that leads to this machine, for this browser
  authority?: string; // file of a certificate authority that it trusts, beside those it always does
}

const run = promisify(execFile);

// What Chromium on Linux trusts beside its own list stands in the home folder.
async function trust(home: string, authority: string): Promise<void> {
  const store = join(home, '.pki', 'nssdb');
  await mkdir(store, { recursive: true });
  await run('certutil', ['-d', `sql:${store}`, '-N', '--empty-password']);
  await run('certutil', ['-d', `sql:${store}`, '-A', '-t', 'C,,', '-n', 'firegate', '-i', authority]);
}

function flagsOf({ autoplay = true, host }: ConsoleOptions): string[] {
  return [
    ...kFlags,
    ...(autoplay ? ['--autoplay-policy=no-user-gesture-required'] : []),
    ...(host ? [`--host-resolver-rules=MAP ${host} 127.0.0.1`] : []),
  ];
}

export async function launch(options: ConsoleOptions = {}): Promise<Console> {
  const { width = 1440, height = 900, post, language, theme, phone = false } = options;
  const profile = await mkdtemp(join(tmpdir(), 'firegate-browser-'));
  if (options.authority) await trust(profile, options.authority);
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: flagsOf(options),
    env: { ...process.env, HOME: profile } as Record<string, string>,
    viewport: { width, height },
    reducedMotion: options.reducedMotion ? 'reduce' : 'no-preference',
    hasTouch: options.touch ?? phone,
    isMobile: phone,
  });
  const stored = { duty_post: post, language, theme };
  await context.addInitScript((values) => {
    if (location.protocol === 'about:') return; // a blank page has no storage
    for (const [name, value] of Object.entries(values)) {
      if (value && localStorage.getItem(`firegate.${name}`) === null) localStorage.setItem(`firegate.${name}`, value);
    }
  }, stored);
  return {
    context,
    open: async (url) => {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    },
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

// How long until `selector` is there, in ms. Fails after `limit`.
export async function appears(page: Page, selector: string, limit: number): Promise<number> {
  const from = performance.now();
  await page.waitForSelector(selector, { timeout: limit, state: 'attached' });
  return performance.now() - from;
}
