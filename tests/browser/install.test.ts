// What installers do, in a real Chromium of a phone's size, against the scripted gateway: adopt, ignore, replace, test, import; without a link, and
// against somebody else.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { appears, launch, type Console } from './support/browser.ts';
import { assertGood, kLayouts } from './support/checks.ts';
import { makeDevices } from './support/estate.ts';
import { problem } from './support/mock_door.ts';
import type { MockGateway } from './support/mock_gateway.ts';
import { makeEntry } from './support/mock_install.ts';
import { becomes, live } from './support/person.ts';
import { onStage } from './support/stage.ts';

const kSlow = 30_000; // a loaded machine

describe('installers', () => {
  let gateway: MockGateway;
  let browser: Console;
  let page: Page;
  let taps = 0;

  onStage(async (stage) => {
    ({ gateway, browser, page } = stage);
    gateway.devices = makeDevices(180); // three buildings
    taps = 0;
    await page.setViewportSize({ width: 390, height: 844 });
  });
  const open = async (to: string, one = page) => {
    await one.goto(gateway.url + to);
    await live(one, kSlow);
  };
  const tap = async (selector: string, one = page) => {
    taps += 1;
    await one.click(selector, { timeout: kSlow });
  };
  const done = (what: string) => gateway.install.done.filter(({ path }) => path.endsWith(what));
  const doneBecomes = async (what: string, count: number) => {
    for (let left = 400; done(what).length < count; left -= 1) {
      assert.ok(left > 0, `${what} was done ${done(what).length} times, expected ${count}`);
      await new Promise((wait) => setTimeout(wait, 100));
    }
  };
  const holds = (selector: string, wanted: RegExp) => page.waitForFunction(
    ([where, source]) => new RegExp(source!).test(document.querySelector(where!)?.textContent ?? ''), [selector, wanted.source] as const, { timeout: kSlow, polling: 50 });
  const pick = (level: string, id: string) => tap(`[data-chips=${level}] button[value="${id}"]`);

  it('adopt what has just spoken in six taps, and the next room comes first', async () => {
    gateway.install.put(makeEntry(1));
    gateway.install.put(makeEntry(2));
    await open('/devices/unmapped');
    await tap('[data-entry] [data-act=adopt]');
    await pick('building', 'b1');
    await pick('floor', 'f3');
    await pick('zone', 'b1-301');
    await holds('[data-way]', /1号楼3层301室厨房/); // the only spot of it needs no tap
    assert.equal(await page.inputValue('[data-form=adopt] [name=kind]'), 'smoke_detector');
    assert.equal(await page.inputValue('[data-form=adopt] [name=name]'), '1-301-烟感1');
    await tap('[data-form=adopt] [data-act=save]');
    await holds('[data-told=done]', /1-301-烟感1/);
    assert.ok(taps <= 6, `${taps} taps`);
    assert.deepEqual(done(':adopt')[0]!.body, {
      estate: 'jinxiu', building: 'b1', floor: 'f3', zone: 'b1-301', location: 'kitchen', kind: 'smoke_detector', name: '1-301-烟感1', model: 'heiman/HS1SA-E-PLUS',
    });
    taps = 0;
    await tap('[data-entry] [data-act=adopt]');
    await holds('[data-way]', /302室/);
    assert.equal(await page.inputValue('[data-form=adopt] [name=name]'), '1-302-烟感1');
    await tap('[data-form=adopt] [data-act=save]');
    await doneBecomes(':adopt', 2);
    assert.equal(taps, 2);
  });

  it('need no finger: a place is chosen by the keyboard, level by level', async () => {
    gateway.install.put(makeEntry(1));
    await open('/devices/unmapped');
    await page.focus('[data-act=adopt]', { timeout: kSlow });
    await page.keyboard.press('Enter');
    await page.focus('[data-chips=building] button', { timeout: kSlow });
    for (const wanted of [/1号楼/, /1层/, /101室/]) {
      await page.keyboard.press('Enter');
      await holds('[data-way]', wanted);
    }
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached', timeout: kSlow });
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-act')), 'adopt');
  });

  it('are told by the sheet what was refused and what exists, and lose nothing', async () => {
    gateway.install.put(makeEntry(1));
    gateway.install.refuse = () => problem(400, 'bad_input', 'adopting', { fields: [{ field: 'zone', found: 'b1-301', expected: ['b1-101', 'b1-102'] }] });
    await open('/devices/unmapped');
    await tap('[data-act=adopt]');
    await pick('building', 'b1');
    await tap('[data-act=save]');
    await holds('[data-fields]', /b1-301.*b1-101、b1-102/);
    gateway.install.refuse = null;
    await tap('[data-act=save]');
    await doneBecomes(':adopt', 1);
    assert.equal(await page.$('[data-outbox]'), null);
  });

  it('lose nothing when the link goes in the middle, nor when the page is closed, and nothing is done twice', async () => {
    gateway.install.put(makeEntry(1));
    gateway.install.put(makeEntry(2));
    await open('/devices/unmapped');
    await appears(page, '[data-act=adopt]', kSlow);
    gateway.deaf = true; // it is done, and the answer is lost
    await tap('[data-entry] [data-act=adopt]');
    await pick('building', 'b1');
    await tap('[data-act=save]');
    await appears(page, '[data-told=waiting]', kSlow);
    await appears(page, '[data-outbox="1"]', kSlow);
    await doneBecomes(':adopt', 1);
    await browser.context.setOffline(true);
    await page.click('[data-entry]:not(:has([data-pending])) [data-act=ignore]', { timeout: kSlow });
    await page.click('[data-form=reason] .pick >> nth=0');
    await page.click('[data-form=reason] [data-act=sure]');
    await appears(page, '[data-outbox="2"]', kSlow);
    await page.close();
    gateway.deaf = false;
    await browser.context.setOffline(false);
    const again = await browser.context.newPage();
    await again.goto(`${gateway.url}/board`);
    await doneBecomes(':ignore', 1);
    await again.waitForSelector('[data-outbox]', { state: 'detached', timeout: kSlow });
    assert.deepEqual(gateway.install.done.map(({ path }) => path.split(':')[1]), ['adopt', 'ignore']);
  });

  it('are shown what was refused meanwhile beside what is there now; nothing is merged', async () => {
    const entry = gateway.install.put(makeEntry(1));
    await open('/devices/unmapped');
    await appears(page, '[data-act=adopt]', kSlow);
    await browser.context.setOffline(true);
    await tap('[data-act=adopt]');
    await pick('building', 'b1');
    await tap('[data-act=save]');
    await appears(page, '[data-told=waiting]', kSlow);
    gateway.install.change('b1-00008', { address: entry.address, name: '别人接入的' });
    gateway.install.tray.clear();
    await browser.context.setOffline(false);
    await appears(page, '[data-refused="1"]', 60_000);
    await page.click('.strip-outbox a');
    await holds('[data-job=adopt] .conflict', /别人接入的.*1-烟感1/);
    await page.click('[data-job=adopt] [data-act=drop]');
    await page.click('dialog [data-act=sure]');
    await page.waitForSelector('[data-outbox]', { state: 'detached', timeout: kSlow });
    assert.deepEqual(done(':adopt'), []);
  });

  it('replace a dead device in four taps', async () => {
    gateway.install.put(makeEntry(1, { suggestion: null }));
    const same = gateway.install.put(makeEntry(2, { suggestion: { kind: gateway.devices[8]!.kind, model: null, why: '' } }));
    await open('/devices/b1-00008');
    await tap('[data-act=replace]');
    await appears(page, '[data-choose]', kSlow);
    assert.equal(await page.getAttribute('[data-choose]', 'data-choose'), same.key);
    await tap('[data-choose]');
    await tap('[data-form=replace] [data-act=sure]');
    await holds('.device-changes', /更换.*0x00158d0000000008.*0x00158d0009c002/);
    assert.ok(taps <= 4, `${taps} taps`);
    assert.deepEqual(done('/replace').map(({ body }) => body), [{ key: same.key, reason: '损坏' }]);
  });

  it('are told at once when a device in test has spoken, with a tick and a buzz', async () => {
    await page.addInitScript({ content: 'globalThis.buzzes = []; Navigator.prototype.vibrate = (pattern) => buzzes.push(pattern) > 0;' });
    await open('/tests?estate=jinxiu&building=b1');
    await appears(page, '[data-tested="0"][data-total="60"]', kSlow);
    await tap('[data-test="b1-00000"] [data-act=test]');
    await appears(page, '[data-test="b1-00000"][data-state=open]', kSlow);
    gateway.install.press('b1-00000');
    const took = await appears(page, '[data-tick="b1-00000"]', kSlow);
    assert.ok(took < 2_000, `${took} ms`);
    assert.deepEqual(await page.evaluate(() => (globalThis as unknown as { buzzes: unknown[] }).buzzes), [[300, 100, 300]]);
    await appears(page, '[data-tested="1"]', kSlow);
    await tap('[data-act=test-floor]');
    await doneBecomes('/test', 4);
    await open('/devices/b1-00000');
    await page.fill('.test-note input', '烟枪 30 秒后报警', { timeout: kSlow });
    await page.click('[data-act=note]');
    await doneBecomes('/note', 1);
  });

  it('disable with a reason and an end, and enable', async () => {
    await open('/devices/b1-00008');
    await tap('[data-act=disable]');
    await page.click('[data-form=reason] .pick >> nth=0');
    await page.click('[data-chips=until] .pick:has(input[value=h1])');
    await page.click('[data-form=reason] [data-act=sure]');
    await doneBecomes('/disable', 1);
    const { reason, until } = done('/disable')[0]!.body as { reason: string; until: string };
    assert.equal(reason, '施工');
    assert.ok(Math.abs(Date.parse(until) - Date.now() - 3_600_000) < 120_000, until);
    await page.click('[data-act=enable]', { timeout: kSlow });
    await doneBecomes('/enable', 1);
  });

  it('who change what somebody else has changed see both, and decide', async () => {
    await open('/devices/b1-00008');
    await tap('[data-act=edit]');
    await page.fill('[data-form=edit] [name=name]', '我的', { timeout: kSlow });
    gateway.install.change('b1-00008', { name: '别人的' });
    await page.click('[data-form=edit] [data-act=save]');
    await holds('[data-conflict]', /名称.*别人的.*我的/);
    assert.equal(gateway.devices[8]!.name, '别人的');
    await page.click('[data-conflict] [data-act=keep]');
    await page.waitForSelector('dialog', { state: 'detached', timeout: kSlow });
    assert.equal(gateway.devices[8]!.name, '我的');
  });

  it('import a table of a maker: columns named, problems at their cells, done once, undone', async () => {
    const buffer = Buffer.from('某公司,,,,\n设备类型,IMEI,楼栋,楼层,房间\n感烟探测器,860000000000001,1,3,301\n冰箱,860000000000002,99,1,102\n');
    const choose = () => page.setInputFiles('input[type=file]', { name: '清单.csv', mimeType: 'text/csv', buffer });
    await open('/import');
    await choose();
    assert.equal(await page.inputValue('[name=column-address]'), '1');
    await page.selectOption('[name=column-estate]', 'always');
    await page.selectOption('[name=always-estate]', 'jinxiu');
    await page.selectOption('[name=column-format]', 'always');
    assert.equal(await page.isDisabled('[data-act=check]'), true);
    await page.fill('[name=always-format]', 'native');
    gateway.install.importProblems = [{ row: 3, column: 'building', found: 'unknown building "99"', expected: 'b1' }];
    await page.click('[data-act=check]');
    await holds('[data-problems="1"] tr[data-row="4"]', /4C 楼unknown building "99"b1/);
    assert.equal(await page.isDisabled('[data-act=import]'), true);
    gateway.install.importProblems = [];
    await page.click('[data-act=check]');
    await appears(page, '[data-checked]', kSlow);
    await page.click('[data-act=import]');
    await appears(page, '[data-imported="1"]', kSlow);
    assert.match(String(done(':import')[0]!.body), /860000000000001,smoke_detector,native,860000000000001,jinxiu,b1,f3,b1-301,1-301-烟感1/);
    await page.reload();
    await page.click('[data-act=undo]', { timeout: kSlow });
    await appears(page, '[data-undone]', kSlow);
    await choose();
    assert.equal(await page.inputValue('[name=column-kind]'), '0');
  });

  it('ignore with a reason, and list it again', async () => {
    gateway.install.put(makeEntry(1));
    await open('/devices/unmapped');
    await tap('[data-act=ignore]');
    await page.click('[data-form=reason] .pick >> nth=1');
    await page.click('[data-form=reason] [data-act=sure]');
    await doneBecomes(':ignore', 1);
    await page.click('.ignored summary');
    await holds('[data-ignored]', /调试用.*王芳/);
    await page.click('[data-act=heed]');
    await doneBecomes(':heed', 1);
    await appears(page, '[data-entry]', kSlow);
  });

  it('who take a device out of service give a reason', async () => {
    await open('/devices/b1-00008');
    await tap('[data-act=remove]');
    await page.click('[data-form=reason] .pick >> nth=0');
    await page.click('[data-form=reason] [data-act=sure]');
    await becomes(page, '/devices', kSlow);
    assert.deepEqual(gateway.install.done.map(({ method, body }) => [method, body]), [['DELETE', { reason: '已拆除' }]]);
  });

  for (const layout of kLayouts) {
    it(`have pages that are accessible, fit and give fingers 48 px: ${layout.name}`, async () => {
      const own = await launch({ post: 'desk-1', reducedMotion: true, ...layout });
      gateway.install.put(makeEntry(1));
      gateway.install.put(makeEntry(2, { suggestion: null }));
      gateway.install.change('b1-00008', { last_test: { at: new Date().toISOString(), by: '王芳', passed: true }, note: '备注' });
      const settled = async (one: Page) => {
        await one.waitForSelector('main h1', { timeout: kSlow });
        await one.waitForFunction(() => !document.querySelector('.skeleton, .loading'), undefined, { timeout: kSlow });
        const small = await one.$$eval('.button, nav a, .pick, main input, main select', (all) => all
          .filter((each) => each.checkVisibility() && !each.matches('.hidden, [type=checkbox], [type=radio]') && each.getBoundingClientRect().height < 48)
          .map((each) => each.outerHTML.slice(0, 120)));
        assert.deepEqual(small, []);
      };
      const after = (act: (one: Page) => Promise<unknown>) => async (one: Page) => {
        await settled(one);
        await act(one);
        await settled(one);
      };
      try {
        await assertGood(own, gateway.url, '/devices/unmapped', settled);
        await assertGood(own, gateway.url, '/devices/unmapped', after((one) => one.click('[data-act=adopt]').then(() => one.click('[data-chips=building] button >> nth=0', { timeout: kSlow }))));
        await assertGood(own, gateway.url, '/devices/unmapped', after((one) => one.click('[data-act=ignore]')));
        await assertGood(own, gateway.url, '/tests', settled);
        await assertGood(own, gateway.url, '/outbox', settled);
        await assertGood(own, gateway.url, '/devices/b1-00008', after((one) => one.waitForSelector('[data-acts]', { timeout: kSlow })));
        await assertGood(own, gateway.url, '/devices/b1-00008', after((one) => one.click('[data-act=replace]', { timeout: kSlow })));
        await assertGood(own, gateway.url, '/devices/b1-00008', after((one) => one.click('[data-act=disable]', { timeout: kSlow })));
        await assertGood(own, gateway.url, '/devices/b1-00008', after((one) => one.click('[data-act=edit]', { timeout: kSlow }).then(() => one.waitForSelector('[data-form=edit]', { timeout: kSlow }))));
        await assertGood(own, gateway.url, '/import', after((one) => one.setInputFiles('input[type=file]', { name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('设备类型,IMEI\n烟感,1\n') })));
      } finally {
        await own.close();
      }
    });
  }
});
