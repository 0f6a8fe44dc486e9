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
  /** Told of each round when it ends, before its progress. */
  readonly ended: (round: { readonly startedAt: number; readonly isObstructed: boolean }) => void
  /** Told after each round and each failure between two. */
  readonly progressed: (progress: Starting | Serving) => void
}

/** One attempt of a host to prove itself: rounds at irregular intervals, until enough have passed in a row. */
export class StartUp implements Disposable {
  readonly #options: StartUpOptions
  #progress: Starting | Serving
  #next: Disposable | undefined
  #isOver = false
  /** When a required check failed last: no round that had started by then can pass. Monotonic milliseconds. */
  #failedAt = -Infinity

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

  /** Runs every check once, and counts whether all required ones pass. */
  async round(): Promise<void> {
    const { clock, policy, runAll, states, obstacle, ended } = this.#options
    const startedAt = clock.now()
    await runAll(startedAt)
    const { phase } = this.#progress
    if (this.#isOver || phase === 'serving') return
    const now = clock.now()
    const isObstructed = obstacle() !== undefined
    const hasFailed = this.#failedAt >= startedAt
    const passed = !hasFailed && !isObstructed && roundPasses(states(), policy, { startedAt, now })
    ended({ startedAt, isObstructed })
    this.#move(progress =>
      afterRound(progress, { passed, healthyThreshold: policy.startupHealthyThreshold, now }),
    )
  }

  /** A required check failed, in a round or between two: the rounds start over. */
  failed(): void {
    this.#failedAt = this.#options.clock.now()
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
