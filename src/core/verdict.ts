import { currentFinding, currentUnknown, neverRun } from './check-state.ts'
import type { CheckPolicy, CheckState, Unknown } from './check-state.ts'
import type { Cause, Finding } from './finding.ts'
import { activeDrain, phaseAt } from './lifecycle.ts'
import type { Lifecycle, Phase } from './lifecycle.ts'
import { isAlone } from './peers.ts'
import { mostSevere } from './status.ts'

export interface Policy {
  readonly checks: readonly CheckPolicy[]
  /** The longest time in milliseconds that an `unknown` of each cause may hold; Infinity is allowed. */
  readonly holdMs: Readonly<Record<Cause, number>>
  /** All-pass rounds in a row before the first 200. */
  readonly startupHealthyThreshold: number
}

/** What one check contributes to the verdict, and why that differs from its finding's status. */
export interface CheckVerdict {
  readonly name: string
  readonly effect: 'pass' | 'warn' | 'fail'
  readonly finding: Finding
  /** Monotonic milliseconds of the finding; absent if the check has never answered. */
  readonly at?: number
  readonly because?: Because
  /** Of an `unknown` while serving: its cause, and since and until when it may hold. */
  readonly hold?: Hold
}

/** Monotonic milliseconds; `until` may be Infinity. */
export interface Hold {
  readonly cause: Cause
  readonly since: number
  readonly until: number
}

export type Because =
  /** fewer failures in a row than `unhealthy_threshold` */
  | 'below-unhealthy-threshold'
  /** fewer passes in a row than `healthy_threshold` */
  | 'below-healthy-threshold'
  /** unknown: the last known state holds */
  | 'held'
  /** unknown for longer than `hold` allows for its cause */
  | 'hold-expired'
  /** a shared or busy unknown that no peer shares */
  | 'alone'
  /** unknown before the first pass */
  | 'unproven'
  /** not required: can only warn */
  | 'optional'
  /** `gate: startup`, and has passed */
  | 'asked-at-startup-only'

/** What all checks together mean now: `pass` and `warn` are 200, `fail` is 503. */
export interface Verdict {
  readonly status: 'pass' | 'warn' | 'fail'
  readonly phase: Phase
  /** A sentence: why it is not a pass. Absent if it is one. */
  readonly output?: string
  readonly checks: readonly CheckVerdict[]
}

/** What all states together mean now. `now` is monotonic milliseconds. */
export type Decide = (states: readonly CheckState[], policy: Policy, life: Lifecycle, now: number) => Verdict

type Effect = Pick<CheckVerdict, 'effect' | 'because' | 'hold'>

/** Before the first pass, only proof counts. */
const effectWhileStarting = (finding: Finding, state: CheckState, check: CheckPolicy): Effect => {
  if (finding.status === 'unknown') return { effect: 'fail', because: 'unproven' }
  if (finding.status === 'fail') return { effect: 'fail' }
  return state.passesInARow >= check.healthyThreshold
    ? { effect: finding.status }
    : { effect: 'fail', because: 'below-healthy-threshold' }
}

/** After the first pass, a failure counts once its threshold is reached. An unknown holds the last known state. */
const effectWhileServing = (
  finding: Finding,
  state: CheckState,
  { hold, now }: { readonly hold: Hold; readonly now: number },
): Effect => {
  switch (finding.status) {
    case 'pass':
    case 'warn':
      return state.standing === 'fail'
        ? { effect: 'fail', because: 'below-healthy-threshold' }
        : { effect: finding.status }
    case 'fail':
      if (finding.reason === 'PEERS_DO_NOT_SEE_IT') return { effect: 'fail', because: 'alone' }
      return state.standing === 'fail'
        ? { effect: 'fail' }
        : { effect: 'warn', because: 'below-unhealthy-threshold' }
    case 'unknown':
      if (now >= hold.until) return { effect: 'fail', because: 'hold-expired', hold }
      return { effect: state.standing === 'fail' ? 'fail' : 'warn', because: 'held', hold }
  }
}

/** A shared or busy `unknown` while serving: peers can tell whose trouble it is. */
const isDoubt = (finding: Finding): boolean =>
  finding.status === 'unknown' && (finding.cause === 'shared' || finding.cause === 'busy')

/** If the peers do not see the trouble, an `unknown` is proof against this host. Any other finding stays as it is. */
const seenWithPeers = (finding: Finding, { phase, peers }: Lifecycle, now: number): Finding => {
  if (finding.status !== 'unknown' || phase !== 'serving' || !isDoubt(finding) || !isAlone(peers, now))
    return finding
  const asked = peers.last.answers.map(({ peer }) => peer)
  return {
    status: 'fail',
    reason: 'PEERS_DO_NOT_SEE_IT',
    message: `${finding.message}; but ${asked.join(', ')} ${asked.length === 1 ? 'passes' : 'pass'}: the trouble is this host's own`,
    evidence: { ...finding.evidence, unknown: finding.reason, peers: asked },
  }
}

