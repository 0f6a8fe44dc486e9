import type { CheckState } from '../core/check-state.ts'
import type { Check } from '../core/check.ts'
import { againstNow, unproven } from '../core/host-state.ts'
import type { Against, HostState } from '../core/host-state.ts'
import { phaseAt } from '../core/lifecycle.ts'
import type { Drain, Lifecycle, Serving, Starting } from '../core/lifecycle.ts'
import { afterSweep } from '../core/peers.ts'
import type { PeerSweep, PeerView } from '../core/peers.ts'
import { stuckChecks } from '../core/seen-with-peers.ts'
import { decide, doubts } from '../core/verdict.ts'
import type { Policy, Verdict } from '../core/verdict.ts'
import { awaitAnswers, stateWithoutAnswer } from './await-answers.ts'
import { longestQuietMs } from './cadence.ts'
import type { Clock } from './clock.ts'
import type { MonitorListener } from './monitor-listener.ts'
import { StartUp } from './start-up.ts'
import type { WatchedCheck } from './watched-check.ts'
import { WatchedChecks } from './watched-checks.ts'
import type { Answered } from './watched-checks.ts'

export interface MonitorOptions {
  readonly policy: Policy
  /** One for each check of the policy, by its name. */
  readonly checks: ReadonlyMap<string, Check>
  /** A probe is answered within so many milliseconds of its arrival. */
  readonly deadlineMs: number
  readonly clock: Clock
  /** Uniform in [0, 1): spreads rounds and cadences. */
  readonly random: () => number
  /** Why no host can be admitted now, beside the checks: a sentence. */
  readonly obstacle?: () => string | undefined
  /** Told in this order. What one of them throws harms neither the others nor the monitor. */
  readonly listeners?: readonly MonitorListener[]
  /** Told what a listener has thrown. */
  readonly listenerBroke?: (error: unknown) => void
  /** What is known already: of a release that has passed on this boot, or from the monitor before this one. */
  readonly host?: HostState
}

/**
 * Runs the checks, keeps what they found, and says what it means. While starting, it runs them in rounds. While serving,
 * each check has its cadence, and a probe renews what is stale.
 */
export class Monitor implements AsyncDisposable {
  readonly #options: MonitorOptions
  readonly #checks: WatchedChecks
  /** While starting. */
  #startUp: StartUp | undefined
  #phase: Starting | Serving
  #drain: Drain | undefined
  /** What other hosts said since this one has doubts. */
  #peers: PeerView | undefined
  #verdict: Verdict
  /** Another release may come before: two loops of rounds would count each round twice. */
  #isStarted = false

