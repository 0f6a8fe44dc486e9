import { noneAsked } from './database-figures.ts'
import type { Asked, Period } from './database-figures.ts'
import { meanInterval, medianInterval, quantile, wilson } from './intervals.ts'
import type { Interval, Share } from './intervals.ts'
import type { TraceResult } from './run-trace.ts'

/** Seconds; null if there are none. */
export interface Spread {
  readonly median: number | null
  readonly p95: number | null
  readonly count: number
}

/** The ends of the 95 % intervals; null where nothing was seen. */
export interface Intervals {
  /** of the share of broken hosts that were admitted */
  readonly badAdmits: Interval | null
  /** of the share of traces with a good kill */
  readonly goodKills: Interval | null
  /** of the share of traces that lost the fleet */
  readonly fleetsLost: Interval | null
  /** of the mean of a trace */
  readonly badKeepMinutes: Interval | null
  readonly recall: Interval | null
  readonly precision: Interval | null
  /** of the medians, in seconds */
  readonly detection: Interval | null
  readonly admit: Interval | null
}

export interface FaultFigures extends Spread {
  /** How many were not detected before they ended. */
  readonly missed: number
}

/** What a policy did over all traces. Counts are sums; the table gives them per 1,000 traces. */
export interface Figures {
  /** Hosts with a broken release that came into service, of so many. */
  readonly badAdmits: number
  readonly brokenHosts: number
  /** Times that a host without a fault of its own was taken out of service. */
  readonly goodKills: number
  /** Of these: the app took over a minute to answer, longer than a busy one may. */
  readonly killsBeyondPatience: number
  /** Traces with a good kill: kills come in whole fleets, so only traces are independent. */
  readonly goodKillTraces: number
  readonly fleetsLost: number
  /** Of these: every kill in the trace was beyond patience. */
  readonly fleetsLostBeyondPatience: number
  /** Minutes from each own fault to the first of the failed probes that took the host out, or to the fault's end. */
  readonly badKeepMinutes: number
  /** Own faults that were detected and broken hosts that were kept out, of all of them. */
  readonly recall: number | null
  /** Of all times that a host was taken or kept out, those that were right. */
  readonly precision: number | null
  readonly detection: Spread
  readonly detectionByFault: Readonly<Record<string, FaultFigures>>
  /** Of good new hosts, from an app that answers to service. */
  readonly admit: Spread
  /** The smallest share of the fleet in service in any trace, and the median of all traces. */
  readonly smallestShare: { readonly median: number | null; readonly worst: number }
  readonly users: { readonly served: number; readonly failed: number }
  /** A second, for a fleet of the traces' size. */
  readonly database: Readonly<Record<Period, { readonly queries: number; readonly logins: number }>>
  readonly intervals: Intervals
  /** The numbers of the traces with a bad admit, a good kill or a lost fleet. */
  readonly wrong: readonly number[]
}

const tenths = (ms: number): number => Math.round(ms / 100) / 10

const spreadOf = (milliseconds: readonly number[]): Spread => {
  const seconds = (part: number) => {
    const value = quantile(milliseconds, part)
    return value === undefined ? null : tenths(value)
  }
  return { median: seconds(0.5), p95: seconds(0.95), count: milliseconds.length }
}

const medianOf = (milliseconds: readonly number[]): Interval | null => {
  const interval = medianInterval(milliseconds)
  return interval ? { from: tenths(interval.from), to: tenths(interval.to) } : null
}

const ends = (share: Share | undefined): Interval | null =>
  share ? { from: share.from, to: share.to } : null

const askedOf = (results: readonly TraceResult[], period: Period) => {
  const sum = results.reduce<Asked>(
    (total, { database: { [period]: asked } }) => ({
      queries: total.queries + asked.queries,
      logins: total.logins + asked.logins,
      seconds: total.seconds + asked.seconds,
    }),
    noneAsked,
  )
  const aSecond = (count: number) => (sum.seconds === 0 ? 0 : Number((count / sum.seconds).toFixed(3)))
  return { queries: aSecond(sum.queries), logins: aSecond(sum.logins) }
}

