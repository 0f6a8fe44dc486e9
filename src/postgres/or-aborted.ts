import { TIME_IS_UP, beforeAbort } from '../lib/deadline.ts'
import { Aborted } from './problem.ts'
import type { Stage } from './problem.ts'

/** The result of `work`; throws `Aborted` if the signal is aborted first. The work goes on, and its owner must end it. */
export const orAborted = async <T>(work: Promise<T>, signal: AbortSignal, stage: Stage): Promise<T> => {
  const outcome = await beforeAbort(work, signal)
  if (outcome === TIME_IS_UP) throw new Aborted(stage)
  return outcome
}
