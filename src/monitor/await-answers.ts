import type { Clock } from './clock.ts'
import type { WatchedCheck } from './watched-check.ts'

/** Runs stale checks, or joins their runs in flight. Resolves to the checks that have not answered by the deadline. */
export const awaitAnswers = async (
  stale: readonly WatchedCheck[],
  { clock, deadlineMs }: { readonly clock: Clock; readonly deadlineMs: number },
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
