// The pages against a scripted gateway: states that a real gateway cannot be brought into at will.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { appears, launch, type Console } from './support/browser.ts';
import { assertAccessible, assertGood, body, bodyBecomes, kLayouts } from './support/checks.ts';
import { makeMessage } from './support/estate.ts';
import { makeEntry } from './support/mock_install.ts';
import { MockGateway } from './support/mock_gateway.ts';
import { makeRule } from './support/mock_rules.ts';
import { live } from './support/person.ts';
import { onStage } from './support/stage.ts';

const row = (id: string, state = '') => `.row[data-alarm="${id}"]${state && `[data-state="${state}"]`}`;
const lamp = (name: string, lit: boolean) => `[data-lamp="${name}"][data-lit="${lit}"]`;

describe('board', () => {
  let gateway: MockGateway;
  let browser: Console;
  let page: Page;
  let faults: string[];

  onStage(async (stage) => {
    ({ gateway, browser, page, faults } = stage);
    await page.goto(`${gateway.url}/board`);
    await live(page);
  });

  it('says that nothing is wrong, how old that is, and how many devices it covers', async () => {
    await appears(page, lamp('normal', true), 5_000);
    const text = await page.textContent('.empty');
    assert.match(text ?? '', /无在警报警.*数据截至 \d\d:\d\d:\d\d · \d+\/60 在线/s);
  });

  it('shows a new alarm within a second on two pages, sounds, and shows an acknowledgement on both', async () => {
    const second = await browser.open(`${gateway.url}/board`);
    await live(second);
    const fire = gateway.raise('fire_alarm', 1);
    await Promise.all([page, second].map((one) => appears(one, `${row(fire.id)}.pinned`, 1_000)));
    await Promise.all([page, second].map((one) => bodyBecomes(one, 'sound', 'fire', 1_000)));
    assert.equal(await body(page, 'audio'), 'running');
    assert.equal(await page.textContent('[role=alert]'), '火警 1号楼\u00a0· 1层\u00a0· 102室\u00a0· 厨房');
    await page.click(`${row(fire.id)} .act-acknowledge`);
    await Promise.all([page, second].map((one) => appears(one, row(fire.id, 'acknowledged'), 1_000)));
    await Promise.all([page, second].map((one) => bodyBecomes(one, 'sound', 'none', 1_000)));
    assert.equal(gateway.alarms.get(fire.id)?.acknowledged_by, '王芳');
  });

  it('pins the first alarm, sorts by class, and counts repeats instead of adding rows', async () => {
    const fault = gateway.raise('fault', 5);
    const first = gateway.raise('fire_alarm', 1, { first_raised_at: new Date(Date.now() - 60_000).toISOString() });
    const second = gateway.raise('fire_alarm', 2);
    gateway.again(second);
    await appears(page, `${row(second.id)} .repeat`, 5_000);
    const order = await page.$$eval('.row', (rows) => rows.map((one) => (one as HTMLElement).dataset['alarm']));
    assert.deepEqual(order, [first.id, second.id, fault.id]);
    assert.equal(await page.textContent(`${row(second.id)} .repeat`), '×2');
    assert.equal(await page.textContent('[data-lamp=fire] .lamp-count'), '2');
  });

  it('goes from acknowledge over verdict to reset, and lists the alarm in the history', async () => {
    const fire = gateway.raise('fire_alarm', 1);
    await appears(page, row(fire.id), 5_000);
    await page.waitForTimeout(1_100); // a key pressed at once could have meant another alarm
    await page.keyboard.press('a');
    await appears(page, row(fire.id, 'acknowledged'), 5_000);
    await page.click(`${row(fire.id)} .act-verdict`);
    await page.click('[data-verdict=cooking]');
    gateway.clear(fire);
    await page.click(`${row(fire.id, 'latched_acknowledged')} .act-reset`);
    assert.equal(gateway.alarms.has(fire.id), true, 'reset waits for its dialog');
    await page.click('dialog [data-act=reset]');
    await appears(page, '.empty', 5_000);
    assert.equal(gateway.past[0]?.verdict, 'cooking');
    await page.click('nav a[href="/history"]');
    await appears(page, '.history li', 5_000);
  });

  it('silences the post by key; a new alarm of the class sounds again, one below does not', async () => {
    gateway.raise('gas_alarm', 1);
    await bodyBecomes(page, 'sound', 'life_threat', 5_000);
    await page.keyboard.press('m');
    await bodyBecomes(page, 'sound', 'none', 5_000);
    gateway.raise('fault', 2);
    await appears(page, lamp('fault', true), 5_000);
    assert.equal(await body(page, 'sound'), 'none');
    gateway.raise('gas_alarm', 61);
    await bodyBecomes(page, 'sound', 'life_threat', 5_000);
  });

  it('moves by J and K, opens by Enter, returns by Esc, and asks again when the list has just changed', async () => {
    const first = gateway.raise('fire_alarm', 1, { first_raised_at: new Date(Date.now() - 9_000).toISOString() });
    const fault = gateway.raise('fault', 2);
    await appears(page, row(fault.id), 5_000);
    await page.keyboard.press('a');
    await appears(page, '.strip-note', 5_000);
    assert.equal(gateway.alarms.get(first.id)?.state, 'unacknowledged');
    await page.keyboard.press('j');
    await appears(page, `${row(fault.id)}.selected`, 5_000);
    await page.keyboard.press('Enter');
    await appears(page, `.detail[data-alarm="${fault.id}"] .timeline li`, 5_000);
    await page.keyboard.press('Escape');
    await page.keyboard.press('k');
    await appears(page, `${row(first.id)}.selected`, 5_000);
    await page.keyboard.press('?');
    await appears(page, 'dialog[open] .keys', 5_000);
    await page.keyboard.press('m');
    assert.equal(await body(page, 'sound'), 'fire', 'keys do nothing behind a dialog');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
  });

  it('shows a refusal as the gateway said it', async () => {
    const gas = gateway.raise('gas_alarm', 1, { state: 'latched_acknowledged', verdict: 'test' });
    await page.click(`${row(gas.id)} .act-reset`);
    gateway.alarms.set(gas.id, { ...gas, state: 'unacknowledged' }); // it rose again this very moment
    await page.click('dialog [data-act=reset]');
    await appears(page, '.strip-error', 5_000);
    assert.match((await page.textContent('.strip-error')) ?? '', /state is unacknowledged.*未确认.*refused · r-00042/s);
  });

  it('is stale, then LOST within 15 s of a cut, and lists what happened when the link returns', async () => {
    const before = gateway.raise('fault', 3);
    await appears(page, row(before.id), 5_000);
    const cutAt = Date.now();
    gateway.cut();
    await appears(page, '[data-link=stale]', 9_500);
    await appears(page, '[data-lost]', 15_000);
    assert.ok(Date.now() - cutAt <= 15_000, `LOST came after ${Date.now() - cutAt} ms`);
    assert.match(await page.title(), /⛔/);
    assert.equal(await body(page, 'sound'), 'lost');
    assert.deepEqual(new Set(await page.$$eval('.lamp-count', (all) => all.map((one) => one.textContent))), new Set(['?']));
    assert.equal(await page.$(lamp('normal', true)), null);
    const height = await page.$eval('.lost-bar', (bar) => bar.getBoundingClientRect().height / innerHeight);
    assert.ok(height >= 0.15, `the bar takes ${height} of the height`);

    const missed = gateway.raise('fire_alarm', 1);
    gateway.restore();
    await appears(page, '[data-missed="1"]', 12_000);
    assert.match((await page.textContent('.strip-missed')) ?? '', /1号楼\s· 1层\s· 102室/);
    await appears(page, `${row(missed.id)}.pinned`, 5_000);
    await bodyBecomes(page, 'sound', 'fire', 5_000);
    await page.click('[data-act=read-missed]');
    await page.waitForSelector('.strip-missed', { state: 'detached' });
  });

  it('lists after a restart of the gateway what came and went unseen', async () => {
    gateway.cut();
    await appears(page, '[data-lost]', 20_000);
    const brief = gateway.raise('fault', 4);
    gateway.clear(brief);
    gateway.alarms.delete(brief.id);
    gateway.past.push({ ...brief, state: 'normal', revision: 3 });
    gateway.restart();
    gateway.restore();
    await appears(page, '[data-missed="1"]', 12_000);
  });

  it('shows a broken part of the gateway as large as a fault', async () => {
    gateway.break('store', 'disk full');
    await appears(page, lamp('link', true), 5_000);
    assert.match((await page.textContent('.strip-degraded')) ?? '', /存储.*disk full/s);
    assert.equal(await page.$(lamp('normal', true)), null);
  });

  it('groups a flood by building, keeps the first alarm pinned, and never acts on a row that is not shown', async () => {
    const fire = gateway.raise('fire_alarm', 1);
    for (let index = 0; index < 30; index += 1) gateway.raise('fault', index * 20);
    await appears(page, '[data-flood]', 5_000);
    await appears(page, `${row(fire.id)}.pinned`, 5_000);
    assert.equal(await page.$$eval('.row', (rows) => rows.length), 1);
    await page.keyboard.press('j');
    assert.equal(await page.$$eval('.row.selected', (rows) => rows.length), 1);
    await page.click('.group-head >> nth=1');
    await appears(page, '.group .row', 5_000);
  });

  it('is loaded anew for a new version, but not while something is unacknowledged', async () => {
    const fault = gateway.raise('fault', 1);
    await appears(page, row(fault.id), 5_000);
    gateway.version = '0.2.0';
    gateway.restart();
    await appears(page, '.strip-version', 5_000);
    await page.evaluate(() => (document.body.dataset['old'] = 'yes'));
    await page.click(`${row(fault.id)} .act-acknowledge`);
    await page.waitForFunction(() => document.body.dataset['old'] === undefined, undefined, { timeout: 5_000 });
    await live(page);
    assert.equal(await page.$('.strip-version'), null);
  });

  it('reports post, visibility and audio', async () => {
    await page.waitForTimeout(700);
    assert.deepEqual({ ...gateway.reports.at(-1), t: undefined, build: undefined },
      { t: undefined, build: undefined, post: 'desk-1', visible: true, audio: 'running' });
  });

  it('changes language and theme, and keeps both', async () => {
    await page.click('.settings .button >> nth=0');
    assert.match((await page.textContent('.empty')) ?? '', /No active alarms/);
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    await page.click('[data-act=theme]');
    await page.click('[data-act=theme]');
    assert.equal(await page.getAttribute('html', 'data-theme'), 'night');
    await page.reload();
    await live(page);
    assert.equal(await page.getAttribute('html', 'data-theme'), 'night');
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    await page.evaluate(() => localStorage.clear());
  });

  it('never takes markup from a device for markup', async () => {
    const hostile = '<img src=x onerror="document.title=1">';
    gateway.install.put(makeEntry(1, { address: hostile, first_topic: hostile, first_payload: hostile, points: [], suggestion: { kind: 'smoke_detector', model: hostile, why: hostile } }));
    const alarm = gateway.raise('fault', 1);
    gateway.again({ ...alarm, device: { ...alarm.device, name: hostile } });
    await page.goto(`${gateway.url}/devices/unmapped`);
    await appears(page, '.tray pre', 5_000);
    assert.equal(await page.textContent('.tray pre'), hostile);
    assert.match((await page.textContent('.tray .seems')) ?? '', /<img/);
    assert.equal(await page.$('img'), null);
  });

  it('shows the last messages of a device as they came, a line each that opens, and newer ones when asked', async () => {
    const hostile = '<img src=x onerror="document.title=1">';
    gateway.messages = [makeMessage('{"readings":{"smoke":true}}'), makeMessage(hostile), makeMessage(new Uint8Array([0x68, 0xff]))];
    await page.goto(`${gateway.url}/devices/b1-00008`);
    await appears(page, '.raw li', 5_000);
    assert.deepEqual(await page.$$eval('.raw-line', (all) => all.map((one) => one.textContent)),
      ['{"readings":{"smoke":true}}', hostile, '68 ff']);
    assert.equal(await page.isVisible('.raw pre'), false);
    await page.click('.raw summary');
    assert.equal(await page.isVisible('.raw pre'), true);
    assert.equal(await page.textContent('.raw pre'), '{\n  "readings": {\n    "smoke": true\n  }\n}');
    assert.equal(await page.$('img'), null);
    await assertAccessible(page);
    gateway.messages = [makeMessage('newer', new Date(Date.now() + 1000).toISOString()), ...gateway.messages];
    await page.click('.raw-head .button');
    await page.waitForFunction(() => document.querySelectorAll('.raw li').length === 4, undefined, { timeout: 5_000 });
    assert.deepEqual(await page.$$eval('.raw details', (all) => all.map((one) => one.hasAttribute('open'))), [false, true, false, false]);
  });

  it('says how long ago a device was heard, and reads the rules once', async () => {
    await page.goto('about:blank');
    const fire = gateway.raise('fire_alarm', 1);
    gateway.rules = [makeRule(fire.rule, { class: fire.class, text: { zh: '烟感火警', en: 'Smoke' } })];
    gateway.door.requests.length = 0;
    await page.goto(`${gateway.url}/devices/b1-00010`);
    await live(page);
    await appears(page, '[data-heard]', 5_000);
    assert.match((await page.textContent('[data-heard]')) ?? '', /^最后一次消息 \d+ (秒|分钟)前$/);
    await page.click('nav a[href="/board"]');
    await page.waitForFunction(() => document.querySelector('.row')?.textContent?.includes('烟感火警'), undefined, { timeout: 5_000 });
    assert.equal(gateway.door.requests.filter(({ path }) => path === '/rules').length, 1);
  });

  it('says when a device has no messages, and when they cannot be read', async () => {
    await page.goto(`${gateway.url}/devices/b1-00008`);
    await page.waitForFunction(() => document.body.textContent?.includes('还没有报文'), undefined, { timeout: 5_000 });
    await page.route('**/messages', (route) => route.abort());
    await page.click('.raw-head .button');
    await appears(page, '.panel .failure', 5_000);
    await page.unroute('**/messages');
    await page.click('.panel .failure .button');
    await page.waitForFunction(() => document.querySelector('.panel .failure') === null, undefined, { timeout: 5_000 });
    faults.length = 0; // the browser itself complains of the request that was cut
  });
});

