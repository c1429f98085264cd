// Pictures of the pages in their states, for a person to look at: node --import tsx support/pictures.ts DIR [name part]
import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { launch, type ConsoleOptions } from './browser.ts';
import { makeAlarm, makeMessage } from './estate.ts';
import { problem } from './mock_door.ts';
import { MockGateway } from './mock_gateway.ts';
import { makeEntry } from './mock_install.ts';
import { kPorts, makeEpisode, makeHits, makeRule } from './mock_rules.ts';

const directory = process.argv[2] ?? 'pictures';
const only = process.argv[3] ?? '';
const kPhone = { width: 390, height: 844 };
const kSmallPhone = { width: 360, height: 740 };
const kDesk = { width: 1440, height: 900 };
const kWall = { width: 1920, height: 1080 };
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

function many(gateway: MockGateway): void {
  const fire = gateway.raise('fire_alarm', 8, { first_raised_at: minutesAgo(4), confirmation: 'confirmed' });
  gateway.again(fire);
  gateway.raise('fire_alarm', 9, { first_raised_at: minutesAgo(2) });
  gateway.raise('gas_alarm', 61, {
    first_raised_at: minutesAgo(6), state: 'acknowledged', acknowledged_by: '王芳', acknowledged_at: minutesAgo(5),
  });
  gateway.raise('one_key_alarm', 65, {
    first_raised_at: minutesAgo(30), state: 'latched_acknowledged', acknowledged_by: '李强', verdict: 'test', verdict_by: '李强',
  });
  gateway.raise('electrical_fire', 70, { first_raised_at: minutesAgo(12) });
  gateway.raise('charging_hazard', 123, { first_raised_at: minutesAgo(3), occurrences: 14 });
  gateway.raise('ebike_intrusion', 124, { first_raised_at: minutesAgo(9), state: 'returned_unacknowledged', late: true });
  gateway.raise('fault', 33, { first_raised_at: minutesAgo(400), state: 'acknowledged', acknowledged_by: '李强' });
  gateway.raise('fault', 34, { first_raised_at: minutesAgo(3000) });
  gateway.raise('fault', 35, { first_raised_at: minutesAgo(50), overlays: ['shelved'], shelved_until: minutesAgo(-60) });
  gateway.raise('test', 36, { first_raised_at: minutesAgo(20), state: 'acknowledged', acknowledged_by: '李强' });
}

interface Picture {
  name: string;
  size: { width: number; height: number };
  path: string;
  options?: ConsoleOptions;
  devices?: number;
  whole?: boolean; // the page in its whole length
  before?: (gateway: MockGateway) => void;
  after?: (page: Page, gateway: MockGateway) => Promise<void>;
}

