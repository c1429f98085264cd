// What a dashboard of ours is made of, in few words: figures in rows. A figure has a title, a unit and a sentence that says
// what it means; the Grafana objects are made from it by the foundation SDK, once for each language.
import { DashboardBuilder, DashboardLinkBuilder, DashboardLinkType, DatasourceVariableBuilder, QueryVariableBuilder, RowBuilder,
  ThresholdsConfigBuilder, ThresholdsMode, VariableRefresh, VariableSort } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard, Panel, Threshold, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { BigValueColorMode, BigValueGraphMode, GraphThresholdsStyleConfigBuilder, GraphThresholdsStyleMode, LegendDisplayMode,
  LegendPlacement, ReduceDataOptionsBuilder, TooltipDisplayMode, VizLegendOptionsBuilder, VizOrientation,
  VizTooltipOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as BarsBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { words } from './text.ts';
import type { Language, Text } from './text.ts';

export interface Query {
  expr: string;
  legend: Text | string; // "{{label}}" where the series of a label are told apart
}

export interface Figure {
  kind: 'number' | 'lines' | 'bars'; // now · over time · now, one bar a series
  title: Text;
  about: Text; // one sentence: what it says, and what to do about it
  unit: string; // of Grafana: short, percentunit, s, bytes, watt, ...
  queries: readonly Query[];
  words?: keyof typeof words; // the legend is a label of this closed list
  limits?: readonly Limit[];
  decimals?: number;
  width?: number; // of 24 columns
}

export interface Limit {
  from: number;
  colour: 'green' | 'orange' | 'red' | 'blue';
}

export interface Board {
  uid: string;
  title: Text;
  about: Text;
  places: boolean; // with the variables estate and building
  rows: readonly { title: Text; figures: readonly Figure[] }[];
}

const source = { type: 'prometheus', uid: '${datasource}' };
const lookAlike = { number: { width: 4, height: 4 }, lines: { width: 12, height: 8 }, bars: { width: 12, height: 8 } } as const;

/** A higher value is worse: green below, then orange and red. */
export const worseFrom = (orange: number, red: number): readonly Limit[] => [
  { from: -Infinity, colour: 'green' }, { from: orange, colour: 'orange' }, { from: red, colour: 'red' }];
/** A lower value is worse. */
export const worseBelow = (orange: number, red: number): readonly Limit[] => [
  { from: -Infinity, colour: 'red' }, { from: red, colour: 'orange' }, { from: orange, colour: 'green' }];
export const redFrom = (red: number): readonly Limit[] => [{ from: -Infinity, colour: 'green' }, { from: red, colour: 'red' }];

function thresholds(limits: readonly Limit[]): ThresholdsConfigBuilder {
  const steps: Threshold[] = limits.map(({ from, colour }) => ({ value: Number.isFinite(from) ? from : null, color: colour }));
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

function query(asked: Query, index: number, figure: Figure, language: Language): DataqueryBuilder {
  const made = new DataqueryBuilder()
    .refId(String.fromCharCode(65 + index))
    .datasource(source)
    .expr(asked.expr)
    .legendFormat(typeof asked.legend === 'string' ? asked.legend : asked.legend[language]);
  return figure.kind === 'lines' ? made.range() : made.instant();
}

/** What the three kinds of panel have in common. */
function dress<B extends StatBuilder | LinesBuilder | BarsBuilder>(panel: B, figure: Figure, language: Language): B {
  panel
    .title(figure.title[language])
    .description(figure.about[language])
    .datasource(source)
    .unit(figure.unit)
    .span(figure.width ?? lookAlike[figure.kind].width)
    .height(lookAlike[figure.kind].height)
    .targets(figure.queries.map((asked, index) => query(asked, index, figure, language)))
    .thresholds(thresholds(figure.limits ?? [{ from: -Infinity, colour: 'blue' }]));
  if (figure.decimals !== undefined) panel.decimals(figure.decimals);
  for (const [word, said] of Object.entries(figure.words ? words[figure.words]![language] : {})) {
    panel.overrideByName(word, [{ id: 'displayName', value: said }]);
  }
  return panel;
}

function panelOf(figure: Figure, language: Language): Builder<Panel> {
  const last = new ReduceDataOptionsBuilder().calcs(['lastNotNull']);
  switch (figure.kind) {
    case 'number':
      return dress(new StatBuilder(), figure, language)
        .graphMode(BigValueGraphMode.None)
        .colorMode(figure.limits ? BigValueColorMode.Background : BigValueColorMode.Value)
        .reduceOptions(last);
    case 'bars':
      return dress(new BarsBuilder(), figure, language).orientation(VizOrientation.Horizontal).reduceOptions(last).min(0);
    case 'lines':
      return dress(new LinesBuilder(), figure, language)
        .min(0)
        .fillOpacity(10)
        .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(figure.limits ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off))
        .legend(new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom).showLegend(true).calcs([]))
        .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  }
}

function variables(board: Board, language: Language): Builder<VariableModel>[] {
  const zh = language === 'zh';
  const datasource = new DatasourceVariableBuilder('datasource').label(zh ? '数据源' : 'Data source').type('prometheus');
  const chosen = (name: string, label: string, asked: string): Builder<VariableModel> =>
    new QueryVariableBuilder(name)
      .label(label)
      .datasource(source)
      .query({ query: asked, refId: name })
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.AlphabeticalAsc)
      .multi(true)
      .includeAll(true)
      .allValue('.*')
      .current({ selected: true, text: 'All', value: '$__all' });
  if (!board.places) return [datasource];
  return [
    datasource,
    chosen('estate', zh ? '小区/园区' : 'Estate', 'label_values(firegate_place_devices, estate)'),
    chosen('building', zh ? '楼栋' : 'Building', 'label_values(firegate_place_devices{estate=~"$estate"}, building)'),
  ];
}

/** The dashboard as Grafana reads it. */
export function dashboardOf(board: Board, language: Language): Dashboard {
  const builder = new DashboardBuilder(board.title[language])
    .uid(`${board.uid}-${language}`)
    .description(board.about[language])
    .tags(['firegate', language])
    .timezone('browser')
    .time({ from: 'now-6h', to: 'now' })
    .refresh('15s')
    .readonly()
    .variables(variables(board, language))
    .link(new DashboardLinkBuilder('firegate').type(DashboardLinkType.Dashboards).tags(['firegate', language]).asDropdown(true)
      .includeVars(true).keepTime(true));
  for (const row of board.rows) {
    builder.withRow(new RowBuilder(row.title[language]));
    for (const figure of row.figures) builder.withPanel(panelOf(figure, language));
  }
  const made = builder.build();
  (made.panels ?? []).forEach((panel, index) => { panel.id = index + 1; });
  return made;
}
