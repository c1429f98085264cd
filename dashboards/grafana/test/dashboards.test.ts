// The committed dashboards: as the source makes them, valid, whole, and about metrics that exist.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { Ajv } from 'ajv';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { boards } from '../src/boards/index.ts';
import { generated } from '../src/generate.ts';
import { dashboardSchema } from '../src/schema.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const files = generated();
const dashboards = [...files].map(([path, content]) => ({ path, dashboard: JSON.parse(content) as Dashboard }));
const isPanel = (panel: { type?: string }): panel is Panel => panel.type !== 'row';
const panelsOf = (dashboard: Dashboard): Panel[] => (dashboard.panels ?? []).filter(isPanel) as Panel[];
const queriesOf = (panel: Panel): { expr: string; legendFormat: string; datasource: { uid: string } }[] =>
  panel.targets as unknown as { expr: string; legendFormat: string; datasource: { uid: string } }[];

test('the committed files are what the source makes: npm run generate', () => {
  const committed = readdirSync(new URL('../generated/', import.meta.url), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile());
  assert.equal(committed.length, files.size);
  for (const [path, content] of files) assert.equal(read(`../generated/${path}`), content, path);
});

const validate = new Ajv({ allErrors: true, strict: false }).compile(dashboardSchema());

for (const { path, dashboard } of dashboards) {
  test(`${path} is valid by the schema of the SDK`, () => {
    assert.ok(validate(dashboard), JSON.stringify(validate.errors, null, 1));
  });

  test(`${path}: every panel has a title, a description, a unit, a legend and the datasource variable`, () => {
    assert.ok(panelsOf(dashboard).length >= 7);
    for (const panel of panelsOf(dashboard)) {
      assert.ok(panel.title, JSON.stringify(panel));
      assert.ok(panel.description, panel.title);
      assert.ok(panel.fieldConfig?.defaults?.unit, panel.title);
      assert.equal(panel.datasource?.uid, '${datasource}', panel.title);
      assert.ok(queriesOf(panel).length > 0, panel.title);
      for (const query of queriesOf(panel)) {
        assert.equal(query.datasource.uid, '${datasource}', panel.title);
        assert.ok(query.legendFormat, panel.title);
      }
    }
  });

  test(`${path}: panels have numbers of their own and do not lie on one another`, () => {
    const panels = dashboard.panels ?? [];
    assert.equal(new Set(panels.map((panel) => panel.id)).size, panels.length);
    const taken = new Map<string, string>();
    for (const panel of panels) {
      const { x, y, w, h } = panel.gridPos!;
      assert.ok(x >= 0 && x + w <= 24, panel.title);
      for (let column = x; column < x + w; ++column) {
        for (let line = y; line < y + h; ++line) {
          const cell = `${column}/${line}`;
          assert.equal(taken.get(cell), undefined, `${panel.title} lies on ${taken.get(cell)}`);
          taken.set(cell, panel.title ?? '');
        }
      }
    }
  });

  test(`${path}: what it asks for is among the metrics`, () => {
    const known = new Set(read('../../../tests/unit/metrics/metrics.golden').split('\n').map((line) => line.split(' ')[0]));
    for (const panel of panelsOf(dashboard)) {
      for (const { expr } of queriesOf(panel)) {
        for (const [name] of expr.matchAll(/\bfiregate_\w+/g)) {
          assert.ok(known.has(name.replace(/_(bucket|sum|count)$/, '')) || known.has(name), `${panel.title}: ${name}`);
        }
      }
    }
  });
}

test('the sets of both languages are the same but for their words', () => {
  const shape = (path: string): string =>
    JSON.stringify(panelsOf(JSON.parse(files.get(path)!) as Dashboard).map((panel) => [panel.gridPos, queriesOf(panel).map((q) => q.expr)]));
  for (const board of boards) assert.equal(shape(`zh/${board.uid}.json`), shape(`en/${board.uid}.json`), board.uid);
});

test('no text of one language stands in the other', () => {
  for (const { path, dashboard } of dashboards) {
    const chinese = /\p{Script=Han}/u;
    for (const panel of panelsOf(dashboard)) {
      assert.equal(chinese.test(`${panel.title}${panel.description}`), path.startsWith('zh/'), `${path}: ${panel.title}`);
    }
  }
});

test('the schema refuses what Grafana would not understand', () => {
  const spoilt = JSON.parse(JSON.stringify(dashboards[0]!.dashboard)) as Record<string, unknown>;
  spoilt['refesh'] = '5s';
  assert.equal(validate(spoilt), false);
  const misplaced = JSON.parse(JSON.stringify(dashboards[0]!.dashboard)) as { panels: { gridPos: { w: unknown } }[] };
  misplaced.panels[1]!.gridPos.w = 'six';
  assert.equal(validate(misplaced), false);
});