const lost = async (page: Page, gateway: MockGateway) => {
  gateway.cut();
  await page.waitForSelector('[data-lost]', { timeout: 20_000 });
};
const flood = (gateway: MockGateway) => {
  for (let index = 0; index < 45; index += 1) gateway.raise(index % 9 === 0 ? 'fire_alarm' : 'fault', index * 7);
};
const tray = (gateway: MockGateway) => {
  gateway.install.put(makeEntry(1));
  gateway.install.put(makeEntry(2, { address: '新到燃气 7', suggestion: { kind: 'gas_detector', model: null, why: 'says gas' }, signal_dbm: null, battery_pct: null }));
  gateway.install.put(makeEntry(3, { suggestion: null, points: ['temperature_c'] }));
};
const sheet = async (page: Page) => {
  await page.click('[data-act=adopt]');
  await page.click('[data-chips=building] button >> nth=0');
  await page.click('[data-chips=floor] button >> nth=0');
  await page.click('[data-chips=zone] button >> nth=1');
};
const away = async (page: Page) => {
  await page.context().setOffline(true);
  await sheet(page);
  await page.click('[data-act=save]');
  await page.waitForSelector('[data-told=waiting]', { timeout: 15_000 });
};
const someTests = (gateway: MockGateway) => {
  gateway.devices.forEach((one, index) => {
    if (index % 3 === 0) gateway.install.change(one.id, { last_test: { at: minutesAgo(index), by: '王芳', passed: index % 2 === 0 } });
  });
};
const passed = async (page: Page, gateway: MockGateway) => {
  const row = await page.waitForSelector('[data-test][data-state=left]');
  const id = (await row.getAttribute('data-test'))!;
  await (await row.$('button'))!.click();
  await page.waitForSelector(`[data-test="${id}"][data-state=open]`);
  gateway.install.press(id);
  await page.waitForSelector('[data-tick]');
};
const problems = (gateway: MockGateway) => {
  gateway.install.importProblems = [
    { row: 2, column: 'building', found: 'unknown building "13"', expected: 'one of b1, b2, b3' },
    { row: 3, column: 'kind', found: 'unknown kind "冰箱"', expected: 'one of smoke_detector, gas_detector, ...' },
  ];
};
const table = (then: string) => async (page: Page) => {
  await page.setInputFiles('input[type=file]', {
    name: '设备清单.csv', mimeType: 'text/csv', buffer: Buffer.from('设备类型,IMEI,楼栋,楼层,房间\n烟感,860000000000001,13,1,101\n冰箱,860000000000002,1,1,102\n'),
  });
  await page.selectOption('[name=column-estate]', 'always');
  await page.selectOption('[name=always-estate]', 'jinxiu');
  await page.selectOption('[name=column-format]', 'always');
  await page.fill('[name=always-format]', 'native');
  await page.click('[data-act=check]');
  await page.waitForSelector(then);
};
const conflict = async (page: Page, gateway: MockGateway) => {
  await page.click('[data-act=edit]');
  await page.fill('[data-form=edit] [name=name]', '1-101-烟感9');
  gateway.install.change('b1-00008', { name: '别人起的名字', note: '刚换过电池' });
  await page.click('[data-form=edit] [data-act=save]');
  await page.waitForSelector('[data-conflict]');
};
const replaced = async (page: Page) => {
  await page.click('[data-act=replace]');
  await page.waitForSelector('[data-choose]');
};
const refused = async (page: Page, gateway: MockGateway) => {
  await page.context().setOffline(true);
  await page.click('[data-act=adopt]');
  await page.click('[data-chips=building] button >> nth=0');
  await page.click('[data-act=save]');
  await page.waitForSelector('[data-told=waiting]', { timeout: 15_000 });
  gateway.install.refuse = (at) => (at.includes(':adopt') ? problem(409, 'refused', 'adopting: somebody else has adopted it', { devices: ['b1-00008'] }) : null);
  await page.context().setOffline(false);
  await page.waitForSelector('[data-refused="1"]', { timeout: 40_000 });
  await page.click('.strip-outbox a');
  await page.waitForSelector('.conflict-side a, .conflict-side p');
};

const messages = (gateway: MockGateway) => {
  gateway.messages = [
    makeMessage('{"seq":4711,"boot":"a1","readings":{"smoke":false,"temperature_c":21.4,"battery_pct":87}}', minutesAgo(1)),
    { ...makeMessage('{"readings":{"smoke":false,"temperature_c":21.3,"battery_pct":87}}', minutesAgo(16)), retained: true },
    makeMessage(new Uint8Array(40).map((_, i) => 0xf0 + 7 * i), minutesAgo(31)),
    { ...makeMessage(`{"note":"${'烟'.repeat(1300)}`, minutesAgo(46)), bytes: 70_123, cut: true },
  ];
};
const openMessage = async (page: Page) => page.click('.raw summary');

