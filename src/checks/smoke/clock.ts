import { beforeAbort } from '../../lib/deadline.ts'

/** Time as the check sees it. Tests hand in a clock that they drive. */
export interface SmokeClock {
  /** Monotonic milliseconds. */
  now(): number
  /** Calls back once, `delayMs` from now. Disposing of the result cancels the call. */
  after(delayMs: number, callback: () => void): Disposable
}

export const systemClock: SmokeClock = {
  now: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

/** Resolves after `delayMs`, or earlier if the signal is aborted. */
export const pause = async (
  delayMs: number,
  { clock, signal }: { readonly clock: SmokeClock; readonly signal: AbortSignal },
): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  using _timer = clock.after(delayMs, resolve)
  await beforeAbort(promise, signal)
}
