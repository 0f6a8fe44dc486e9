import { Aborted } from './problem.ts'
import type { Stage } from './problem.ts'

/** What `work` gives; throws `Aborted` where the signal is aborted first. The work goes on: its owner ends it. */
export const orAborted = async <T>(work: Promise<T>, signal: AbortSignal, stage: Stage): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(new Aborted(stage))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
    work.catch(() => {})
  }
}