const pictures: Picture[] = [
  { name: 'desk-0', size: kDesk, path: '/board' },
  { name: 'desk-1', size: kDesk, path: '/board', before: (gateway) => void gateway.raise('fire_alarm', 8) },
  { name: 'desk-many', size: kDesk, path: '/board', before: many },
  { name: 'desk-many-en', size: kDesk, path: '/board', before: many, options: { language: 'en' } },
  { name: 'desk-many-night', size: kDesk, path: '/board', before: many, options: { theme: 'night' } },
  { name: 'desk-nosound-nopost', size: kDesk, path: '/board', before: many, options: { autoplay: false, post: '' } },
  { name: 'desk-degraded', size: kDesk, path: '/board', before: (gateway) => {
    gateway.break('broker', 'no answer from 127.0.0.1:1883 for 42 s');
    gateway.raise('fault', 3, { rule: 'self_broker_lost' });
  } },
  { name: 'desk-flood', size: kDesk, path: '/board', devices: 5000, before: flood },
  { name: 'desk-lost', size: kDesk, path: '/board', before: many, after: lost },
  { name: 'desk-lost-night', size: kDesk, path: '/board', before: many, after: lost, options: { theme: 'night' } },
  { name: 'desk-returned', size: kDesk, path: '/board', before: many, after: async (page, gateway) => {
    await lost(page, gateway);
    gateway.raise('fire_alarm', 20);
    gateway.raise('fault', 21);
    gateway.restore();
    await page.waitForSelector('[data-missed]', { timeout: 20_000 });
  } },
  { name: 'desk-verdict', size: kDesk, path: '/board', before: (gateway) =>
    void gateway.raise('fire_alarm', 8, { state: 'acknowledged', acknowledged_by: '王芳' }),
    after: async (page) => page.click('.act-verdict') },
  { name: 'desk-reset', size: kDesk, path: '/board', before: (gateway) =>
    void gateway.raise('fire_alarm', 8, { state: 'latched_acknowledged', acknowledged_by: '王芳', verdict: 'cooking' }),
    after: async (page) => page.click('.act-reset') },
  { name: 'desk-help', size: kDesk, path: '/board', after: async (page) => page.keyboard.press('?') },
  { name: 'desk-post', size: kDesk, path: '/board', after: async (page) => page.click('.post') },
  { name: 'desk-devices', size: kDesk, path: '/devices', devices: 5000 },
  { name: 'desk-device', size: kDesk, path: '/devices/b1-00008', before: many },
  { name: 'desk-device-messages', size: kDesk, path: '/devices/b1-00008', before: messages, after: openMessage },
  { name: 'phone-device-messages-en-night', size: kSmallPhone, path: '/devices/b1-00008', before: messages, after: openMessage,
    options: { language: 'en', theme: 'night' } },
  { name: 'desk-unmapped', size: kDesk, path: '/devices/unmapped', before: tray },
  { name: 'desk-history', size: kDesk, path: '/history', before: many },
  { name: 'desk-health-en', size: kDesk, path: '/health', options: { language: 'en' }, before: (gateway) => gateway.break('store', 'disk full') },
  { name: 'desk-alarm', size: kDesk, path: '/board', before: many, after: async (page) => {
    await page.click('.row.lamp-pre_alarm .row-place');
    await page.waitForSelector('.trend-line');
  } },
  { name: 'desk-alarm-fire-en-night', size: kDesk, path: '/board', before: many, options: { language: 'en', theme: 'night' },
    after: async (page) => page.click('.row.pinned .row-place') },
  { name: 'phone-0', size: kPhone, path: '/board' },
  { name: 'phone-1', size: kPhone, path: '/board', before: (gateway) => void gateway.raise('fire_alarm', 8) },
  { name: 'phone-many', size: kPhone, path: '/board', before: many },
  { name: 'phone-many-en-night', size: kSmallPhone, path: '/board', before: many, options: { language: 'en', theme: 'night' } },
  { name: 'phone-lost', size: kPhone, path: '/board', before: many, after: lost },
  { name: 'phone-flood', size: kPhone, path: '/board', before: flood },
  { name: 'phone-alarm', size: kPhone, path: '/board', before: many, after: async (page) => page.click('.row.pinned .row-place') },
  { name: 'phone-devices', size: kPhone, path: '/devices', devices: 5000 },
  { name: 'phone-history', size: kPhone, path: '/history', before: many },
  { name: 'wall-0', size: kWall, path: '/wall?post=wall-1' },
  { name: 'wall-1', size: kWall, path: '/wall?post=wall-1', before: (gateway) => void gateway.raise('fire_alarm', 8) },
  { name: 'wall-many', size: kWall, path: '/wall?post=wall-1', before: many },
  { name: 'wall-many-en-night', size: kWall, path: '/wall?post=wall-1', before: many, options: { language: 'en', theme: 'night' } },
  { name: 'wall-lost', size: kWall, path: '/wall?post=wall-1', before: many, after: lost },
  { name: 'wall-flood', size: kWall, path: '/wall?post=wall-1', before: flood },
];

