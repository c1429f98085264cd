// The door of the real gateway as a phone finds it: by HTTPS with the local authority of `firegate tls init`, and by an invite.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { appears, launch, type Console, type ConsoleOptions } from './support/browser.ts';
import { assertFits, bodyBecomes, collectFaults } from './support/checks.ts';
import { becomes, givePassword, live, signIn, text } from './support/person.ts';
import { readQr } from './support/qr.ts';
import { absent, acknowledge, authority, Caller, httpsUrl, kPost, password, row, settle, signInOn, smoke, user } from './support/real.ts';

const host = httpsUrl && new URL(httpsUrl).hostname;
const kPhone: ConsoleOptions = { phone: true, width: 390, height: 844, host };

describe('the door of the real gateway', { skip: absent || (httpsUrl && authority ? false : 'FIREGATE_HTTPS_URL and FIREGATE_CA are not set') }, () => {
  let caller: Caller;
  let phone: Console;

  before(async () => {
    caller = await Caller.signedIn();
    await settle(caller);
    phone = await launch({ ...kPhone, authority, post: kPost });
  });
  after(() => phone.close());

  it('is not opened by a phone that does not trust the local authority', async () => {
    const stranger = await launch(kPhone);
    try {
      const page = await stranger.context.newPage();
      await assert.rejects(page.goto(`${httpsUrl}/board`), /ERR_CERT_AUTHORITY_INVALID/);
      assert.deepEqual(await stranger.context.cookies(httpsUrl), []);
    } finally {
      await stranger.close();
    }
  });

  it('leads a phone that trusts it to the board, where an alarm comes live', async () => {
    const page = await phone.context.newPage();
    const faults = collectFaults(page);
    const feeds: string[] = [];
    const asked: { path: string; background: boolean }[] = [];
    page.on('websocket', (socket) => feeds.push(socket.url()));
    page.on('request', (request) =>
      asked.push({ path: new URL(request.url()).pathname, background: request.headers()['x-firegate-background'] === '1' }));
    await page.goto(`${httpsUrl}/board`);
    await signIn(page, user, password);
    await becomes(page, '/board');
    await live(page, 15_000);

    assert.equal(await page.evaluate(() => isSecureContext && location.protocol), 'https:');
    assert.deepEqual(feeds.map((one) => one.split('?')[0]), [`${httpsUrl.replace('https', 'wss')}/api/v1/live`]);
    const [cookie, ...others] = await phone.context.cookies(httpsUrl);
    assert.deepEqual(others, []);
    assert.deepEqual({ name: cookie?.name, domain: cookie?.domain, path: cookie?.path, secure: cookie?.secure, httpOnly: cookie?.httpOnly, sameSite: cookie?.sameSite },
      { name: '__Host-firegate', domain: host, path: '/', secure: true, httpOnly: true, sameSite: 'Strict' });

    await smoke(true);
    await appears(page, row('unacknowledged'), 3_000);
    await bodyBecomes(page, 'sound', 'fire', 2_000);
    await assertFits(page);
    const directory = process.env['FIREGATE_PICTURES'];
    if (directory) await page.screenshot({ path: `${directory}/phone-https.png` });
    await acknowledge(page);

    const tickets = asked.filter(({ path }) => path === '/api/v1/session:ticket');
    assert.ok(tickets.length > 0 && tickets.every(({ background }) => background), 'tickets are asked for by the page itself');
    assert.equal(asked.filter(({ path }) => path === '/api/v1/rules').length, 1, 'the rules are read once');
    assert.deepEqual(faults, []);
    await page.close();
    await settle(caller);
  });

  it('lets a phone in by an invite, once, whose secret stands in no address', async () => {
    const desk = await launch({ host, authority });
    const other = await launch({ ...kPhone, authority });
    try {
      await signInOn(desk, httpsUrl);
      const { link, asked } = await invite(desk);
      const secret = link.split('#')[1]!;
      assert.ok(link.startsWith(`${httpsUrl}/join#`) && secret.length > 16, link);
      assert.deepEqual(asked.filter((one) => one.includes(secret)), []);

      const page = await other.open(link);
      await becomes(page, '/join');
      await page.click('[data-form=join] button[type=submit]');
      await page.click('[data-act=heard]');
      await becomes(page, '/board');
      await live(page);
      assert.match(await text(page, '[data-person]'), /王芳/);
      await page.goto(`${httpsUrl}/users`);
      await appears(page, '.refusal, .failure', 5_000); // a phone has none of its owner's powers

      await other.context.clearCookies();
      const again = await other.open(link);
      await again.click('[data-form=join] button[type=submit]');
      await appears(again, '.refusal[data-code=unauthenticated]', 5_000);
    } finally {
      await desk.close();
      await other.close();
    }
  });
});

// As a manager makes it; the link is read from the QR code, and with it comes every address that the page has asked for.
async function invite(desk: Console): Promise<{ link: string; asked: string[] }> {
  const page: Page = await desk.context.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(decodeURIComponent(request.url())));
  await page.goto(`${httpsUrl}/screens`);
  await page.check('input[value=phone]');
  await page.fill('[data-form=invite] input[maxlength]', '王芳的手机');
  await page.click('[data-form=invite] button[type=submit]');
  await givePassword(page, password);
  await appears(page, '[data-invite] .qr', 10_000);
  const link = await readQr(page, '[data-invite] .qr');
  assert.equal(link, await page.inputValue('[data-invite] input'));
  return { link, asked };
}
