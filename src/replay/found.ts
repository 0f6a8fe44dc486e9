import { attribute } from '../core/dependency.ts'
import { isFresh } from '../core/check-state.ts'
import type { CheckPolicy, CheckState } from '../core/check-state.ts'
import type { Finding } from '../core/finding.ts'
import { formatDuration } from '../config/units.ts'
import type { Sight } from './sight.ts'

/** Of two possibilities: the one that answers 200 sooner and longer, or the other. Where both answer the same, that is known. */
export type Assumption = 'best' | 'worst'

/** What a check found, under the other configuration. */
export interface Found {
  /** Before it was attributed to a dependency. */
  readonly own: Finding
  readonly finding: Finding
  /** A sentence: why the record does not tell it, and it is an assumption. */
  readonly doubt?: string
}

export interface FoundContext {
  readonly sight: Sight
  /** Those that it depends on under the other configuration, as far as they are seen. */
  readonly dependencies: readonly { readonly policy: CheckPolicy; readonly state: CheckState }[]
  readonly areDependenciesSeen: boolean
  /** Monotonic milliseconds. */
  readonly now: number
  /** Since when it has found the same; monotonic milliseconds. */
  readonly since: number
}

/** Reasons of an app that does not answer in time: `patience` decides whether it is busy or stuck. */
const DELAYS = new Set([
  'SMOKE_NO_ANSWER',
  'SMOKE_TOO_SLOW',
  'SMOKE_BACKLOG_FULL',
  'SMOKE_REQUEST_HELD',
  'SMOKE_TLS_STALLED',
])

/** What it found itself: a record has what it counted as. */
const ownOf = (finding: Finding): Finding => {
  if (finding.status !== 'unknown' || finding.reason !== 'DEPENDENCY_NOT_PASSING') return finding
  const failure = finding.evidence?.['failure']
  const reason = typeof failure === 'string' ? failure : finding.reason
  return {
    status: 'fail',
    reason,
    message: finding.message,
    // such an app fails for its silence alone
    ...(DELAYS.has(reason) && { silentForMs: Infinity }),
  }
}

const withPatience = (
  own: Finding,
  { sight: { check, recorded }, now, since }: FoundContext,
): { readonly isDoubtful: boolean; readonly busy: Finding; readonly stuck: Finding } => {
  const none = { isDoubtful: false, busy: own, stuck: own }
  if (own.status === 'pass' || !DELAYS.has(own.reason)) return none
  const moreMs = (check.patienceMs ?? 0) - (recorded?.patienceMs ?? 0)
  const isBusy = own.status === 'unknown' && own.cause === 'busy'
  if (moreMs < 0 && isBusy) return { isDoubtful: true, busy: own, stuck: { ...own, status: 'fail' } }
  if (moreMs > 0 && own.status === 'fail' && now - since < moreMs)
    return { isDoubtful: true, busy: { ...own, status: 'unknown', cause: 'busy' }, stuck: own }
  return none
}

/**
 * A record does not tell for how long the app was silent: since before its dependency passed again, or only since then.
 */
const silent = (own: Finding, assumed: Assumption): Finding =>
  own.status === 'fail' && own.silentForMs !== undefined
    ? { ...own, silentForMs: assumed === 'best' ? Infinity : 0 }
    : own

/** What a recorded finding is under the other configuration. Pure. */
export const foundUnder = (finding: Finding, context: FoundContext, assumed: Assumption): Found => {
  const { sight, dependencies, areDependenciesSeen, now } = context
  const { check } = sight
  const { isDoubtful, busy, stuck } = withPatience(ownOf(finding), context)
  const own = assumed === 'best' ? busy : stuck
  if (isDoubtful) {
    const doubt = `${check.name}: for how long the app made no progress is not recorded, so that a patience of ${formatDuration(check.patienceMs ?? 0)} may have found something else`
    return { own, finding: own, doubt }
  }
  if (sight.hasSameDependencies) return { own, finding }
  if (own.status !== 'fail' || check.dependsOn.length === 0) return { own, finding: own }
  const attributed = attribute(silent(own, assumed), dependencies, now)
  const areFresh = dependencies.every(({ policy, state }) => isFresh(state, policy, now))
  if (attributed.status !== 'fail' && areFresh && areDependenciesSeen) return { own, finding: attributed }
  const excused: Finding = {
    status: 'unknown',
    reason: 'DEPENDENCY_NOT_PASSING',
    cause: 'shared',
    message: own.message,
  }
  return {
    own,
    finding: assumed === 'best' ? excused : own,
    doubt: `${check.name}: whether ${check.dependsOn.join(', ')} passed when it failed is not recorded`,
  }
}
