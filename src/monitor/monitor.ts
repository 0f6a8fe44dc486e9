import { fold, isFresh, unasked } from '../core/check-state.ts'
import type { CheckPolicy, CheckState } from '../core/check-state.ts'
import type { Check } from '../core/check.ts'
import { attribute } from '../core/dependency.ts'
import type { Finding } from '../core/finding.ts'
import { unproven } from '../core/host-state.ts'
import type { HostState } from '../core/host-state.ts'
import { afterRound, phaseAt, starting } from '../core/lifecycle.ts'
import type { Drain, Lifecycle } from '../core/lifecycle.ts'
import { decide, roundPasses } from '../core/verdict.ts'
import type { Policy, Verdict } from '../core/verdict.ts'
import {
  REASK_SPACING_MS,
  isAskedIn,
  longestQuietMs,
  overdueAfterMs,
  paceMs,
  roundSpacingMs,
} from './cadence.ts'
import { createCheckRunner } from './check-runner.ts'
import type { Clock } from './clock.ts'

/** What the monitor tells of as it happens. None of these may throw. */
export interface MonitorEvents {
  checkAnswered(event: {
    readonly name: string
    readonly finding: Finding
    readonly previous: Finding | undefined
    readonly tookMs: number
  }): void
  checkAbandoned(event: { readonly name: string; readonly runningForMs: number }): void
  checkReturned(event: { readonly name: string; readonly runningForMs: number }): void
  verdictChanged(event: { readonly verdict: Verdict; readonly previous: Verdict }): void
  /** The host has proved itself: its first pass, whatever drain lies over it. */
  proved(): void
}

export interface MonitorOptions {
  readonly policy: Policy
  /** One for each check of the policy, by its name. */
  readonly checks: ReadonlyMap<string, Check>
  /** By when a probe is answered, in milliseconds from its arrival. */
  readonly deadlineMs: number
  readonly clock: Clock
  /** Uniform in [0, 1): spreads rounds and cadences. */
  readonly random: () => number
  readonly events: MonitorEvents
  /** What is known already: of a release that has passed on this boot, or from the monitor before this one. */
  readonly host?: HostState
}

/** One check with what is known of it and what is under way. */
interface Watched {
  readonly policy: CheckPolicy
  readonly run: () => Promise<Finding>
  state: CheckState
  /** When the latest run began; monotonic milliseconds. */
  startedAt: number
  /** When the run behind the latest finding began. */
  answeredFrom: number
  tookMs?: number
  /** Single flight: the run under way, until its finding is folded. */
  asking: Promise<void> | undefined
  due?: Disposable
}

/**
 * Asks the checks, keeps what they found, and says what it means. While starting it goes in rounds of its own pace, and a
 * failure between two of them is a relapse as well;
 * while serving each check has its cadence, and a probe renews what is not fresh.
 */
export class Monitor implements AsyncDisposable {
  readonly #options: MonitorOptions
  readonly #watched: readonly Watched[]
  #life: Lifecycle
  #verdict: Verdict
  /** Counts the times that the life began anew or ended: what began before proves nothing after. */
  #generation = 0
  /** While starting: a required check has failed since the round before, so that the next one cannot pass. */
  #flawed = false
  #nextRound?: Disposable
  /** Since when the checks are asked as they are now; monotonic milliseconds. */
  #askingSince: number
  readonly #stop = new AbortController()

  constructor(options: MonitorOptions) {
    this.#options = options
    const { policy, clock, host = unproven(policy) } = options
    const known = new Map(host.states.map(state => [state.name, state]))
    this.#watched = policy.checks.map(check => this.#watch(check, known.get(check.name)))
    this.#life = host.life
    this.#askingSince = clock.now()
    this.#verdict = this.current()
  }

