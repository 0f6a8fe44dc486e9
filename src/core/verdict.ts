import { currentFinding, currentUnknown, neverRun } from './check-state.ts'
import type { CheckPolicy, CheckState, Unknown } from './check-state.ts'
import type { Cause, Finding } from './finding.ts'
import { activeDrain, phaseAt } from './lifecycle.ts'
import type { Lifecycle, Phase, Serving } from './lifecycle.ts'
import { isDoubt, seenWithPeers } from './seen-with-peers.ts'
import { mostSevere } from './status.ts'

/** How all checks count together. */
export interface Policy {
  readonly checks: readonly CheckPolicy[]
  /** The longest time in milliseconds that an `unknown` of each cause may hold; Infinity is allowed. */
  readonly holdMs: Readonly<Record<Cause, number>>
  /** All-pass rounds in a row before the first 200. */
  readonly startupHealthyThreshold: number
  /** Whether there are other hosts to ask whose trouble it is. */
  readonly asksPeers?: boolean
}

/** What one check contributes to the verdict, and why that differs from its finding's status. */
export interface CheckVerdict {
  readonly name: string
  readonly effect: 'pass' | 'warn' | 'fail'
  readonly finding: Finding
  /** Monotonic milliseconds of the finding; absent if the check has never answered. */
  readonly at?: number
  readonly because?: Because
  /**
   * Of an `unknown` while serving, even if its check found a failure: its cause, and since and until when it may hold.
   */
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
  /** no progress, which peers may not make either: the last known state holds */
  | 'not-alone'
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
  {
    standing,
    hold,
    now,
  }: { readonly standing: CheckState['standing']; readonly hold: Hold; readonly now: number },
): Effect => {
  switch (finding.status) {
    case 'pass':
    case 'warn':
      return standing === 'fail'
        ? { effect: 'fail', because: 'below-healthy-threshold' }
        : { effect: finding.status }
    case 'fail':
      if (finding.reason === 'PEERS_DO_NOT_SEE_IT') return { effect: 'fail', because: 'alone' }
      return standing === 'fail'
        ? { effect: 'fail' }
        : { effect: 'warn', because: 'below-unhealthy-threshold' }
    case 'unknown':
      if (now >= hold.until) return { effect: 'fail', because: 'hold-expired', hold }
      if (finding.reason === 'PEERS_MAY_SEE_IT') return { effect: 'warn', because: 'not-alone', hold }
      return { effect: standing === 'fail' ? 'fail' : 'warn', because: 'held', hold }
  }
}

const holdOf = ({ cause, since }: Unknown, { holdMs }: Policy): Hold => ({
  cause,
  since,
  until: since + holdMs[cause],
})

const judgeWhileServing = (
  found: Finding,
  state: CheckState,
  context: {
    readonly check: CheckPolicy
    readonly policy: Policy
    readonly life: Lifecycle & Serving
    readonly now: number
  },
): { readonly finding: Finding; readonly strict: Effect } => {
  const { check, policy, life, now } = context
  const isAsked = policy.asksPeers === true && check.required
  const { finding, standing } = seenWithPeers(found, state, { isAsked, peers: life.peers, now })
  const unknown = currentUnknown(state, check, now) ?? { cause: 'local', since: life.since }
  const hold = holdOf(unknown, policy)
  return { finding, strict: effectWhileServing(finding, { standing, hold, now }) }
}

/** What is known at a time. */
interface Known {
  /** By the check's name. */
  readonly states: ReadonlyMap<string, CheckState>
  readonly policy: Policy
  readonly now: number
}

const byName = (states: readonly CheckState[]): ReadonlyMap<string, CheckState> =>
  new Map(states.map(state => [state.name, state]))

const stateOf = ({ name }: CheckPolicy, { states }: Known): CheckState => states.get(name) ?? neverRun(name)

/**
 * The finding that counts now. A busy app may wait for what says itself that it has room for nobody: then peers prove
 * nothing of the app either.
 */
const foundNow = (check: CheckPolicy, known: Known): Finding => {
  const { policy, now } = known
  const finding = currentFinding(stateOf(check, known), check, now)
  if (finding.status !== 'unknown' || finding.cause !== 'busy') return finding
  const waitsForEverybodys = policy.checks
    .filter(({ name }) => check.dependsOn.includes(name))
    .map(dependency => currentFinding(stateOf(dependency, known), dependency, now))
    .some(its => its.status === 'unknown' && its.isEverybodys === true)
  return waitsForEverybodys ? { ...finding, isEverybodys: true } : finding
}

const judge = (check: CheckPolicy, known: Known & { readonly life: Lifecycle }): CheckVerdict => {
  const { policy, life, now } = known
  const state = stateOf(check, known)
  const at = state.last && { at: state.last.at }
  if (life.phase === 'serving' && check.gate === 'startup') {
    const finding: Finding = state.last?.finding ?? { status: 'pass' }
    return { name: check.name, effect: 'pass', finding, ...at, because: 'asked-at-startup-only' }
  }
  const found = foundNow(check, known)
  const { finding, strict } =
    life.phase === 'starting'
      ? { finding: found, strict: effectWhileStarting(found, state, check) }
      : judgeWhileServing(found, state, { check, policy, life, now })
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
  if (status === 'pass') return undefined
  const drain = activeDrain(life, now)
  if (drain) return `draining: ${drain.reason}`
  const against = checks.filter(({ effect }) => effect === status).map(describe)
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
  const known = { states: byName(states), policy, ...at }
  return policy.checks.map(check => judge(check, known))
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

/**
 * Whether a round proves the host: every required check answered since `startedAt`, and passes. Times are monotonic
 * milliseconds.
 */
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
 * The names of a serving host's required checks whose trouble may be everybody's: a shared or busy `unknown`, or a lack
 * of progress. Its peers can tell whose it is. `now` is monotonic milliseconds.
 */
export const doubts = (
  states: readonly CheckState[],
  policy: Policy,
  { life, now }: { readonly life: Lifecycle; readonly now: number },
): string[] => {
  if (life.phase !== 'serving') return []
  const known = { states: byName(states), policy, now }
  return policy.checks
    .filter(({ required, gate }) => required && gate === 'always')
    .filter(check => isDoubt(foundNow(check, known), stateOf(check, known)))
    .map(({ name }) => name)
}
