/**
 * `npm run --silent simulate -- --policy all --json | node test/simulation/policies/policy-table.ts`: policies side by side, a
 * line each.
 */
import { json } from 'node:stream/consumers'
import type { Figures } from '../figures.ts'
import { wilson } from '../intervals.ts'
import type { Share } from '../intervals.ts'
import type { Report } from '../report.ts'

const percent = (share: number): string => `${Math.round(share * 100)}`

/** A share in percent, with its 95 % interval. */
const shareText = (share: Share | undefined): string =>
  share ? `${percent(share.share)} (${percent(share.from)}–${percent(share.to)})` : 'none'

const pair = ({ median, p95 }: { readonly median: number | undefined; readonly p95: number | undefined }) =>
  median === undefined ? 'none' : `${Math.round(median)}, ${Math.round(p95 ?? median)}`

const columns: readonly (readonly [string, (figures: Figures, traces: number) => string])[] = [
  ['bad admits, % of broken hosts', f => shareText(wilson(f.badAdmits, f.brokenHosts))],
  ['traces with a good kill, %', (f, traces) => shareText(wilson(f.goodKillTraces, traces))],
  ['fleets lost, %', (f, traces) => shareText(wilson(f.fleetsLost, traces))],
  ['bad-keep min a trace', (f, traces) => (f.badKeepMinutes / traces).toFixed(2)],
  ['recall, %', f => shareText(f.recall)],
  ['precision, %', f => shareText(f.precision)],
  ['detection: median, p95, s', f => pair(f.detection)],
  ['admission: median, p95, s', f => pair(f.admit)],
  [
    'users’ requests failed, %',
    ({ users: { served, failed } }) => ((100 * failed) / Math.max(served + failed, 1)).toFixed(1),
  ],
]

/** A Markdown table with a line for each policy of a report. */
export const policyTable = ({ traces, policies }: Report): string =>
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

if (import.meta.main) console.log(policyTable((await json(process.stdin)) as Report))
