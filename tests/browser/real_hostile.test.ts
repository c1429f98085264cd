// Fifty hostile texts in every field that can be written by API and in what devices say, through every page, at a desk and on a phone,
// against the real gateway: each is shown as it is or was refused; none runs, fetches, or breaks a page.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { appears, launch, type Console } from './support/browser.ts';
import { assertUnharmed, goTo, kHostile, watch } from './support/hostile.ts';
import { live, signIn } from './support/person.ts';
import { absent, alarmOf, Caller, kPost, password, publish, until, url } from './support/real.ts';

const kName = '<img src=x onerror=window.__ran=1>'; // of whoever walks through the pages
const kSecret = '六号楼的猫很安静';
const kAll = ['viewer', 'operator', 'duty', 'installer', 'manager', 'admin'].map((role) => ({ role, estate: '*' }));
const kBurning = 'hostile-0';
const kTalking = 'hostile-1';
const kBabbling = 'hostile-2';
const kBroken = 'hostile-3';
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();

// What the gateway took, by where it is shown.
const kept = { names: [] as string[], tokens: [] as string[], labels: [] as string[], said: {} as Record<string, string[]>, posts: [] as string[], rules: [] as string[] };

// Offers each text to `ask`; those that were taken. What is not taken is refused for what it is.
async function offer(ask: (text: string, index: number) => Promise<Response>, refusals: readonly number[] = [400]): Promise<string[]> {
  const taken: string[] = [];
  for (const [index, text] of kHostile.entries()) {
    const response = await ask(text, index);
    if (response.ok) taken.push(text);
    else assert.ok(refusals.includes(response.status), `${response.status} ${await response.text()} for ${JSON.stringify(text)}`);
  }
  assert.ok(taken.length >= 30, `only ${taken.length} were taken: the others are not put to the test`);
  return taken;
}

// A user has so many sessions, and no more: the phones belong to several.
async function writeAccounts([caller, ...others]: [Caller, ...Caller[]]): Promise<void> {
  const hosts = [caller, ...others];
  kept.names = await offer((name, index) => caller.ask('/users', { id: `h${index}`, name, grants: [{ role: 'viewer', estate: 'jinxiu' }] }));
  kept.tokens = await offer((name) => caller.ask('/tokens', { name, grants: [{ role: 'viewer', estate: 'jinxiu' }], ends_at: tomorrow() }));
  kept.labels = await offer(async (label, index) => {
    const made = await hosts[index % hosts.length]!.ask('/invites', { kind: 'phone', label, grants: [{ role: 'viewer', estate: 'jinxiu' }] });
    if (!made.ok) return made;
    return caller.ask('/invites:redeem', { secret: ((await made.json()) as { secret: string }).secret });
  });
}

// Acts on an alarm and undoes them, again and again: each has its reason in the timeline. A fire cannot be shelved.
async function writeReasons(tokens: Caller[], fire: string, fault: string): Promise<void> {
  const act = (index: number, kind: string, more: object, alarm = fire) => tokens[index % tokens.length]!.ask(`/alarms/${alarm}/${kind}`, { post: kPost, ...more });
  const pairs = [[fire, 'acknowledge', 'unacknowledge', {}], [fault, 'shelve', 'unshelve', { until: tomorrow() }]] as const;
  for (const [alarm, first, second, more] of pairs) {
    kept.said[first] = [];
    kept.said[second] = [];
    await offer(async (why, index) => {
      const done = await act(index, first, { why, ...more }, alarm);
      if (!done.ok) return done;
      kept.said[first]!.push(why);
      const undone = await act(index, second, { why }, alarm);
      if (undone.ok) kept.said[second]!.push(why);
      return undone;
    });
  }
  assert.ok((await act(0, 'acknowledge', {})).ok);
  kept.said['verdict'] = await offer((why, index) => act(index, 'verdict', { verdict: 'test', why }));
  await offer(async (post, index) => {
    const done = await act(index, 'verdict', { verdict: 'test', post });
    if (done.ok) kept.posts.push(post);
    return done;
  });
}

