/** The result of a race that the deadline wins. */
export const TIME_IS_UP = Symbol('time is up')

/** A deadline to race against. Dispose removes its listener from the signal, which may outlive many runs. */
export interface Deadline extends Disposable {
  readonly reached: Promise<typeof TIME_IS_UP>
}

/**
 * A deadline `graceMs` after the signal is aborted. Answers that have already arrived are read first: after a stall of
 * this program, timers fire before sockets are read, and an answer that came in time must not count as late.
 */
export const deadlineOf = (signal: AbortSignal, { graceMs = 0 } = {}): Deadline => {
  const { promise, resolve } = Promise.withResolvers<typeof TIME_IS_UP>()
  let grace: NodeJS.Timeout | undefined
  const afterPoll = () => setImmediate(() => setImmediate(resolve, TIME_IS_UP))
  const onAbort = () => {
    if (graceMs > 0) grace = setTimeout(afterPoll, graceMs)
    else afterPoll()
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return {
    reached: promise,
    [Symbol.dispose]() {
      signal.removeEventListener('abort', onAbort)
      clearTimeout(grace)
    },
  }
}

/**
 * The result of `work`, or TIME_IS_UP if the signal is aborted first. The work then continues: its owner must stop it, and
 * a later failure is ignored. Rejects if the work rejects in time.
 */
export const beforeAbort = async <T>(
  work: Promise<T>,
  signal: AbortSignal,
  options: { readonly graceMs?: number } = {},
): Promise<T | typeof TIME_IS_UP> => {
  using deadline = deadlineOf(signal, options)
  try {
    return await Promise.race([work, deadline.reached])
  } finally {
    work.catch(() => {})
  }
}
