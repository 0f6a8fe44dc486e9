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

/** The timers of Node. They keep no process alive: what they wait for does. */
export const systemTimers: Timers = {
  now: () => performance.now(),
  date: () => new Date(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs).unref()
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}
