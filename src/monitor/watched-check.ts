import { fold, isFresh, neverRun } from '../core/check-state.ts'
import type { CheckPolicy, CheckState } from '../core/check-state.ts'
import type { Check } from '../core/check.ts'
import type { Finding } from '../core/finding.ts'
import { createCheckRunner } from './check-runner.ts'
import type { CheckRunner, RunnerEvents } from './check-runner.ts'
import type { Clock } from './clock.ts'

export interface WatchedCheckOptions {
  readonly policy: CheckPolicy
  readonly check: Check
  readonly clock: Clock
  /** Aborted when the program stops: runs in flight end early. */
  readonly stop: AbortSignal
  readonly events: RunnerEvents
  /** What a run's finding counts as. It is called while the run is still in flight. */
  readonly conclude: (found: Finding) => Promise<Finding>
  /** Told of each finding that was folded, with what the check found itself, and with the finding before. */
  readonly concluded: (finding: Finding, found: Finding, previous: Finding | undefined) => void
  /** How long after the start of its latest run the check runs again by itself, in milliseconds; undefined if never. */
  readonly pace: () => number | undefined
  /** What is known already. */
  readonly state?: CheckState | undefined
}

/** One check, what is known of it, and its run in flight: never two at once. */
export class WatchedCheck {
  readonly policy: CheckPolicy
  readonly #options: WatchedCheckOptions
  readonly #runner: CheckRunner
  #state: CheckState
  #tookMs: number | undefined
  #inFlight: Promise<void> | undefined
  #next: Disposable | undefined
  /** When the latest run started; monotonic milliseconds. */
  #startedAt = -Infinity
  /** When the run behind the latest finding started, and the latest of those that looked freshly. */
  #answeredFrom = -Infinity
  #freshFrom = -Infinity
  /** The latest fresh run found trouble: a run through what is kept would hide it. */
  #needsFresh = false
  /** Counts how often all was forgotten: a run that started before proves nothing after. */
  #generation = 0

  constructor(options: WatchedCheckOptions) {
    const { policy, check, clock, stop, events, state = neverRun(policy.name) } = options
    this.policy = policy
    this.#options = options
    this.#state = state
    this.#runner = createCheckRunner(check, { timeoutMs: policy.timeoutMs, clock, stop, events })
  }

  get state(): CheckState {
    return this.#state
  }

  /** Milliseconds that the latest run took. */
  get tookMs(): number | undefined {
    return this.#tookMs
  }

  /**
   * For how many milliseconds the run in flight has been; 0 if there is none. No more than its timeout: the machine may have
   * been suspended meanwhile. `now` is monotonic milliseconds.
   */
  runningForMs(now: number): number {
    return this.#inFlight ? Math.min(now - this.#startedAt, this.policy.timeoutMs) : 0
  }

  /** Whether a probe may be answered from the last finding. `now` is monotonic milliseconds. */
  isFresh(now: number): boolean {
    return isFresh(this.#state, this.policy, now)
  }

  /** Runs the check, or joins the run in flight. */
  run({ fresh = false } = {}): Promise<void> {
    this.#inFlight ??= this.#run(fresh || this.#needsFresh).finally(() => {
      this.#inFlight = undefined
      this.arm()
    })
    return this.#inFlight
  }

  /**
   * Resolves once there is a finding from a run that started at `since` or later, and `spacingMs` after the one before.
   * With `fresh`, from a run that looked freshly.
   */
  async runSince(since: number, { spacingMs = 0, fresh = false } = {}): Promise<void> {
    const { clock, stop } = this.#options
    const answeredFrom = () => (fresh ? this.#freshFrom : this.#answeredFrom)
    while (answeredFrom() < since && !stop.aborted) {
      const waitMs = this.#startedAt + spacingMs - clock.now()
      if (!this.#inFlight && waitMs > 0) await new Promise<void>(resolve => void clock.after(waitMs, resolve))
      await this.run({ fresh })
    }
  }

  /** Sets the next run by the check's cadence, counted from its latest run: probes that keep it fresh put it off. */
  arm(): void {
    const { clock, stop, pace } = this.#options
    this.disarm()
    const paceMs = pace()
    if (stop.aborted || paceMs === undefined) return
    this.#next = clock.after(this.#startedAt + paceMs - clock.now(), () => void this.run())
  }

  disarm(): void {
    this.#next?.[Symbol.dispose]()
  }

  /** Nothing that was found so far counts, nor does the run in flight. */
  forget(): void {
    this.#generation += 1
    this.#state = neverRun(this.policy.name)
    this.#answeredFrom = -Infinity
    this.#freshFrom = -Infinity
    this.disarm()
  }

  /** Resolves when no run is in flight. */
  async settled(): Promise<void> {
    await this.#inFlight
  }

  async #run(fresh: boolean): Promise<void> {
    const { clock, conclude, concluded } = this.#options
    const generation = this.#generation
    const startedAt = clock.now()
    this.#startedAt = startedAt
    const found = await this.#runner.run({ fresh })
    this.#tookMs = clock.now() - startedAt
    if (fresh) this.#needsFresh = found.status === 'unknown' || found.status === 'fail'
    const finding = await conclude(found)
    if (generation !== this.#generation) return
    const previous = this.#state.last?.finding
    this.#state = fold(this.#state, finding, this.policy, clock.now())
    this.#answeredFrom = startedAt
    if (fresh) this.#freshFrom = startedAt
    concluded(finding, found, previous)
  }
}
