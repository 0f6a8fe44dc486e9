import type { CheckPolicy, CheckState } from '../core/check-state.ts'
import type { Check } from '../core/check.ts'
import type { Finding } from '../core/finding.ts'
import type { Policy } from '../core/verdict.ts'
import { attributeFailure } from './attribute-failure.ts'
import { overdueAfterMs, paceMs, runsIn } from './cadence.ts'
import type { Running, RunningPhase } from './cadence.ts'
import type { Clock } from './clock.ts'
import { WatchedCheck } from './watched-check.ts'

/** A finding that was folded. */
export interface Answered {
  readonly policy: CheckPolicy
  readonly finding: Finding
  /** What the check found itself, before it was attributed to a dependency. */
  readonly found: Finding
  readonly previous: Finding | undefined
  /** Milliseconds. */
  readonly tookMs: number
}

interface LateRun {
  readonly name: string
  readonly runningForMs: number
}

export interface WatchedChecksOptions {
  readonly policy: Policy
  /** One for each check of the policy, by its name. */
  readonly checks: ReadonlyMap<string, Check>
  /** What is known already. */
  readonly known: readonly CheckState[]
  /** The phase in which they run now. */
  readonly phase: () => RunningPhase
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly events: {
    answered(event: Answered): void
    abandoned(event: LateRun): void
    returned(event: LateRun): void
  }
}

/** All checks of a policy, in its order. Before a failure of one counts, those that it depends on are rechecked. */
export class WatchedChecks implements AsyncDisposable {
  readonly #options: WatchedChecksOptions
  readonly #checks: readonly WatchedCheck[]
  readonly #byName: ReadonlyMap<string, WatchedCheck>
  readonly #stop = new AbortController()
  /** Since when the checks run as they do now; monotonic milliseconds. */
  #runningSince: number

  /** Throws a TypeError if there is no check for one of the policy. */
  constructor(options: WatchedChecksOptions) {
    const { policy, known, clock } = options
    const states = new Map(known.map(state => [state.name, state]))
    this.#options = options
    this.#checks = policy.checks.map(each => this.#watch(each, states.get(each.name)))
    this.#byName = new Map(this.#checks.map(check => [check.policy.name, check]))
    this.#runningSince = clock.now()
  }

  /** Throws a TypeError if there is no check of this name. */
  get(name: string): WatchedCheck {
    const check = this.#byName.get(name)
    if (!check) throw new TypeError(`no check is named ${name}`)
    return check
  }

  /** What is known of each check. */
  states(): CheckState[] {
    return this.#checks.map(({ state }) => state)
  }

  /** As `states`, with another state for some checks. */
  statesBut(some: ReadonlySet<WatchedCheck>, stateOf: (check: WatchedCheck) => CheckState): CheckState[] {
    return this.#checks.map(check => (some.has(check) ? stateOf(check) : check.state))
  }

  /**
   * As `states`. A run that has been in flight for `longMs` or longer is silence too: it may never end here, if the program
   * is restarted before it does.
   */
  statesWithRuns(longMs: number): CheckState[] {
    const now = this.#options.clock.now()
    return this.#checks.map(check => {
      const { state } = check
      const runningForMs = check.runningForMs(now)
      return runningForMs < longMs
        ? state
        : { ...state, silentForMs: (state.silentForMs ?? 0) + runningForMs }
    })
  }

  /** The running checks whose finding is stale. `now` is monotonic milliseconds. */
  stale(now: number): WatchedCheck[] {
    return this.#running().filter(check => !check.isFresh(now))
  }

  /** Resolves once every running check has a finding from a run that started at `since` or later. */
  async runSince(since: number): Promise<void> {
    await Promise.all(this.#running().map(check => check.runSince(since)))
  }

  /** Sets each check's cadence going; stale checks run at once. */
  runByCadence(): void {
    const now = this.#options.clock.now()
    this.#runningSince = now
    for (const check of this.#running())
      if (check.isFresh(now)) check.arm()
      else void check.run()
  }

  /** The names of the checks whose findings have stopped coming, though they should run. */
  overdue(): string[] {
    const now = this.#options.clock.now()
    const running = this.#how()
    return this.#running()
      .filter(({ state, policy }) => {
        const since = Math.max(state.last?.at ?? -Infinity, this.#runningSince)
        return now - since > overdueAfterMs(policy, running)
      })
      .map(({ policy: { name } }) => name)
  }

  /** Nothing that was found so far counts, nor do the runs in flight. */
  forget(): void {
    this.#runningSince = this.#options.clock.now()
    for (const check of this.#checks) check.forget()
  }

  /** Starts no more runs, tells those in flight to end, and waits until they have or are abandoned; they prove nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.forget()
    for (const check of this.#checks) await check.settled()
  }

  #watch(policy: CheckPolicy, state: CheckState | undefined): WatchedCheck {
    const { checks, clock, random, events } = this.#options
    const { name } = policy
    const check = checks.get(name)
    if (!check) throw new TypeError(`no check is named ${name}`)
    const watched: WatchedCheck = new WatchedCheck({
      policy,
      check,
      clock,
      state,
      stop: this.#stop.signal,
      events: {
        abandoned: run => events.abandoned({ name, ...run }),
        returned: run => events.returned({ name, ...run }),
      },
      pace: () => paceMs(policy, { ...this.#how(), random: random(), state: watched.state }),
      conclude: found =>
        attributeFailure(
          found,
          policy.dependsOn.map(dependency => this.get(dependency)),
          { isKnown: this.#isFailing(watched), clock, random },
        ),
      concluded: (finding, found, previous) => {
        const { tookMs = 0 } = watched
        events.answered({ policy, finding, found, previous, tookMs })
      },
    })
    return watched
  }

  /** A check of a host that starts fails until it has passed: one more failure, or an unknown, changes nothing. */
  #isFailing({ state: { standing } }: WatchedCheck): boolean {
    return standing === 'fail' || (standing === undefined && this.#options.phase() === 'starting')
  }

  #how(): Running {
    const { policy, phase } = this.#options
    return { policy, phase: phase() }
  }

  #running(): WatchedCheck[] {
    const phase = this.#options.phase()
    return this.#checks.filter(({ policy }) => runsIn(phase, policy))
  }
}
