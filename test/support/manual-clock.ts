import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../src/monitor/clock.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A clock that a test drives by hand: only `advance` and `jump` move it. It does not start at 0, which would hide a wrong sign. */
export class ManualClock implements Clock {
  #now = 1_000_000
  readonly #timers = new Set<Timer>()
  readonly #settle: () => Promise<void>

  /** `settle` lets all happen that needs no time; by default, every promise settles that can. */
  constructor(settle: () => Promise<void> = settlePromises) {
    this.#settle = settle
  }

  now(): number {
    return this.#now
  }

  date(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.#now)
  }

  after(delayMs: number, callback: () => void): Disposable {
    const timer = { at: this.#now + Math.max(delayMs, 0), callback }
    this.#timers.add(timer)
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) }
  }

  /** Lets `ms` pass: each timer fires at its time, and what it sets off has settled before the next one fires. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await this.#settle()
      let next: Timer | undefined
      // of those at the same time, the one that was set first
      for (const timer of this.#timers) if (timer.at <= end && (!next || timer.at < next.at)) next = timer
      if (!next) break
      this.#timers.delete(next)
      // after a jump it is late, and does not turn time back
      this.#now = Math.max(this.#now, next.at)
      next.callback()
    }
    this.#now = end
  }

  /** The machine is suspended, or the event loop blocked: time passes, and no timer fires meanwhile. */
  jump(ms: number): void {
    this.#now += ms
  }
}

/** Lets every promise that can settle without time passing do so. */
export const settlePromises = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await setImmediate()
}
