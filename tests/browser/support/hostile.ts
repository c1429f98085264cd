// Texts that were not written for people, and what they must not do to a page.
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Console } from './browser.ts';

// Each that can run sets `__ran`; each that can fetch asks evil.example.
export const kHostile = JSON.parse(readFileSync(new URL('hostile.json', import.meta.url), 'utf8')) as string[];

interface Watched {
  __ran?: number;
  __refused?: string[];
}

// What must not happen on any page of this browser, collected from now on.
export async function watch(browser: Console, origin: string): Promise<string[]> {
  const harm: string[] = [];
  await browser.context.addInitScript(() => {
    const refused = ((window as Watched).__refused = [] as string[]);
    document.addEventListener('securitypolicyviolation', (event) => refused.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  browser.context.on('page', (page) => {
    page.on('pageerror', (error) => harm.push(`error ${error.message}`));
    page.on('dialog', (dialog) => {
      harm.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('popup', (popup) => harm.push(`popup ${popup.url()}`));
  });
  browser.context.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) harm.push(`request ${request.url()}`);
  });
  return harm;
}

// What our own pages never hold, in one selector.
const kForeign = 'script:not([src^="/assets/"]), style, img, iframe, object, embed, base, math, foreignObject, animate, meta[http-equiv], form[action], '
  + 'link:not([href^="/"]), a[href^="javascript:" i], a[href^="//"], a[href*="evil"]:not([href^="/"]), [onload], [onerror], [onfocus], [onbegin], [ontoggle], [onmouseover], [srcdoc]';

// The page shows every one of `texts` as it is, runs none of them, and stands as it was laid out.
export async function assertUnharmed(page: Page, where: string, texts: readonly string[]): Promise<void> {
  await page.waitForFunction(
    (wanted) => !document.querySelector('.skeleton, .loading') && wanted.every((one) => document.body.textContent!.includes(one)),
    texts, { timeout: 5_000, polling: 50 },
  ).catch(() => undefined); // what is missing is told below
  const found = await page.evaluate(([wanted, foreign]) => ({
    missing: wanted.filter((one) => !document.body.textContent!.includes(one)),
    ran: (window as Watched).__ran,
    refused: (window as Watched).__refused,
    foreign: [...document.querySelectorAll(foreign)].map((one) => one.outerHTML.slice(0, 120)),
    wider: Math.max(0, document.documentElement.scrollWidth - innerWidth),
    shown: document.querySelector('main')?.checkVisibility(),
    failed: document.querySelector('.failure')?.textContent ?? null,
  }), [texts, kForeign] as const);
  assert.deepEqual({ where, ...found }, { where, missing: [], ran: undefined, refused: [], foreign: [], wider: 0, shown: true, failed: null });
}

// Within the page, as a link of ours leads: nothing is loaded anew.
export async function goTo(page: Page, to: string): Promise<void> {
  await page.evaluate((path) => {
    history.pushState(null, '', path);
    dispatchEvent(new PopStateEvent('popstate'));
  }, to);
}