const kOffice: [string, string][] = [
  ['account', '/account'], ['users', '/users'], ['user', '/users/liqiang'], ['sessions', '/sessions'], ['tokens', '/tokens'],
  ['screens', '/screens'], ['journal', '/journal'],
];
const kHow: [string, { width: number; height: number }, ConsoleOptions][] = [
  ['desk', kDesk, {}], ['desk-en-night', kDesk, { language: 'en', theme: 'night' }], ['phone', kPhone, {}], ['phone-en-night', kPhone, { language: 'en', theme: 'night' }],
];
function office(gateway: MockGateway): void {
  gateway.raise('fault', 33);
  const { door } = gateway;
  door.addUser('zhaolei', '赵磊', '', [{ role: 'installer', estate: 'jinxiu' }, { role: 'viewer', estate: '*' }]).view.disabled = true;
  const grants = [{ role: 'viewer' as const, estate: 'jinxiu' }];
  door.tokens = [{ id: '1a2b3c4d', name: 'Grafana', user: 'wangfang', grants, created_at: minutesAgo(9000), used_at: minutesAgo(2), ends_at: minutesAgo(-99_999) }];
  for (let n = 0; n < 130; n += 1) {
    const kind = ['acknowledge', 'sign_in', 'silence', 'verdict', 'user_change', 'sign_in_refused'][n % 6]!;
    const system = kind === 'sign_in_refused';
    door.journal.push({
      seq: 1000 - n, at: minutesAgo(n * 7), kind, alarm: n % 6 === 0 ? '00f1e2d3c4b5a697' : null, subject: n % 6 === 4 ? 'user:liqiang' : 'b1-00008',
      from: n % 6 === 0 ? 'unacknowledged' : '', to: n % 6 === 0 ? 'acknowledged' : '', who: system ? 'system' : 'user:wangfang', name: system ? '' : '王芳',
      post: n % 2 ? '' : 'desk-1', address: '192.168.1.7', why: n % 6 === 3 ? 'cooking: 301 室做饭' : '',
    });
  }
  door.report = { ok: true, rows: 1284, first: 1, last: 1284, unchained: 0, checkpoints: 62, findings: [], more_findings: 0 };
}
const out = (gateway: MockGateway) => void (gateway.door.everybodyIs = null);
for (const [how, size, options] of kHow) {
  for (const [name, path] of kOffice) pictures.push({ name: `door-${name}-${how}`, size, path, before: office, options });
  pictures.push(
    { name: `door-signin-${how}`, size, path: '/board', options, before: out },
    { name: `door-signin-wrong-${how}`, size, path: '/board', options, before: out, after: async (page) => {
      await page.fill('input[name=username]', 'wangfang');
      await page.fill('input[name=password]', 'wrong');
      await page.click('button[type=submit]');
    } },
    { name: `door-ended-${how}`, size, path: '/board', options, before: many, after: async (_, gateway) => {
      out(gateway);
      gateway.door.endAll();
    } },
    { name: `door-setup-${how}`, size, path: '/board', options, before: (gateway) => {
      out(gateway);
      gateway.door.setupCode = '7K3M-09TX-VWAB-HD41';
    } },
    { name: `door-join-${how}`, size, path: '/join#secret', options, before: out },
    { name: `door-password-${how}`, size, path: '/password', options, before: out },
    { name: `door-asleep-${how}`, size, path: '/board', options, before: many, after: async (page, gateway) => {
      gateway.door.sleep();
      await page.reload();
    } },
    { name: `door-pin-${how}`, size, path: '/users/liqiang', options, after: async (page) => {
      await page.click('[data-act=drop]');
      await page.click('[data-act=sure]');
      await page.fill('input[name=pin]', '111111');
      await page.click('dialog button[type=submit]');
    } },
    { name: `door-invite-${how}`, size, path: '/screens', options, before: office, after: async (page, gateway) => {
      gateway.door.confirmAll();
      await page.fill('[data-form=invite] input[type=text], [data-form=invite] input:not([type])', 'hall-1');
      await page.click('button[type=submit]');
      await page.waitForSelector('[data-invite]');
    } },
    { name: `door-verify-broken-${how}`, size, path: '/journal', options, before: (gateway) => {
      office(gateway);
      gateway.door.report = { ok: false, rows: 1284, first: 1, last: 1284, unchained: 0, checkpoints: 62, more_findings: 3, findings: [
        { kind: 'changed_row', text: 'entry 812: its hash does not follow from entry 811' }, { kind: 'tail_cut', text: 'checkpoint 62 names entry 1300, the last is 1284' }] };
    }, after: async (page) => page.click('[data-act=verify]') },
    { name: `door-menu-${how}`, size, path: '/board', options, before: many, after: async (page) => page.click('.menu summary') },
  );
}
pictures.push(
  { name: 'door-wall-ended', size: kWall, path: '/wall?post=hall-1', before: many, after: async (_, gateway) => {
    out(gateway);
    gateway.door.endAll();
  } },
  { name: 'door-wall-signin', size: kWall, path: '/wall?post=hall-1', before: out },
);

