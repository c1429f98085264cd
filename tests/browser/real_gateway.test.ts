// The same promises, kept by the real gateway and a real broker. Skipped unless the environment says where they are:
//   FIREGATE_URL                 the gateway, http://127.0.0.1:8080
//   FIREGATE_USER, _PASSWORD     a user of it who may acknowledge, silence, give a verdict and reset
//   FIREGATE_MQTT_HOST, _PORT    its broker; messages are published with mosquitto_pub
//   FIREGATE_TEST_TOPIC          topic of a smoke detector that speaks the native format, fg/v1/<estate>/<device>/up
//   FIREGATE_RESTART             shell command that restarts the gateway and returns when it is started
//   FIREGATE_CUT, FIREGATE_JOIN  shell commands that stop the gateway's process without ending it (kill -STOP) and continue it;
//                                messages published in between wait in the broker
// The gateway must be quiet otherwise: no other alarm may sound.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { appears, launch, type Console } from './support/browser.ts';
import { assertAccessible, body, bodyBecomes, collectFaults } from './support/checks.ts';

const run = promisify(execFile);
const url = process.env['FIREGATE_URL'] ?? '';
const host = process.env['FIREGATE_MQTT_HOST'] ?? '127.0.0.1';
const port = process.env['FIREGATE_MQTT_PORT'] ?? '1883';
const topic = process.env['FIREGATE_TEST_TOPIC'] ?? '';
const device = topic.split('/')[3] ?? '';
const user = process.env['FIREGATE_USER'] ?? '';
const password = process.env['FIREGATE_PASSWORD'] ?? '';
const kPost = 'desk-1';

async function command(name: 'FIREGATE_RESTART' | 'FIREGATE_CUT' | 'FIREGATE_JOIN'): Promise<void> {
  const line = process.env[name];
  assert.ok(line, `${name} is not set`);
  await run('sh', ['-c', line], { timeout: 60_000 });
}

let seq = Date.now() % 1_000_000_000;
async function smoke(value: boolean): Promise<void> {
  seq += 1;
  const payload = JSON.stringify({ seq, boot: 'browser', readings: { smoke: value } });
  await run('mosquitto_pub', ['-h', host, '-p', port, '-q', '1', '-t', topic, '-m', payload]);
}

// The test's own session, beside those of the browsers.
let session: Record<string, string> = {};
async function signIn(): Promise<void> {
  const response = await fetch(`${url}/api/v1/session`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ user, password }),
  });
  assert.equal(response.status, 200, await response.clone().text());
  const cookie = response.headers.getSetCookie()[0]!.split(';')[0]!;
  session = { cookie, 'x-firegate-token': ((await response.json()) as { csrf: string }).csrf };
}

async function api<T>(path: string, given?: object): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    headers: { 'content-type': 'application/json', ...session },
    ...(given && { method: 'POST', body: JSON.stringify(given) }),
  });
  return (await response.json()) as T;
}

// As a person does it.
async function signInOn(browser: Console): Promise<void> {
  const page = await browser.open(`${url}/signin`);
  await page.fill('input[autocomplete=username]', user);
  await page.fill('input[autocomplete=current-password]', password);
  await page.keyboard.press('Enter');
  await bodyBecomes(page, 'link', 'live', 15_000);
  await page.close();
}

interface Seen { id: string; state: string; class: string; device: { id: string } }
async function fires(): Promise<Seen[]> {
  const { alarms } = await api<{ alarms: Seen[] }>('/alarms');
  return alarms.filter((alarm) => alarm.device.id === device && alarm.class === 'fire_alarm');
}

async function until(what: string, limit: number, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + limit;
  while (!(await check().catch(() => false))) {
    assert.ok(Date.now() < end, `${what}: not within ${limit} ms`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

// Brings the detector's alarm to `normal` by the acts that a person would use.
async function settle(): Promise<void> {
  await smoke(false);
  await until('the fire is off the list', 15_000, async () => {
    const [fire] = await fires();
    if (!fire) return true;
    const actor = { post: kPost };
    if (fire.state === 'latched_unacknowledged') await api(`/alarms/${fire.id}/acknowledge`, actor);
    else if (fire.state === 'latched_acknowledged') {
      await api(`/alarms/${fire.id}/verdict`, { ...actor, verdict: 'test', why: '' });
      await api(`/alarms/${fire.id}/reset`, { ...actor, why: '' });
    }
    return false;
  });
}

const row = (state = '') => `.row.lamp-fire[data-device="${device}"]${state && `[data-state="${state}"]`}`;

// A press on a row that has just moved is refused, and the board says so: a person presses once more.
async function acknowledge(page: Page): Promise<void> {
  await until('the acknowledgement', 10_000, async () => {
    if (await page.$(row('acknowledged'))) return true;
    await page.click(`${row()} .act-acknowledge`, { timeout: 1_000 });
    return page.waitForSelector(row('acknowledged'), { timeout: 1_000 }).then(() => true);
  });
}

describe('the board of the real gateway', { skip: url && topic ? false : 'FIREGATE_URL and FIREGATE_TEST_TOPIC are not set' }, () => {
  let browsers: Console[] = [];
  let pages: Page[] = [];
  let faults: string[] = [];

  before(async () => {
    await signIn();
    browsers = await Promise.all([launch({ post: kPost }), launch({ post: 'desk-2' })]);
    await Promise.all(browsers.map(signInOn));
  });
  after(async () => {
    for (const browser of browsers) await browser.close();
  });
  beforeEach(async () => {
    await settle();
    for (const page of pages) await page.close();
    pages = await Promise.all(browsers.map((browser) => browser.open(`${url}/board`)));
    faults = collectFaults(pages[0]!);
    await Promise.all(pages.map((page) => bodyBecomes(page, 'link', 'live', 10_000)));
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
    const [fire] = await fires();
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
  });

  it('keeps an alarm over a restart', { skip: process.env['FIREGATE_RESTART'] ? false : 'FIREGATE_RESTART is not set' }, async () => {
    const page = pages[0]!;
    await smoke(true);
    await appears(page, row('unacknowledged'), 5_000);
    const [fire] = await fires();
    await command('FIREGATE_RESTART');
    await until('the gateway is back', 30_000, async () => (await fires()).some((one) => one.id === fire!.id));
    await bodyBecomes(page, 'link', 'live', 20_000);
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
      await bodyBecomes(page, 'link', 'live', 10_000);
      await page.waitForTimeout(500);
      await assertAccessible(page).catch((error: Error) => assert.fail(`${path}: ${error.message}`));
    }
    assert.deepEqual(faults, []);
  });
});
