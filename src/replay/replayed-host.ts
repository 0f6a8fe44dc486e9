import { currentUnknown, expiresAfterMs, fold, neverRun } from '../core/check-state.ts'
import type { CheckPolicy, CheckState } from '../core/check-state.ts'
import type { Finding } from '../core/finding.ts'
import { underNewPolicy, unproven } from '../core/host-state.ts'
import type { HostState } from '../core/host-state.ts'
import { activeDrain, afterFailure, afterRound } from '../core/lifecycle.ts'
import type { Drain, Serving, Starting } from '../core/lifecycle.ts'
import { nextView } from '../core/peers.ts'
import type { PeerView } from '../core/peers.ts'
import { stuckChecks } from '../core/seen-with-peers.ts'
import { decide, doubts, roundPasses } from '../core/verdict.ts'
import type { Verdict } from '../core/verdict.ts'
import { ALONE_AFTER_MS } from '../peers/follow-peers.ts'
import { alone, assumedState, unrecordedStartMs } from './assumed.ts'
import { foundUnder } from './found.ts'
import type { Assumption } from './found.ts'
import type { View } from './sight.ts'

/** What the recorded host was doing: its checks ran accordingly. */
export type RecordedPhase = 'starting' | 'serving'

/**
 * The host under the other configuration, from what was recorded. Where the records do not tell, it makes its assumption. All
 * times are monotonic milliseconds of the recorded daemon.
 */
export class ReplayedHost {
  readonly #assumed: Assumption
  #view: View
  #life: Starting | Serving
  #drain: Drain | undefined
  #peers: PeerView | undefined
  readonly #states: Map<string, CheckState>
  readonly #doubts = new Map<string, string>()
  /** When a required check failed last. */
  #failedAt = -Infinity
  /** Since when all required checks pass, in a start that was not recorded. */
  #passingSince: number | undefined
  #recordedPhase: RecordedPhase

  constructor(
    view: View,
    options: {
      readonly assumed: Assumption
      readonly host: HostState
      readonly recordedPhase: RecordedPhase
    },
  ) {
    const { assumed, host, recordedPhase } = options
    const { drain, peers, ...life } = host.life
    this.#view = view
    this.#assumed = assumed
    this.#life = life
    this.#drain = drain
    this.#peers = peers
    this.#states = new Map(host.states.map(state => [state.name, state]))
    this.#recordedPhase = recordedPhase
  }

  get isServing(): boolean {
    return this.#life.phase === 'serving'
  }

  /** While starting: how far it has come. */
  get startup(): { readonly rounds: number; readonly needed: number } | undefined {
    return this.#life.phase === 'starting' ? this.#life : undefined
  }

