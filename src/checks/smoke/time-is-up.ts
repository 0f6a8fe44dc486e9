/** What a race against a check's deadline resolves to when the deadline wins. */
export const TIME_IS_UP = Symbol('time is up')

/** A deadline to race against. Disposal lets go of the signal, which may outlive many runs. */
export interface Deadline extends Disposable {
  readonly reached: Promise<typeof TIME_IS_UP>
}

/**
 * Reached when the signal is aborted, but not before what has arrived by then was read: after a stall of this program
 * its timers fire ahead of its sockets, and an answer that was in time must not be taken for none.
 */
export const deadlineOf = (signal: AbortSignal): Deadline => {
  const { promise, resolve } = Promise.withResolvers<typeof TIME_IS_UP>()
  const afterPoll = () => setImmediate(() => setImmediate(resolve, TIME_IS_UP))
  if (signal.aborted) afterPoll()
  else signal.addEventListener('abort', afterPoll, { once: true })
  return { reached: promise, [Symbol.dispose]: () => signal.removeEventListener('abort', afterPoll) }
}
