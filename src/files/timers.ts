import { performance } from 'node:perf_hooks'

/** Time, handed in so that tests can drive it. */
export interface Timers {
  /** Monotonic milliseconds. */
  now(): number
  /** The wall clock, for people. */
  date(): Date
  /** Calls back once, `delayMs` from now; disposing of what is returned calls it off. */
  after(delayMs: number, callback: () => void): Disposable
}

export const systemTimers: Timers = {
  now: () => performance.now(),
  date: () => new Date(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

/** Calls back when the time is up, and what has arrived by then is handled: after a stall, timers fire ahead of the rest. */
export const afterPoll = (timers: Timers, delayMs: number, callback: () => void): Disposable => {
  let isOff = false
  const timer = timers.after(delayMs, () =>
    setImmediate(() =>
      setImmediate(() => {
        if (!isOff) callback()
      }),
    ),
  )
  return {
    [Symbol.dispose]() {
      isOff = true
      timer[Symbol.dispose]()
    },
  }
}
