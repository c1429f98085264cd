// For a file of tests on the scripted gateway: one browser, and for each test a gateway of its own and a page. After each the page has
// had no fault and the gateway has heard of no broken policy.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import type { Page } from 'playwright-core';
import { launch, type Console } from './browser.ts';
import { collectFaults } from './checks.ts';
import { MockGateway } from './mock_gateway.ts';

export interface Stage {
  gateway: MockGateway;
  browser: Console;
  page: Page;
  faults: string[];
}

// `begin` takes what the test plays on; the gateway runs, and the page shows nothing yet.
export function onStage(begin: (stage: Stage) => void | Promise<void>): void {
  let browser: Console;
  let stage: Stage;
  before(async () => {
    browser = await launch({ post: 'desk-1' });
  });
  after(() => browser.close());
  beforeEach(async () => {
    const gateway = new MockGateway();
    await gateway.start();
    await browser.context.clearCookies();
    const page = await browser.context.newPage();
    stage = { gateway, browser, page, faults: collectFaults(page) };
    await begin(stage);
  });
  afterEach(async () => {
    assert.deepEqual(stage.faults, []);
    assert.deepEqual(stage.gateway.violations, []);
    for (const open of browser.context.pages()) await open.close();
    await stage.gateway.stop();
  });
}
