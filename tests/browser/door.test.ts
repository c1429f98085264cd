// The door in a real Chromium, against the scripted gateway: coming in, being asked again, going, and what one administers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { appears, launch, type Console } from './support/browser.ts';
import { assertGood, body, bodyBecomes, kLayouts } from './support/checks.ts';
import type { MockGateway } from './support/mock_gateway.ts';
import { becomes, givePassword, givePin, live, path, signIn, text } from './support/person.ts';
import { onStage } from './support/stage.ts';

describe('the door', () => {
  let gateway: MockGateway;
  let browser: Console;
  let page: Page;

  onStage((stage) => {
    ({ gateway, browser, page } = stage);
    gateway.door.everybodyIs = null;
  });
  const open = (to: string) => page.goto(gateway.url + to);
  const openSignedIn = async (to: string) => {
    gateway.door.everybodyIs = 'wangfang';
    await open(to);
    await live(page);
  };

  it('shows nothing of an estate to nobody, and leads to sign-in and back', async () => {
    gateway.raise('fire_alarm', 1);
    await open('/history?class=fault');
    await becomes(page, '/signin?to=%2Fhistory%3Fclass%3Dfault');
    assert.deepEqual(new Set(await page.$$eval('.lamp-count', (all) => all.map((one) => one.textContent))), new Set(['?']));
    assert.equal(await page.$('nav'), null);
    await signIn(page);
    await becomes(page, '/history?class=fault');
    await live(page);
    assert.match(await text(page, '[data-person]'), /王芳 .*\d\d:\d\d:\d\d 登录/);
  });

  it('says one thing whatever was wrong, and keeps the user name', async () => {
    await open('/');
    await signIn(page, 'wangfang', 'wrong');
    await appears(page, '.refusal[data-code=unauthenticated]', 5_000);
    assert.match(await text(page, '.refusal'), /用户名或密码不对/);
    assert.match(await text(page, '.refusal pre'), /"code": "unauthenticated"/);
    assert.equal(await page.inputValue('[autocomplete=username]'), 'wangfang');
    assert.equal(await page.inputValue('[autocomplete=current-password]'), '');
    await signIn(page, 'nobody', 'wrong');
    await page.waitForTimeout(300);
    assert.match(await text(page, '.refusal'), /用户名或密码不对/);
  });

  it('says how long to wait after too many attempts', async () => {
    gateway.door.wait = 2;
    await open('/');
    await signIn(page);
    await appears(page, '.refusal[data-code=too_many_attempts]', 5_000);
    assert.match(await text(page, '.refusal'), /2 秒/);
    assert.equal(await page.isDisabled('button[type=submit]'), true);
    gateway.door.wait = 0;
    await page.waitForSelector('button[type=submit]:not([disabled])', { timeout: 4_000 });
  });

  it('signs out by one press, in every tab', async () => {
    await openSignedIn('/board');
    const second = await browser.open(`${gateway.url}/history`);
    await live(second);
    gateway.door.everybodyIs = null;
    await page.click('[data-act=sign-out]');
    await becomes(page, '/signin');
    assert.match(await text(page, 'main'), /已退出登录/);
    assert.equal(await body(page, 'sound'), 'none');
    await becomes(second, '/signin?to=%2Fhistory');
  });

  it('says loudly that a post was signed out from outside, and comes back to where it was with what was typed', async () => {
    await openSignedIn('/board');
    const fire = gateway.raise('fire_alarm', 1, { state: 'latched_acknowledged', verdict: 'cooking' });
    await page.click('.act-reset');
    await page.fill('dialog input', 'the pan of 301');
    gateway.door.everybodyIs = null;
    gateway.door.endAll();
    await appears(page, '[data-ended]', 5_000);
    await bodyBecomes(page, 'sound', 'lost', 5_000);
    await signIn(page);
    await live(page);
    assert.equal(path(page), '/board');
    assert.equal(await page.inputValue('dialog input'), 'the pan of 301');
    await page.click('dialog [data-act=reset]');
    await appears(page, '.empty', 5_000);
    assert.equal(gateway.alarms.has(fire.id), false);
  });

  it('opens the feed with a ticket, and puts what proves the page on what changes something', async () => {
    await openSignedIn('/board');
    const fault = gateway.raise('fault', 1);
    await page.click(`[data-alarm="${fault.id}"] .act-acknowledge`);
    await appears(page, `[data-alarm="${fault.id}"][data-state=acknowledged]`, 5_000);
    assert.equal(gateway.alarms.get(fault.id)?.acknowledged_by, '王芳');
    const { requests } = gateway.door;
    assert.ok(requests.filter(({ path: asked }) => asked === '/session:ticket').every(({ background }) => background));
    assert.ok(requests.filter(({ method }) => method === 'POST').every(({ token }) => token !== null));
  });

  it('lets the first user in, and ends with the alarm being heard', async () => {
    gateway.door.setupCode = '7K3M-09TX-VWAB-HD41';
    await open('/board');
    await becomes(page, '/setup');
    await page.fill('[autocomplete=one-time-code]', 'wrong');
    await page.fill('[autocomplete=username]', 'zhaolei');
    await page.fill('[autocomplete=name]', '赵磊');
    await page.fill('[autocomplete=new-password]', 'staple on the door');
    await page.keyboard.press('Enter');
    await appears(page, '.refusal', 5_000);
    assert.match(await text(page, '.refusal'), /代码不对/);
    await page.fill('[autocomplete=one-time-code]', '7K3M-09TX-VWAB-HD41');
    await page.keyboard.press('Enter');
    await appears(page, '[data-ready]', 5_000);
    await page.click('[data-act=sound-test]');
    await page.click('[data-act=heard]');
    await becomes(page, '/board');
    await live(page);
    assert.match(await text(page, '[data-person]'), /赵磊/);
  });

  it('asks for the PIN before a dangerous act, then does it', async () => {
    await openSignedIn('/users/liqiang');
    await page.click('[data-act=drop]');
    await page.click('[data-act=sure]');
    await givePin(page, '111111');
    await appears(page, '[data-confirm] .refusal', 5_000);
    assert.match(await text(page, '[data-confirm] .refusal'), /PIN 不对/);
    assert.equal(gateway.door.users.has('liqiang'), true);
    await givePin(page);
    await becomes(page, '/users');
    assert.equal(gateway.door.users.has('liqiang'), false);
  });

  it('does nothing where the PIN is not given', async () => {
    await openSignedIn('/users/liqiang');
    await page.click('[data-act=disable]');
    await page.click('[data-act=sure]');
    await appears(page, '[data-confirm]', 5_000);
    await page.keyboard.press('Escape');
    await appears(page, 'dialog .refusal[data-code=pin_required]', 10_000);
    assert.equal(gateway.door.users.get('liqiang')?.view.disabled, false);
  });

  it('is signed out by the fifth wrong PIN', async () => {
    await openSignedIn('/users/liqiang');
    gateway.door.everybodyIs = null;
    await page.click('[data-act=disable]');
    await page.click('[data-act=sure]');
    for (let n = 0; n < 5; n += 1) {
      await givePin(page, '111111');
      await page.waitForTimeout(250);
    }
    await becomes(page, '/signin?to=%2Fusers%2Fliqiang');
  });

  it('takes the password where there is no PIN yet', async () => {
    const user = gateway.door.users.get('wangfang')!;
    user.pin = '';
    user.view.has_pin = false;
    await openSignedIn('/users/liqiang');
    await page.click('[data-act=disable]');
    await page.click('[data-act=sure]');
    await givePassword(page);
    await appears(page, '.mark.strong', 5_000);
    assert.equal(gateway.door.users.get('liqiang')?.view.disabled, true);
  });

  it('never goes dark while powers sleep: a mark says so, and the password is asked for when it is needed', async () => {
    await openSignedIn('/board');
    const fault = gateway.raise('fault', 1);
    gateway.door.sleep();
    await page.reload();
    await live(page);
    await appears(page, '[data-asleep]', 5_000);
    await page.click(`[data-alarm="${fault.id}"] .act-acknowledge`);
    await appears(page, `[data-alarm="${fault.id}"][data-state=acknowledged]`, 5_000);
    assert.equal(await page.$('dialog'), null);
    await page.click('.menu summary');
    await page.click('.menu a[href="/users"]');
    await givePassword(page);
    await appears(page, '[data-user=liqiang]', 5_000);
    await page.waitForSelector('[data-asleep]', { state: 'detached' });
  });

  it('offers what one may, and nothing else', async () => {
    gateway.door.everybodyIs = 'liqiang';
    const here = gateway.raise('fault', 1);
    const view = gateway.raise('fault', 2);
    gateway.door.users.get('liqiang')!.view.grants = [{ role: 'duty', estate: 'jinxiu' }];
    gateway.again({ ...view });
    await open('/board');
    await live(page);
    assert.equal(await page.$('.menu'), null);
    await appears(page, `[data-alarm="${here.id}"] .act-acknowledge`, 5_000);
    gateway.door.users.get('liqiang')!.view.grants = [{ role: 'viewer', estate: 'jinxiu' }];
    gateway.changePowers('liqiang');
    await page.waitForSelector('.act-acknowledge', { state: 'detached', timeout: 5_000 });
    await live(page);
    assert.equal((await page.$$('.row')).length, 2);
  });

  it('makes a user, whose link is shown once, and with which they choose a password', async () => {
    await openSignedIn('/users');
    gateway.door.confirmAll();
    await page.fill('[data-form=new-user] input >> nth=0', 'lina');
    await page.fill('[data-form=new-user] input >> nth=1', '李娜');
    await page.selectOption('[data-form=new-user] select >> nth=0', 'duty');
    await page.selectOption('[data-form=new-user] select >> nth=1', 'jinxiu');
    await page.click('[data-act=add-grant]');
    await page.click('[data-form=new-user] button[type=submit]');
    await appears(page, '[data-invite] .qr path', 5_000);
    await appears(page, '[data-user=lina]', 5_000);
    assert.deepEqual(gateway.door.users.get('lina')?.view.grants, [{ role: 'duty', estate: 'jinxiu' }]);
    const link = await page.inputValue('[data-invite] input');
    await page.reload();
    await appears(page, '[data-user=lina]', 5_000);
    assert.equal(await page.$('[data-invite]'), null);

    await browser.context.clearCookies();
    gateway.door.everybodyIs = null;
    await page.goto(link);
    await appears(page, '[data-form=password]', 5_000);
    assert.equal(new URL(page.url()).hash, '', 'the secret has left the address bar');
    await page.fill('[autocomplete=new-password]', 'staple on the door');
    await page.keyboard.press('Enter');
    await page.click('main .primary');
    await signIn(page, 'lina', 'staple on the door');
    await live(page);
    assert.match(await text(page, '[data-person]'), /李娜/);
  });

  it('shows both versions where two change a user at once, and merges nothing', async () => {
    await openSignedIn('/users/liqiang');
    gateway.door.confirmAll();
    await page.fill('[data-form=user] input', '李小强');
    const user = gateway.door.users.get('liqiang')!;
    user.view = { ...user.view, name: '李大强', revision: 2 };
    await page.click('[data-form=user] button[type=submit]');
    await appears(page, '[data-conflict]', 5_000);
    assert.match(await text(page, '[data-conflict]'), /李大强.*李小强/s);
    assert.equal(gateway.door.users.get('liqiang')?.view.name, '李大强');
    await page.click('[data-act=keep]');
    await page.waitForSelector('[data-conflict]', { state: 'detached' });
    await page.waitForFunction(() => document.querySelector('h1')?.textContent === '李小强', undefined, { timeout: 5_000 });
    assert.equal(gateway.door.users.get('liqiang')?.view.revision, 3);
  });

  it('signs a phone in by a link that works once', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(decodeURIComponent(request.url())));
    await openSignedIn('/screens');
    gateway.door.confirmAll();
    await page.check('input[value=phone]');
    await page.fill('[data-form=invite] input[maxlength]', '王芳的手机');
    await page.click('[data-form=invite] button[type=submit]');
    await appears(page, '[data-invite]', 5_000);
    const link = await page.inputValue('[data-invite] input');
    const [, secret] = link.split('#');
    assert.deepEqual(asked.filter((one) => one.includes(secret!)), [], 'the secret stands in no address that is asked for');
    await browser.context.clearCookies();
    gateway.door.everybodyIs = null;
    await page.goto(link);
    await page.click('[data-form=join] button[type=submit]');
    await appears(page, '[data-ready]', 5_000);
    await open('/signin');
    await browser.context.clearCookies();
    await page.goto(link);
    await page.click('[data-form=join] button[type=submit]');
    await appears(page, '.refusal', 5_000);
  });

  it('opens a wall, which looks and silences and has its name for a post', async () => {
    await openSignedIn('/screens');
    gateway.door.confirmAll();
    await page.fill('[data-form=invite] input[maxlength]', 'hall-1');
    await page.click('[data-form=invite] button[type=submit]');
    await appears(page, '[data-invite] .code', 5_000);
    const code = await text(page, '[data-invite] .code');
    await browser.context.clearCookies();
    gateway.door.everybodyIs = null;
    await open('/join');
    await page.fill('[autocomplete=one-time-code]', code);
    await page.keyboard.press('Enter');
    await page.click('[data-act=heard]');
    await becomes(page, '/wall?post=hall-1');
    await live(page);
    gateway.raise('fire_alarm', 1);
    await bodyBecomes(page, 'sound', 'fire', 5_000);
    assert.equal(await page.$('.row .act'), null);
    await page.keyboard.press('m');
    await bodyBecomes(page, 'sound', 'none', 5_000);
    gateway.door.endAll();
    await appears(page, '[data-wall-out]', 5_000);
    assert.equal(path(page), '/wall');
    assert.match(await text(page, '[data-wall-out]'), /不显示报警.*控制器.*hall-1.*二维码/s);
    assert.equal(await text(page, '.wall-post'), 'hall-1', 'counts nothing any more');
    await bodyBecomes(page, 'sound', 'lost', 5_000);
    const size = await page.$eval('[data-wall-out] h1', (title) => parseFloat(getComputedStyle(title).fontSize));
    assert.ok(size >= 48, `the title is ${size} px high`);
    await page.click('[data-wall-out] a[href="/join"]');
    await appears(page, '[data-form=join]', 5_000);
  });

  it('shows a token once', async () => {
    await openSignedIn('/tokens');
    gateway.door.confirmAll();
    await page.fill('[data-form=new-token] input >> nth=0', 'Grafana');
    await page.click('[data-act=add-grant]');
    await page.click('[data-form=new-token] button[type=submit]');
    await appears(page, '[data-secret]', 5_000);
    assert.match(await page.inputValue('[data-secret] input'), /^fgt_/);
    await page.reload();
    await appears(page, '.cards li', 5_000);
    assert.equal(await page.$('[data-secret]'), null);
  });

  it('ends one’s session elsewhere, and changes password and PIN', async () => {
    await openSignedIn('/account');
    const other = await launch();
    try {
      const there = await other.open(`${gateway.url}/board`);
      await live(there);
      gateway.door.everybodyIs = null;
      await page.reload();
      await page.click('[data-sessions] li:has-text("Chromium"):not(:has(.mark)) button');
      await page.click('[data-act=sure]');
      await appears(there, '[data-ended]', 5_000);
    } finally {
      await other.close();
    }
    await page.fill('[data-form=change-pin] input[name=pin]', '123456');
    await page.fill('[data-form=change-pin] input[name=password]', 'correct horse');
    await page.keyboard.press('Enter');
    await appears(page, '[data-form=change-pin] .refusal[data-code=bad_input]', 5_000);
    await page.fill('[data-form=change-pin] input[name=pin]', '314159');
    await page.fill('[data-form=change-pin] input[name=password]', 'correct horse');
    await page.keyboard.press('Enter');
    await appears(page, '[data-form=change-pin] [role=status]', 5_000);
    assert.equal(gateway.door.users.get('wangfang')?.pin, '314159');
    await page.fill('[data-form=change-password] input[name=old]', 'correct horse');
    await page.fill('[data-form=change-password] input[name=new]', 'staple on the door');
    await page.keyboard.press('Enter');
    await appears(page, '[data-form=change-password] [role=status]', 5_000);
    assert.equal(gateway.door.users.get('wangfang')?.password, 'staple on the door');
  });

  it('reads the journal by pages and filters, exports it, and tells what verifying found in plain words', async () => {
    const { door } = gateway;
    for (let n = 0; n < 130; n += 1) {
      door.journal.push({
        seq: 200 - n, at: new Date(Date.now() - n * 60_000).toISOString(), kind: n % 2 ? 'acknowledge' : 'user_change', alarm: null,
        subject: `s${n}`, from: '', to: '', who: 'user:liqiang', name: '李强', post: 'desk-2', address: '192.168.1.9', why: '',
      });
    }
    await openSignedIn('/journal');
    await appears(page, '.journal tbody tr', 5_000);
    assert.equal((await page.$$('.journal tbody tr')).length, 100);
    await page.click('[data-act=more]');
    await page.waitForFunction(() => document.querySelectorAll('.journal tbody tr').length > 125, undefined, { timeout: 5_000 });
    await page.selectOption('select[name=kind]', 'acknowledge');
    await page.fill('input[name=who]', 'liqiang');
    await becomes(page, '/journal?who=liqiang&kind=acknowledge');
    await page.waitForFunction(() => document.querySelectorAll('.journal tbody tr').length === 65, undefined, { timeout: 5_000 });
    assert.match((await page.getAttribute('a[download]', 'href')) ?? '', /journal\.csv\?who=user%3Aliqiang&kind=acknowledge$/);
    door.report = {
      ok: false, rows: 130, first: 1, last: 130, unchained: 0, checkpoints: 2, more_findings: 4,
      findings: [{ kind: 'changed_row', text: 'row 81 is not what was written' }],
    };
    await page.click('[data-act=verify]');
    await appears(page, '[data-report=broken]', 5_000);
    assert.match(await text(page, '[data-report]'), /日志被动过.*有记录被改过.*row 81/s);
  });

  it('takes names from outside for text, never for markup', async () => {
    const hostile = '<img src=x onerror="window.__xss=1"><script>window.__xss=1</script>';
    const { door } = gateway;
    door.addUser('hostile', hostile, 'x', [{ role: 'viewer', estate: hostile }]);
    door.users.get('wangfang')!.view.name = hostile;
    door.tokens = [{
      id: '1a2b3c4d', name: hostile, user: 'wangfang', grants: [{ role: 'viewer', estate: hostile }], created_at: new Date().toISOString(),
      used_at: new Date().toISOString(), ends_at: null,
    }];
    door.journal.push({
      seq: 1, at: new Date().toISOString(), kind: hostile, alarm: null, subject: hostile, from: hostile, to: hostile, who: hostile, name: hostile,
      post: hostile, address: hostile, why: hostile,
    });
    door.report = { ok: false, rows: 1, first: 1, last: 1, unchained: 0, checkpoints: 0, more_findings: 0, findings: [{ kind: hostile, text: hostile }] };
    await openSignedIn('/account');
    for (const session of door.sessions.values()) session.row.label = hostile;
    for (const to of ['/account', '/users', '/users/hostile', '/sessions', '/tokens', '/journal', '/screens']) {
      await open(to);
      await live(page);
      await page.waitForTimeout(300);
      if (to === '/journal') await page.click('[data-act=verify]');
      assert.ok((await text(page, 'body')).includes(hostile), `${to} shows the name`);
      assert.equal(await page.evaluate(() => (window as { __xss?: number }).__xss), undefined, to);
      assert.deepEqual(await page.$$eval('img', (all) => all.map((one) => one.src)), [], to);
    }
  });

  for (const layout of kLayouts) {
    it(`is accessible, fits and gives fingers 48 px on every page: ${layout.name}`, async () => {
      const own = await launch({ post: 'desk-1', reducedMotion: true, ...layout });
      const settled = async (one: Page) => {
        await one.waitForSelector('main h1');
        await one.waitForTimeout(300);
        const small = await one.$$eval('.button, nav a, .menu summary, main input, main select', (all) => all
          .filter((each) => each.checkVisibility() && !each.matches('.hidden, [type=checkbox], [type=radio]') && each.getBoundingClientRect().height < 48)
          .map((each) => each.outerHTML.slice(0, 120)));
        assert.deepEqual(small, [], path(one));
      };
      const check = (to: string) => assertGood(own, gateway.url, to, settled);
      try {
        for (const to of ['/signin', '/join', '/password', '/wall?post=hall-1']) await check(to);
        gateway.door.everybodyIs = 'wangfang';
        for (const to of ['/account', '/users', '/users/liqiang', '/sessions', '/tokens', '/journal', '/screens', '/board']) await check(to);
        gateway.door.everybodyIs = null;
        gateway.door.setupCode = 'code';
        gateway.door.sessions.clear();
        await check('/setup');
        assert.deepEqual(gateway.violations, []);
      } finally {
        await own.close();
      }
    });
  }

  it('asks nobody else for anything', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).host));
    await openSignedIn('/users');
    await open('/journal');
    await live(page);
    assert.deepEqual(new Set(asked), new Set([new URL(gateway.url).host]));
  });
});
