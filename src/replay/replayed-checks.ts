import { expiresAfterMs, fold, neverRun } from '../core/check-state.ts'
import type { CheckPolicy, CheckState } from '../core/check-state.ts'
import type { Finding } from '../core/finding.ts'
import { assumedState } from './assumed.ts'
import { foundUnder } from './found.ts'
import type { Assumption } from './found.ts'
import type { View } from './sight.ts'

/** What a host was doing: its checks ran accordingly. */
export type RunPhase = 'starting' | 'serving'

export interface ReplayedChecksOptions {
  readonly assumed: Assumption
  /** What is known already. */
  readonly known: readonly CheckState[]
  /** What the recorded host does now, and what the replayed one does. */
  readonly phases: () => { readonly recorded: RunPhase; readonly replayed: RunPhase }
}

/**
 * What the checks of the other configuration found, from what was recorded. Where the records do not tell, it is assumed. All
 * times are monotonic milliseconds of the recorded daemon.
 */
export class ReplayedChecks {
  readonly #options: ReplayedChecksOptions
  readonly #states: Map<string, CheckState>
  readonly #doubts = new Map<string, string>()
  #view: View

  constructor(view: View, options: ReplayedChecksOptions) {
    this.#view = view
    this.#options = options
    this.#states = new Map(options.known.map(state => [state.name, state]))
  }

  /** The states of all checks of the other configuration, in its order. */
  states(now: number): readonly CheckState[] {
    return this.#view.policy.checks.map(check => this.stateOf(check, now))
  }

  stateOf({ name }: CheckPolicy, now: number): CheckState {
    return this.#unseen(name) === undefined
      ? (this.#states.get(name) ?? neverRun(name))
      : this.#assumed(name, now)
  }

  /** The states of all checks that were recorded, whether or not the other configuration has them. */
  recorded(): readonly CheckState[] {
    return [...this.#states.values()]
  }

  /** Sentences: why what a check found may be an assumption. */
  doubtsAbout(name: string): readonly string[] {
    return [this.#unseen(name), this.#doubts.get(name)].filter(text => text !== undefined)
  }

  /** A check found something: `since` that time or before. Returns whether a required check failed. */
  found(
    name: string,
    finding: Finding,
    { at, since }: { readonly at: number; readonly since: number },
  ): boolean {
    const sight = this.#view.sights.get(name)
    const policy = this.#policyOf(name)
    if (!sight || !policy || sight.unseen !== undefined) return false
    const dependencies = policy.dependsOn.flatMap(dependency => {
      const its = this.#policyOf(dependency)
      return its ? [{ policy: its, state: this.stateOf(its, at) }] : []
    })
    const areDependenciesSeen = policy.dependsOn.every(dependency => this.#unseen(dependency) === undefined)
    const context = { sight, dependencies, areDependenciesSeen, now: at, since }
    const { own, finding: counted, doubt } = foundUnder(finding, context, this.#options.assumed)
    if (doubt === undefined) this.#doubts.delete(name)
    else this.#doubts.set(name, doubt)
    this.#states.set(name, fold(this.#states.get(name) ?? neverRun(name), counted, policy, at))
    return own.status === 'fail' && policy.required
  }

  /** A check went on finding the same until now, at its usual times: what it found has not expired, and is not fresh. */
  ranRegularly(name: string, now: number): void {
    const last = this.#states.get(name)?.last
    const policy = this.#policyOf(name)
    if (!last || !policy) return
    const agoMs = Math.max(expiresAfterMs(policy) / 2, policy.freshForMs + 1)
    this.#foundAgain(name, Math.max(last.at, now - agoMs))
  }

  /** Each check has found the same again, if nothing else is recorded since then. */
  allRan(since: number): void {
    for (const [name, { last }] of this.#states) if (last && last.at < since) this.#foundAgain(name, since)
  }

  /** Nothing that was found so far counts. */
  forget(): void {
    this.#states.clear()
    this.#doubts.clear()
  }

  /** The recorded daemon has another configuration. `states`: what is still known under it. */
  reload(
    view: View,
    { states, now }: { readonly states: readonly CheckState[]; readonly now: number },
  ): void {
    for (const state of states) {
      const { name } = state
      const wasUnseen = this.#view.sights.get(name)?.unseen !== undefined
      this.#states.set(name, wasUnseen ? this.#assumed(name, now) : state)
    }
    this.#view = view
  }

  #assumed(name: string, now: number): CheckState {
    return assumedState(name, { assumed: this.#options.assumed, now })
  }

  #foundAgain(name: string, at: number): void {
    const state = this.#states.get(name)
    if (state?.last) this.#states.set(name, { ...state, last: { ...state.last, at } })
  }

  #policyOf(name: string): CheckPolicy | undefined {
    return this.#view.policy.checks.find(check => check.name === name)
  }

  /** Why no record tells what a check finds now. */
  #unseen(name: string): string | undefined {
    const sight = this.#view.sights.get(name)
    if (!sight || sight.unseen !== undefined) return sight?.unseen
    const { recorded, replayed } = this.#options.phases()
    const didNotRun = sight.recorded?.gate === 'startup' && recorded === 'serving'
    const runs = sight.check.gate === 'always' || replayed === 'starting'
    return didNotRun && runs ? `${name} ran at the start alone when this was recorded` : undefined
  }
}
