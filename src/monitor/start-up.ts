import type { CheckState } from '../core/check-state.ts'
import { afterFailure, afterRound, starting } from '../core/lifecycle.ts'
import type { Serving, Starting } from '../core/lifecycle.ts'
import { roundPasses } from '../core/verdict.ts'
import type { Policy } from '../core/verdict.ts'
import { roundSpacingMs } from './cadence.ts'
import type { Clock } from './clock.ts'

export interface StartUpOptions {
  readonly policy: Policy
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Resolves once every check has a finding from a run that started at `since` or later. */
  readonly runAll: (since: number) => Promise<void>
  readonly states: () => readonly CheckState[]
  /** Why no round can pass now, beside the checks. */
  readonly obstacle: () => string | undefined
  /** Told after each round and each failure between two. */
  readonly progressed: (progress: Starting | Serving) => void
}

/** One attempt of a host to prove itself: rounds at irregular intervals, until enough have passed in a row. */
export class StartUp implements Disposable {
  readonly #options: StartUpOptions
  #progress: Starting | Serving
  #next: Disposable | undefined
  #isOver = false
  /** A required check has failed since the round in flight started: the round cannot pass. */
  #hasFailed = false

  constructor(
    options: StartUpOptions,
    progress: Starting = starting(options.policy.startupHealthyThreshold),
  ) {
    this.#options = options
    this.#progress = progress
  }

  get progress(): Starting | Serving {
    return this.#progress
  }

  /** Runs rounds until the host has proved itself, or this attempt is given up. */
  async begin(): Promise<void> {
    const { clock, policy, random } = this.#options
    await this.round()
    if (this.#isOver) return
    this.#next = clock.after(roundSpacingMs(policy, random()), () => void this.begin())
  }

  async round(): Promise<void> {
    const { clock, policy, runAll, states, obstacle } = this.#options
    const startedAt = clock.now()
    this.#hasFailed = false
    await runAll(startedAt)
    const { phase } = this.#progress
    if (this.#isOver || phase === 'serving') return
    const now = clock.now()
    const passed =
      !this.#hasFailed && obstacle() === undefined && roundPasses(states(), policy, { startedAt, now })
    this.#move(progress =>
      afterRound(progress, { passed, healthyThreshold: policy.startupHealthyThreshold, now }),
    )
  }

  /** A required check failed. Between two rounds, that is a failure of its own. */
  failed(): void {
    this.#hasFailed = true
    this.#move(progress => afterFailure(progress, this.#options.policy.startupHealthyThreshold))
  }

  /** Gives the attempt up: what is in flight proves nothing. */
  [Symbol.dispose](): void {
    this.#isOver = true
    this.#next?.[Symbol.dispose]()
  }

  #move(next: (progress: Starting) => Starting | Serving): void {
    if (this.#isOver || this.#progress.phase === 'serving') return
    this.#progress = next(this.#progress)
    if (this.#progress.phase === 'serving') this[Symbol.dispose]()
    this.#options.progressed(this.#progress)
  }
}
