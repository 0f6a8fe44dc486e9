import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { SOURCE } from './panels.ts'
import { queries, variableQueries } from './queries.ts'
import { rows } from './rows.ts'
import { colors } from './states.ts'

const variable = (name: keyof typeof variableQueries) =>
  new QueryVariableBuilder(name)
    .datasource(SOURCE)
    .query(variableQueries[name])
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')

const annotation = (name: string, { expr, color, text }: { expr: string; color: string; text: string }) =>
  new AnnotationQueryBuilder()
    .name(name)
    .datasource(SOURCE)
    .enable(true)
    .iconColor(color)
    .expr(expr)
    .titleFormat(name)
    .textFormat(text)
    .step('1m')

/** The dashboard of a fleet, for Grafana. */
export const buildDashboard = (): Dashboard => {
  const dashboard = new DashboardBuilder('health-sidecar')
    .uid('health-sidecar')
    .description(
      'When to use it: Prometheus scrapes GET /metrics of the hosts. Import it in Grafana. docs/grafana.md tells the rest.',
    )
    .tags(['health-sidecar'])
    .refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .timezone('browser')
    .editable()
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('data source').type('prometheus'))
    .withVariable(variable('job'))
    .withVariable(variable('fleet'))
    .withVariable(variable('instance'))
    .withVariable(variable('check'))
    .annotation(annotation('drain', { expr: queries.drains, color: colors.draining, text: '{{instance}}' }))
    .annotation(annotation('release', { expr: queries.newReleases, color: 'blue', text: '{{release}}' }))
  // a link to one panel names it by its id
  let id = 0
  for (const [title, panels] of rows) {
    dashboard.withRow(new RowBuilder(title).id((id += 1)))
    for (const panel of panels) dashboard.withPanel(panel.id((id += 1)))
  }
  return dashboard.build()
}
