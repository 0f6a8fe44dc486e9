import type { Cause, Finding, Problem } from './finding.ts'

/** How one check counts. Durations are in milliseconds. */
export interface CheckPolicy {
  readonly name: string
  /** The background cadence. */
  readonly intervalMs: number
  /** A probe is answered from a finding no older than this. */
  readonly freshForMs: number
  readonly timeoutMs: number
  /** Findings in a row that turn a failing check to passing. */
  readonly healthyThreshold: number
  /** Findings in a row that turn a passing check to failing. */
  readonly unhealthyThreshold: number
  /** A check that is not required can only warn. */
  readonly required: boolean
  /** `startup`: runs until the first pass and not again. */
  readonly gate: 'always' | 'startup'
  /** Names of checks. While one of them is in shared trouble, a failure is `unknown`: this host is not its cause. */
  readonly dependsOn: readonly string[]
  /** All hosts use what it looks at: its failure is no proof against this one, and excuses what depends on it. */
  readonly shared: boolean
}

/** For how long nothing has been known, and why. */
export interface Unknown {
  readonly cause: Cause
  /** Monotonic milliseconds. */
  readonly since: number
}

/** What is known of one check. Times are monotonic milliseconds. */
export interface CheckState {
  readonly name: string
  readonly last?: { readonly finding: Finding; readonly at: number }
  /** What the thresholds have settled on; absent until they have. */
  readonly standing?: 'pass' | 'fail'
  /** It stands failing for a lack of progress alone. */
  readonly isStuck?: true
  readonly passesInARow: number
  readonly failuresInARow: number
  /** How many of these failures rest on a lack of progress alone; absent if none does. */
  readonly silentInARow?: number
  /**
   * Since when every finding has been an `unknown` of one cause; absent while the last finding is known. A lack of
   * progress counts as a busy `unknown`: both may be everybody's.
   */
  readonly unknown?: Unknown
  /**
   * For how many milliseconds the app had been silent by the latest `unknown` that says so, since the last pass. Whoever
   * asks the app next goes on from there.
   */
  readonly silentForMs?: number
  /** When it last passed again after trouble that was not this host's own; absent if it never had any. */
  readonly recoveredAt?: number
  /** When it last passed again without a warning of trouble that all hosts feel; absent if it never gave any. */
  readonly easedAt?: number
}

/** The state of a check that has never run. */
export const neverRun = (name: string): CheckState => ({ name, passesInARow: 0, failuresInARow: 0 })

/** Folds one finding into a check's state. `now` is monotonic milliseconds. */
export type Fold = (state: CheckState, finding: Finding, policy: CheckPolicy, now: number) => CheckState

/** Whether a finding is a failure for a lack of progress alone. */
const isSilent = (finding: Finding): boolean => finding.status === 'fail' && finding.silentForMs !== undefined

/** Whether a finding fails a check for a lack of progress alone, and no failure with proof stands. */
export const restsOnSilence = ({ standing, isStuck }: CheckState, finding: Finding): boolean =>
  isSilent(finding) && (standing !== 'fail' || isStuck === true)

/**
 * The state once the app has shown progress: it was busy, and not stuck. Failures for a lack of progress no longer
 * count. Failures with proof do.
 */
export const withoutSilence = ({ isStuck, silentInARow = 0, ...state }: CheckState): CheckState => ({
  ...state,
  failuresInARow: state.failuresInARow - silentInARow,
  ...(isStuck && { standing: 'pass' }),
})

/** Whether something that all hosts use passes, and is in trouble that they all feel: it is slow. */
export const warnsOfSharedTrouble = (
  finding: Finding,
  { shared }: Pick<CheckPolicy, 'shared'>,
): finding is Problem & { readonly status: 'warn' } =>
  shared && finding.status === 'warn' && finding.cause !== undefined

const unknownSince = ({ unknown }: CheckState, cause: Cause, now: number): Unknown =>
  unknown?.cause === cause ? unknown : { cause, since: now }

