import { currentFinding } from './check-state.ts'
import type { CheckPolicy, CheckState } from './check-state.ts'
import type { Finding } from './finding.ts'

/**
 * Whose fault a failure is: while a check that it depends on is itself not passing, it is no proof against this host,
 * and becomes `unknown`, with both reasons in the evidence. Any other finding is left as it is.
 */
export const attribute = (
  finding: Finding,
  dependencies: readonly { readonly state: CheckState; readonly policy: CheckPolicy }[],
  now: number,
): Finding => {
  if (finding.status !== 'fail') return finding
  for (const { state, policy } of dependencies) {
    const cause = currentFinding(state, policy, now)
    if (cause.status === 'pass' || cause.status === 'warn') continue
    return {
      status: 'unknown',
      reason: 'DEPENDENCY_NOT_PASSING',
      message: `${finding.message}; it depends on ${state.name}, which is not passing: ${cause.message}`,
      evidence: {
        ...finding.evidence,
        failure: finding.reason,
        dependency: state.name,
        dependencyReason: cause.reason,
      },
    }
  }
  return finding
}