const isWrong = ({ badAdmits, goodKills, isFleetLost }: TraceResult): boolean =>
  badAdmits + goodKills > 0 || isFleetLost

const isLostBeyondPatience = ({ isFleetLost, goodKills, killsBeyondPatience }: TraceResult): boolean =>
  isFleetLost && goodKills > 0 && goodKills === killsBeyondPatience

export const figuresOf = (results: readonly TraceResult[]): Figures => {
  const sum = (of: (result: TraceResult) => number) =>
    results.reduce((total, result) => total + of(result), 0)
  const byTrace = results.map(({ faults, endsAt }) =>
    faults.map(({ kind, since, until, detectedAt }) => ({
      kind,
      detectedMs: detectedAt === undefined ? undefined : detectedAt - since,
      keptMs: Math.min(detectedAt ?? Infinity, until, endsAt) - since,
    })),
  )
  const faults = byTrace.flat()
  const keptMinutes = byTrace.map(own => own.reduce((total, { keptMs }) => total + keptMs, 0) / 60_000)
  const detected = faults.map(({ detectedMs }) => detectedMs).filter(ms => ms !== undefined)
  const badAdmits = sum(result => result.badAdmits)
  const brokenHosts = sum(result => result.broken)
  const goodKills = sum(result => result.goodKills)
  const right = detected.length + brokenHosts - badAdmits
  const recall = wilson(right, faults.length + brokenHosts)
  const precision = wilson(right, right + goodKills)
  const goodKillTraces = results.filter(result => result.goodKills > 0).length
  const fleetsLost = results.filter(({ isFleetLost }) => isFleetLost).length
  const admitMs = results.flatMap(result => result.admitMs)
  const shares = results.map(({ smallestShare }) => smallestShare)
  const byKind = (kind: string): FaultFigures => {
    const all = faults.filter(fault => fault.kind === kind)
    const found = all.map(({ detectedMs }) => detectedMs).filter(ms => ms !== undefined)
    return { ...spreadOf(found), count: all.length, missed: all.length - found.length }
  }
  const kinds = [...new Set(faults.map(({ kind }) => kind))].toSorted()
  return {
    badAdmits,
    brokenHosts,
    goodKills,
    killsBeyondPatience: sum(result => result.killsBeyondPatience),
    goodKillTraces,
    fleetsLost,
    fleetsLostBeyondPatience: results.filter(isLostBeyondPatience).length,
    badKeepMinutes: Number(keptMinutes.reduce((total, minutes) => total + minutes, 0).toFixed(1)),
    recall: recall?.share ?? null,
    precision: precision?.share ?? null,
    detection: spreadOf(detected),
    detectionByFault: Object.fromEntries(kinds.map(kind => [kind, byKind(kind)])),
    admit: spreadOf(admitMs),
    smallestShare: { median: quantile(shares, 0.5) ?? null, worst: Math.min(...shares) },
    users: { served: sum(({ users }) => users.served), failed: sum(({ users }) => users.failed) },
    database: {
      steady: askedOf(results, 'steady'),
      outage: askedOf(results, 'outage'),
      end: askedOf(results, 'end'),
    },
    intervals: {
      badAdmits: ends(wilson(badAdmits, brokenHosts)),
      goodKills: ends(wilson(goodKillTraces, results.length)),
      fleetsLost: ends(wilson(fleetsLost, results.length)),
      badKeepMinutes: meanInterval(keptMinutes) ?? null,
      recall: ends(recall),
      precision: ends(precision),
      detection: medianOf(detected),
      admit: medianOf(admitMs),
    },
    wrong: results.filter(isWrong).map(({ trace }) => trace),
  }
}
