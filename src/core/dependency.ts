import { currentFinding, warnsOfSharedTrouble } from './check-state.ts'
import type { CheckPolicy, CheckState } from './check-state.ts'
import type { Cause, Finding, Problem } from './finding.ts'

/**
 * The aftermath: for how long the trouble of a dependency may still show in its dependents, in intervals of the dependency.
 * An app's workers find out one by one, each with a failed page, that the connections that they keep are gone.
 */
const AFTERMATH_INTERVALS = 4

/**
 * An app that has been silent since before its dependency passed again may still wait, for answers that never come: until
 * its own time limits end that, or those of TCP, and until its queue is worked off. Milliseconds.
 */
const SILENT_AFTERMATH_MS = 5 * 60_000

/** Whether the trouble of a dependency that passes again may still show in a failure. */
const isAftermath = (
  finding: Finding,
  { passesForMs, intervalMs }: { readonly passesForMs: number; readonly intervalMs: number },
): boolean =>
  passesForMs <= AFTERMATH_INTERVALS * intervalMs ||
  (finding.status === 'fail' &&
    (finding.silentForMs ?? 0) >= passesForMs &&
    passesForMs <= SILENT_AFTERMATH_MS)

interface Dependency {
  readonly state: CheckState
  readonly policy: CheckPolicy
}

interface Trouble extends Pick<Problem, 'isEverybodys'> {
  /** Follows the dependency's name in the message. */
  readonly says: string
  readonly cause: Cause
  readonly reason?: string
}

/**
 * What is wrong with a dependency and may not be this host's own. Undefined if it passes and has for long enough, and if it
 * proves this host wrong: a full disk explains the failure, and does not excuse it.
 */
const troubleOf = (failure: Finding, { state, policy }: Dependency, now: number): Trouble | undefined => {
  const finding = currentFinding(state, policy, now)
  if (finding.status === 'fail' && !policy.shared) return undefined
  if (finding.status === 'fail' || finding.status === 'unknown')
    return {
      says: `which is not passing: ${finding.message}`,
      cause: finding.status === 'fail' ? 'shared' : (finding.cause ?? 'local'),
      ...(finding.isEverybodys && { isEverybodys: true }),
      reason: finding.reason,
    }
  const isSilent = failure.status === 'fail' && failure.silentForMs !== undefined
  if (isSilent && warnsOfSharedTrouble(finding, policy))
    return { says: `which warns: ${finding.message}`, cause: 'shared', reason: finding.reason }
  const { recoveredAt = -Infinity, easedAt = -Infinity } = state
  // what is no excuse while it lasts is none after it
  const passesForMs = now - (isSilent ? Math.max(recoveredAt, easedAt) : recoveredAt)
  if (!isAftermath(failure, { passesForMs, intervalMs: policy.intervalMs })) return undefined
  const again = isSilent && easedAt > recoveredAt ? 'without a warning' : 'again'
  return { says: `which has passed ${again} for only ${Math.round(passesForMs / 1000)} s`, cause: 'shared' }
}

/** A dependency that passes may have been in trouble meanwhile, between two looks at it. */
const UNSEEN: Trouble = {
  says: 'which may have been in trouble since that request was sent; a later request will show',
  cause: 'shared',
}

const excused = (failure: Problem, { state: { name } }: Dependency, trouble: Trouble): Problem => ({
  status: 'unknown',
  reason: 'DEPENDENCY_NOT_PASSING',
  cause: trouble.cause,
  ...(trouble.isEverybodys && { isEverybodys: true }),
  message: `${failure.message}; it depends on ${name}, ${trouble.says}`,
  evidence: {
    ...failure.evidence,
    failure: failure.reason,
    dependency: name,
    dependencyReason: trouble.reason,
  },
})

/**
 * Whose fault a failure is. While a dependency is in trouble that may be shared, or was a moment ago, a failure proves
 * nothing against this host: it becomes `unknown`, with both reasons in the evidence and the dependency's cause. A `fail`
 * of a dependency is shared trouble only if all hosts use it. If what they all use only warns, such as a slow database, or
 * did a moment ago, it explains why an app is silent, and no other failure. A failure that may be over proves nothing
 * either, as what all hosts use may have been in trouble unseen. A finding that is no failure stays as it is. `now` is
 * monotonic milliseconds.
 */
export const attribute = (finding: Finding, dependencies: readonly Dependency[], now: number): Finding => {
  if (finding.status !== 'fail') return finding
  for (const dependency of dependencies) {
    const trouble = troubleOf(finding, dependency, now)
    if (trouble) return excused(finding, dependency, trouble)
  }
  const unseen = finding.mayBeOver && dependencies.find(({ policy }) => policy.shared)
  return unseen ? excused(finding, unseen, UNSEEN) : finding
}