  verdict(now: number): Verdict {
    this.#proveUnrecorded(now)
    const { policy } = this.#view
    return decide(this.#allStates(now), policy, this.#lifeAt(now), now)
  }

  /** Sentences: why its verdict may be an assumption. */
  doubtsAbout(name: string): readonly string[] {
    return [this.#unseen(name), this.#doubts.get(name)].filter(text => text !== undefined)
  }

  /** Whether a start goes on of which nothing was recorded. */
  get isBeyondRecord(): boolean {
    return this.#life.phase === 'starting' && this.#recordedPhase === 'serving'
  }

  /** A check found something: `since` that time or before. */
  found(
    name: string,
    finding: Finding,
    { at, since }: { readonly at: number; readonly since: number },
  ): void {
    this.#proveUnrecorded(at)
    const sight = this.#view.sights.get(name)
    const policy = this.#policyOf(name)
    if (!sight || !policy || sight.unseen !== undefined) return
    const dependencies = policy.dependsOn.flatMap(dependency => {
      const its = this.#policyOf(dependency)
      return its ? [{ policy: its, state: this.#stateOf(its, at) }] : []
    })
    const areDependenciesSeen = policy.dependsOn.every(dependency => this.#unseen(dependency) === undefined)
    const context = { sight, dependencies, areDependenciesSeen, now: at, since }
    const { own, finding: counted, doubt } = foundUnder(finding, context, this.#assumed)
    if (doubt === undefined) this.#doubts.delete(name)
    else this.#doubts.set(name, doubt)
    this.#states.set(name, fold(this.#states.get(name) ?? neverRun(name), counted, policy, at))
    if (own.status !== 'fail' || !policy.required) return
    this.#failedAt = at
    if (this.#life.phase === 'starting') this.#life = afterFailure(this.#life, this.#needed)
  }

  /** A check went on finding the same until now, at its usual times: what it found has not expired, and is not fresh. */
  ranRegularly(name: string, now: number): void {
    const state = this.#states.get(name)
    const policy = this.#policyOf(name)
    if (!state?.last || !policy) return
    const at = Math.max(state.last.at, now - Math.max(expiresAfterMs(policy) / 2, policy.freshForMs + 1))
    this.#states.set(name, { ...state, last: { ...state.last, at } })
  }

  /** A round of the recorded start has ended: each check has answered in it. */
  round(round: { readonly startedAt: number; readonly at: number; readonly isObstructed: boolean }): void {
    const { startedAt, at, isObstructed } = round
    for (const [name, state] of this.#states)
      if (state.last && state.last.at < startedAt)
        this.#states.set(name, { ...state, last: { ...state.last, at: startedAt } })
    if (this.#life.phase !== 'starting') return
    const hasFailed = this.#failedAt >= startedAt
    const passed =
      !isObstructed &&
      !hasFailed &&
      roundPasses(this.#allStates(at), this.#view.policy, { startedAt, now: at })
    this.#life = afterRound(this.#life, { passed, healthyThreshold: this.#needed, now: at })
  }

  drain(drain: Drain | undefined): void {
    this.#drain = drain
  }

  /** Peers were asked, or no longer are. */
  hear(said: Pick<PeerView, 'passing' | 'lonely'> | undefined, now: number): void {
    const stuck = stuckChecks(this.#allStates(now))
    this.#peers = said && nextView(this.#peers, { ...alone(now), ...said }, stuck)
  }

  /** Peers said the same again. */
  heard(now: number): void {
    if (!this.#peers) return
    const { passing, lonely } = this.#peers
    this.hear({ passing, lonely }, now)
  }

  /** Another release is on the host. */
  restart(): void {
    this.#states.clear()
    this.#doubts.clear()
    this.#peers = undefined
    this.#life = unproven(this.#view.policy).life
  }

  /** The recorded daemon runs in another way from now on. */
  ranAs(phase: RecordedPhase, now: number): void {
    if (phase !== this.#recordedPhase) this.#proveUnrecorded(now)
    this.#recordedPhase = phase
  }

  /** The recorded daemon has another configuration; this one's is re-read as it is. */
  reload(view: View, now: number): void {
    const policy = view.policy
    const change = { before: this.#view.policy, isUnchanged: () => true, now }
    const { life, states } = underNewPolicy(
      { life: this.#lifeAt(now), states: [...this.#states.values()] },
      policy,
      change,
    )
    for (const state of states) {
      const wasUnseen = this.#view.sights.get(state.name)?.unseen !== undefined
      this.#states.set(
        state.name,
        wasUnseen ? assumedState(state.name, { assumed: this.#assumed, now }) : state,
      )
    }
    const { drain: _drain, peers: _peers, ...phase } = life
    this.#life = phase
    this.#view = view
  }

  /** When its verdict may change by time alone, after `from` and before `to`: in their order. */
  boundaries(from: number, to: number): readonly number[] {
    const { checks, holdMs } = this.#view.policy
    const ofChecks = checks.flatMap(check => {
      const state = this.#stateOf(check, from)
      const unknown = currentUnknown(state, check, to)
      return [
        ...(state.last ? [state.last.at + expiresAfterMs(check)] : []),
        ...(unknown ? [unknown.since + holdMs[unknown.cause], unknown.since + ALONE_AFTER_MS] : []),
      ]
    })
    return [...ofChecks, this.#drain?.until ?? Infinity, this.#provesAt ?? Infinity]
      .filter(at => at > from && at < to)
      .sort((a, b) => a - b)
  }

  /** When a start beyond the records ends, if nothing comes between. */
  get #provesAt(): number | undefined {
    const since = this.#passingSince
    if (!this.isBeyondRecord || since === undefined || this.#life.phase !== 'starting') return undefined
    return since + unrecordedStartMs(this.#life, { policy: this.#view.policy, assumed: this.#assumed })
  }

  get #needed(): number {
    return this.#view.policy.startupHealthyThreshold
  }

  #policyOf(name: string): CheckPolicy | undefined {
    return this.#view.policy.checks.find(check => check.name === name)
  }

  /** Why no record tells what a check finds now. */
  #unseen(name: string): string | undefined {
    const sight = this.#view.sights.get(name)
    if (!sight || sight.unseen !== undefined) return sight?.unseen
    const didNotRun = sight.recorded?.gate === 'startup' && this.#recordedPhase === 'serving'
    const runs = sight.check.gate === 'always' || this.#life.phase === 'starting'
    return didNotRun && runs ? `${name} ran at the start alone when this was recorded` : undefined
  }

  #stateOf({ name }: CheckPolicy, now: number): CheckState {
    return this.#unseen(name) === undefined
      ? (this.#states.get(name) ?? neverRun(name))
      : assumedState(name, { assumed: this.#assumed, now })
  }

  #allStates(now: number): readonly CheckState[] {
    return this.#view.policy.checks.map(check => this.#stateOf(check, now))
  }

  #lifeAt(now: number) {
    const drain = this.#drain && activeDrain({ ...this.#life, drain: this.#drain }, now)
    const peers = this.#peersAt(now)
    return { ...this.#life, ...(drain && { drain }), ...(peers && { peers }) }
  }

  #peersAt(now: number): PeerView | undefined {
    const { policy, hasSamePeers, asksPeers } = this.#view
    if (!asksPeers) return undefined
    if (hasSamePeers) return this.#peers
    if (this.#assumed === 'best') return undefined
    const states = this.#allStates(now)
    const inDoubt = new Set(doubts(states, policy, { life: this.#life, now }))
    const isOld = states.some(
      ({ name, unknown, isStuck }) =>
        inDoubt.has(name) && (isStuck || (unknown && now - unknown.since >= ALONE_AFTER_MS)),
    )
    return isOld ? alone(now) : undefined
  }

  /** The recorded host was serving: of more rounds, it is only known that every check passed meanwhile. */
  #proveUnrecorded(now: number): void {
    if (!this.isBeyondRecord) {
      this.#passingSince = undefined
      return
    }
    const passes = roundPasses(this.#allStates(now), this.#view.policy, { startedAt: -Infinity, now })
    if (!passes) {
      this.#passingSince = undefined
      return
    }
    this.#passingSince ??= now
    const at = this.#provesAt
    if (at !== undefined && now >= at) this.#life = { phase: 'serving', since: at }
  }
}
