// The promises of the board, kept by the real gateway and a real broker. Skipped unless the environment says where they are
// (support/real.ts).
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { appears, launch, type Console } from './support/browser.ts';
import { assertAccessible, body, bodyBecomes, collectFaults } from './support/checks.ts';
import { live } from './support/person.ts';
import { absent, acknowledge, Caller, command, device, firesOf, kPost, row, settle, signInOn, smoke, until, url } from './support/real.ts';

describe('the board of the real gateway', { skip: absent }, () => {
  let browsers: Console[] = [];
  let pages: Page[] = [];
  let faults: string[] = [];
  let caller: Caller;

  before(async () => {
    caller = await Caller.signedIn();
    browsers = await Promise.all([launch({ post: kPost }), launch({ post: 'desk-2' })]);
    await Promise.all(browsers.map((browser) => signInOn(browser)));
  });
  after(async () => {
    for (const browser of browsers) await browser.close();
  });
  beforeEach(async () => {
    await settle(caller);
    for (const page of pages) await page.close();
    pages = await Promise.all(browsers.map((browser) => browser.open(`${url}/board`)));
    faults = collectFaults(pages[0]!);
    await Promise.all(pages.map((page) => live(page)));
  });

  it('shows a smoke message on two browsers within a second, sounds, and shows an acknowledgement on both', async () => {
    const publishedAt = performance.now();
    const shown = pages.map((page) => appears(page, row('unacknowledged'), 3_000).then(() => performance.now() - publishedAt));
    await smoke(true);
    for (const took of await Promise.all(shown)) assert.ok(took < 1_000, `the alarm was on the board after ${took} ms`);
    await Promise.all(pages.map((page) => bodyBecomes(page, 'sound', 'fire', 1_000)));
    assert.equal(await body(pages[0]!, 'audio'), 'running');
    await acknowledge(pages[0]!);
    await Promise.all(pages.map((page) => appears(page, row('acknowledged'), 5_000)));
    await Promise.all(pages.map((page) => bodyBecomes(page, 'sound', 'none', 5_000)));
  });

  it('goes through the four acts, and the alarm ends in the history', async () => {
    const page = pages[0]!;
    await smoke(true);
    await appears(page, row('unacknowledged'), 5_000);
    const [fire] = await firesOf(caller);
    await page.keyboard.press('m');
    await bodyBecomes(page, 'sound', 'none', 5_000);
    await acknowledge(page);
    await page.click(`${row()} .act-verdict`);
    await page.click('[data-verdict=cooking]');
    await smoke(false);
    await page.click(`${row('latched_acknowledged')} .act-reset`, { timeout: 15_000 });
    await page.click('dialog [data-act=reset]');
    await page.waitForSelector(`[data-alarm="${fire!.id}"]`, { state: 'detached', timeout: 5_000 });
    await page.goto(`${url}/history`);
    await appears(page, `.history a[href="/alarms/${fire!.id}"]`, 5_000);
    await page.click(`.history a[href="/alarms/${fire!.id}"]`);
    await appears(page, '.timeline li >> nth=3', 5_000);
    const said = await page.$$eval('.timeline li', (all) => all.map((one) => one.textContent ?? ''));
    const acts = said.filter((one) => !one.includes('网关'));
    assert.ok(acts.length >= 3 && acts.every((one) => one.includes('王芳') && !one.includes('user:')), `acts have the name of who did them: ${acts.join(' | ')}`);
  });

  it('keeps an alarm over a restart', { skip: process.env['FIREGATE_RESTART'] ? false : 'FIREGATE_RESTART is not set' }, async () => {
    const page = pages[0]!;
    await smoke(true);
    await appears(page, row('unacknowledged'), 5_000);
    const [fire] = await firesOf(caller);
    await command('FIREGATE_RESTART');
    await until('the gateway is back', 30_000, async () => (await firesOf(caller)).some((one) => one.id === fire!.id));
    await live(page, 20_000);
    await appears(page, `[data-alarm="${fire!.id}"][data-state="unacknowledged"]`, 5_000);
  });

  it('says LOST within 15 s of a cut, and lists what was missed', { skip: process.env['FIREGATE_CUT'] ? false : 'FIREGATE_CUT is not set' }, async () => {
    const page = pages[0]!;
    const cutAt = Date.now();
    await command('FIREGATE_CUT');
    try {
      await appears(page, '[data-lost]', 16_000);
      assert.ok(Date.now() - cutAt <= 15_000, `LOST came after ${Date.now() - cutAt} ms`);
      await smoke(true);
    } finally {
      await command('FIREGATE_JOIN');
    }
    await appears(page, '.strip-missed', 20_000);
    await appears(page, row('unacknowledged'), 10_000);
    await bodyBecomes(page, 'sound', 'fire', 5_000);
    await page.click('[data-act=read-missed]');
  });

  it('is accessible on every page and breaks no policy', async () => {
    const page = pages[0]!;
    for (const path of ['/board', '/history', '/devices', `/devices/${device}`, '/devices/unmapped', '/health']) {
      await page.goto(url + path);
      await live(page);
      await page.waitForTimeout(500);
      await assertAccessible(page).catch((error: Error) => assert.fail(`${path}: ${error.message}`));
    }
    assert.deepEqual(faults, []);
  });
});
