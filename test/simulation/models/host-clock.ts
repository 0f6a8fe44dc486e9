import type { Clock } from '../../../src/monitor/clock.ts'
import type { Simulation } from '../simulation.ts'

/** The clock of one machine, which can be suspended, and whose wall clock can be set. */
export class HostClock implements Clock {
  readonly #simulation: Simulation
  #suspendedUntil = 0
  #stepMs = 0

  constructor(simulation: Simulation) {
    this.#simulation = simulation
  }

  get isSuspended(): boolean {
    return this.#simulation.now() < this.#suspendedUntil
  }

  now(): number {
    return this.#simulation.now()
  }

  date(): Date {
    return new Date(this.#simulation.date().getTime() + this.#stepMs)
  }

  /** A timer that is due while the machine is suspended fires when it resumes. */
  after(delayMs: number, callback: () => void): Disposable {
    let timer = this.#simulation.after(delayMs, () => {
      if (!this.isSuspended) return callback()
      timer = this.#simulation.after(this.#suspendedUntil - this.#simulation.now(), callback)
    })
    return { [Symbol.dispose]: () => timer[Symbol.dispose]() }
  }

  suspend(ms: number): void {
    this.#suspendedUntil = this.#simulation.now() + ms
  }

  resumed(): Promise<void> {
    return new Promise(resolve => void this.after(0, resolve))
  }

  /** The wall clock is set. */
  step(ms: number): void {
    this.#stepMs += ms
  }
}