// A rule for each text that the checker takes, in one file; the reason for it is hostile as well.
async function writeRules(caller: Caller): Promise<void> {
  const quoted = (text: string) => JSON.stringify(text).replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const line = (text: string, index: number) =>
    `  - {id: hostile_${index}, kinds: [relay], class: test, text: {zh: ${quoted(text)}, en: ${quoted(text)}}, source: ${quoted(text)}, when: {point: test, is: true}}`;
  const patch = (texts: readonly string[]) => ({ 'hostile.yaml': ['rules:', ...texts.map(line), ''].join('\n') });
  let texts: readonly string[] = kHostile;
  for (let turns = 0; turns < kHostile.length; turns += 1) {
    const { ok, problems } = await caller.value<{ ok: boolean; problems: { line: number }[] }>('/rules:check', { files: patch(texts) });
    if (ok) break;
    const wrong = new Set(problems.map((one) => one.line - 2));
    texts = texts.filter((_, index) => !wrong.has(index));
  }
  assert.ok(texts.length >= 30, `only ${texts.length} were taken: the others are not put to the test`);
  const { version } = await caller.value<{ version: number }>('/rules/files');
  const published = await caller.ask('/rules:publish', { files: patch(texts), note: kName }, 'POST', { 'if-match': `"${version}"` });
  assert.equal(published.status, 200, await published.text());
  kept.rules = [...texts];
}

