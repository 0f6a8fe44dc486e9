import { meanInterval, quantile, wilson } from '../intervals.ts'
import type { Share } from '../intervals.ts'
import type { TraceResult } from '../run-trace.ts'

/** A value with the ends of an interval. */
export interface Measured {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** What a setting can lose. */
export interface Measure {
  readonly name: string
  /** Its first line is a name, the others its unit and interval. */
  readonly title: string
  /** Undefined where nothing can be measured: no broken host, no fault, no new host. */
  readonly of: (results: readonly TraceResult[]) => Measured | undefined
}

const percent = (share: Share | undefined): Measured | undefined =>
  share && { value: share.share * 100, low: share.from * 100, high: share.to * 100 }

const meanOf = (values: readonly number[]): Measured | undefined => {
  if (values.length === 0) return undefined
  const value = values.reduce((sum, each) => sum + each, 0) / values.length
  const { from: low, to: high } = meanInterval(values) ?? { from: value, to: value }
  return { value, low, high }
}

const MINUTE_MS = 60_000

export const measures: readonly Measure[] = [
  {
    name: 'good kills',
    title: 'good kills\n% of traces',
    of: results => percent(wilson(results.filter(({ goodKills }) => goodKills > 0).length, results.length)),
  },
  {
    name: 'bad admits',
    title: 'bad admits\n% of broken hosts',
    of: results => {
      const sum = (of: (result: TraceResult) => number) =>
        results.reduce((total, result) => total + of(result), 0)
      return percent(
        wilson(
          sum(({ badAdmits }) => badAdmits),
          sum(({ broken }) => broken),
        ),
      )
    },
  },
  {
    name: 'bad keeps',
    title: 'bad keeps\nmin of each fault',
    of: results =>
      meanOf(
        results.flatMap(({ faults, endsAt }) =>
          faults.map(
            ({ since, until, detectedAt }) =>
              (Math.min(detectedAt ?? Infinity, until, endsAt) - since) / MINUTE_MS,
          ),
        ),
      ),
  },
  {
    name: 'admission',
    title: 'admission\ns, to the p95',
    of: results => {
      const seconds = results.flatMap(({ admitMs }) => admitMs.map(ms => ms / 1000))
      const median = quantile(seconds, 0.5)
      if (median === undefined) return undefined
      return { value: median, low: median, high: quantile(seconds, 0.95) ?? median }
    },
  },
]
