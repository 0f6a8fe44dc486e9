import { expiresAfterMs } from '../core/check-state.ts'
import type { CheckPolicy } from '../core/check-state.ts'
import type { Phase } from '../core/lifecycle.ts'
import type { Policy } from '../core/verdict.ts'
import { GRACE_MS } from './check-runner.ts'

/** A dependency is asked afresh at most once in so many milliseconds, or in its `fresh_for` where that is shorter. */
export const RECHECK_SPACING_MS = 1000
/** A check's cadence is stretched by up to this share of its interval, so that hosts that start together drift apart. */
const JITTER = 0.1
/**
 * Rounds before the first pass are between one and this many times the longest `fresh_for` apart. With the defaults, the
 * first 200 then comes at most 90 s after the app is ready: the rest of one gap, and four more.
 */
const ROUND_SPREAD = 1.15
/** Between rounds, a check that may run more often waits between one and this many times its own `fresh_for`. */
const PACE_SPREAD = 1.5
/** Between two rounds a check is asked at the pace of its own `fresh_for`, and in milliseconds no faster than this. */
const MIN_PACE_MS = 100

/** What a host goes through while its checks are asked; a drain changes nothing of that. */
export type AskingPhase = Exclude<Phase, 'draining'>

/** For how long a probe may be answered from an older finding of a required check, in milliseconds. */
export const longestFreshForMs = ({ checks }: Policy): number =>
  Math.max(...checks.filter(({ required }) => required).map(({ freshForMs }) => freshForMs))

/** How long after a round the next one begins, in milliseconds. `random` is from 0 to 1. */
export const roundSpacingMs = (policy: Policy, random: number): number =>
  longestFreshForMs(policy) * (1 + (ROUND_SPREAD - 1) * random)

export const isAskedIn = (phase: AskingPhase, { gate }: CheckPolicy): boolean =>
  phase === 'starting' || gate === 'always'

/**
 * How long after its latest run a check is asked again by itself, in milliseconds; undefined where it is not. While
 * starting, what can be asked more often than the rounds come is, so that an app that is good at the moments of the rounds
 * alone shows. `random` is from 0 to 1.
 */
export const paceMs = (
  check: CheckPolicy,
  {
    policy,
    phase,
    random,
  }: { readonly policy: Policy; readonly phase: AskingPhase; readonly random: number },
): number | undefined => {
  const { intervalMs, freshForMs, required } = check
  if (phase === 'serving') return isAskedIn(phase, check) ? intervalMs * (1 + JITTER * random) : undefined
  if (!required || freshForMs >= longestFreshForMs(policy)) return undefined
  return Math.max(freshForMs, MIN_PACE_MS) * (1 + (PACE_SPREAD - 1) * random)
}

/** The longest time from asking a check to its finding, in milliseconds: its own run, and asking what it depends on. */
const answersWithinMs = (check: CheckPolicy, policy: Policy): number => {
  const dependencies = policy.checks
    .filter(({ name }) => check.dependsOn.includes(name))
    .map(dependency => answersWithinMs(dependency, policy))
  // one that is not fresh is asked; then each once more, after a run under way that began too early to count
  const attributing = dependencies.length > 0 ? 3 * Math.max(...dependencies) + RECHECK_SPACING_MS : 0
  return check.timeoutMs + GRACE_MS + attributing
}

/** The longest time between two findings of a check while all is well with what asks it, in milliseconds. */
const longestSilenceMs = (check: CheckPolicy, { policy, phase }: Asking): number => {
  const ownMs = answersWithinMs(check, policy)
  const own = paceMs(check, { policy, phase, random: 1 })
  if (own !== undefined) return own + ownMs
  // in a round, a run that began before it is waited for, and then there is another
  const roundMs = 2 * Math.max(...policy.checks.map(other => answersWithinMs(other, policy)))
  return roundMs + roundSpacingMs(policy, 1) + 2 * ownMs
}

interface Asking {
  readonly policy: Policy
  readonly phase: AskingPhase
}

/**
 * After how long without a finding something is wrong with what asks a check, in milliseconds: once its last finding has
 * expired, unless the rounds of a start, or what it depends on, may take longer. There is time for a run that counts no
 * more, as it began before another release.
 */
export const overdueAfterMs = (check: CheckPolicy, asking: Asking): number =>
  Math.max(expiresAfterMs(check), longestSilenceMs(check, asking) + answersWithinMs(check, asking.policy))

/** The longest time in which no check at all has a finding while all is well, in milliseconds, whatever the phase. */
export const longestQuietMs = (policy: Policy): number => {
  const quiet = (['starting', 'serving'] as const).map(phase => {
    const asked = policy.checks.filter(check => isAskedIn(phase, check))
    return Math.min(...asked.map(check => longestSilenceMs(check, { policy, phase })))
  })
  return Math.max(...quiet)
}
