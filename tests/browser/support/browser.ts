// Debian's Chromium, driven by playwright-core; a new profile for every launch.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
}

export async function launch(options: ConsoleOptions = {}): Promise<Console> {
  const { autoplay = true, width = 1440, height = 900, post, language, theme } = options;
  const profile = await mkdtemp(join(tmpdir(), 'firegate-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: autoplay ? [...kFlags, '--autoplay-policy=no-user-gesture-required'] : kFlags,
    viewport: { width, height },
    reducedMotion: options.reducedMotion ? 'reduce' : 'no-preference',
    hasTouch: options.touch ?? false,
  });
  const stored = { duty_post: post, language, theme };
  await context.addInitScript((values) => {
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
