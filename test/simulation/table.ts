import type { Figures, Spread } from './figures.ts'
import type { Interval } from './intervals.ts'
import type { Report } from './report.ts'

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

/** The ends of a 95 % interval, each so many times as large. */
const ends = (interval: Interval | null, { digits, times = 1 }: Digits): string =>
  interval ? ` (${(interval.from * times).toFixed(digits)} to ${(interval.to * times).toFixed(digits)})` : ''

interface Digits {
  readonly digits: number
  readonly times?: number
}

const part = (share: number | null, interval: Interval | null): string =>
  share === null ? 'none' : share.toFixed(3) + ends(interval, { digits: 3 })

const spread = ({ median, p95 }: Spread, interval: Interval | null = null): string =>
  median === null ? 'none' : `${median} s${ends(interval, { digits: 1 })}, ${p95} s`

const perThousand = (count: number, traces: number): string =>
  String(Math.round((count * 10_000) / traces) / 10)

/** Of traces with such an end, per 1,000, with the interval. */
const tracesWith = (count: number, interval: Interval | null, traces: number): string =>
  perThousand(count, traces) + ends(interval, { digits: 1, times: 1000 })

const lines: readonly (readonly [name: string, cell: (figures: Figures, traces: number) => string])[] = [
  ['bad admits per 1,000 traces', ({ badAdmits }, traces) => perThousand(badAdmits, traces)],
  [
    'share of broken hosts that were admitted (95 %)',
    ({ badAdmits, brokenHosts, intervals }) =>
      part(brokenHosts === 0 ? null : badAdmits / brokenHosts, intervals.badAdmits),
  ],
  ['good kills per 1,000 traces', ({ goodKills }, traces) => perThousand(goodKills, traces)],
  [
    'of these, of an app that takes over a minute, per 1,000 traces',
    ({ killsBeyondPatience }, traces) => perThousand(killsBeyondPatience, traces),
  ],
  [
    'traces with a good kill per 1,000 (95 %)',
    ({ goodKillTraces, intervals }, traces) => tracesWith(goodKillTraces, intervals.goodKills, traces),
  ],
  [
    'fleets lost per 1,000 traces (95 %)',
    ({ fleetsLost, intervals }, traces) => tracesWith(fleetsLost, intervals.fleetsLost, traces),
  ],
  [
    'of these, of an app that takes over a minute, per 1,000 traces',
    ({ fleetsLostBeyondPatience }, traces) => perThousand(fleetsLostBeyondPatience, traces),
  ],
  [
    'bad-keep minutes per 1,000 traces (95 %)',
    ({ badKeepMinutes, intervals }, traces) => tracesWith(badKeepMinutes, intervals.badKeepMinutes, traces),
  ],
  ['precision (95 %)', ({ precision, intervals }) => part(precision, intervals.precision)],
  ['recall (95 %)', ({ recall, intervals }) => part(recall, intervals.recall)],
  ['detection: median (95 %), p95', ({ detection, intervals }) => spread(detection, intervals.detection)],
  ['admission of a good host: median (95 %), p95', ({ admit, intervals }) => spread(admit, intervals.admit)],
  [
    'smallest share in service: median, worst',
    ({ smallestShare: { median, worst } }) => `${median?.toFixed(2) ?? 'none'}, ${worst.toFixed(2)}`,
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

/** The report as Markdown: a column for each policy, and the detection of each fault. */
export const tables = ({ seed, traces, hosts, policies }: Report): string => {
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
  return [
    `Seed ${seed}: ${traces} traces of ${hosts} hosts`,
    table(['figure', ...names], main),
    table(['own fault: median, p95', ...names], byFault),
  ].join('\n\n')
}
