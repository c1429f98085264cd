// The real gateway that with_gateway.py has started, by the environment:
//   FIREGATE_URL                 the gateway, http://127.0.0.1:8080
//   FIREGATE_HTTPS_URL, _CA      the same by HTTPS, https://gate.local:8443, and its local authority (PEM)
//   FIREGATE_USER, _PASSWORD     a user of it who has every role and no PIN
//   FIREGATE_MQTT_HOST, _PORT    its broker; messages are published with mosquitto_pub
//   FIREGATE_TEST_TOPIC          topic of a smoke detector that speaks the native format, fg/v1/<estate>/<device>/up
//   FIREGATE_RESTART             shell command that restarts the gateway and returns when it is started
//   FIREGATE_CUT, FIREGATE_JOIN  shell commands that stop the gateway's process without ending it (kill -STOP) and continue it;
//                                messages published in between wait in the broker
// The gateway must be quiet otherwise: no other alarm may sound.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import type { Console } from './browser.ts';
import { live, signIn } from './person.ts';

export const run = promisify(execFile);
const given = (name: string) => process.env[name] ?? '';

export const url = given('FIREGATE_URL');
export const httpsUrl = given('FIREGATE_HTTPS_URL');
export const authority = given('FIREGATE_CA');
export const user = given('FIREGATE_USER');
export const password = given('FIREGATE_PASSWORD');
export const topic = given('FIREGATE_TEST_TOPIC');
export const device = topic.split('/')[3] ?? '';
export const kPost = 'desk-1';
export const absent = url && topic ? false : 'FIREGATE_URL and FIREGATE_TEST_TOPIC are not set';

export async function command(name: 'FIREGATE_RESTART' | 'FIREGATE_CUT' | 'FIREGATE_JOIN'): Promise<void> {
  const line = given(name);
  assert.ok(line, `${name} is not set`);
  await run('sh', ['-c', line], { timeout: 60_000 });
}

// One message; or, `by` line, as many as the text has lines.
export async function publish(to: string, text: string, by: 'whole' | 'line' = 'whole'): Promise<void> {
  const sent = run('mosquitto_pub', [
    '-h', given('FIREGATE_MQTT_HOST') || '127.0.0.1', '-p', given('FIREGATE_MQTT_PORT') || '1883', '-q', '1', '-t', to, by === 'line' ? '-l' : '-s',
  ], { timeout: 20_000 });
  sent.child.stdin!.end(text);
  await sent;
}

let seq = Date.now() % 1_000_000_000;
export async function smoke(value: boolean): Promise<void> {
  seq += 1;
  await publish(topic, JSON.stringify({ seq, boot: 'browser', readings: { smoke: value } }));
}

export async function until(what: string, limit: number, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + limit;
  while (!(await check().catch(() => false))) {
    assert.ok(Date.now() < end, `${what}: not within ${limit} ms`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

// The test's own way in, beside those of the browsers: a session, or a token.
export class Caller {
  #headers: Record<string, string>;
  constructor(headers: Record<string, string>) {
    this.#headers = headers;
  }

  static async signedIn(name = user, secret = password): Promise<Caller> {
    const response = await fetch(`${url}/api/v1/session`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ user: name, password: secret }),
    });
    assert.equal(response.status, 200, await response.clone().text());
    const cookie = response.headers.getSetCookie()[0]!.split(';')[0]!;
    return new Caller({ cookie, 'x-firegate-token': ((await response.json()) as { csrf: string }).csrf });
  }

  // Waits as it is told to where it asks too often.
  async ask(path: string, body?: object, method = body ? 'POST' : 'GET', more: Record<string, string> = {}): Promise<Response> {
    const response = await fetch(`${url}/api/v1${path}`, {
      method, headers: { 'content-type': 'application/json', ...this.#headers, ...more }, ...(body && { body: JSON.stringify(body) }),
    });
    if (response.status !== 429) return response;
    await response.arrayBuffer();
    await new Promise((done) => setTimeout(done, 1000 * Number(response.headers.get('retry-after'))));
    return this.ask(path, body, method);
  }
  async value<T>(path: string, body?: object, method?: string): Promise<T> {
    return (await (await this.ask(path, body, method)).json()) as T;
  }
}

export interface Seen { id: string; state: string; class: string; device: { id: string } }
async function alarmsOf(caller: Caller, of: string, name: string): Promise<Seen[]> {
  const { alarms } = await caller.value<{ alarms: Seen[] }>('/alarms');
  return alarms.filter((alarm) => alarm.device.id === of && alarm.class === name);
}
export const firesOf = (caller: Caller) => alarmsOf(caller, device, 'fire_alarm');
export const alarmOf = async (caller: Caller, of: string, name: string) => (await alarmsOf(caller, of, name))[0]?.id;

// Brings the detector's alarm to `normal` by the acts that a person would use.
export async function settle(caller: Caller): Promise<void> {
  await smoke(false);
  await until('the fire is off the list', 15_000, async () => {
    const [fire] = await firesOf(caller);
    if (!fire) return true;
    const actor = { post: kPost };
    if (fire.state === 'latched_unacknowledged') await caller.value(`/alarms/${fire.id}/acknowledge`, actor);
    else if (fire.state === 'latched_acknowledged') {
      await caller.value(`/alarms/${fire.id}/verdict`, { ...actor, verdict: 'test', why: '' });
      await caller.value(`/alarms/${fire.id}/reset`, { ...actor, why: '' });
    }
    return false;
  });
}

// As a person does it.
export async function signInOn(browser: Console, at = url): Promise<void> {
  const page = await browser.open(`${at}/signin`);
  await signIn(page, user, password);
  await live(page, 15_000);
  await page.close();
}

export const row = (state = '', of = device) => `.row.lamp-fire[data-device="${of}"]${state && `[data-state="${state}"]`}`;

// A press on a row that has just moved is refused, and the board says so: a person presses once more.
export async function acknowledge(page: Page): Promise<void> {
  await until('the acknowledgement', 10_000, async () => {
    if (await page.$(row('acknowledged'))) return true;
    await page.click(`${row()} .act-acknowledge`, { timeout: 1_000 });
    return page.waitForSelector(row('acknowledged'), { timeout: 1_000 }).then(() => true);
  });
}
