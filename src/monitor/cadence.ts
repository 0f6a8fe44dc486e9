import { expiresAfterMs } from '../core/check-state.ts'
import type { CheckPolicy, CheckState } from '../core/check-state.ts'
import type { Phase } from '../core/lifecycle.ts'
import type { Policy } from '../core/verdict.ts'
import { GRACE_MS } from './check-runner.ts'

/** The shortest time between two fresh runs of a dependency, in milliseconds. */
export const RECHECK_SPACING_MS = 1000
/** A check's cadence is stretched by up to this share of its interval, so that hosts that start together drift apart. */
const JITTER = 0.1
/** The first run after shared trouble was found comes after this share of the interval, at least. */
const SOONEST_AFTER_TROUBLE = 0.1
/**
 * Rounds before the first pass are between one and this many times the longest `fresh_for` apart. With the defaults, the
 * first 200 then comes at most 90 s after the app is ready: the rest of one gap, and four more.
 */
const ROUND_SPREAD = 1.15
/** Between rounds, a check that may run more often waits between one and this many times its own `fresh_for`. */
const PACE_SPREAD = 1.5
/** Between rounds, the shortest wait in milliseconds. */
const MIN_PACE_MS = 100
/** No answer is waited for any longer when it is decided whether the program is stuck. */
const LONGEST_ANSWER_MS = 3_600_000

/** The phases in which checks run. A drain changes nothing in how they run. */
export type RunningPhase = Exclude<Phase, 'draining'>

/** Which checks run, and how. */
export interface Running {
  readonly policy: Policy
  readonly phase: RunningPhase
}

/** For how long a probe may be answered from an older finding of a required check, in milliseconds. */
export const longestFreshForMs = ({ checks }: Policy): number =>
  Math.max(...checks.filter(({ required }) => required).map(({ freshForMs }) => freshForMs))

/** The time from the end of a round to the next one, in milliseconds. `random` is from 0 to 1. */
export const roundSpacingMs = (policy: Policy, random: number): number =>
  longestFreshForMs(policy) * (1 + (ROUND_SPREAD - 1) * random)

/** Whether a check runs in a phase. */
export const runsIn = (phase: RunningPhase, { gate }: CheckPolicy): boolean =>
  phase === 'starting' || gate === 'always'

/** Whether the latest finding is the first one of shared trouble. */
const isNewTrouble = ({ unknown, last }: CheckState): boolean =>
  unknown?.cause === 'shared' && unknown.since === last?.at

/**
 * The time from a check's latest run to the next one that it starts by itself, in milliseconds; undefined if there is none.
 * Hosts that a balancer probes in step find shared trouble at the same moment. The next run then comes after a random part
 * of the interval, so that they do not go on in step; no threshold counts an `unknown`. While starting, a check that may
 * run more often than the rounds does so. An app that is good only at the moments of the rounds is then found out.
 * `random` is from 0 to 1.
 */
export const paceMs = (
  check: CheckPolicy,
  {
    policy,
    phase,
    random,
    state,
  }: Running & { readonly random: number; readonly state?: CheckState | undefined },
): number | undefined => {
  const { intervalMs, freshForMs, required } = check
  if (phase === 'serving') {
    if (!runsIn(phase, check)) return undefined
    const share =
      state && isNewTrouble(state)
        ? SOONEST_AFTER_TROUBLE + (1 - SOONEST_AFTER_TROUBLE) * random
        : 1 + JITTER * random
    return intervalMs * share
  }
  if (!required || freshForMs >= longestFreshForMs(policy)) return undefined
  return Math.max(freshForMs, MIN_PACE_MS) * (1 + (PACE_SPREAD - 1) * random)
}

const answerTimes = new WeakMap<Policy, ReadonlyMap<string, number>>()

/** For each check, the longest time from the start of a run to its finding: its own run, and rechecks of dependencies. */
const answerTimesOf = (policy: Policy): ReadonlyMap<string, number> => {
  const known = answerTimes.get(policy)
  if (known) return known
  const times = new Map<string, number>()
  const byName = new Map(policy.checks.map(check => [check.name, check]))
  const timeOf = (name: string): number => {
    const check = byName.get(name)
    const before = times.get(name)
    if (before !== undefined || !check) return before ?? 0
    const longest = Math.max(0, ...check.dependsOn.map(timeOf))
    // a stale dependency runs once; then each runs freshly, after a run in flight that started too early to count
    const rechecks = check.dependsOn.length > 0 ? 3 * longest + 2 * RECHECK_SPACING_MS : 0
    const time = Math.min(check.timeoutMs + GRACE_MS + rechecks, LONGEST_ANSWER_MS)
    times.set(name, time)
    return time
  }
  for (const { name } of policy.checks) timeOf(name)
  answerTimes.set(policy, times)
  return times
}

/** The longest time between two findings of a check while all is well with what runs it, in milliseconds. */
const longestSilenceMs = (check: CheckPolicy, { policy, phase }: Running): number => {
  const times = answerTimesOf(policy)
  const ownMs = times.get(check.name) ?? 0
  const own = paceMs(check, { policy, phase, random: 1 })
  if (own !== undefined) return own + ownMs
  // a round waits for a run that started before it, and then runs the check again
  const roundMs = 2 * Math.max(...times.values())
  return roundMs + roundSpacingMs(policy, 1) + 2 * ownMs
}

/**
 * The time without a finding after which what runs a check must be stuck, in milliseconds: once its last finding has
 * expired, unless the rounds of a start or its dependencies may take longer. It leaves time for one run that does not
 * count, because it started before another release.
 */
export const overdueAfterMs = (check: CheckPolicy, running: Running): number =>
  Math.max(
    expiresAfterMs(check),
    longestSilenceMs(check, running) + (answerTimesOf(running.policy).get(check.name) ?? 0),
  )

/** The longest time in which no check at all has a finding while all is well, in milliseconds, whatever the phase. */
export const longestQuietMs = (policy: Policy): number => {
  const quiet = (['starting', 'serving'] as const).map(phase => {
    const running = policy.checks.filter(check => runsIn(phase, check))
    return Math.min(...running.map(check => longestSilenceMs(check, { policy, phase })))
  })
  return Math.max(...quiet)
}
