import { uptime } from 'node:os'
import { performance } from 'node:perf_hooks'

/** Time as the program sees it: handed in, so that tests can drive it. */
export interface Clock {
  /** Monotonic milliseconds, with the time that the machine was suspended. A step of the wall clock does not move it. */
  now(): number
  /** The wall clock, for people; nothing is decided by it. */
  date(): Date
  /** Calls back once, `delayMs` from now; disposing of what is returned calls it off. */
  after(delayMs: number, callback: () => void): Disposable
}

/** The longest delay that Node's timers take, in milliseconds; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1
const SUSPEND_LOOK_MS = 1000

const gapMs = () => uptime() * 1000 - performance.now()

/**
 * The system's clock. `performance.now()` stands still while a machine is suspended (CLOCK_MONOTONIC), `uptime()` does
 * not (CLOCK_BOOTTIME), so the gap between the two grows by each suspension; it is looked at once a second.
 */
export const createSystemClock = (): Clock => {
  const gapAtStartMs = gapMs()
  let suspendedMs = 0
  let lookedAt = performance.now()
  return {
    now() {
      const running = performance.now()
      if (running - lookedAt >= SUSPEND_LOOK_MS) {
        lookedAt = running
        const grownMs = gapMs() - gapAtStartMs - suspendedMs
        if (grownMs >= SUSPEND_LOOK_MS) suspendedMs += grownMs
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