const kWide = { width: 3840, height: 2160 };
const kViews: [string, { width: number; height: number }, ConsoleOptions][] = [
  ['phone', kSmallPhone, {}], ['phone-en-night', kSmallPhone, { language: 'en', theme: 'night' }], ['desk', kDesk, {}],
  ['desk-en-night', kDesk, { language: 'en', theme: 'night' }], ['big', kWide, {}], ['big-en-night', kWide, { language: 'en', theme: 'night' }],
];
const kRuleClasses = ['fire_alarm', 'gas_alarm', 'electrical_fire', 'charging_hazard', 'fault'] as const;
function someRules(gateway: MockGateway, count: number): void {
  const book = gateway.rulebook;
  book.rules = Array.from({ length: count }, (_, index) => makeRule(index === 0 ? 'port_hot' : `rule_${index}`, {
    class: kRuleClasses[index % 5]!, text: { zh: `充电端口过热 ${index}`, en: `Charging port hot ${index}` },
    ...(index % 4 === 1 ? { kinds: [], overrides: [] } : {}),
  }));
  book.hits = book.rules.filter((_, index) => index % 3 !== 1).map(({ id }, index) =>
    makeHits(id, 1 + ((index * 37) % 120), index % 2 ? { cooking: 1 + index % 7, real: index % 3, test: 2, steam_or_dust: index % 4 } : {}));
  book.publish({}, '王芳', '端口过热改为更早报');
  const outcomes = ['caught', 'extra', 'caught', 'missed', 'earlier', 'later'] as const;
  book.episodes = Array.from({ length: Math.min(count, 1000) }, (_, index) => makeEpisode(index, outcomes[index % 6]!, `rule_${index % Math.min(count, 30)}`));
  book.more = Math.max(0, count - 1000);
}
function someHeld(gateway: MockGateway, count: number): void {
  gateway.disablements = gateway.devices.slice(0, count).map((one, index) => ({
    device: one.id, name: one.name, place: one.place, until: minutesAgo(-5 - index * 3), by: index % 2 ? '王芳' : '李强', why: '走廊刷漆，工期到月底；完工后由物业通知恢复',
  }));
}
function someFigures(gateway: MockGateway, count: number): void {
  const ids = Array.from({ length: Math.min(count, 300) }, (_, index) => gateway.raise('fault', index, { first_raised_at: minutesAgo(2000 + index) }).id);
  gateway.figures = {
    ...gateway.figures, raises: count * 3, by_priority: count ? { fire: count, fault: 2 * count } : {}, per_10_min: count / 40, per_hour: count / 7, per_day: count * 3,
    most_in_10_min: count > 1 ? 14 : count, in_flood: count > 100, in_flood_pct: count > 1 ? 3.2 : 0, standing: count, unacknowledged: count, shelved: 2, suppressed: 1,
    out_of_service: 3, stale: ids, chattering: ids.slice(0, 2), bad_actors_pct: count ? 61.3 : 0, acknowledged: count,
    bad_actors: Array.from({ length: Math.min(10, count) }, (_, index) => ({ rule: 'port_hot', subject: `b1-0000${index}/3`, raises: 99 - 9 * index })),
    acknowledge_median_ms: count ? 14_000 : null, acknowledge_p95_ms: count ? 95_000 : null,
  };
}
function someRejected(gateway: MockGateway, count: number): void {
  gateway.rejected = Array.from({ length: count }, (_, index) => ({
    at: minutesAgo(index), source: 'z2m-1', topic: `zigbee2mqtt/${index % 7 ? '厨房烟感' : 'a-very-long-name-'.repeat(8)}${index % 11}`,
    reason: ['unparsable', 'bad_encoding', 'missing_field'][index % 3]!, detail: 'parsing JSON: found "}" at byte 14, expected a value', payload_bytes: 900,
    payload_start: index % 3 ? '{"smoke": }\\x00\\xff' : '\\x7e\\x00\\x1f'.repeat(30),
  }));
}
const change = async (page: Page) => {
  await page.waitForSelector('[data-field="when.at_least"]');
  await page.fill('[data-field="when.at_least"]', '70');
  await page.waitForSelector('[data-check=ok]');
};
const spoil = async (page: Page) => {
  await page.waitForSelector('textarea');
  await page.fill('textarea', kPorts.replace('class: fault', 'class: fier'));
  await page.waitForSelector('[data-problems]');
};
for (const [how, size, options] of kViews) {
  for (const count of [0, 1, 5000]) {
    pictures.push(
      { name: `rules-list-${count}-${how}`, size, options, path: '/rules', before: (gateway) => someRules(gateway, count) },
      { name: `rules-figures-${count}-${how}`, whole: count < 5000, size, options, path: '/figures', before: (gateway) => someFigures(gateway, count) },
      { name: `rules-held-${count}-${how}`, whole: count < 5000, size, options, path: '/health', devices: Math.max(60, count), before: (gateway) => someHeld(gateway, count) },
      { name: `rules-rejected-${count}-${how}`, size, options, path: '/devices/unmapped', before: (gateway) => someRejected(gateway, Math.min(count, 55)),
        after: async (page) => void (count && await page.click('.rejected summary')) },
      { name: `rules-backtest-${count}-${how}`, whole: count < 5000, size, options, path: '/rules?view=backtest', before: (gateway) => {
        someRules(gateway, count);
        gateway.rulebook.backtest = { ...gateway.rulebook.backtest, by: 'user:wangfang', from: minutesAgo(10_080), to: minutesAgo(0), messages: 1_203_456 };
        gateway.rulebook.finish();
      } },
    );
  }
  const one = (gateway: MockGateway) => someRules(gateway, 12);
  pictures.push(
    { name: `rules-rule-${how}`, whole: true, size, options, path: '/rules/port_hot', before: one, after: async (page) => void (size === kSmallPhone || await change(page)) },
    { name: `rules-cut-${how}`, size, options, path: '/rules', before: one, after: lost },
    { name: `rules-versions-${how}`, size, options, path: '/rules?view=versions', before: one },
    { name: `rules-shadow-${how}`, size, options, path: '/rules?view=shadow', before: (gateway) => {
      one(gateway);
      gateway.rulebook.answer('POST', '/rules/shadow', JSON.stringify({ files: { 'charging.yaml': 'x' }, note: '试一周' }), null, '王芳');
    } },
  );
  if (size !== kSmallPhone) {
    pictures.push(
      { name: `rules-files-${how}`, whole: true, size, options, path: '/rules?view=files', before: one, after: spoil },
      { name: `rules-publish-${how}`, size, options, path: '/rules/port_hot', before: one, after: async (page) => {
        await change(page);
        await page.click('[data-act=publish]');
      } },
      { name: `rules-stale-${how}`, size, options, path: '/rules/port_hot', before: one, after: async (page, gateway) => {
        await change(page);
        gateway.rulebook.publish({ 'charging.yaml': `${kPorts}# theirs\n` }, '李强', '另一处改动');
        await page.waitForSelector('[data-stale]', { timeout: 20_000 });
      } },
    );
  }
}

