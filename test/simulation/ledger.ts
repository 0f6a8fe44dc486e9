import type { HealthChanged } from './models/balancer-node.ts'
import type { Fleet, FleetListener } from './models/fleet.ts'
import type { Host } from './models/host.ts'
import type { Simulation } from './simulation.ts'

/** A fault of one host that is no other host's. Times are simulated milliseconds. */
export interface OwnFault {
  readonly kind: string
  readonly since: number
  until: number
  /** When the first of the failed probes in a row came that took the host out. */
  detectedAt?: number
}

/** What is true of a host, and what became of it. */
interface Label {
  own?: OwnFault
  /** It was launched with a release that must not come into service. */
  isBroken: boolean
  isAdmitted: boolean
  /** It has been taken out since it was last in service. */
  isOut: boolean
  readyAt?: number
}

export interface StoryLine {
  readonly at: number
  readonly text: string
}

/**
 * A failed probe rests on what was found up to so long before: a request is waited for through `patience`, and a finding
 * lasts for an interval and a timeout more.
 */
const EVIDENCE_MS = 45_000

/** Compares what happens to each host with what is true of it. */
export class Ledger implements FleetListener {
  readonly #simulation: Simulation
  readonly #labels = new Map<Host, Label>()
  readonly #finished: OwnFault[] = []
  #fleet: Fleet | undefined
  readonly story: StoryLine[] = []
  badAdmits = 0
  goodKills = 0
  /** Of these: answers took longer than a busy app's may, while probes failed or just before. */
  killsBeyondPatience = 0
  broken = 0
  smallestShare = 1
  isFleetLost = false
  readonly admitMs: number[] = []

  constructor(simulation: Simulation) {
    this.#simulation = simulation
  }

  /** Begins: all hosts that there are serve. */
  watch(fleet: Fleet): void {
    this.#fleet = fleet
    for (const host of fleet.hosts)
      this.#labels.set(host, { isBroken: false, isAdmitted: true, isOut: false })
  }

  tell(text: string): void {
    this.story.push({ at: this.#simulation.now(), text })
  }

  /** From now on, this host is broken on its own. */
  breaks(host: Host, kind: string): void {
    const { own } = this.#labelOf(host)
    if (own) this.#finished.push(own)
    this.tell(`${host.host}: own fault: ${kind}`)
    this.#labelOf(host).own = { kind, since: this.#simulation.now(), until: Infinity }
  }

  /** From now on, it is not. */
  recovers(host: Host): void {
    const { own } = this.#labelOf(host)
    if (!own || own.until !== Infinity) return
    this.tell(`${host.host}: the fault ends`)
    own.until = this.#simulation.now()
  }

  /** It runs a release that must not come into service. */
  launchedBroken(host: Host, kind: string): void {
    this.tell(`${host.host}: broken release: ${kind}`)
    this.broken += 1
    this.#labelOf(host).isBroken = true
  }

  /** It runs a good release, and its app answers from now on. */
  ready(host: Host): void {
    this.#labelOf(host).readyAt = this.#simulation.now()
  }

  get faults(): readonly OwnFault[] {
    return [
      ...this.#finished,
      ...Array.from(this.#labels.values(), ({ own }) => own).filter(own => own !== undefined),
    ]
  }

  healthChanged({ target, before, health, failingSince }: HealthChanged): void {
    const host = this.#fleet?.hosts.find(({ host }) => host === target.host)
    if (!host) return
    const label = this.#labelOf(host)
    if (health === 'healthy') this.#admitted(host, label)
    else if (before === 'healthy')
      this.#takenOut(host, { label, failingSince: failingSince ?? this.#simulation.now() })
  }

  terminated(host: Host): void {
    const { isAdmitted } = this.#labelOf(host)
    this.tell(`${host.host}: terminated by the group${isAdmitted ? '' : ' before it was in service'}`)
    this.#forget(host)
  }

  launched(host: Host): void {
    this.tell(`${host.host}: launched`)
    this.#labels.set(host, { isBroken: false, isAdmitted: false, isOut: false })
  }

  shareChanged(): void {
    const fleet = this.#fleet
    if (!fleet) return
    const { hosts, size } = fleet
    const inService = hosts.filter(host => fleet.isInService(host)).length
    this.smallestShare = Math.min(this.smallestShare, inService / size)
    const broken = hosts.filter(host => this.#isBroken(this.#labelOf(host), 0)).length
    if (inService > 0 || broken >= size / 2 || this.isFleetLost) return
    this.isFleetLost = true
    this.tell('no host is in service: the fleet is lost')
  }

  #labelOf(host: Host): Label {
    const known = this.#labels.get(host)
    if (known) return known
    const label = { isBroken: false, isAdmitted: false, isOut: false }
    this.#labels.set(host, label)
    return label
  }

  #forget(host: Host): void {
    const { own } = this.#labelOf(host)
    if (own) {
      own.until = Math.min(own.until, this.#simulation.now())
      this.#finished.push(own)
    }
    this.#labels.delete(host)
  }

  /** Whether it is broken on its own, or was within so many milliseconds. */
  #isBroken({ own, isBroken }: Label, withinMs: number): boolean {
    return isBroken || (own !== undefined && this.#simulation.now() - own.until <= withinMs)
  }

  #admitted(host: Host, label: Label): void {
    if (label.isBroken && !label.isAdmitted) {
      this.badAdmits += 1
      this.tell(`${host.host}: BAD ADMIT`)
    } else if (!label.isAdmitted) {
      this.tell(`${host.host}: admitted`)
      if (label.readyAt !== undefined) this.admitMs.push(this.#simulation.now() - label.readyAt)
    } else if (label.isOut) this.tell(`${host.host}: in service again`)
    label.isAdmitted = true
    label.isOut = false
  }

  #takenOut(
    host: Host,
    { label, failingSince }: { readonly label: Label; readonly failingSince: number },
  ): void {
    if (label.isOut) return
    label.isOut = true
    const sinceMs = this.#simulation.now() - failingSince
    if (!this.#isBroken(label, sinceMs + EVIDENCE_MS)) {
      this.goodKills += 1
      const isBeyond = this.#simulation.now() - host.app.tooLateAt() <= sinceMs + EVIDENCE_MS
      if (isBeyond) this.killsBeyondPatience += 1
      this.tell(`${host.host}: GOOD KILL${isBeyond ? ', of an app that takes over a minute to answer' : ''}`)
      return
    }
    const { own } = label
    this.tell(`${host.host}: taken out`)
    if (own && own.detectedAt === undefined) own.detectedAt = Math.max(failingSince, own.since)
  }
}
