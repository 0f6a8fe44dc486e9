import { DEFAULT_DRAIN_WAIT } from '../config/default-drain-wait.ts'
import { parseDuration } from '../config/units.ts'
import { durationText } from '../lib/duration-text.ts'
import type { ProbeSource } from './probe-source.ts'

/** One way in which the configuration and the probes do not fit. It changes no answer. */
export interface ProbeLint {
  readonly code: 'deadline-too-long' | 'drain-wait-too-short' | 'probe-refused' | 'probes-missing'
  /** Once is enough for each code and subject. */
  readonly subject: string
  /** What is wrong, then what to do. */
  readonly message: string
}

export interface LintContext {
  /** where probes are answered */
  readonly path: string
  readonly deadlineMs: number
  readonly drainWaitMs: number
  /** Whether anybody should probe: not in Standby. */
  readonly expectsProbes: boolean
  /** Monotonic milliseconds. */
  readonly now: number
}

/** A single one may be anybody's. */
const FEWEST_CLOSED = 2
const FEWEST_REFUSALS = 3
const MISSING_INTERVALS = 5
/** A client that nobody knows is missed only if it was there for so many probes. */
const FEWEST_OF_UNKNOWN = 20

/** It is nobody's choice: it suits some balancers, and behind a scaling group it does not matter. */
const DEFAULT_DRAIN_WAIT_MS = parseDuration(DEFAULT_DRAIN_WAIT)

/** How a source is called in a message. */
const nameOf = ({ checker, address }: ProbeSource): string => {
  const where = address ?? 'a Unix socket'
  return typeof checker === 'object' ? `${checker.name} (${where})` : where
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

const isLocal = ({ address }: ProbeSource): boolean =>
  address === undefined || address === '::1' || address.startsWith('127.')

const deadlineTooLong = (source: ProbeSource, { deadlineMs }: LintContext): ProbeLint[] => {
  const { checker, closedEarly, patienceMs } = source
  if (checker === 'none' || closedEarly < FEWEST_CLOSED || patienceMs >= deadlineMs) return []
  const message = `${nameOf(source)} closed ${closedEarly} probes before their answer, after ${seconds(patienceMs)} at most, and \`deadline\` is ${seconds(deadlineMs)}; set \`deadline\` below the timeout of that health check`
  return [{ code: 'deadline-too-long', subject: nameOf(source), message }]
}

const drainWaitTooShort = (source: ProbeSource, { drainWaitMs }: LintContext): ProbeLint[] => {
  const { checker, intervalMs } = source
  if (typeof checker !== 'object' || intervalMs === undefined || drainWaitMs === DEFAULT_DRAIN_WAIT_MS)
    return []
  const { name, unhealthyThreshold: threshold } = checker
  if (threshold === undefined || drainWaitMs >= intervalMs * threshold) return []
  const needed = seconds(intervalMs * threshold)
  const message = `\`drain.wait\` is ${seconds(drainWaitMs)}, and ${nameOf(source)} needs ${needed} to take this host out: it probes every ${durationText(Math.round(intervalMs / 1000) * 1000)}, with ${threshold} failures if its threshold is the default (which is not visible here); set \`drain.wait\` to interval × threshold, or drain before a stop`
  return [{ code: 'drain-wait-too-short', subject: name, message }]
}

const refused = (source: ProbeSource, { path: answered }: LintContext): ProbeLint[] => {
  if (typeof source.checker !== 'object' || !source.refused || source.refusals < FEWEST_REFUSALS) return []
  const { status, method, path } = source.refused
  const message = `${nameOf(source)} gets ${status} for ${method} ${path ?? 'of another path'}; set that health check to GET ${answered}`
  return [{ code: 'probe-refused', subject: nameOf(source), message }]
}

/** By kind of checker, as the nodes of one balancer come and go. */
const missing = (sources: readonly ProbeSource[], { expectsProbes, now }: LintContext): ProbeLint[] => {
  if (!expectsProbes) return []
  const regular = sources.filter(
    source =>
      source.intervalMs !== undefined &&
      (typeof source.checker === 'object' ||
        (source.checker === 'unknown' && source.probes >= FEWEST_OF_UNKNOWN && !isLocal(source))),
  )
  const byKind = Map.groupBy(regular, ({ checker }) => checker)
  return Array.from(byKind.values()).flatMap(kind => {
    const latest = kind.reduce((a, b) => (b.lastAt > a.lastAt ? b : a))
    const { intervalMs = Infinity, lastAt, checker } = latest
    if (now - lastAt <= intervalMs * MISSING_INTERVALS) return []
    const message = `no probe of ${nameOf(latest)} for ${durationText(now - lastAt)}, and it probed every ${durationText(Math.round(intervalMs / 1000) * 1000)}; check that this host is registered, and the security group`
    return [
      {
        code: 'probes-missing' as const,
        subject: typeof checker === 'object' ? checker.name : nameOf(latest),
        message,
      },
    ]
  })
}

/** A source that has not come for so many of its intervals has taken this host out, or is gone. */
const GONE_INTERVALS = 2

/**
 * Of a host that closes now: which health checkers have seen fewer failures in a row than they need, by default, to take it
 * out. Pure.
 */
export const unnoticed = (sources: readonly ProbeSource[], now: number): readonly string[] =>
  sources.flatMap(source => {
    const { checker, intervalMs, lastAt, answer, answersInARow } = source
    if (typeof checker !== 'object' || intervalMs === undefined) return []
    const { unhealthyThreshold: threshold } = checker
    const failures = answer === 503 ? answersInARow : 0
    if (threshold === undefined || failures >= threshold || now - lastAt > intervalMs * GONE_INTERVALS)
      return []
    const every = durationText(Math.round(intervalMs / 1000) * 1000)
    return [`${nameOf(source)} has seen ${failures} of ${threshold}, and probes every ${every}`]
  })

/** Where the configuration does not fit the probes that were seen. Pure. */
export const lintProbes = (sources: readonly ProbeSource[], context: LintContext): readonly ProbeLint[] => {
  const all = sources.flatMap(source => [
    ...deadlineTooLong(source, context),
    ...drainWaitTooShort(source, context),
    ...refused(source, context),
  ])
  const found = [...all, ...missing(sources, context)]
  const isFirst = ({ code, subject }: ProbeLint, i: number): boolean =>
    found.findIndex(other => other.code === code && other.subject === subject) === i
  return found.filter(isFirst)
}
