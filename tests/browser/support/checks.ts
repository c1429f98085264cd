// What both kinds of test ask of a page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

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
