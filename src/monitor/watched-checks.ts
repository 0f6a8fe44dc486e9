import type { CheckState } from '../core/check-state.ts'
import { overdueAfterMs, runsIn } from './cadence.ts'
import type { Running } from './cadence.ts'
import type { WatchedCheck } from './watched-check.ts'

/** All checks of a policy, in its order. */
export class WatchedChecks {
  readonly #checks: readonly WatchedCheck[]
  readonly #byName: ReadonlyMap<string, WatchedCheck>
  readonly #now: () => number
  /** Since when the checks run as they do now; monotonic milliseconds. */
  #runningSince: number

  constructor(checks: readonly WatchedCheck[], now: () => number) {
    this.#checks = checks
    this.#byName = new Map(checks.map(check => [check.policy.name, check]))
    this.#now = now
    this.#runningSince = now()
  }

  /** Throws a TypeError if there is no check of this name. */
  get(name: string): WatchedCheck {
    const check = this.#byName.get(name)
    if (!check) throw new TypeError(`no check is named ${name}`)
    return check
  }

  states(): CheckState[] {
    return this.#checks.map(({ state }) => state)
  }

  /** As `states`, with another state for some checks. */
  statesBut(some: ReadonlySet<WatchedCheck>, stateOf: (check: WatchedCheck) => CheckState): CheckState[] {
    return this.#checks.map(check => (some.has(check) ? stateOf(check) : check.state))
  }

  /** The running checks whose finding is stale. */
  stale(phase: Running['phase'], now: number): WatchedCheck[] {
    return this.#running(phase).filter(check => !check.isFresh(now))
  }

  /** Resolves once every running check has a finding from a run that started at `since` or later. */
  async runSince(since: number, phase: Running['phase']): Promise<void> {
    await Promise.all(this.#running(phase).map(check => check.runSince(since)))
  }

  /** Sets each check's cadence going; stale checks run at once. */
  runByCadence(phase: Running['phase']): void {
    const now = this.#now()
    this.#runningSince = now
    for (const check of this.#running(phase))
      if (check.isFresh(now)) check.arm()
      else void check.run()
  }

  /** The names of the checks whose findings have stopped coming, though they should run. */
  overdue(running: Running): string[] {
    const now = this.#now()
    return this.#running(running.phase)
      .filter(({ state, policy }) => {
        const since = Math.max(state.last?.at ?? -Infinity, this.#runningSince)
        return now - since > overdueAfterMs(policy, running)
      })
      .map(({ policy: { name } }) => name)
  }

  /** Nothing that was found so far counts, nor do the runs in flight. */
  forget(): void {
    this.#runningSince = this.#now()
    for (const check of this.#checks) check.forget()
  }

  /** Resolves when no run is in flight. */
  async settled(): Promise<void> {
    for (const check of this.#checks) await check.settled()
  }

  #running(phase: Running['phase']): WatchedCheck[] {
    return this.#checks.filter(({ policy }) => runsIn(phase, policy))
  }
}
