// An installer at the real gateway, with a phone: a device that has just spoken is adopted and tested; with the gateway away in the middle nothing
// is lost and everything arrives once; a dead device is replaced; a table is imported.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { appears, launch, type Console } from './support/browser.ts';
import { collectFaults } from './support/checks.ts';
import { givePassword, givePin, live } from './support/person.ts';
import { absent, Caller, command, kPost, password, publish, signInOn, until, url } from './support/real.ts';

const kSlow = 30_000;
interface Seen { id: string; name: string; address: string; last_test: { passed: boolean } | null }

describe('an installer at the real gateway', { skip: absent }, () => {
  let caller: Caller;
  let phone: Console;
  let page: Page;
  let faults: string[];

  before(async () => {
    caller = await Caller.signedIn();
    phone = await launch({ phone: true, width: 390, height: 844, post: kPost });
    await signInOn(phone);
    page = await phone.context.newPage();
    faults = collectFaults(page);
    // Powers that sleep are woken by the password, as the gateway asks for it.
    await page.addLocatorHandler(page.locator('[data-confirm=password]'), () => givePassword(page, password));
    await page.addLocatorHandler(page.locator('[data-confirm=pin]'), () => givePin(page));
  });
  after(async () => {
    await phone.close();
  });

  let seq = 0;
  const say = (id: string, readings: object) => publish(`fg/v1/jinxiu/${id}/up`, JSON.stringify({ seq: (seq += 1), boot: `b-${id}`, readings }));
  const deviceAt = async (address: string) => (await caller.value<{ devices: Seen[] }>(`/devices?q=${address}&limit=5`)).devices.filter((one) => one.address === address);
  const entry = (address: string) => `[data-entry]:has(h2:text-is("${address}"))`;
  const open = async (to: string) => {
    await page.goto(url + to);
    await live(page, kSlow);
  };

  it('adopts what has just spoken, and hears of its test within two seconds', async () => {
    await open('/devices/unmapped');
    await say('new-smoke-1', { smoke: false, battery_pct: 98 });
    const seen = await appears(page, entry('new-smoke-1'), kSlow);
    assert.ok(seen < 15_000, `seen after ${seen} ms`);
    await page.click(`${entry('new-smoke-1')} [data-act=adopt]`);
    await page.click('[data-chips=building] button[value=b1]', { timeout: kSlow });
    await page.click('[data-chips=floor] button[value=f3]');
    await page.click('[data-chips=zone] button[value=b1-301]');
    await page.click('[data-chips=location] button[value=kitchen]');
    await page.click('[data-form=adopt] [data-act=save]');
    await appears(page, '[data-told=done]', kSlow);
    const [device] = await deviceAt('new-smoke-1');
    assert.match(device!.name, /^1-301-烟感\d+$/);

    await open(`/devices/${device!.id}`);
    await page.click('[data-act=test]', { timeout: kSlow });
    await appears(page, '[data-in-test]', kSlow);
    await say('new-smoke-1', { smoke: false, test: true });
    await appears(page, '[data-tick]', kSlow);
    await until('the test is recorded', kSlow, async () => (await deviceAt('new-smoke-1'))[0]?.last_test?.passed === true);
  });

  it('loses nothing while the gateway is away, and everything arrives once', async () => {
    await open('/devices/unmapped');
    await say('new-smoke-2', { smoke: false });
    await appears(page, entry('new-smoke-2'), kSlow);
    await command('FIREGATE_CUT');
    try {
      await page.click(`${entry('new-smoke-2')} [data-act=adopt]`);
      await page.click('[data-level=zone]', { timeout: kSlow }); // the next room is filled in
      await page.click('[data-chips=zone] button[value=b1-302]');
      await page.click('[data-form=adopt] [data-act=save]');
      await appears(page, '[data-told=waiting]', kSlow);
      await appears(page, '[data-outbox="1"]', kSlow);
    } finally {
      await command('FIREGATE_JOIN');
    }
    await page.waitForSelector('[data-outbox]', { state: 'detached', timeout: 90_000 });
    assert.equal((await deviceAt('new-smoke-2')).length, 1);
  });

  it('replaces a dead device: its id, name and place stay', async () => {
    const [device] = await deviceAt('new-smoke-1');
    await say('new-smoke-3', { smoke: false });
    await open(`/devices/${device!.id}`);
    await page.click('[data-act=replace]', { timeout: kSlow });
    await page.click('[data-choose]:has-text("new-smoke-3")', { timeout: kSlow });
    await page.click('[data-form=replace] [data-act=sure]');
    await page.waitForSelector('dialog', { state: 'detached', timeout: kSlow });
    const [replaced] = await deviceAt('new-smoke-3');
    assert.deepEqual([replaced!.id, replaced!.name], [device!.id, device!.name]);
  });

  it('imports a table whole or not at all, and takes it back', async () => {
    const rows = (building: string) => `设备类型,IMEI,小区,楼栋,协议\n感烟探测器,imei-1,jinxiu,b1,native\n感烟探测器,imei-2,jinxiu,${building},native\n`;
    const choose = (text: string) => page.setInputFiles('input[type=file]', { name: '清单.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await open('/import');
    await choose(rows('b99'));
    await page.click('[data-act=check]', { timeout: kSlow });
    await appears(page, '[data-problems] tr[data-row="3"]', kSlow);
    await choose(`${rows('b1')}\n`);
    await page.click('[data-act=check]', { timeout: kSlow });
    await appears(page, '[data-checked]', kSlow);
    await page.click('[data-act=import]');
    await appears(page, '[data-imported]', kSlow);
    assert.equal((await deviceAt('imei-2')).length, 1);
    await page.click('[data-act=undo]');
    await appears(page, '[data-undone]', kSlow);
    assert.equal((await deviceAt('imei-2')).length, 0);
    assert.deepEqual(faults, []);
  });
});