const kInstall: [how: string, size: Picture['size'], options: ConsoleOptions][] = [
  ['phone', kPhone, {}], ['phone-en-night', kPhone, { language: 'en', theme: 'night' }], ['wall-size', kWall, {}], ['wall-size-en', kWall, { language: 'en' }],
];
for (const [how, size, options] of kInstall) {
  pictures.push(
    { name: `install-tray-${how}`, size, options, path: '/devices/unmapped', before: tray },
    { name: `install-tray-empty-${how}`, size, options, path: '/devices/unmapped' },
    { name: `install-adopt-${how}`, size, options, path: '/devices/unmapped', before: tray, after: sheet },
    { name: `install-waits-${how}`, size, options, path: '/devices/unmapped', before: tray, after: away },
    { name: `install-refused-${how}`, size, options, path: '/devices/unmapped', before: tray, after: refused },
    { name: `install-tests-${how}`, size, options, path: '/tests', before: someTests },
    { name: `install-tick-${how}`, size, options, path: '/tests', before: someTests, after: passed },
    { name: `install-import-${how}`, whole: true, size, options, path: '/import', before: problems, after: table('[data-problems]') },
    { name: `install-device-${how}`, whole: true, size, options, path: '/devices/b1-00008', before: tray },
    { name: `install-replace-${how}`, size, options, path: '/devices/b1-00008', before: tray, after: replaced },
    { name: `install-disable-${how}`, size, options, path: '/devices/b1-00008', after: async (page) => page.click('[data-act=disable]') },
    { name: `install-conflict-${how}`, size, options, path: '/devices/b1-00008', after: conflict },
    { name: `install-lost-${how}`, size, options, path: '/devices/unmapped', before: tray, after: lost },
  );
}

async function take(picture: Picture): Promise<void> {
  const gateway = new MockGateway(picture.devices ?? 180);
  await gateway.start();
  gateway.past.push(makeAlarm('fire_alarm', 8, { first_raised_at: minutesAgo(3000), state: 'normal', verdict: 'cooking', verdict_by: '李强' }));
  picture.before?.(gateway);
  const console_ = await launch({ post: 'desk-1', language: 'zh', theme: 'day', reducedMotion: true, ...picture.size, ...picture.options });
  try {
    const page = await console_.open(gateway.url + picture.path);
    await page.waitForSelector('.lamp');
    await page.waitForTimeout(800);
    await picture.after?.(page, gateway);
    await page.waitForTimeout(500);
    await page.screenshot({ path: `${directory}/${picture.name}.png`, fullPage: picture.whole ?? false });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    console.log(picture.name, wide ? 'WIDER THAN THE SCREEN' : 'ok', gateway.violations.length ? gateway.violations : '');
  } finally {
    await console_.close();
    await gateway.stop();
  }
}

await mkdir(directory, { recursive: true });
for (const picture of pictures) {
  if (picture.name.includes(only)) await take(picture);
}
