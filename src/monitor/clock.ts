import { uptime } from 'node:os'
import { performance } from 'node:perf_hooks'

/** The program's clock. It is handed in, so that tests can drive it. */
export interface Clock {
  /** Monotonic milliseconds. They include the time that the machine was suspended; a step of the wall clock does not. */
  now(): number
  /** The wall clock, for people. No decision depends on it. */
  date(): Date
  /** Calls back once, `delayMs` from now. Dispose of the result to cancel it. */
  after(delayMs: number, callback: () => void): Disposable
}

/** The wall clock's time at a monotonic time. */
export const dateAt = (clock: Pick<Clock, 'now' | 'date'>, at: number): Date =>
  new Date(clock.date().getTime() - (clock.now() - at))

/** The longest delay that Node's timers take, in milliseconds; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1
/** How often a suspension is looked for, and the shortest that counts. */
const SUSPEND_CHECK_MS = 1000

/**
 * The system's clock. While a machine is suspended, `performance.now()` stops (CLOCK_MONOTONIC) and `uptime()` does not
 * (CLOCK_BOOTTIME). So each suspension widens the gap between the two. The gap is checked once a second.
 */
export const createSystemClock = ({
  runningMs = () => performance.now(),
  uptimeMs = () => uptime() * 1000,
}: {
  /** Without the time that the machine was suspended. */
  readonly runningMs?: () => number
  /** With it. */
  readonly uptimeMs?: () => number
} = {}): Clock => {
  const gapMs = () => uptimeMs() - runningMs()
  const gapAtStartMs = gapMs()
  let suspendedMs = 0
  let checkedAt = runningMs()
  return {
    now() {
      const running = runningMs()
      if (running - checkedAt >= SUSPEND_CHECK_MS) {
        checkedAt = running
        const grownMs = gapMs() - gapAtStartMs - suspendedMs
        if (grownMs >= SUSPEND_CHECK_MS) suspendedMs += grownMs
      }
      return running + suspendedMs
    },
    date: () => new Date(),
    after(delayMs, callback) {
      const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), MAX_DELAY_MS))
      return { [Symbol.dispose]: () => clearTimeout(timer) }
    },
  }
}
