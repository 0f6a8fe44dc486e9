import type { Admission } from './run-broken-release.ts'
import type { Row, Toll } from './fleet.ts'
import { systems } from './host.ts'
import type { System } from './host.ts'
import { badKeepsOf } from './run-own-fault.ts'
import type { Detection } from './run-own-fault.ts'

/** What came out of all scenarios. */
export interface Rows {
  readonly broken: readonly Row<Admission>[]
  readonly benign: readonly Row<Toll>[]
  readonly own: readonly Row<Detection>[]
}

const titles: Readonly<Record<System, string>> = {
  sidecar: 'health-sidecar',
  strict: 'strict: any failure is 503',
  shallow: 'shallow: the socket accepts',
}

/** A Markdown table, its columns padded so that it reads in a terminal as well. */
const table = (lines: readonly (readonly string[])[]): string => {
  const [head, ...rows] = lines
  const widths = (head ?? []).map((_, i) => Math.max(...lines.map(line => line[i]?.length ?? 0)))
  const format = (line: readonly string[]) =>
    `| ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  return [
    format(head ?? []),
    `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`,
    ...rows.map(format),
  ].join('\n')
}

const admission = ({ admittedAfterSeconds, reasons }: Admission): string => {
  const because = reasons && reasons.length > 0 ? `: ${reasons.join(', ')}` : ''
  return admittedAfterSeconds === undefined ? `kept out${because}` : `ADMITTED at ${admittedAfterSeconds} s`
}

const toll = ({ killed, hosts, failedProbes, probes, load }: Toll): string => {
  const pages = load && `; ${load.served} pages served, ${load.lost} lost`
  const probed = `${failedProbes}/${probes} probes failed${pages ?? ''}`
  return `${killed === 0 ? 'none' : `KILLED ${killed} of ${hosts}`} (${probed})`
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

const tenths = (value: number): string => value.toFixed(1)

const detection = (found: Detection): string => {
  const { hosts, afterSeconds, othersKilled, others } = found
  const kept = badKeepsOf(found)
  const times =
    afterSeconds.length === 0
      ? []
      : afterSeconds.length === 1
        ? [`${tenths(afterSeconds[0] ?? NaN)} s`]
        : [`${tenths(median(afterSeconds))} s, worst ${tenths(Math.max(...afterSeconds))} s`]
  return [
    ...(kept > 0 ? [`KEPT ${kept} of ${hosts}`] : []),
    ...times,
    ...(othersKilled > 0 ? [`KILLED ${othersKilled} of ${others} others`] : []),
  ].join('; ')
}

const tableOf = <Outcome>(
  rows: readonly Row<Outcome>[],
  options: {
    readonly title: string
    readonly expected: (row: Row<Outcome>) => string
    readonly cell: (outcome: Outcome) => string
  },
): string =>
  table([
    ['#', options.title, 'expected', ...systems.map(system => titles[system])],
    ...rows.map((row, i) => [
      `${i + 1}`,
      row.name,
      options.expected(row),
      ...systems.map(system => options.cell(row.outcomes[system])),
    ]),
  ])

export const tables = ({ broken, benign, own }: Rows): readonly string[] => [
  tableOf(broken, { title: 'broken release', expected: () => 'kept out', cell: admission }),
  tableOf(benign, { title: 'benign fault on a serving fleet', expected: () => 'none killed', cell: toll }),
  tableOf(own, {
    title: 'a host’s own fault, and the time to its detection',
    expected: ({ outcomes }) => `≤ ${outcomes.sidecar.withinSeconds} s`,
    cell: detection,
  }),
]

/** The figures that matter. */
export interface Figures {
  readonly badAdmits: number
  readonly goodKills: number
  readonly badKeeps: number
}

export const figuresOf = (system: System, { broken, benign, own }: Rows): Figures => ({
  badAdmits: broken.filter(({ outcomes }) => outcomes[system].admittedAfterSeconds !== undefined).length,
  goodKills:
    benign.reduce((sum, { outcomes }) => sum + outcomes[system].killed, 0) +
    own.reduce((sum, { outcomes }) => sum + outcomes[system].othersKilled, 0),
  badKeeps: own.reduce((sum, { outcomes }) => sum + badKeepsOf(outcomes[system]), 0),
})

export const figuresTable = (rows: Rows): string => {
  const hosts =
    rows.benign.reduce((sum, { outcomes }) => sum + outcomes.sidecar.hosts, 0) +
    rows.own.reduce((sum, { outcomes }) => sum + outcomes.sidecar.others, 0)
  const hit = rows.own.reduce((sum, { outcomes }) => sum + outcomes.sidecar.hosts, 0)
  const figures = systems.map(system => figuresOf(system, rows))
  const times = systems.map(system => rows.own.flatMap(({ outcomes }) => outcomes[system].afterSeconds))
  return table([
    ['', ...systems.map(system => titles[system])],
    [
      `bad admits, of ${rows.broken.length} broken releases`,
      ...figures.map(({ badAdmits }) => `${badAdmits}`),
    ],
    [
      `good kills, of ${hosts} hosts without a fault of their own`,
      ...figures.map(({ goodKills }) => `${goodKills}`),
    ],
    [`bad keeps, of ${hit} hosts with a fault of their own`, ...figures.map(({ badKeeps }) => `${badKeeps}`)],
    [
      'time to detection: median, worst',
      ...times.map(all =>
        all.length === 0 ? 'none' : `${tenths(median(all))} s, ${tenths(Math.max(...all))} s`,
      ),
    ],
  ])
}