/** Whether a finding that passes ends trouble that was not this host's own. */
const hasRecovered = (before: Finding | undefined, finding: Finding, policy: CheckPolicy): boolean =>
  finding.interrupted === true || before?.status === 'unknown' || (before?.status === 'fail' && policy.shared)

/** Whether a finding that passes ends a warning of trouble that all hosts feel. */
const hasEased = (before: Finding | undefined, finding: Finding, policy: CheckPolicy): boolean =>
  before !== undefined && warnsOfSharedTrouble(before, policy) && !warnsOfSharedTrouble(finding, policy)

/**
 * An `unknown` is no evidence either way: it counts towards no threshold and resets none. But if it shows progress, it ends
 * what rests on the lack of it.
 */
export const fold: Fold = (state, finding, policy, now) => {
  const last = { finding, at: now }
  if (finding.status === 'unknown') {
    const { cause = 'local', progress, silentForMs } = finding
    return {
      ...(progress ? withoutSilence(state) : state),
      last,
      ...(silentForMs !== undefined && { silentForMs }),
      unknown: unknownSince(state, cause, now),
    }
  }

  const passed = finding.status !== 'fail'
  const passesInARow = passed ? state.passesInARow + 1 : 0
  const failuresInARow = passed ? 0 : state.failuresInARow + 1
  const silentInARow = passed ? 0 : (state.silentInARow ?? 0) + (isSilent(finding) ? 1 : 0)
  const settled = passed
    ? passesInARow >= policy.healthyThreshold
    : failuresInARow >= policy.unhealthyThreshold
  const standing = settled ? (passed ? 'pass' : 'fail') : state.standing
  const isStuck =
    standing === 'fail' &&
    (state.standing !== 'fail' || state.isStuck === true) &&
    failuresInARow - silentInARow < policy.unhealthyThreshold
  const before = state.last?.finding
  const recoveredAt = passed && hasRecovered(before, finding, policy) ? now : state.recoveredAt
  const easedAt = passed && hasEased(before, finding, policy) ? now : state.easedAt
  const next: CheckState = {
    name: state.name,
    last,
    passesInARow,
    failuresInARow,
    ...(silentInARow > 0 && { silentInARow }),
    ...(standing && { standing }),
    ...(isStuck && { isStuck }),
    ...(!passed && state.silentForMs !== undefined && { silentForMs: state.silentForMs }),
    ...(recoveredAt !== undefined && { recoveredAt }),
    ...(easedAt !== undefined && { easedAt }),
  }
  return restsOnSilence(next, finding) ? { ...next, unknown: unknownSince(state, 'busy', now) } : next
}

/** The age at which a finding expires, in milliseconds. So a stuck scheduler can never keep serving its last pass. */
export const expiresAfterMs = (policy: CheckPolicy): number => 2 * policy.intervalMs + policy.timeoutMs

/** Whether a probe may be answered from the last finding. `now` is monotonic milliseconds. */
export const isFresh = (state: CheckState, policy: CheckPolicy, now: number): boolean =>
  state.last !== undefined && now - state.last.at <= policy.freshForMs

/**
 * The finding that counts now: the last one, or an `unknown` if there is none or it has expired. `now` is monotonic
 * milliseconds.
 */
export const currentFinding = (state: CheckState, policy: CheckPolicy, now: number): Finding => {
  if (!state.last)
    return { status: 'unknown', reason: 'CHECK_NEVER_RAN', message: 'the check has not answered yet' }
  const ageMs = now - state.last.at
  if (ageMs > expiresAfterMs(policy)) {
    const age = `${Math.round(ageMs / 1000)} s`
    return { status: 'unknown', reason: 'FINDING_EXPIRED', message: `the last finding is ${age} old` }
  }
  return state.last.finding
}

/** Since when nothing has been known, and why; undefined if the current finding is known. */
export const currentUnknown = (state: CheckState, policy: CheckPolicy, now: number): Unknown | undefined => {
  if (!state.last) return state.unknown
  const expiredAt = state.last.at + expiresAfterMs(policy)
  if (now <= expiredAt || state.unknown?.cause === 'local') return state.unknown
  return { cause: 'local', since: expiredAt }
}
