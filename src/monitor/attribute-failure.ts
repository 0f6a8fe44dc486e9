import { attribute } from '../core/dependency.ts'
import type { Finding } from '../core/finding.ts'
import { RECHECK_SPACING_MS } from './cadence.ts'
import type { Clock } from './clock.ts'
import type { WatchedCheck } from './watched-check.ts'

/**
 * Before a failure counts, its dependencies are rechecked: stale ones first, then passing ones, whose finding may predate
 * this outage. The second look is fresh, as only that sees what the app's next worker would see. It comes after a random
 * part of a second, so that a fleet does not log in all at once at a database that is full.
 */
export const attributeFailure = async (
  found: Finding,
  dependencies: readonly WatchedCheck[],
  options: {
    /** The check counts as failing already: it needs no second look. */
    readonly isKnown: boolean
    readonly clock: Clock
    /** Uniform in [0, 1). */
    readonly random: () => number
  },
): Promise<Finding> => {
  if (found.status !== 'fail' || dependencies.length === 0) return found
  const { isKnown, clock, random } = options
  const failedAt = clock.now()
  const stale = dependencies.filter(dependency => !dependency.isFresh(failedAt))
  await Promise.all(stale.map(dependency => dependency.run()))
  const attributed = attribute(found, dependencies, clock.now())
  if (attributed.status !== 'fail' || isKnown) return attributed
  await new Promise<void>(resolve => void clock.after(RECHECK_SPACING_MS * random(), resolve))
  await Promise.all(
    dependencies.map(dependency =>
      dependency.runSince(failedAt, { spacingMs: RECHECK_SPACING_MS, fresh: true }),
    ),
  )
  return attribute(found, dependencies, clock.now())
}
