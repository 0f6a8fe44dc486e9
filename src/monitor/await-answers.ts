import { fold } from '../core/check-state.ts'
import type { CheckState } from '../core/check-state.ts'
import type { Finding } from '../core/finding.ts'
import type { Clock } from './clock.ts'
import type { WatchedCheck } from './watched-check.ts'

interface Deadline {
  readonly clock: Clock
  readonly deadlineMs: number
}

/** Runs stale checks, or joins their runs in flight. Resolves to the checks that have not answered by the deadline. */
export const awaitAnswers = async (
  stale: readonly WatchedCheck[],
  { clock, deadlineMs }: Deadline,
): Promise<ReadonlySet<WatchedCheck>> => {
  const late = new Set(stale)
  const { promise: deadline, resolve } = Promise.withResolvers<void>()
  using _timer = clock.after(deadlineMs, resolve)
  const answers = stale.map(async check => {
    await check.run()
    late.delete(check)
  })
  await Promise.race([Promise.all(answers), deadline])
  return new Set(late)
}

/** A check's state for one answer that cannot wait for it any longer. */
export const stateWithoutAnswer = (
  { state, policy }: WatchedCheck,
  { clock, deadlineMs }: Deadline,
): CheckState => {
  const finding: Finding = {
    status: 'unknown',
    reason: 'DEADLINE_EXCEEDED',
    message: `has not answered within the deadline of ${deadlineMs} ms`,
  }
  return fold(state, finding, policy, clock.now())
}
