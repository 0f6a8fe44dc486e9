/**
 * `npm run --silent simulate -- --policy all --json | node test/simulation/policies/policy-table.ts`: policies side by side, a
 * line each: what each one loses, what it asks of the database, and when it finds each fault.
 */
import { json } from 'node:stream/consumers'
import type { Figures, Spread } from '../figures.ts'
import type { Interval } from '../intervals.ts'
import type { Report } from '../report.ts'

const percent = (share: number): string => `${Math.round(share * 100)}`

/** A share in percent, with its 95 % interval. */
const shareText = (share: number | null, interval: Interval | null): string =>
  share !== null && interval
    ? `${percent(share)} (${percent(interval.from)}–${percent(interval.to)})`
    : 'none'

const pair = ({ median, p95 }: Spread) =>
  median === null ? 'none' : `${Math.round(median)}, ${Math.round(p95 ?? median)}`

type Column = readonly [title: string, cell: (figures: Figures, traces: number) => string]

const losses: readonly Column[] = [
  ['bad admits, % of broken hosts', f => shareText(f.badAdmits / f.brokenHosts, f.intervals.badAdmits)],
  ['traces with a good kill, %', (f, traces) => shareText(f.goodKillTraces / traces, f.intervals.goodKills)],
  ['fleets lost, %', (f, traces) => shareText(f.fleetsLost / traces, f.intervals.fleetsLost)],
  ['bad-keep min a trace', (f, traces) => (f.badKeepMinutes / traces).toFixed(2)],
  ['recall, %', f => shareText(f.recall, f.intervals.recall)],
  ['precision, %', f => shareText(f.precision, f.intervals.precision)],
  ['detection: median, p95, s', f => pair(f.detection)],
  ['admission: median, p95, s', f => pair(f.admit)],
  ['smallest share in service, %', f => percent(f.smallestShare.worst)],
  [
    'users’ requests failed, %',
    ({ users: { served, failed } }) => ((100 * failed) / Math.max(served + failed, 1)).toFixed(1),
  ],
]

const asked =
  (of: 'queries' | 'logins'): Column[1] =>
  ({ database: { steady, outage, end } }) =>
    [steady, outage, end].map(period => period[of].toFixed(2)).join(', ')

const load: readonly Column[] = [
  ['queries a second: steady, outage, its end', asked('queries')],
  ['fresh logins a second: steady, outage, its end', asked('logins')],
]

const faultColumn = (kind: string): Column => [
  kind,
  ({ detectionByFault: { [kind]: fault } }) =>
    fault ? `${pair(fault)}; ${fault.missed} of ${fault.count}` : '',
]

/** A Markdown table with a line for each policy. */
const tableOf = ({ traces, policies }: Report, columns: readonly Column[]): string =>
  [
    ['policy', ...columns.map(([title]) => title)],
    ['---', ...columns.map(() => '---')],
    ...Object.entries(policies).map(([name, figures]) => [
      `\`${name}\``,
      ...columns.map(([, cell]) => cell(figures, traces)),
    ]),
  ]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')

/** Three tables: what is lost; what the database is asked; when each fault is found (median, p95, s), and how many are missed. */
export const policyTables = (report: Report): string => {
  const faults = Object.values(report.policies).flatMap(figures => Object.keys(figures.detectionByFault))
  const kinds = [...new Set(faults)].toSorted()
  return [losses, load, kinds.map(faultColumn)].map(columns => tableOf(report, columns)).join('\n\n')
}

if (import.meta.main) console.log(policyTables((await json(process.stdin)) as Report))