  #watch(policy: CheckPolicy, state = unasked(policy.name)): Watched {
    const { checks, clock, events } = this.#options
    const check = checks.get(policy.name)
    if (!check) throw new TypeError(`no check is named ${policy.name}`)
    const runner = createCheckRunner(check, {
      timeoutMs: policy.timeoutMs,
      clock,
      stop: this.#stop.signal,
      events: {
        abandoned: run => events.checkAbandoned({ name: policy.name, ...run }),
        returned: run => events.checkReturned({ name: policy.name, ...run }),
      },
    })
    return {
      policy,
      run: () => runner.run(),
      state,
      startedAt: -Infinity,
      answeredFrom: -Infinity,
      asking: undefined,
    }
  }

  /** Begins to ask. */
  start(): void {
    if (this.#life.phase === 'starting') void this.#rounds()
    else this.#serve()
  }

  /** The verdict from what is known now; asks nothing. */
  current(): Verdict {
    return this.#decideOn(this.#states())
  }

  /** All that is known of the host. */
  get host(): HostState {
    return { life: this.#life, states: this.#states() }
  }

  /** The checks whose findings have stopped coming, though they are to be asked: what asks them is stuck. */
  overdue(): readonly string[] {
    const { clock, policy } = this.#options
    const now = clock.now()
    const { phase } = this.#life
    return this.#asked()
      .filter(({ state, policy: check }) => {
        const since = Math.max(state.last?.at ?? -Infinity, this.#askingSince)
        return now - since > overdueAfterMs(check, { policy, phase })
      })
      .map(({ policy: { name } }) => name)
  }

  /** The longest time in milliseconds in which no check at all has a finding, while all is well with what asks them. */
  get longestQuietMs(): number {
    return longestQuietMs(this.#options.policy)
  }

  /** Milliseconds that the latest run of a check took. */
  tookMs(name: string): number | undefined {
    return this.#get(name).tookMs
  }

  /**
   * The answer to a probe. While serving, what is not fresh is asked anew, or the run under way is joined; what has not
   * answered by the deadline is `unknown`. While starting it waits for nothing.
   */
  verdict(): Verdict | Promise<Verdict> {
    const { clock } = this.#options
    const now = clock.now()
    if (phaseAt(this.#life, now) !== 'serving') return this.current()
    const stale = this.#asked().filter(({ state, policy }) => !isFresh(state, policy, now))
    return stale.length === 0 ? this.current() : this.#verdictAfter(stale)
  }

  async #verdictAfter(stale: readonly Watched[]): Promise<Verdict> {
    const { clock, deadlineMs } = this.#options
    const overdue = new Set(stale)
    const { promise: deadline, resolve } = Promise.withResolvers<void>()
    using _timer = clock.after(deadlineMs, resolve)
    const answers = stale.map(async watched => {
      await this.#ask(watched)
      overdue.delete(watched)
    })
    await Promise.race([Promise.all(answers), deadline])
    if (overdue.size === 0) return this.current()
    const names = new Set([...overdue].map(({ policy }) => policy.name))
    return this.#decideOn(this.#states().map(state => (names.has(state.name) ? this.#overdue(state) : state)))
  }

  /** A check's state for one answer that cannot wait for it any longer. */
  #overdue(state: CheckState): CheckState {
    const { clock, deadlineMs } = this.#options
    const finding: Finding = {
      status: 'unknown',
      reason: 'DEADLINE_EXCEEDED',
      message: `has not answered within the deadline of ${deadlineMs} ms`,
    }
    return fold(state, finding, this.#get(state.name).policy, clock.now())
  }

  /** Asks every check afresh, and says what it means. While starting, this is a round. */
  async refresh(): Promise<Verdict> {
    await this.#round()
    return this.current()
  }

  /** Takes the host out: 503 until `resume`, or until the drain ends by itself. The checks go on beneath. */
  drain(drain: Drain): void {
    this.#live({ ...this.#life, drain })
  }

  /** Ends a drain. */
  resume(): void {
    const { drain: _ended, ...life } = this.#life
    this.#live(life)
  }

  /** Another release is on the host: what was proved of the one before counts no more. */
  restart(): void {
    const { drain } = this.#life
    const { policy, clock } = this.#options
    this.#generation += 1
    this.#flawed = false
    this.#askingSince = clock.now()
    for (const watched of this.#watched) {
      watched.due?.[Symbol.dispose]()
      watched.state = unasked(watched.policy.name)
    }
    this.#live({ ...starting(policy.startupHealthyThreshold), ...(drain && { drain }) })
    this.#nextRound?.[Symbol.dispose]()
    void this.#rounds()
  }

  /** Asks no more, tells the runs under way to end, and waits until they have or are abandoned; they prove nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#generation += 1
    this.#stop.abort()
    this.#nextRound?.[Symbol.dispose]()
    for (const { due } of this.#watched) due?.[Symbol.dispose]()
    for (const { asking } of this.#watched) await asking
  }

  #states(): CheckState[] {
    return this.#watched.map(({ state }) => state)
  }

  #decideOn(states: readonly CheckState[]): Verdict {
    return decide(states, this.#options.policy, this.#life, this.#options.clock.now())
  }

  #get(name: string): Watched {
    const watched = this.#watched.find(({ policy }) => policy.name === name)
    if (!watched) throw new TypeError(`no check is named ${name}`)
    return watched
  }

  /** The checks that are asked in this phase. */
  #asked(): Watched[] {
    return this.#watched.filter(({ policy }) => isAskedIn(this.#life.phase, policy))
  }

  #live(life: Lifecycle): void {
    this.#life = life
    this.#tell()
  }

  #tell(): void {
    const previous = this.#verdict
    const verdict = this.current()
    this.#verdict = verdict
    if (verdict.status !== previous.status || verdict.phase !== previous.phase)
      this.#options.events.verdictChanged({ verdict, previous })
  }

  /** Rounds at irregular distances, until one too many has passed to be luck. */
  async #rounds(): Promise<void> {
    const { clock, policy, random } = this.#options
    const generation = this.#generation
    await this.#round()
    if (this.#stop.signal.aborted || this.#generation !== generation || this.#life.phase !== 'starting')
      return
    this.#nextRound = clock.after(roundSpacingMs(policy, random()), () => void this.#rounds())
  }

  async #round(): Promise<void> {
    const { clock, policy } = this.#options
    const generation = this.#generation
    const startedAt = clock.now()
    await Promise.all(this.#asked().map(watched => this.#askSince(watched, startedAt)))
    if (this.#generation !== generation || this.#life.phase !== 'starting') return
    const now = clock.now()
    const passed = !this.#flawed && roundPasses(this.#states(), policy, { startedAt, now })
    this.#flawed = false
    this.#live(afterRound(this.#life, { passed, healthyThreshold: policy.startupHealthyThreshold, now }))
    if (!this.#isServing()) return
    this.#options.events.proved()
    this.#serve()
  }

  #isServing(): boolean {
    return this.#life.phase === 'serving'
  }

  #serve(): void {
    const now = this.#options.clock.now()
    this.#askingSince = now
    for (const watched of this.#asked())
      if (isFresh(watched.state, watched.policy, now)) this.#arm(watched)
      else void this.#ask(watched)
  }

  /** Sets a check's cadence going, from its latest run: probes that keep it fresh put it off. */
  #arm(watched: Watched): void {
    const { clock, policy, random } = this.#options
    watched.due?.[Symbol.dispose]()
    const pace = paceMs(watched.policy, { policy, phase: this.#life.phase, random: random() })
    if (this.#stop.signal.aborted || pace === undefined) return
    watched.due = clock.after(watched.startedAt + pace - clock.now(), () => void this.#ask(watched))
  }

  /** Asks a check, or joins the run under way: never two runs of one check at once. */
  #ask(watched: Watched): Promise<void> {
    watched.asking ??= this.#answer(watched).finally(() => {
      watched.asking = undefined
      this.#arm(watched)
    })
    return watched.asking
  }

  /** Resolves once there is a finding from a run that began at `since` or later, and `spacingMs` after the one before. */
  async #askSince(watched: Watched, since: number, spacingMs = 0): Promise<void> {
    const { clock } = this.#options
    while (watched.answeredFrom < since && !this.#stop.signal.aborted) {
      const waitMs = watched.startedAt + spacingMs - clock.now()
      if (!watched.asking && waitMs > 0) await new Promise<void>(resolve => void clock.after(waitMs, resolve))
      await this.#ask(watched)
    }
  }

  async #answer(watched: Watched): Promise<void> {
    const { clock, events } = this.#options
    const generation = this.#generation
    const startedAt = clock.now()
    watched.startedAt = startedAt
    const found = await watched.run()
    const tookMs = clock.now() - startedAt
    watched.tookMs = tookMs
    const finding = await this.#attribute(found, watched)
    if (generation !== this.#generation) return
    const previous = watched.state.last?.finding
    watched.state = fold(watched.state, finding, watched.policy, clock.now())
    watched.answeredFrom = startedAt
    // whoever is to blame: what was seen to fail has not proved itself
    if (this.#life.phase === 'starting' && found.status === 'fail' && watched.policy.required)
      this.#flawed = true
    events.checkAnswered({ name: watched.policy.name, finding, previous, tookMs })
    this.#tell()
  }

  /**
   * Before a failure counts, the checks that it depends on are asked: those whose finding is not fresh, and then those
   * that pass, afresh, as their finding may be from before the outage that this failure is the first to show.
   */
  async #attribute(finding: Finding, { state, policy }: Watched): Promise<Finding> {
    if (finding.status !== 'fail' || policy.dependsOn.length === 0) return finding
    const { clock } = this.#options
    const failedAt = clock.now()
    const dependencies = policy.dependsOn.map(name => this.#get(name))
    const stale = dependencies.filter(known => !isFresh(known.state, known.policy, failedAt))
    await Promise.all(stale.map(dependency => this.#ask(dependency)))
    const attributed = attribute(finding, dependencies, clock.now())
    if (attributed.status !== 'fail' || state.standing === 'fail') return attributed
    const asked = dependencies.map(dependency => {
      const spacingMs = Math.min(REASK_SPACING_MS, dependency.policy.freshForMs)
      return this.#askSince(dependency, failedAt, spacingMs)
    })
    await Promise.all(asked)
    return attribute(finding, dependencies, clock.now())
  }
}
