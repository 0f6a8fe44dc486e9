import { setImmediate, setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../src/monitor/clock.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A clock that goes as fast as what it drives: it stands still while something really happens. */
export class DrivenClock implements Clock {
  readonly #isBusy: () => boolean
  #now = 1_000_000
  readonly #timers = new Set<Timer>()

  constructor(isBusy: () => boolean) {
    this.#isBusy = isBusy
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

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await this.#quiet()
      let next: Timer | undefined
      for (const timer of this.#timers) if (timer.at <= (next?.at ?? end)) next = timer
      if (!next) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
    }
    this.#now = end
  }

  async #quiet(): Promise<void> {
    do {
      for (let turn = 0; turn < 3; turn += 1) await setImmediate()
      if (this.#isBusy()) await delay(1)
    } while (this.#isBusy())
  }
}
