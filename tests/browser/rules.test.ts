// The rules and the figures in a real Chromium, against the scripted gateway: looked at by everybody, changed, tried and published by who may.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { appears, launch, type Console } from './support/browser.ts';
import { assertGood, kLayouts } from './support/checks.ts';
import { makeAlarm } from './support/estate.ts';
import { assertUnharmed, kHostile, watch } from './support/hostile.ts';
import type { MockGateway } from './support/mock_gateway.ts';
import { kPorts, makeEpisode, makeHits, makeRule } from './support/mock_rules.ts';
import { givePassword, givePin, live } from './support/person.ts';
import { onStage } from './support/stage.ts';

const kField = '[data-field="when.at_least"]';

describe('the rules', () => {
  let gateway: MockGateway;
  let browser: Console;
  let page: Page;

  onStage((stage) => {
    ({ gateway, browser, page } = stage);
    const book = gateway.rulebook;
    book.rules = [
      makeRule('port_hot', { class: 'charging_hazard' }),
      makeRule('smoke_alarm', { class: 'fire_alarm', kinds: [], text: { zh: '烟感火警', en: 'Smoke alarm' }, overrides: [], file: 'detectors.yaml', line: 2 }),
    ];
    book.hits = [makeHits('smoke_alarm', 9, { real: 1, cooking: 3, test: 2 })];
  });
  const open = async (to: string) => {
    await page.goto(gateway.url + to);
    await live(page);
  };
  const holds = (selector: string, wanted: RegExp) => page.waitForFunction(
    ([where, source]) => new RegExp(source!).test(document.querySelector(where!)?.textContent ?? ''), [selector, wanted.source] as const, { timeout: 10_000, polling: 50 });
  const hasText = (wanted: string) => page.waitForFunction(
    (part) => document.querySelector('textarea')?.value.includes(part), wanted, { timeout: 10_000, polling: 50 });
  const asked = (path: string) => gateway.rulebook.asked.filter((one) => one.path === path);
  const askedBecomes = async (path: string, count: number) => {
    for (let left = 200; asked(path).length < count; left -= 1) {
      assert.ok(left > 0, `${path} was asked for ${asked(path).length} times, expected ${count}`);
      await page.waitForTimeout(50);
    }
  };
  const change = async (to: string) => {
    await appears(page, kField, 10_000);
    await page.fill(kField, to);
    await appears(page, '[data-check=ok]', 10_000);
  };

  it('list what each has raised and how much of it was false', async () => {
    await open('/rules');
    await holds('[data-rule=smoke_alarm]', /烟感火警.*75 %/);
    assert.deepEqual(await page.$$eval('[data-rule]', (all) => all.map((one) => (one as HTMLElement).dataset['rule'])), ['smoke_alarm', 'port_hot']);
    await holds('[data-version]', /现行第 1 版.*文件夹/);
    await page.fill('input[type=search]', '端口');
    await page.waitForSelector('[data-rule=smoke_alarm]', { state: 'detached' });
    await page.click('[data-rule=port_hot] a');
    await holds('.limits', /充电隐患：端口温度 ≥ 65（低于 60 恢复），持续 10s/);
    await holds('[data-hits]', /30 天内没有报过/);
  });

  it('are shown to who may not change them, and their files are not asked for', async () => {
    gateway.door.everybodyIs = 'liqiang';
    await open('/rules/port_hot');
    await appears(page, '.limits', 10_000);
    assert.equal(await page.$('.tabs'), null);
    assert.equal(await page.$('textarea'), null);
    assert.deepEqual(gateway.door.requests.filter(({ path }) => path === '/rules/files'), []);
  });

  it('are read only for the manager of one estate', async () => {
    gateway.door.users.get('liqiang')!.view.grants = [{ role: 'manager', estate: 'jinxiu' }];
    gateway.door.everybodyIs = 'liqiang';
    await open('/rules/port_hot');
    await appears(page, '[data-read-only]', 10_000);
    assert.equal(await page.$('textarea'), null);
    assert.equal(await page.$('.tabs'), null);
    assert.deepEqual(gateway.door.requests.filter(({ path }) => path === '/rules/files'), []);
  });

  it('ask nobody for a password who only looks, and before the files are shown do', async () => {
    await open('/');
    gateway.door.sleep();
    await open('/rules/port_hot');
    await appears(page, '.limits', 10_000);
    assert.equal(await page.$('dialog'), null);
    await page.click('[data-act=wake]');
    await givePassword(page, 'correct horse');
    await appears(page, kField, 10_000);
  });

  it('are one text, by form and by hand; what is not published outlives the page', async () => {
    await open('/rules/port_hot');
    await change('70');
    await hasText('at_least: 70, clears_below: 60}');
    await page.fill('textarea', kPorts.replace('at_least: 65', 'at_least: 72.5'));
    await page.waitForFunction((selector) => document.querySelector<HTMLInputElement>(selector)?.value === '72.5', kField);
    await page.fill(kField, 'not a number');
    await hasText('at_least: 72.5');
    await page.click('.back');
    await appears(page, '[data-kept]', 10_000);
    await page.click('[data-kept] a');
    await hasText('at_least: 72.5');
    await page.click('[data-act=discard]');
    await page.click('dialog [data-act=sure]');
    await hasText('at_least: 65');
    assert.equal(await page.$('[data-draft]'), null);
  });

  it('are published with a note and the PIN, and the version says by whom and why', async () => {
    await open('/rules/port_hot');
    await change('70');
    await page.click('[data-act=publish]');
    await page.fill('dialog input[name=note]', '夏天太热');
    await page.click('[data-act=publish-now]');
    await givePin(page, '271828');
    await askedBecomes('POST /rules:publish', 1);
    const [published] = asked('POST /rules:publish');
    assert.equal(published!.match, '"1"');
    assert.deepEqual(published!.body, { files: { 'charging.yaml': kPorts.replace('at_least: 65', 'at_least: 70') }, note: '夏天太热' });
    await page.waitForSelector('[data-draft]', { state: 'detached' });
    await hasText('at_least: 70');
    await page.click('.tabs a[href="/rules?view=versions"]');
    await holds('[data-version="2"]', /现行.*王芳.*夏天太热/);
    await page.click('[data-version="1"] [data-act=rollback]');
    await page.fill('dialog input[name=note]', '误报多');
    await page.click('[data-act=rollback-now]');
    await holds('[data-version="3"]', /现行.*回退到第 1 版.*误报多/);
    assert.deepEqual(asked('POST /rules:rollback').map(({ body, match }) => [body, match]), [[{ version: 1, note: '误报多' }, '"2"']]);
  });

  it('show every problem where it is, and are not published with one', async () => {
    await open('/rules?view=files');
    await appears(page, 'textarea', 10_000);
    await page.fill('textarea', `${kPorts}  - id: other\n    class: fier\n`.replace('class: fault', 'class: fautl'));
    await page.waitForFunction(() => document.querySelectorAll('.code-said').length === 2, undefined, { timeout: 10_000 });
    assert.deepEqual(await page.$$eval('.code-line.code-bad mark', (all) => all.map((one) => one.textContent)), ['fautl', 'fier']);
    assert.deepEqual(await page.$$eval('.code-numbers .code-bad', (all) => all.map((one) => one.textContent)), ['5', '11']);
    assert.deepEqual(await page.$$eval('[data-problems] button', (all) => all.map((one) => one.textContent)), ['charging.yaml 5:12', 'charging.yaml 11:12']);
    await page.click('[data-problems] button >> nth=1');
    assert.equal(await page.$eval('textarea', (area) => area.value.slice(area.selectionStart).split('\n')[0]), 'fier');
    assert.equal(await page.isDisabled('[data-act=publish]'), true);
    await page.selectOption('select[name=file]', 'detectors.yaml');
    await page.waitForFunction(() => document.querySelectorAll('[data-problems-elsewhere] li').length === 2, undefined, { timeout: 10_000 });
  });

  it('that cannot be read as YAML leave the form waiting, and say where', async () => {
    await open('/rules/port_hot');
    await appears(page, 'textarea', 10_000);
    await page.fill('textarea', kPorts.replace('{point:', '{{point:'));
    await holds('[data-broken]', /第 \d+ 行/);
    assert.equal(await page.$(kField), null);
    await page.fill('textarea', kPorts);
    await appears(page, kField, 10_000);
  });

  it('say clearly that somebody else has published, and go on only when told how', async () => {
    await open('/rules/port_hot');
    await change('70');
    gateway.rulebook.publish({ 'charging.yaml': `${kPorts}# theirs\n` }, '李强', '另一处');
    await appears(page, '[data-stale]', 25_000);
    await holds('[data-stale]', /第 2 版.*李强.*另一处.*charging\.yaml/);
    assert.equal(await page.isDisabled('[data-act=publish]'), true);
    await page.click('[data-act=keep]');
    await page.waitForSelector('[data-stale]', { state: 'detached' });
    await page.click('[data-act=publish]:not([disabled])');
    await page.fill('dialog input[name=note]', '我的');
    gateway.door.confirmAll();
    await page.click('[data-act=publish-now]');
    await askedBecomes('POST /rules:publish', 1);
    assert.equal(asked('POST /rules:publish')[0]!.match, '"2"');
  });

  it('that were overtaken in the moment of publishing are refused, and nothing typed is lost', async () => {
    await open('/rules/port_hot');
    await change('70');
    await page.click('[data-act=publish]');
    await page.fill('dialog input[name=note]', '我的');
    gateway.door.confirmAll();
    gateway.rulebook.publish({}, '李强', '刚刚');
    await page.click('[data-act=publish-now]');
    await appears(page, 'dialog .refusal[data-code=precondition_failed]', 10_000);
    await page.click('dialog .button >> nth=0');
    await appears(page, '[data-stale]', 10_000);
    await hasText('at_least: 70');
  });

  it('are tried on what was recorded: episodes as bars and rows, those that differ first', async () => {
    const book = gateway.rulebook;
    book.episodes = [...['extra', 'missed', 'earlier', 'later'].map((one, index) => makeEpisode(index, one as 'extra')), makeEpisode(4, 'caught', 'smoke_alarm')];
    await open('/rules/port_hot');
    await change('70');
    await page.click('[data-draft] a[href="/rules?view=backtest"]');
    await page.click('[data-form=backtest] [data-act=start]:not([disabled])');
    await appears(page, '[data-backtest=running]', 10_000);
    const [started] = asked('POST /rules:backtest');
    const { files, from, to } = started!.body as { files: object; from: string; to: string };
    assert.deepEqual(Object.keys(files), ['charging.yaml']);
    assert.equal(Date.parse(to) - Date.parse(from), 7 * 86_400_000);
    book.finish();
    await appears(page, '[data-backtest=done]', 10_000);
    assert.deepEqual(await page.$$eval('[data-outcome] dd', (all) => all.map((one) => one.textContent)), ['1', '1', '1', '1', '1']);
    assert.deepEqual(await page.$$eval('[data-episode]', (all) => all.map((one) => (one as HTMLElement).dataset['episode'])), ['extra', 'missed', 'earlier', 'later', 'caught']);
    assert.equal((await page.$$('svg .bar')).length, 8);
    await holds('[data-episode=earlier]', /早 42\.5 秒/);
    await holds('.chart-names', /port_hot.*smoke_alarm/);
  });

  it('judge in the shadow, to be taken over or stopped', async () => {
    gateway.rulebook.episodes = [makeEpisode(1, 'extra')];
    await open('/rules/port_hot');
    await change('70');
    await page.click('[data-draft] a[href="/rules?view=shadow"]');
    await page.fill('[data-form=shadow] input[name=note]', '试一周');
    await page.click('[data-form=shadow] [data-act=start]:not([disabled])');
    await holds('[data-shadow=running]', /王芳.*试一周/);
    assert.equal((await page.$$('[data-shadow] [data-episode=extra]')).length, 1);
    await page.click('[data-draft] [data-act=discard]');
    await page.click('dialog [data-act=sure]');
    await page.click('[data-shadow] [data-act=take]');
    await hasText('at_least: 70');
    await page.click('[data-draft] a[href="/rules?view=shadow"]');
    await page.click('[data-act=stop]');
    await page.click('dialog [data-act=sure]');
    await appears(page, '[data-form=shadow]', 10_000);
    assert.equal(asked('DELETE /rules/shadow').length, 1);
  });

  it('are judged by their figures: those stand beside what the standard asks', async () => {
    const { id } = gateway.raise('fault', 3);
    gateway.figures = {
      ...gateway.figures, raises: 40, per_10_min: 1.4, per_hour: 13, stale: [id], bad_actors_pct: 60, by_priority: { fault: 40 },
      bad_actors: [{ rule: 'smoke_alarm', subject: 'b1-00008', raises: 24 }],
    };
    await open('/figures');
    await appears(page, '[data-measure=per_10_min][data-judged=over]', 10_000);
    await holds('[data-measure=per_hour][data-judged=far]', /13.*≤ 6.*12.*超上限/);
    await holds('.bad-actors', /24.*烟感火警/);
    await holds('.alarm-links', /1号楼/);
    await page.selectOption('select[name=period]', 'days_31');
    await page.waitForFunction(() => location.search === '?period=days_31');
  });

  it('have never seen what could not be read: it stands beside the tray', async () => {
    const one = { at: new Date().toISOString(), source: 'z2m-1', topic: 'zigbee2mqtt/厨房', reason: 'unparsable', detail: 'found "}"', payload_bytes: 300, payload_start: '{"smoke": }\\x00\\xff' };
    gateway.rejected = [one, { ...one, at: new Date(Date.now() - 60_000).toISOString() }];
    await open('/devices/unmapped');
    await holds('[data-rejected=unparsable]', /格式读不懂.*zigbee2mqtt\/厨房.*例子 2 条/);
    await page.click('[data-rejected] summary');
    await holds('[data-rejected] .hex', /7b 22 73 6d 6f 6b 65 22 3a 20 7d 00 ff/);
  });

  it('that are held quiet are told on one page, however many they are', async () => {
    gateway.disablements = Array.from({ length: 3 }, () => gateway.devices).flat().map((device, index) => ({
      device: `${device.id}-${index}`, name: device.name, place: device.place, until: new Date(Date.now() + index * 60_000).toISOString(), by: '王芳', why: '施工',
    }));
    gateway.raise('fault', 3, { overlays: ['shelved'], shelved_until: new Date(Date.now() + 999 * 60_000).toISOString(), shelved_by: '李强', shelved_why: '等电池' });
    await open('/health');
    await holds('[data-held]', /181/);
    assert.equal((await page.$$('[data-held] tbody tr')).length, 100);
    await page.click('[data-held] [data-act=more]');
    await page.waitForFunction(() => document.querySelectorAll('[data-held] tbody tr').length === 181);
  });

  it('let an invite be for somebody else, with the roles that one chooses', async () => {
    await open('/screens');
    await page.check('input[name=kind][value=phone]');
    await page.fill('[data-form=invite] input >> nth=2', '李强的手机');
    await page.fill('input[name=user]', 'nobody');
    await page.click('[data-act=add-grant]');
    gateway.door.confirmAll();
    await page.click('[data-form=invite] button[type=submit]');
    await holds('[data-form=invite] .refusal', /没有这个用户/);
    await page.fill('input[name=user]', 'liqiang');
    await page.click('[data-form=invite] button[type=submit]');
    await appears(page, '[data-invite]', 10_000);
  });

  it('show hostile texts as they are', async () => {
    const harm = await watch(browser, gateway.url);
    const own = await browser.open(`${gateway.url}/`);
    const book = gateway.rulebook;
    const hostile = kHostile.filter((one) => one.trim() !== '').slice(0, 30);
    book.rules = hostile.map((one, index) => makeRule(`h${index}`, { text: { zh: one, en: one }, source: one, limits: [one], overrides: [{ where: one, set: one, enabled: true, reason: one, source: one, at: one }] }));
    book.publish({}, hostile[0]!, hostile[1]!);
    book.episodes = hostile.map((one, index) => ({ ...makeEpisode(index, 'extra'), rule: one, subject: one }));
    book.backtest = { ...book.backtest, from: new Date(0).toISOString(), to: new Date().toISOString(), by: hostile[2]! };
    book.finish();
    gateway.rejected = hostile.map((one) => ({ at: new Date().toISOString(), source: one, topic: one, reason: one, detail: one, payload_bytes: 9, payload_start: one }));
    gateway.figures = { ...gateway.figures, raises: 9, bad_actors: hostile.slice(0, 10).map((one) => ({ rule: one, subject: one, raises: 1 })), stale: [makeAlarm('fault', 1).id] };
    book.files = [{ name: 'charging.yaml', text: hostile.join('\n') }];
    const pages: [string, readonly string[]][] = [
      ['/rules', hostile], ['/rules/h3', [hostile[3]!]], ['/rules?view=files', []], ['/rules?view=versions', hostile.slice(0, 2)], ['/rules?view=backtest', hostile],
      ['/devices/unmapped', hostile], ['/figures', hostile.slice(0, 10)],
    ];
    for (const [to, texts] of pages) {
      await own.goto(gateway.url + to);
      await live(own);
      await assertUnharmed(own, to, texts);
    }
    assert.deepEqual(harm, []);
  });

  for (const layout of kLayouts) {
    it(`are accessible, fit and give fingers 48 px: ${layout.name}`, async () => {
      const own = await launch({ post: 'desk-1', reducedMotion: true, ...layout });
      const book = gateway.rulebook;
      book.episodes = ['extra', 'missed', 'earlier', 'later', 'caught'].map((one, index) => makeEpisode(index, one as 'extra'));
      book.backtest = { ...book.backtest, by: 'user:wangfang', from: new Date(Date.now() - 7 * 86_400_000).toISOString(), to: new Date().toISOString() };
      book.finish();
      book.shadow = { running: true, author: 'user:wangfang', name: '王芳', since: new Date().toISOString(), note: '试', messages: 1, rules: [{ rule: 'port_hot', today: 1, candidate: 2 }] };
      gateway.figures = { ...gateway.figures, raises: 9, per_hour: 99, bad_actors: [{ rule: 'port_hot', subject: 'b1-00008', raises: 9 }], stale: [gateway.raise('fault', 1).id] };
      const settled = async (one: Page) => {
        await one.waitForSelector('main h1');
        await one.waitForFunction(() => !document.querySelector('.skeleton, .loading'), undefined, { timeout: 10_000 });
        const small = await one.$$eval('.button, nav a, .menu summary, main input, main select', (all) => all
          .filter((each) => each.checkVisibility() && !each.matches('.hidden, [type=checkbox], [type=radio]') && each.getBoundingClientRect().height < 48)
          .map((each) => each.outerHTML.slice(0, 120)));
        assert.deepEqual(small, []);
      };
      try {
        for (const to of ['/rules', '/rules/port_hot', '/rules?view=files', '/rules?view=backtest', '/rules?view=shadow', '/rules?view=versions', '/figures', '/devices/unmapped', '/screens']) {
          await assertGood(own, gateway.url, to, settled);
        }
      } finally {
        await own.close();
      }
    });
  }
});