describe('every page', () => {
  let gateway: MockGateway;
  before(async () => {
    gateway = new MockGateway(5_000);
    await gateway.start();
    gateway.raise('fire_alarm', 8);
    gateway.raise('electrical_fire', 20);
    gateway.raise('fault', 33, { overlays: ['shelved'] });
    gateway.raise('test', 36, { state: 'acknowledged', acknowledged_by: '李强' });
    gateway.messages = Array.from({ length: 50 }, (_, i) => makeMessage(`{"seq":${i},"note":"${'烟'.repeat(500)}"}`));
    gateway.install.put(makeEntry(1));
  });
  after(() => gateway.stop());

  for (const layout of kLayouts) {
    it(`is accessible, fits and breaks no policy: ${layout.name}`, async () => {
      const browser = await launch({ post: 'desk-1', reducedMotion: true, ...layout });
      try {
        const electrical = [...gateway.alarms.values()].find((one) => one.class === 'electrical_fire')!;
        const paths = ['/board', `/alarms/${electrical.id}`, '/history', '/devices', '/devices/b1-00008', '/devices/unmapped', '/health', '/wall?post=w'];
        for (const path of paths) await assertGood(browser, gateway.url, path, live);
        assert.deepEqual(gateway.violations, []);
      } finally {
        await browser.close();
      }
    });
  }

  it('gives fingers at least 48 px, and 64 px for the acts', async () => {
    const browser = await launch({ post: 'desk-1', width: 360, height: 740, touch: true });
    try {
      const page = await browser.open(`${gateway.url}/board`);
      await live(page);
      await appears(page, '.row .act', 5_000);
      const heights = (selector: string) => page.$$eval(selector, (all) =>
        all.filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect().height));
      for (const height of await heights('.button, nav a')) assert.ok(height >= 48, `a control is ${height} px high`);
      for (const height of await heights('.row .act')) assert.ok(height >= 64, `an act is ${height} px high`);
    } finally {
      await browser.close();
    }
  });

  it('scrolls and searches 5,000 devices with few rows in the page', async () => {
    const browser = await launch({ post: 'desk-1' });
    try {
      const page = await browser.open(`${gateway.url}/devices`);
      await appears(page, '.virtual-row a', 5_000);
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
      await page.waitForFunction(() => document.querySelector('.virtual-row a')?.textContent !== undefined &&
        Number(document.querySelector('.virtual-row')?.getAttribute('aria-rowindex')) > 2_000 &&
        document.querySelector('.placeholder') === null, undefined, { timeout: 5_000 });
      assert.ok((await page.$$('.virtual-row')).length < 60);
      await page.fill('[data-search]', 'b1-04321');
      await page.waitForFunction(() => document.querySelector('[role=table]')?.getAttribute('aria-rowcount') === '2', undefined, { timeout: 5_000 });
    } finally {
      await browser.close();
    }
  });

  it('says that it cannot sound until somebody touches it', async () => {
    const browser = await launch({ autoplay: false });
    try {
      const page = await browser.open(`${gateway.url}/board`);
      await live(page);
      await appears(page, '.strip-sound', 5_000);
      assert.equal(await body(page, 'audio'), 'suspended');
      await page.click('.strip-sound');
      await bodyBecomes(page, 'audio', 'running', 5_000);
      await page.waitForSelector('.strip-sound', { state: 'detached' });
    } finally {
      await browser.close();
    }
  });

  it('asks once for the post, then acts in the name of who is signed in', async () => {
    const browser = await launch();
    const fault = gateway.raise('fault', 50);
    try {
      const page = await browser.open(`${gateway.url}/board`);
      await page.click(`${row(fault.id)} .act-acknowledge`);
      await page.fill('dialog input', 'desk-2');
      await page.keyboard.press('Enter');
      await appears(page, row(fault.id, 'acknowledged'), 5_000);
      assert.equal(gateway.alarms.get(fault.id)?.acknowledged_by, '王芳');
      await page.reload();
      await live(page);
      assert.match((await page.textContent('.person')) ?? '', /desk-2.*王芳/);
    } finally {
      await browser.close();
    }
  });

  it('shows on the wall what is there, and only silences', async () => {
    const browser = await launch({ width: 1920, height: 1080, reducedMotion: true });
    try {
      const page = await browser.open(`${gateway.url}/wall?post=hall`);
      await live(page);
      await appears(page, '.row.pinned', 5_000);
      assert.equal(await page.$('.row .act'), null);
      const size = await page.$eval('.lamp-name', (name) => parseFloat(getComputedStyle(name).fontSize));
      assert.ok(size >= 48, `lamp names are ${size} px high`);
      await bodyBecomes(page, 'sound', 'fire', 5_000);
      await page.keyboard.press('m');
      await bodyBecomes(page, 'sound', 'none', 5_000);
      assert.equal(gateway.reports.at(-1)?.post, 'hall');
    } finally {
      await browser.close();
    }
  });
});
