import { HOUR } from './run-hour.ts'
import type { HourResult } from './run-hour.ts'

/** How often something happened in a second. */
export interface Rate {
  readonly mean: number
  readonly peak: number
}

export interface PartOfHour {
  readonly part: string
  readonly queries: Rate
  readonly logins: Rate
  /** The most connections that health checks kept. */
  readonly kept: number
}

export interface HourFigures {
  readonly hosts: number
  readonly parts: readonly PartOfHour[]
  readonly events: number
  readonly goodKills: number
  /** Of all threads. */
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly peakMebibytes: number
}

/** Adds up what each group asked in the same second. */
const summed = (all: readonly (readonly number[])[], at: { readonly from: number; readonly to: number }) =>
  Array.from({ length: (at.to - at.from) / 1000 }, (_, index) =>
    all.reduce((sum, counts) => sum + (counts[at.from / 1000 + index] ?? 0), 0),
  )

const rateOf = (counts: readonly number[]): Rate => ({
  mean: Number((counts.reduce((sum, count) => sum + count, 0) / counts.length).toFixed(1)),
  peak: Math.max(...counts),
})

export const hourFigures = (
  results: readonly HourResult[],
  run: Pick<HourFigures, 'hosts' | 'wallSeconds' | 'peakMebibytes'>,
): HourFigures => ({
  ...run,
  parts: Object.entries(HOUR)
    .slice(1)
    .map(([part, at]) => ({
      part,
      queries: rateOf(
        summed(
          results.map(({ queries }) => queries),
          at,
        ),
      ),
      logins: rateOf(
        summed(
          results.map(({ logins }) => logins),
          at,
        ),
      ),
      kept: Math.max(
        ...summed(
          results.map(({ kept }) => kept),
          at,
        ),
      ),
    })),
  events: results.reduce((sum, { events }) => sum + events, 0),
  goodKills: results.reduce((sum, { goodKills }) => sum + goodKills, 0),
  cpuSeconds: Math.round(results.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / 1000),
})

const rate = ({ mean, peak }: Rate): string =>
  mean === 0 ? `0, ${peak}` : `${mean}, ${peak} (${(peak / mean).toFixed(1)})`

export const hourTable = ({ hosts, parts, ...run }: HourFigures): string =>
  [
    `| ${hosts} hosts: mean, peak (peak over mean) | queries a second | fresh logins a second | connections kept |`,
    '| --- | --- | --- | --- |',
    ...parts.map(
      ({ part, queries, logins, kept }) => `| ${part} | ${rate(queries)} | ${rate(logins)} | ${kept} |`,
    ),
    '',
    `${run.events} events, ${run.goodKills} good kills; ${run.cpuSeconds} s of CPU, ${run.wallSeconds} s, ${run.peakMebibytes} MiB at most`,
  ].join('\n')
