import type { Figures, Spread } from './figures.ts'
import type { Share } from './intervals.ts'
import type { Report } from './report.ts'

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

const part = (share: Share | undefined): string =>
  share ? `${share.share.toFixed(3)} (${share.from.toFixed(3)} to ${share.to.toFixed(3)})` : 'none'

const spread = ({ median, p95 }: Spread): string => (median === undefined ? 'none' : `${median} s, ${p95} s`)

const lines: readonly (readonly [name: string, cell: (figures: Figures, traces: number) => string])[] = [
  ['bad admits per 1,000 traces', ({ badAdmits }, traces) => perThousand(badAdmits, traces)],
  ['good kills per 1,000 traces', ({ goodKills }, traces) => perThousand(goodKills, traces)],
  [
    'of these, of an app that takes over a minute, per 1,000 traces',
    ({ killsBeyondPatience }, traces) => perThousand(killsBeyondPatience, traces),
  ],
  ['traces with a good kill per 1,000', ({ goodKillTraces }, traces) => perThousand(goodKillTraces, traces)],
  ['fleets lost per 1,000 traces', ({ fleetsLost }, traces) => perThousand(fleetsLost, traces)],
  [
    'of these, of an app that takes over a minute, per 1,000 traces',
    ({ fleetsLostBeyondPatience }, traces) => perThousand(fleetsLostBeyondPatience, traces),
  ],
  ['bad-keep minutes per 1,000 traces', ({ badKeepMinutes }, traces) => perThousand(badKeepMinutes, traces)],
  ['precision (95 %)', ({ precision }) => part(precision)],
  ['recall (95 %)', ({ recall }) => part(recall)],
  ['detection: median, p95', ({ detection }) => spread(detection)],
  ['admission of a good host: median, p95', ({ admit }) => spread(admit)],
  [
    'smallest share in service: median, worst',
    ({ smallestShare: { median, worst } }) => `${median?.toFixed(2)}, ${worst.toFixed(2)}`,
  ],
  [
    'users’ requests that failed',
    ({ users: { served, failed } }) => `${((100 * failed) / (served + failed)).toFixed(2)} %`,
  ],
  [
    'queries a second: steady, outage, its end',
    ({ database: { steady, outage, end } }) => [steady, outage, end].map(({ queries }) => queries).join(', '),
  ],
  [
    'fresh logins a second: steady, outage, its end',
    ({ database: { steady, outage, end } }) => [steady, outage, end].map(({ logins }) => logins).join(', '),
  ],
]

const perThousand = (count: number, traces: number): string =>
  String(Math.round((count * 10_000) / traces) / 10)

/** The report as Markdown: a column for each policy, and the detection of each fault. */
export const tables = ({ traces, policies }: Report): string => {
  const named = Object.entries(policies)
  const names = named.map(([name]) => name)
  const main = lines.map(([name, cell]) => [name, ...named.map(([, figures]) => cell(figures, traces))])
  const kinds = [...new Set(named.flatMap(([, { detectionByFault }]) => Object.keys(detectionByFault)))]
  const byFault = kinds.map(kind => [
    kind,
    ...named.map(([, { detectionByFault }]) => {
      const fault = detectionByFault[kind]
      return fault ? `${spread(fault)}; ${fault.missed} of ${fault.count} missed` : ''
    }),
  ])
  return [table(['figure', ...names], main), table(['own fault: median, p95', ...names], byFault)].join(
    '\n\n',
  )
}
