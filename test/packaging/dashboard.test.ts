import { readFile } from 'node:fs/promises'
import t from 'tap'
import { buildDashboard } from '../../packaging/grafana/dashboard.ts'
import { queries, variableQueries } from '../../packaging/grafana/queries.ts'
import { metricList, PREFIX } from '../../src/metrics/metric-list.ts'

const FILE = 'config/grafana/health-sidecar.json'
/** Labels that Prometheus gives, its recording of a scrape, and a histogram's bound. */
const OTHER_LABELS = ['job', 'instance', 'fleet', 'le']

interface Target {
  readonly expr: string
  readonly legendFormat?: string
}
interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly Target[]
  readonly panels?: readonly Panel[]
}

const committed: {
  readonly panels: readonly Panel[]
  readonly annotations: { readonly list: readonly { readonly expr?: string; readonly target?: Target }[] }
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] }
} = JSON.parse(await readFile(FILE, 'utf8'))

const panels = committed.panels.flatMap(panel => [panel, ...(panel.panels ?? [])])
const shown = panels.filter(({ type }) => type !== 'row')

t.test('dashboard › the committed one is what the script builds; if not, run npm run dashboard', async t => {
  t.equal(await readFile(FILE, 'utf8'), `${JSON.stringify(buildDashboard(), null, 2)}\n`)
})

t.test('dashboard › every query is asked by a panel or an annotation', async t => {
  const asked = [
    ...shown.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...committed.annotations.list.flatMap(({ expr }) => expr ?? []),
  ]
  t.strictSame(new Set(asked), new Set(Object.values(queries)))
  t.strictSame(
    committed.templating.list.slice(1).map(({ query }) => query),
    Object.values(variableQueries),
  )
})

t.test('dashboard › every metric and every label in it is one that the sidecar has', async t => {
  const used = [...Object.values(queries), ...Object.values(variableQueries)]
  const histograms = new Map(
    Object.entries(metricList).map(([name, { type }]) => [
      type === 'histogram' ? `${name}_bucket` : name,
      name,
    ]),
  )
  const found = new Set<string>()
  for (const expression of used) {
    const names = Array.from(expression.matchAll(/\bhealth_sidecar_(\w+)/g), ([, name = '']) => name)
    t.ok(names.length > 0 || expression.includes('up{'), expression)
    t.strictSame(
      names.filter(name => !histograms.has(name)),
      [],
      expression,
    )
    for (const name of names) found.add(histograms.get(name) ?? '')
    const labels = new Set<string>(OTHER_LABELS)
    for (const name of names)
      for (const label of metricList[(histograms.get(name) ?? 'serving') as keyof typeof metricList].labels)
        labels.add(label)
    const mentioned = [
      ...Array.from(expression.matchAll(/\b(?:by|on|without|group_left) \(([^)]*)\)/g), ([, list = '']) =>
        list.split(', '),
      ).flat(),
      ...Array.from(expression.matchAll(/(\w+)=~?"/g), ([, label = '']) => label),
    ]
    t.strictSame(
      mentioned.filter(label => !labels.has(label)),
      [],
      expression,
    )
  }
  const unused = Object.keys(metricList).filter(name => !found.has(name))
  t.strictSame(unused, ['verdict', 'drain_until_timestamp_seconds'], 'others say the same')
  t.ok(used.join(' ').includes(PREFIX))
})

t.test('dashboard › each panel says what it shows, and stands in the grid beside the others', async t => {
  t.ok(shown.length >= 20)
  t.strictSame(
    shown.filter(({ description }) => !description),
    [],
  )
  const cells = shown.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
  )
  t.equal(new Set(cells).size, cells.length)
  t.ok(shown.every(({ gridPos: { x, w } }) => x + w <= 24))
  t.strictSame(
    panels.map(({ id }) => id),
    panels.map((_panel, i) => i + 1),
    'each has an id of its own',
  )
})

t.test('dashboard › it has what a fleet’s operator asks for', async t => {
  const types = new Map(shown.map(({ title, type }) => [title, type]))
  for (const [title, type] of [
    ['State of the fleet', 'timeseries'],
    ['State of each host', 'state-timeline'],
    ['Who holds, and why', 'table'],
    ['Time to admit', 'timeseries'],
    ['Detection', 'stat'],
    ['Probes by code', 'timeseries'],
    ['Durations', 'heatmap'],
  ] as const)
    t.equal(types.get(title), type, title)
  t.match(committed.annotations.list, [{ name: 'drain' }, { name: 'release' }])
})
