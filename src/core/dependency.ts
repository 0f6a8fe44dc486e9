import { currentFinding } from './check-state.ts'
import type { CheckPolicy, CheckState } from './check-state.ts'
import type { Finding } from './finding.ts'

/**
 * For how long the trouble of a dependency may still show in what depends on it, in intervals of the dependency: an app's
 * workers find out one by one, each with a failed page, that the connections that they keep are gone.
 */
const AFTERMATH_INTERVALS = 4

/** What stands against a dependency, or undefined where it passes and has for long enough. */
const troubleOf = (
  { state, policy }: { readonly state: CheckState; readonly policy: CheckPolicy },
  now: number,
): { readonly says: string; readonly reason?: string } | undefined => {
  const finding = currentFinding(state, policy, now)
  if (finding.status === 'fail' || finding.status === 'unknown')
    return { says: `which is not passing: ${finding.message}`, reason: finding.reason }
  if (state.recoveredAt === undefined || now - state.recoveredAt > AFTERMATH_INTERVALS * policy.intervalMs)
    return undefined
  return { says: `which has passed again for only ${Math.round((now - state.recoveredAt) / 1000)} s` }
}

/**
 * Whose fault a failure is: while a check that it depends on is itself not passing, or was not a moment ago, it is no
 * proof against this host, and becomes `unknown`, with both reasons in the evidence. Any other finding is left as it is.
 */
export const attribute = (
  finding: Finding,
  dependencies: readonly { readonly state: CheckState; readonly policy: CheckPolicy }[],
  now: number,
): Finding => {
  if (finding.status !== 'fail') return finding
  for (const dependency of dependencies) {
    const trouble = troubleOf(dependency, now)
    if (!trouble) continue
    const { name } = dependency.state
    return {
      status: 'unknown',
      reason: 'DEPENDENCY_NOT_PASSING',
      message: `${finding.message}; it depends on ${name}, ${trouble.says}`,
      evidence: {
        ...finding.evidence,
        failure: finding.reason,
        dependency: name,
        dependencyReason: trouble.reason,
      },
    }
  }
  return finding
}
