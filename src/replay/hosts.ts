import type { CheckState } from '../core/check-state.ts'
import type { Finding } from '../core/finding.ts'
import { proven, unproven } from '../core/host-state.ts'
import type { HostState } from '../core/host-state.ts'
import type { Policy, Verdict } from '../core/verdict.ts'
import type { AliveRecord, HistoryRecord, KnownState, StartRecord } from '../history/record.ts'
import type { Assumption } from './found.ts'
import { drainOf, progressOf, viewOfPeers } from './recorded.ts'
import type { RunPhase } from './replayed-checks.ts'
import { ReplayedHost } from './replayed-host.ts'
import type { View } from './sight.ts'
import { verdictWhy } from './why.ts'

const assumptions: readonly Assumption[] = ['best', 'worst']

const phaseOf = ({ startup }: HistoryRecord): RunPhase => (startup ? 'starting' : 'serving')

/** The host under both assumptions. What both say is known. */
export class Hosts {
  readonly #view: View
  readonly #hosts: readonly ReplayedHost[]

  private constructor(view: View, hosts: readonly ReplayedHost[]) {
    this.#view = view
    this.#hosts = hosts
  }

  /** A daemon starts: with a latch, or without. */
  static started(view: View, record: HistoryRecord & StartRecord, latched: readonly boolean[]): Hosts {
    const recordedPhase = phaseOf(record)
    return new Hosts(
      view,
      assumptions.map((assumed, i) => {
        const host = latched[i] === true ? proven(record.uptimeMs, record) : unproven(view.policy)
        return new ReplayedHost(view, { assumed, host, recordedPhase })
      }),
    )
  }

  /** A daemon goes on, of which all that it knew is recorded. It stands where the recorded one does. */
  static resumed(
    view: View,
    record: HistoryRecord & AliveRecord,
    known: { readonly states: readonly KnownState[]; readonly needed: number },
  ): Hosts {
    const { startup, phase, uptimeMs } = record
    const { policy } = view
    const drain = phase === 'draining' && { drain: drainOf(record, record) ?? { reason: 'draining' } }
    const peers = record.peers && { peers: viewOfPeers(record.peers) }
    return new Hosts(
      view,
      assumptions.map(assumed => {
        const isSame = policy.startupHealthyThreshold === known.needed
        const begun = startup && {
          phase: 'starting' as const,
          rounds: isSame || assumed === 'best' ? startup.rounds : 0,
          needed: isSame ? startup.needed : policy.startupHealthyThreshold,
        }
        const life = { ...(begun ?? { phase: 'serving' as const, since: uptimeMs }), ...drain, ...peers }
        const states = known.states.map(state => stateOf(state, policy, assumed))
        const host: HostState = { life, states }
        return new ReplayedHost(view, { assumed, host, recordedPhase: phaseOf(record) })
      }),
    )
  }

  /** Of each assumption. */
  get areServing(): readonly boolean[] {
    return this.#hosts.map(host => host.isServing)
  }

  each(change: (host: ReplayedHost) => void): void {
    for (const host of this.#hosts) change(host)
  }

  found(name: string, finding: Finding, times: { readonly at: number; readonly since: number }): void {
    this.each(host => host.found(name, finding, times))
  }

  ranAs(phase: RunPhase, now: number): void {
    this.each(host => host.ranAs(phase, now))
  }

  verdicts(now: number): readonly Verdict[] {
    return this.#hosts.map(host => host.verdict(now))
  }

  /** As `boundaries` of a host, for both assumptions. */
  boundaries(from: number, to: number): readonly number[] {
    return [...new Set(this.#hosts.flatMap(host => host.boundaries(from, to)))].sort((a, b) => a - b)
  }

  /** Sentences: why it answers what it answers, if that is known. */
  why(now: number, dateOf: (at: number) => Date): readonly string[] {
    const [host] = this.#hosts
    const summaryOf = (name: string) => this.#view.sights.get(name)?.check
    return host ? verdictWhy(host.verdict(now), { summaryOf, dateOf, startup: host.startup }) : []
  }

  /** Sentences: why it is not known. */
  doubts(now: number): readonly string[] {
    const [best, worst] = this.verdicts(now)
    const names = this.#view.policy.checks.map(({ name }) => name)
    const differ = names.filter((_name, i) => best?.checks[i]?.effect !== worst?.checks[i]?.effect)
    const about = (some: readonly string[]) =>
      some.flatMap(name => this.#hosts.flatMap(host => host.doubtsAbout(name)))
    const isBeyond = this.#hosts.some(host => host.isBeyondRecord)
    const asksPeers = this.#view.asksPeers && !this.#view.hasSamePeers
    const told = [
      ...about(differ),
      ...(isBeyond ? ['it needs more rounds than were recorded; when they had passed is not known'] : []),
      ...(asksPeers && differ.length > 0 ? ['what its peers would have said is not recorded'] : []),
    ]
    const sentences = new Set(told.length > 0 ? told : about(names))
    return sentences.size > 0
      ? [...sentences]
      : ['it follows from something before this that is not recorded']
  }
}

const stateOf = (known: KnownState, policy: Policy, assumed: Assumption): CheckState => {
  const { name, passesInARow, failuresInARow, standing, isStuck, unknown, last } = known
  // a record of an earlier version does not tell
  const silentInARow = known.silentInARow ?? (isStuck ? failuresInARow : 0)
  const check = policy.checks.find(one => one.name === name)
  const settled =
    check && passesInARow >= check.healthyThreshold
      ? 'pass'
      : check && failuresInARow >= check.unhealthyThreshold
        ? 'fail'
        : standing && (assumed === 'best' ? 'pass' : 'fail')
  const restsOnSilence =
    (standing !== 'fail' || isStuck === true) &&
    failuresInARow - silentInARow < (check?.unhealthyThreshold ?? Infinity)
  return {
    name,
    passesInARow,
    failuresInARow,
    ...(settled && { standing: settled }),
    ...(silentInARow > 0 && { silentInARow }),
    ...(settled === 'fail' && restsOnSilence && { isStuck: true }),
    ...(unknown && { unknown }),
    ...(last && {
      last: {
        at: last.at,
        finding:
          last.status === 'pass'
            ? { status: 'pass' }
            : {
                status: last.status,
                reason: last.reason ?? '',
                message: last.reason ?? last.status,
                ...(last.cause && { cause: last.cause }),
                ...(last.isEverybodys && { isEverybodys: true }),
                ...(last.progress !== undefined && progressOf(last.progress)),
              },
      },
    }),
  }
}
