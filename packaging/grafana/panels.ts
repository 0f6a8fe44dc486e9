import {
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard'
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder as Heatmap,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries'

/** The data source that the variable chooses. */
export const SOURCE = { type: 'prometheus', uid: '$datasource' } as const

/** A title, what it tells, and its place in the grid of 24 columns. */
export interface About {
  readonly title: string
  readonly description: string
  readonly span: number
  readonly height?: number
  readonly unit?: string
}

/** A query and its legend. */
export type Asked = readonly [expression: string, legend: string]

const HEIGHT = 8
const STAT_HEIGHT = 4

const range = ([expression, legend]: Asked, i: number) =>
  new DataqueryBuilder()
    .refId(String.fromCodePoint(65 + i))
    .datasource(SOURCE)
    .expr(expression)
    .legendFormat(legend)
    .range()

const instant = ([expression, legend]: Asked, i: number) => range([expression, legend], i).instant()

const legend = () =>
  new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)

const allValues = () => new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi)

/** Lines over time. */
export const lines = (
  { title, description, span, height = HEIGHT, unit = 'short' }: About,
  asked: readonly Asked[],
) =>
  new TimeSeries()
    .title(title)
    .description(description)
    .span(span)
    .height(height)
    .datasource(SOURCE)
    .unit(unit)
    .min(0)
    .showPoints(VisibilityMode.Never)
    .legend(legend())
    .tooltip(allValues())
    .targets(asked.map(range))

/** Areas that stand on each other: their height is the sum. */
export const areas = (about: About, asked: readonly Asked[], colors: Readonly<Record<string, string>> = {}) =>
  Object.entries(colors).reduce(
    (panel, [name, color]) =>
      panel.overrideByName(name, [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }]),
    lines(about, asked)
      .drawStyle(GraphDrawStyle.Line)
      .fillOpacity(60)
      .lineWidth(0)
      .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A')),
  )

/** Values at a glance: the last of each query. From each bound up, it has that color. */
export const glance = (
  { title, description, span, height = STAT_HEIGHT, unit = 'short' }: About,
  asked: readonly Asked[],
  bounds: readonly (readonly [from: number | null, color: string])[] = [[null, 'text']],
) =>
  new Stat()
    .title(title)
    .description(description)
    .span(span)
    .height(height)
    .datasource(SOURCE)
    .unit(unit)
    .noValue('–')
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps(bounds.map(([value, color]) => ({ value, color }))),
    )
    .targets(asked.map(instant))

/** A row for each host, and its state over time as a color. */
export const timeline = (
  { title, description, span, height = HEIGHT }: About,
  asked: Asked,
  states: readonly (readonly [text: string, color: string])[],
) => {
  const mapping: ValueMapping = {
    type: MappingType.ValueToText,
    options: Object.fromEntries(states.map(([text, color], i) => [String(i), { text, color, index: i }])),
  }
  return new StateTimeline()
    .title(title)
    .description(description)
    .span(span)
    .height(height)
    .datasource(SOURCE)
    .mappings([mapping])
    .showValue(VisibilityMode.Never)
    .mergeValues(true)
    .fillOpacity(80)
    .legend(legend())
    .tooltip(allValues())
    .targets([range(asked, 0)])
}

/** A row for each series as it is now: these labels, and the value under a name. */
export const table = (
  { title, description, span, height = HEIGHT, unit = 'short' }: About,
  expression: string,
  {
    labels,
    value,
    mappings,
  }: { readonly labels: readonly string[]; readonly value: string; readonly mappings: ValueMapping[] },
) =>
  new Table()
    .title(title)
    .description(description)
    .span(span)
    .height(height)
    .datasource(SOURCE)
    .targets([instant([expression, ''], 0).format(PromQueryFormat.Table)])
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true, job: true },
        indexByName: Object.fromEntries([...labels, 'Value'].map((name, i) => [name, i])),
        renameByName: { Value: value },
      },
    })
    .overrideByName(value, [
      { id: 'unit', value: unit },
      { id: 'mappings', value: mappings },
    ])

/** Buckets of a histogram over time; the darker, the more. */
export const heat = ({ title, description, span, height = HEIGHT, unit = 's' }: About, expression: string) =>
  new Heatmap()
    .title(title)
    .description(description)
    .span(span)
    .height(height)
    .datasource(SOURCE)
    .calculate(false)
    .yAxis(new YAxisConfigBuilder().unit(unit))
    .color(
      new HeatmapColorOptionsBuilder()
        .mode(HeatmapColorMode.Scheme)
        .scheme('Oranges')
        .fill('dark-orange')
        .exponent(0.5)
        .steps(64),
    )
    .showLegend()
    .targets([range([expression, '{{le}}'], 0).format(PromQueryFormat.Heatmap)])
