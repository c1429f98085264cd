// Floor plans, photos and labels, in a real Chromium, against the scripted gateway.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { launch } from './support/browser.ts';
import { assertGood, kLayouts } from './support/checks.ts';
import { makeDevices } from './support/estate.ts';
import { problem } from './support/mock_door.ts';
import type { MockGateway } from './support/mock_gateway.ts';
import { makeEntry } from './support/mock_install.ts';
import { live } from './support/person.ts';
import { onStage } from './support/stage.ts';

const kSlow = 30_000; // a loaded machine
const kPhone = { width: 390, height: 844 };
const kPng = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const file = { name: '../../plan.png', mimeType: 'image/png', buffer: kPng };

describe('plans', () => {
  let gateway: MockGateway;
  let page: Page;
  let floor = '';
  let onFloor: ReturnType<typeof makeDevices> = [];

  onStage(async (stage) => {
    ({ gateway, page } = stage);
    gateway.devices = makeDevices(180);
    const { estate, building, floor: level } = gateway.devices[0]!.place;
    floor = `/plan/${estate.id}/${building!.id}/${level!.id}`;
    onFloor = gateway.devices.filter(({ place }) => place.building?.id === building!.id && place.floor?.id === level!.id);
    await page.setViewportSize(kPhone);
  });
  const open = async (to: string) => {
    await page.goto(gateway.url + to);
    await live(page, kSlow);
  };
  const hasPlan = () => gateway.install.pictures.put(...(floor.split('/').slice(2) as [string, string, string]));
  const place = (index: number, x: number, y: number) => gateway.install.change(onFloor[index]!.id, { position: { x, y } });
  const positionOf = (id: string) => gateway.devices.find((one) => one.id === id)!.position;
  const shows = (selector: string) => page.waitForSelector(selector, { timeout: kSlow, state: 'attached' });
  const eventually = async (what: string, holds: () => boolean) => {
    for (let left = 300; !holds(); left -= 1) {
      assert.ok(left > 0, what);
      await new Promise((wait) => setTimeout(wait, 100));
    }
  };
  const tapPlan = async (across: number, down: number) => {
    const picture = await (await shows('.leaflet-image-layer')).boundingBox();
    await page.mouse.click(picture!.x + picture!.width * across, picture!.y + picture!.height * down);
  };

  it('are uploaded, and a refusal says why', async () => {
    gateway.install.pictures.refuse = problem(422, 'picture_unsafe_svg', 'taking the picture: found an element <script>');
    await open(`/devices/${onFloor[0]!.id}`);
    await page.click('[data-act=give-plan]', { timeout: kSlow });
    await shows('[data-plan-none]');
    await page.setInputFiles('[name=plan]', file);
    await shows('main [role=alert], main .refusal');
    gateway.install.pictures.refuse = null;
    await page.setInputFiles('[name=plan]', file);
    await shows('.leaflet-image-layer');
    assert.equal(gateway.install.pictures.plans.length, 1);
  });

  it('take a device by two taps, by numbers, and by keys', async () => {
    hasPlan();
    const { id } = onFloor[0]!;
    await open(floor);
    await page.click('[data-act=edit-plan]', { timeout: kSlow });
    await page.click(`.pick:has(input[value="${id}"])`, { timeout: kSlow });
    await tapPlan(0.25, 0.5);
    await eventually('it is placed', () => positionOf(id) !== null);
    const put = positionOf(id)!;
    assert.ok(Math.abs(put.x - 0.25) < 0.02 && Math.abs(put.y - 0.5) < 0.02, JSON.stringify(put));
    await page.fill('[data-form=position] [name=x]', '600');
    await page.fill('[data-form=position] [name=y]', '200');
    await page.click('[data-act=set-position]');
    await eventually('numbers count', () => positionOf(id)?.x === 0.5 && positionOf(id)?.y === 0.25);
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('[data-form=position] [name=x]')?.value === '600');
    await page.focus('main h1');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    await eventually('keys count', () => Math.round(positionOf(id)!.x * 1200) === 601 && Math.round(positionOf(id)!.y * 800) === 210);
  });

  it('come by themselves after an adoption: six taps in all', async () => {
    gateway.install.pictures.put('jinxiu', 'b1', 'f3');
    gateway.install.put(makeEntry(1));
    await open('/devices/unmapped');
    let taps = 0;
    const tap = async (selector: string) => {
      taps += 1;
      await page.click(selector, { timeout: kSlow });
    };
    await tap('[data-entry] [data-act=adopt]');
    for (const [level, id] of [['building', 'b1'], ['floor', 'f3'], ['zone', 'b1-301']]) await tap(`[data-chips=${level}] button[value="${id}"]`);
    await tap('[data-form=adopt] [data-act=save]');
    await shows('[data-editor]');
    taps += 1;
    await tapPlan(0.75, 0.25);
    const made = gateway.devices.at(-1)!.id;
    await eventually('it is placed', () => positionOf(made) !== null);
    assert.ok(taps <= 6, `${taps} taps`);
    await shows('[data-act=next-unmapped]');
  });

  it('show what nobody has acknowledged on top, by shape and word', async () => {
    hasPlan();
    place(0, 0.3, 0.4);
    place(1, 0.31, 0.4);
    const burning = onFloor[0]!;
    gateway.raise('fire_alarm', 0);
    await open(floor);
    await shows(`[data-mark="${burning.id}"][data-state=fire][data-announced] svg`);
    const order = await page.$$eval('.plan-mark', (marks) => marks.map((mark) => [mark.querySelector<HTMLElement>('[data-mark]')!.dataset['mark'], Number((mark as HTMLElement).style.zIndex)] as const));
    assert.equal([...order].sort((a, b) => b[1] - a[1])[0]![0], burning.id);
    assert.match((await page.textContent('[data-plan-list] li'))!, new RegExp(burning.name));
  });

  it('stand beside an alarm, around its device', async () => {
    hasPlan();
    place(0, 0.3, 0.4);
    const burning = onFloor[0]!;
    const alarm = gateway.raise('fire_alarm', 0);
    await open(`/alarms/${alarm.id}`);
    await shows('[data-snippet] [data-spot]');
    await page.click('[data-snippet] a');
    await shows(`[data-mark="${burning.id}"]`);
  });

  it('have labels that lead to each device', async () => {
    await open('/labels?estate=jinxiu&building=b1');
    const devices = gateway.devices.filter(({ place: one }) => one.building?.id === 'b1');
    await shows('.label .qr');
    assert.equal(await page.$$eval('.label', (labels) => labels.length), devices.length);
    await page.selectOption('[name=paper]', 'small');
    await shows('.labels-small');
    await page.emulateMedia({ media: 'print' });
    assert.ok(!(await page.isVisible('[data-act=print]')));
    const size = await (await page.$('.label'))!.boundingBox();
    assert.ok(Math.abs(size!.width - 151.2) < 2 && Math.abs(size!.height - 113.4) < 2, JSON.stringify(size)); // 40 × 30 mm
    await page.emulateMedia({ media: 'screen' });
  });

  it('photos wait for the link and arrive once', async () => {
    const { id } = onFloor[0]!;
    await open(`/devices/${id}`);
    await shows('[data-photos] [name=photo]');
    gateway.cut();
    await page.setInputFiles('[data-photos] [name=photo]', file);
    await shows('[data-photo-waits]');
    gateway.restore();
    await eventually('it arrives', () => gateway.install.pictures.photos.get(id)?.length === 1);
    await shows('[data-photo="1"] img');
    assert.equal(gateway.install.done.filter(({ path }) => path.endsWith('/photos')).length, 1);
  });

  for (const layout of kLayouts) {
    it(`are good for everybody: ${layout.name}`, async () => {
      hasPlan();
      place(0, 0.3, 0.4);
      const own = await launch({ post: 'desk-1', reducedMotion: true, ...layout });
      const seen = (selector: string) => async (one: Page) => void (await one.waitForSelector(selector, { timeout: kSlow }));
      try {
        await assertGood(own, gateway.url, floor, seen('[data-mark]'));
        await assertGood(own, gateway.url, '/labels?estate=jinxiu&building=b1', seen('.label .qr'));
      } finally {
        await own.close();
      }
    });
  }
});