// A topic can hold neither wildcards nor control characters; a name in it ends at a slash.
const inTopic = (text: string) => text.replace(/[\u0000-\u001f\u007f+#/\u2028\u2029\ufeff]/g, '').slice(0, 60);
const kAddresses = [...new Set(kHostile.map(inTopic))].filter((one) => one.trim() === one && one !== '');

// Of a device that talks much the first ten messages are kept.
async function speak(): Promise<void> {
  const tenths = Array.from({ length: 10 }, (_, tenth) => kHostile.slice(5 * tenth, 5 * tenth + 5));
  const line = (notes: string[]) => JSON.stringify({ readings: { smoke: false, fault_code: notes[0]!.slice(0, 20) }, notes });
  await publish(`fg/v1/jinxiu/${kTalking}/up`, tenths.map(line).join('\n'), 'line');
  await publish(`fg/v1/jinxiu/${kBabbling}/up`, kHostile.join('\n')); // no message at all
  for (let from = 0; from < kAddresses.length; from += 8) {
    await Promise.all(kAddresses.slice(from, from + 8).map((name, index) =>
      publish(`zigbee2mqtt/${name}`, JSON.stringify({ smoke: from + index < 3, battery: 80, note: kHostile[from + index] }))));
  }
  await Promise.all(kHostile.map(inTopic).slice(0, 8).map((name) => publish(`fg/v1/jinxiu/${name}/up`, '{"readings":{"smoke":true}}')));
}

async function makeWalker(caller: Caller, id: string): Promise<Caller> {
  const made = await caller.value<{ invite: { secret: string } }>('/users', { id, name: kName, grants: kAll });
  assert.equal((await caller.ask('/password', { secret: made.invite.secret, password: kSecret })).status, 204);
  const walker = await Caller.signedIn(id, kSecret);
  assert.ok((await walker.ask('/session:confirm', { password: kSecret })).ok);
  return walker;
}

describe('hostile texts', { skip: absent }, () => {
  const layouts = [
    { id: 'walker-desk', width: 1440, height: 900, language: 'zh' },
    { id: 'walker-phone', width: 360, height: 740, phone: true, language: 'en' },
  ] as const;
  let fire = '';
  let fault = '';
  let devices: { id: string; name: string }[] = [];
  let walkers: Caller[] = [];
  let browsers: Console[] = [];

  before(async () => {
    const caller = await Caller.signedIn();
    assert.ok((await caller.ask('/session:confirm', { password })).ok);
    walkers = await Promise.all(layouts.map(({ id }) => makeWalker(caller, id)));
    const walker = walkers[0]!;
    devices = (await walker.value<{ devices: typeof devices }>('/devices?q=hostile-&limit=200')).devices;
    assert.ok(devices.length >= 40, `${devices.length} devices have hostile names`);
    const tokens: Caller[] = [];
    for (const name of ['one', 'two', 'three']) {
      const made = await caller.value<{ secret: string }>('/tokens', { name, grants: [{ role: 'duty', estate: '*' }], ends_at: tomorrow() });
      tokens.push(new Caller({ authorization: `Bearer ${made.secret}` }));
    }
    for (const { id } of devices.filter((_, index) => index % 5 === 0)) {
      await publish(`fg/v1/jinxiu/${id}/up`, '{"readings":{"smoke":true}}');
    }
    await publish(`fg/v1/jinxiu/${kBroken}/up`, '{"readings":{"tamper":true}}');
    await until('the first of them burns, another is broken', 10_000, async () => {
      fire = (await alarmOf(walker, kBurning, 'fire_alarm')) ?? '';
      fault = (await alarmOf(walker, kBroken, 'fault')) ?? '';
      return fire !== '' && fault !== '';
    });
    await Promise.all([writeAccounts([caller, ...walkers]), writeReasons(tokens, fire, fault), writeRules(walker), speak()]);
    browsers = await Promise.all(layouts.map((layout) => launch({ post: kPost, reducedMotion: true, ...layout })));
  });
  after(async () => {
    for (const browser of browsers) await browser.close();
  });

  it('are shown as they are on every page, or were refused, and do nothing', async () => {
    await Promise.all(layouts.map((layout, index) => walk(browsers[index]!, layout.id)));
  });

  it('are no formulas in what is exported', async () => {
    const csv = await (await walkers[0]!.ask('/journal.csv')).text();
    assert.ok(csv.includes('HYPERLINK'), 'the formulas are in it');
    assert.deepEqual(csv.match(/(^|,|\n)"?[=+@-][A-Z(]?.{0,20}/g) ?? [], []);
  });

  async function walk(browser: Console, id: string): Promise<void> {
    const harm = await watch(browser, url);
    const page = await browser.open(`${url}/signin?to=${encodeURIComponent('//evil.example/')}`);
    await signIn(page, id, kSecret);
    await live(page, 15_000);
    await assertUnharmed(page, '/board', [kName]);
    const burning = devices.filter((_, index) => index % 5 === 0);
    const shown = burning.map(({ name }) => name);
    await appears(page, `.row[data-device="${burning.at(-1)!.id}"]`, 5_000);
    await assertUnharmed(page, '/board', [kName, ...shown, ...kAddresses.slice(0, 3)]);

    const talking = kHostile.map((text) => JSON.stringify(text));
    const { shelve, unshelve, ...ofFire } = kept.said;
    const pages: [string, readonly string[]][] = [
      [`/alarms/${fire}`, [...Object.values(ofFire).flat(), ...kept.posts]],
      [`/alarms/${fault}`, [...shelve!, ...unshelve!]],
      ['/history', shown],
      [`/devices/${kTalking}`, [devices.find((one) => one.id === kTalking)!.name, ...talking]],
      [`/devices/${kBabbling}`, []],
      ['/devices/unmapped', kAddresses],
      ['/health', []],
      ['/figures', []],
      ['/rules', kept.rules],
      ['/rules/hostile_0', [kept.rules[0]!]],
      ['/rules?view=files&file=hostile.yaml', []],
      ['/rules?view=versions', [kName]],
      ['/account', []],
      ['/users', kept.names],
      ['/users/h0', [kHostile[0]!]],
      ['/sessions', kept.labels],
      ['/tokens', kept.tokens],
      ['/screens', []],
      ['/journal', []],
      ['/journal?kind=acknowledge', kept.said['acknowledge']!],
      ['/journal?kind=verdict', kept.said['verdict']!],
      ['/journal?kind=user_create', kept.names],
    ];
    for (const [to, texts] of pages) {
      await goTo(page, to);
      await assertUnharmed(page, to, texts);
    }
    await lookAtDevices(page);
    for (const text of ['<script>window.__ran=1</script>', 'javascript:window.__ran=1', '"><img src=x onerror=window.__ran=1>']) {
      const inside = encodeURIComponent(text);
      for (const to of [`/devices?q=${inside}`, `/history?class=${inside}`, `/journal?who=${inside}`, `/nowhere/${inside}`, `/wall?post=${inside}`]) {
        await goTo(page, to);
        await assertUnharmed(page, to, []);
      }
    }
    assert.deepEqual(harm, []);
  }

  // The list holds the rows in view only.
  async function lookAtDevices(page: Page): Promise<void> {
    await goTo(page, '/devices?q=hostile-');
    await appears(page, '.device-name a', 5_000);
    const seen = new Set<string>();
    for (let from = 0; from < 60 && seen.size < devices.length; from += 1) {
      await page.evaluate((to) => scrollTo(0, to), from * 400);
      await page.waitForTimeout(50);
      for (const name of await page.$$eval('.device-name a', (all) => all.map((one) => one.textContent ?? ''))) seen.add(name);
    }
    assert.deepEqual(devices.filter(({ name }) => !seen.has(name)), []);
    await assertUnharmed(page, '/devices', []);
  }
});
