import { currentUnknown, expiresAfterMs } from '../core/check-state.ts'
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
import { alone, unrecordedStartMs } from './assumed.ts'
import type { Assumption } from './found.ts'
import { ReplayedChecks } from './replayed-checks.ts'
import type { RunPhase } from './replayed-checks.ts'
import type { View } from './sight.ts'

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
  readonly #checks: ReplayedChecks
  /** When a required check failed last. */
  #failedAt = -Infinity
  /** Since when all required checks pass, in a start that was not recorded. */
  #passingSince: number | undefined
  #recordedPhase: RunPhase

  constructor(
    view: View,
    options: {
      readonly assumed: Assumption
      readonly host: HostState
      readonly recordedPhase: RunPhase
    },
  ) {
    const { assumed, host, recordedPhase } = options
    const { drain, peers, ...life } = host.life
    this.#view = view
    this.#assumed = assumed
    this.#life = life
    this.#drain = drain
    this.#peers = peers
    this.#recordedPhase = recordedPhase
    this.#checks = new ReplayedChecks(view, {
      assumed,
      known: host.states,
      phases: () => ({ recorded: this.#recordedPhase, replayed: this.#life.phase }),
    })
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
    return decide(this.#checks.states(now), policy, this.#lifeAt(now), now)
  }

  /** Sentences: why its verdict may be an assumption. */
  doubtsAbout(name: string): readonly string[] {
    return this.#checks.doubtsAbout(name)
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
    if (!this.#checks.found(name, finding, { at, since })) return
    this.#failedAt = at
    if (this.#life.phase === 'starting') this.#life = afterFailure(this.#life, this.#needed)
  }

  /** A check went on finding the same until now, at its usual times: what it found has not expired, and is not fresh. */
  ranRegularly(name: string, now: number): void {
    this.#checks.ranRegularly(name, now)
  }

  /** A round of the recorded start has ended: each check has answered in it. */
  round(round: { readonly startedAt: number; readonly at: number; readonly isObstructed: boolean }): void {
    const { startedAt, at, isObstructed } = round
    this.#checks.allRan(startedAt)
    if (this.#life.phase !== 'starting') return
    const hasFailed = this.#failedAt >= startedAt
    const passed =
      !isObstructed &&
      !hasFailed &&
      roundPasses(this.#checks.states(at), this.#view.policy, { startedAt, now: at })
    this.#life = afterRound(this.#life, { passed, healthyThreshold: this.#needed, now: at })
  }

  drain(drain: Drain | undefined): void {
    this.#drain = drain
  }

  /** Peers were asked, or no longer are. */
  hear(said: Pick<PeerView, 'passing' | 'lonely'> | undefined, now: number): void {
    const stuck = stuckChecks(this.#checks.states(now))
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
    this.#checks.forget()
    this.#peers = undefined
    this.#life = unproven(this.#view.policy).life
  }

  /** The recorded daemon runs in another way from now on. */
  ranAs(phase: RunPhase, now: number): void {
    if (phase !== this.#recordedPhase) this.#proveUnrecorded(now)
    this.#recordedPhase = phase
  }

  /** The recorded daemon has another configuration; this one's is re-read as it is. */
  reload(view: View, now: number): void {
    const { life, states } = underNewPolicy(
      { life: this.#lifeAt(now), states: this.#checks.recorded() },
      view.policy,
      { before: this.#view.policy, isUnchanged: () => true, now },
    )
    this.#checks.reload(view, { states, now })
    const { drain: _drain, peers: _peers, ...phase } = life
    this.#life = phase
    this.#view = view
  }

  /** When its verdict may change by time alone, after `from` and before `to`: in their order. */
  boundaries(from: number, to: number): readonly number[] {
    const { checks, holdMs } = this.#view.policy
    const ofChecks = checks.flatMap(check => {
      const state = this.#checks.stateOf(check, from)
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
    const states = this.#checks.states(now)
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
    const passes = roundPasses(this.#checks.states(now), this.#view.policy, { startedAt: -Infinity, now })
    if (!passes) {
      this.#passingSince = undefined
      return
    }
    this.#passingSince ??= now
    const at = this.#provesAt
    if (at !== undefined && now >= at) this.#life = { phase: 'serving', since: at }
  }
}
