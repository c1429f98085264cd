// What both kinds of test ask of a page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Console } from './browser.ts';

const kAxe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// axe-core, run in the page. Injected by the debugger, which the page's content security policy does not govern.
export async function assertAccessible(page: Page): Promise<void> {
  await page.evaluate(kAxe);
  const violations = await page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> } }).axe;
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('\n  ')}`);
  });
  assert.deepEqual(violations, []);
}

// Refusals of the content security policy and errors of the page, collected from now on.
export function collectFaults(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (/content security policy|refused to/i.test(message.text())) faults.push(message.text());
  });
  return faults;
}

export const body = (page: Page, name: string) => page.evaluate((key) => document.body.dataset[key], name);

export async function bodyBecomes(page: Page, name: string, value: string, limit: number): Promise<void> {
  await page.waitForFunction(([key, wanted]) => document.body.dataset[key!] === wanted, [name, value], { timeout: limit, polling: 50 });
}

export async function assertFits(page: Page): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `the page is ${wide} px wider than the screen`);
}

export const kLayouts = [
  { name: 'desk, day, Chinese', width: 1440, height: 900, theme: 'day', language: 'zh' },
  { name: 'phone, night, English', width: 360, height: 740, theme: 'night', language: 'en' },
] as const;

// Opens a page, waits until it is `settled`, and looks whether it can be used by everybody, fits (a wall scrolls for nobody), and breaks
// no policy.
export async function assertGood(browser: Console, url: string, path: string, settled: (page: Page) => Promise<void>): Promise<void> {
  const page = await browser.open(url + path);
  const faults = collectFaults(page);
  await settled(page);
  await page.waitForTimeout(400);
  await assertAccessible(page).catch((error: Error) => assert.fail(`${path}: ${error.message}`));
  if (!path.startsWith('/wall')) await assertFits(page).catch((error: Error) => assert.fail(`${path}: ${error.message}`));
  assert.deepEqual(faults, []);
  await page.close();
}
