import type { Clock } from '../../src/monitor/clock.ts'
import { EventQueue } from './event-queue.ts'
import { settle } from './turns.ts'

/** Time does not start at 0, which would hide a wrong sign. */
export const START_MS = 1_000_000

/**
 * Discrete events. Time stands still while promises settle, and then moves to the next event. It has a resolution of one
 * millisecond: what happens in the same one settles together.
 */
export class Simulation implements Clock {
  readonly #queue = new EventQueue()
  #now = START_MS
  #events = 0

  /** Simulated milliseconds. */
  now(): number {
    return this.#now
  }

  date(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.#now)
  }

  after(delayMs: number, callback: () => void): Disposable {
    return this.#queue.add(Math.ceil(this.#now + Math.max(delayMs, 0)), callback)
  }

  /** Calls back every `intervalMs`, first after `firstMs`, until the result is disposed of. */
  every(intervalMs: number, callback: () => void, firstMs = intervalMs): Disposable {
    let next: Disposable
    const again = () => {
      next = this.after(intervalMs, again)
      callback()
    }
    next = this.after(firstMs, again)
    return { [Symbol.dispose]: () => next[Symbol.dispose]() }
  }

  /** Lets all happen until `untilMs`. */
  async run(untilMs: number): Promise<void> {
    await settle()
    while (this.step(untilMs)) await settle()
    this.#now = untilMs
  }

  /** Moves to the next time at which something happens, and starts it. Returns whether there was any until `untilMs`. */
  step(untilMs: number): boolean {
    const queue = this.#queue
    const first = queue.next
    if (!first || first.at > untilMs) return false
    this.#now = first.at
    // what these add for the same time comes after they have settled
    const { added } = queue
    for (let { next } = queue; next && next.at === first.at && next.order < added; { next } = queue) {
      queue.take()
      if (!next.callback) continue
      this.#events += 1
      next.callback()
    }
    return true
  }

  /** How many events have happened. */
  get events(): number {
    return this.#events
  }
}
