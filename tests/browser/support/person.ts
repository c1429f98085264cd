// What a person does on any page of the console, and what they look at.
import type { Page } from 'playwright-core';
import { bodyBecomes } from './checks.ts';

export const live = (page: Page, limit = 10_000) => bodyBecomes(page, 'link', 'live', limit);
export const path = (page: Page) => new URL(page.url()).pathname;
export const text = async (page: Page, selector: string) => (await page.textContent(selector)) ?? '';
export async function becomes(page: Page, wanted: string, limit = 5_000): Promise<void> {
  await page.waitForFunction((one) => location.pathname + location.search === one, wanted, { timeout: limit });
}

export async function signIn(page: Page, user = 'wangfang', password = 'correct horse'): Promise<void> {
  await page.fill('[autocomplete=username]', user);
  await page.fill('[autocomplete=current-password]', password);
  await page.keyboard.press('Enter');
}
export async function givePin(page: Page, pin = '271828'): Promise<void> {
  await page.fill('[data-confirm=pin] input[name=pin]', pin);
  await page.keyboard.press('Enter');
}
export async function givePassword(page: Page, password = 'correct horse'): Promise<void> {
  await page.fill('[data-confirm=password] input[name=password]', password);
  await page.keyboard.press('Enter');
}