const holdOf = ({ cause, since }: Unknown, holdMs: Policy['holdMs']): Hold => ({
  cause,
  since,
  until: since + holdMs[cause],
})

const judge = (
  state: CheckState,
  check: CheckPolicy,
  context: { readonly holdMs: Policy['holdMs']; readonly life: Lifecycle; readonly now: number },
): CheckVerdict => {
  const { holdMs, life, now } = context
  const at = state.last && { at: state.last.at }
  if (life.phase === 'serving' && check.gate === 'startup') {
    const finding: Finding = state.last?.finding ?? { status: 'pass' }
    return { name: check.name, effect: 'pass', finding, ...at, because: 'asked-at-startup-only' }
  }
  const finding = seenWithPeers(currentFinding(state, check, now), life, now)
  const strict =
    life.phase === 'starting'
      ? effectWhileStarting(finding, state, check)
      : effectWhileServing(finding, state, {
          hold: holdOf(currentUnknown(state, check, now) ?? { cause: 'local', since: life.since }, holdMs),
          now,
        })
  const effect: Effect =
    strict.effect === 'fail' && !check.required ? { ...strict, effect: 'warn', because: 'optional' } : strict
  return { name: check.name, finding, ...at, ...effect }
}

const describe = ({ name, finding }: CheckVerdict): string =>
  `${name}: ${finding.status === 'pass' ? 'passes, but not yet often enough in a row' : finding.message}`

const explain = (
  status: Verdict['status'],
  checks: readonly CheckVerdict[],
  { life, now }: { readonly life: Lifecycle; readonly now: number },
): string | undefined => {
  const drain = activeDrain(life, now)
  if (drain) return `draining: ${drain.reason}`
  const against = checks.filter(({ effect }) => effect === status && effect !== 'pass').map(describe)
  if (against.length > 0) return against.join('; ')
  return life.phase === 'starting'
    ? `starting: ${life.rounds} of ${life.needed} rounds have passed`
    : undefined
}

/** Every check's part in the verdict, in the order of the policy. */
const judgeAll = (
  states: readonly CheckState[],
  policy: Policy,
  at: { readonly life: Lifecycle; readonly now: number },
): CheckVerdict[] => {
  const known = new Map(states.map(state => [state.name, state]))
  return policy.checks.map(check =>
    judge(known.get(check.name) ?? neverRun(check.name), check, { holdMs: policy.holdMs, ...at }),
  )
}

/**
 * A host that is starting or draining never passes. Nor does a host on which no check is required: what was not checked
 * cannot pass.
 */
export const decide: Decide = (states, policy, life, now) => {
  const checks = judgeAll(states, policy, { life, now })
  const phase = phaseAt(life, now)
  const vacuous = !policy.checks.some(({ required, gate }) => required && gate === 'always')
  const status = phase === 'serving' && !vacuous ? mostSevere(checks.map(({ effect }) => effect)) : 'fail'
  const output = vacuous ? 'no check is required' : explain(status, checks, { life, now })
  return { status, phase, checks, ...(output !== undefined && { output }) }
}

/** Whether a round that started at `startedAt` proves the host: every required check answered in it, and passes. */
export const roundPasses = (
  states: readonly CheckState[],
  policy: Policy,
  round: { readonly startedAt: number; readonly now: number },
): boolean => {
  const life: Lifecycle = { phase: 'starting', rounds: 0, needed: 1 }
  const required = new Set(policy.checks.filter(check => check.required).map(({ name }) => name))
  const checks = judgeAll(states, policy, { life, now: round.now }).filter(({ name }) => required.has(name))
  return (
    checks.length > 0 &&
    checks.every(({ effect, at }) => effect !== 'fail' && at !== undefined && at >= round.startedAt)
  )
}

/**
 * The required checks that hold a serving host on a shared or a busy `unknown`: whose trouble it is can be asked of the
 * peers.
 */
export const doubts = (
  states: readonly CheckState[],
  policy: Policy,
  { life, now }: { readonly life: Lifecycle; readonly now: number },
): string[] => {
  if (life.phase !== 'serving') return []
  const known = new Map(states.map(state => [state.name, state]))
  return policy.checks
    .filter(({ required, gate }) => required && gate === 'always')
    .filter(check => isDoubt(currentFinding(known.get(check.name) ?? neverRun(check.name), check, now)))
    .map(({ name }) => name)
}