  constructor(options: MonitorOptions) {
    this.#options = options
    const { host = unproven(options.policy) } = options
    const { drain, peers, ...phase } = host.life
    this.#checks = new WatchedChecks({
      ...options,
      known: host.states,
      phase: () => this.#phase.phase,
      events: {
        answered: event => this.#answered(event),
        abandoned: run => this.#emit(told => told.checkAbandoned?.(run)),
        returned: run => this.#emit(told => told.checkReturned?.(run)),
      },
    })
    this.#phase = phase
    this.#drain = drain
    this.#peers = peers
    if (phase.phase === 'starting') this.#startUp = this.#createStartUp(phase)
    this.#verdict = this.current()
  }

  /** Begins to run the checks. */
  start(): void {
    this.#isStarted = true
    if (this.#startUp) void this.#startUp.begin()
    else this.#checks.runByCadence()
  }

  /** The verdict from what is known now; runs nothing. */
  current(): Verdict {
    return this.#decideOn(this.#checks.states())
  }

  /** All that is known of the host. */
  get host(): HostState {
    return { life: this.#life, states: this.#checks.states() }
  }

  /** What is against the host now, while it serves. */
  against(): Against {
    const { clock, deadlineMs } = this.#options
    return againstNow(this.current(), this.#checks.statesWithRuns(deadlineMs), clock.now())
  }

  /** The checks whose findings have stopped coming, though they should run: what runs them is stuck. */
  overdue(): readonly string[] {
    return this.#checks.overdue()
  }

  /** The longest time in milliseconds in which no check at all has a finding, while all is well with what runs them. */
  get longestQuietMs(): number {
    return longestQuietMs(this.#options.policy)
  }

  /** Milliseconds that the latest run of a check took. */
  tookMs(name: string): number | undefined {
    return this.#checks.get(name).tookMs
  }

  /**
   * The answer to a probe. While serving, it reruns stale checks, or joins their runs in flight; a check that has not
   * answered by the deadline is `unknown`. While starting, it waits for nothing.
   */
  verdict(): Verdict | Promise<Verdict> {
    const { clock } = this.#options
    const at = { life: this.#life, now: clock.now() }
    const stale = phaseAt(at.life, at.now) === 'serving' ? this.#checks.stale(at.now) : []
    return stale.length === 0 ? this.#decideOn(this.#checks.states(), at) : this.#verdictAfter(stale)
  }

  async #verdictAfter(stale: readonly WatchedCheck[]): Promise<Verdict> {
    const late = await awaitAnswers(stale, this.#options)
    if (late.size > 0) this.#emit(told => told.answersMissed?.())
    return this.#decideOn(this.#checks.statesBut(late, check => stateWithoutAnswer(check, this.#options)))
  }

  /** Runs every check now, and says what it means. While starting, this is a round. */
  async refresh(): Promise<Verdict> {
    await (this.#startUp ? this.#startUp.round() : this.#checks.runSince(this.#options.clock.now()))
    return this.current()
  }

  /** Takes the host out: 503 until `resume`, or until the drain ends by itself. The checks go on. */
  drain(drain: Drain): void {
    this.#changeDrain(drain)
  }

  /** Ends a drain. */
  resume(): void {
    this.#changeDrain(undefined)
  }

  #changeDrain(drain: Drain | undefined): void {
    this.#drain = drain
    this.#emit(told => told.drainChanged?.({ drain }))
    this.#tell()
  }

  /** The required checks that hold on trouble that may be shared: peers can tell. */
  doubts(): readonly string[] {
    const { policy, clock } = this.#options
    return doubts(this.#checks.states(), policy, { life: this.#life, now: clock.now() })
  }

  /** Takes in what peers said; undefined once this host has no doubts. */
  hearPeers(sweep: PeerSweep | undefined): void {
    this.#peers = sweep && afterSweep(this.#peers, sweep, stuckChecks(this.#checks.states()))
    this.#emit(told => told.peersHeard?.({ peers: this.#peers }))
    this.#tell()
  }

  /** Another release is on the host: what was proved of the one before no longer counts. */
  restart(): void {
    this.#startUp?.[Symbol.dispose]()
    this.#checks.forget()
    this.#peers = undefined
    this.#startUp = this.#createStartUp()
    this.#phase = this.#startUp.progress
    this.#emit(told => told.restarted?.())
    this.#tell()
    if (this.#isStarted) void this.#startUp.begin()
  }

  /** Starts no more runs, tells those in flight to end, and waits until they have or are abandoned; they prove nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#startUp?.[Symbol.dispose]()
    await this.#checks[Symbol.asyncDispose]()
  }

  #answered({ policy: { name, required }, finding, found, previous, tookMs }: Answered): void {
    // even if a dependency is to blame: a check that failed has not proved itself
    if (found.status === 'fail' && required) this.#startUp?.failed()
    this.#emit(told => told.checkAnswered?.({ name, finding, previous, tookMs }))
    this.#tell()
  }

  #createStartUp(progress?: Starting): StartUp {
    const { policy, clock, random } = this.#options
    return new StartUp(
      {
        policy,
        clock,
        random,
        runAll: since => this.#checks.runSince(since),
        states: () => this.#checks.states(),
        obstacle: () => this.#obstacle(),
        ended: round => this.#emit(told => told.roundEnded?.(round)),
        progressed: phase => this.#progressed(phase),
      },
      progress,
    )
  }

  #progressed(phase: Starting | Serving): void {
    this.#phase = phase
    this.#tell()
    if (phase.phase === 'starting') return
    this.#startUp = undefined
    this.#emit(told => told.proved?.())
    this.#checks.runByCadence()
  }

  get #life(): Lifecycle {
    return {
      ...this.#phase,
      ...(this.#drain && { drain: this.#drain }),
      ...(this.#peers && { peers: this.#peers }),
    }
  }

  #obstacle(): string | undefined {
    return this.#options.obstacle?.()
  }

  #decideOn(
    states: readonly CheckState[],
    { life, now } = { life: this.#life, now: this.#options.clock.now() },
  ): Verdict {
    const verdict = decide(states, this.#options.policy, life, now)
    const obstacle = verdict.phase === 'starting' ? this.#obstacle() : undefined
    if (obstacle === undefined) return verdict
    return { ...verdict, output: [obstacle, verdict.output].filter(text => text !== undefined).join('; ') }
  }

  #tell(): void {
    const previous = this.#verdict
    const verdict = this.current()
    this.#verdict = verdict
    if (verdict.status !== previous.status || verdict.phase !== previous.phase)
      this.#emit(told => told.verdictChanged?.({ verdict, previous }))
  }

  #emit(tell: (listener: MonitorListener) => void): void {
    const { listeners = [], listenerBroke } = this.#options
    for (const listener of listeners)
      try {
        tell(listener)
      } catch (error) {
        listenerBroke?.(error)
      }
  }
}
