import { systems } from './host.ts'
import type { System } from './host.ts'
import type { Admission, Row, Toll } from './run-scenario.ts'

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

const toll = ({ killed, hosts, failedProbes, probes }: Toll): string =>
  `${killed === 0 ? 'none' : `KILLED ${killed} of ${hosts}`} (${failedProbes}/${probes} probes failed)`

export const brokenTable = (rows: readonly Row<Admission>[]): string =>
  table([
    ['#', 'broken release', 'expected', ...systems.map(system => titles[system])],
    ...rows.map(({ name, outcomes }, i) => [
      `${i + 1}`,
      name,
      'kept out',
      ...systems.map(system => admission(outcomes[system])),
    ]),
  ])

export const benignTable = (rows: readonly Row<Toll>[]): string =>
  table([
    ['#', 'benign fault on a serving fleet', 'expected', ...systems.map(system => titles[system])],
    ...rows.map(({ name, outcomes }, i) => [
      `${i + 1}`,
      name,
      'none killed',
      ...systems.map(system => toll(outcomes[system])),
    ]),
  ])

/** The figures that matter. */
export interface Figures {
  readonly badAdmits: number
  readonly goodKills: number
}

export const figuresOf = (
  system: System,
  rows: { readonly broken: readonly Row<Admission>[]; readonly benign: readonly Row<Toll>[] },
): Figures => ({
  badAdmits: rows.broken.filter(({ outcomes }) => outcomes[system].admittedAfterSeconds !== undefined).length,
  goodKills: rows.benign.reduce((sum, { outcomes }) => sum + outcomes[system].killed, 0),
})

export const figuresTable = (rows: {
  readonly broken: readonly Row<Admission>[]
  readonly benign: readonly Row<Toll>[]
}): string => {
  const hosts = rows.benign.reduce((sum, { outcomes }) => sum + outcomes.sidecar.hosts, 0)
  const figures = systems.map(system => figuresOf(system, rows))
  return table([
    ['', ...systems.map(system => titles[system])],
    [
      `bad admits, of ${rows.broken.length} broken releases`,
      ...figures.map(({ badAdmits }) => `${badAdmits}`),
    ],
    [
      `good kills, of ${hosts} hosts in ${rows.benign.length} benign faults`,
      ...figures.map(({ goodKills }) => `${goodKills}`),
    ],
  ])
}
