import { HOUR } from './run-hour.ts'
import type { HourResult } from './run-hour.ts'

/** How often something happened in a second. */
export interface Rate {
  readonly mean: number
  readonly peak: number
  /** The peak that is usual if no host knows of another: see `chancePeak`. */
  readonly chance: number
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

/**
 * The count that is exceeded in one of so many seconds, on average, if things happen independently of each other (Poisson).
 * A small mean has a high peak by chance alone.
 */
export const chancePeak = (mean: number, seconds: number): number => {
  let count = 0
  // the probability itself would be 0 for a large mean
  let logProbability = -mean
  let beyond = 1 - Math.exp(logProbability)
  while (beyond * seconds > 1) {
    count += 1
    logProbability += Math.log(mean / count)
    beyond -= Math.exp(logProbability)
  }
  return count
}

const rateOf = (counts: readonly number[]): Rate => {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return {
    mean: Number(mean.toFixed(1)),
    peak: Math.max(...counts),
    chance: chancePeak(mean, counts.length),
  }
}

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

const rate = ({ mean, peak, chance }: Rate): string =>
  mean === 0 ? `0, ${peak}` : `${mean}, ${peak} (${(peak / mean).toFixed(1)}), ${chance}`

export const hourTable = ({ hosts, parts, ...run }: HourFigures): string =>
  [
    `| ${hosts} hosts: mean, peak (peak over mean), peak by chance | queries a second | fresh logins a second | connections kept |`,
    '| --- | --- | --- | --- |',
    ...parts.map(
      ({ part, queries, logins, kept }) => `| ${part} | ${rate(queries)} | ${rate(logins)} | ${kept} |`,
    ),
    '',
    `${run.events} events, ${run.goodKills} good kills; ${run.cpuSeconds} s of CPU, ${run.wallSeconds} s, ${run.peakMebibytes} MiB at most`,
  ].join('\n')
