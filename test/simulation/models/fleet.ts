import type { Random } from '../../support/random.ts'
import { startScalingGroup } from '../../support/scaling-group.ts'
import type { ScalingGroup } from '../../support/scaling-group.ts'
import type { Policy } from '../policies/policy.ts'
import type { Simulation } from '../simulation.ts'
import { BalancerNode } from './balancer-node.ts'
import type { HealthChanged } from './balancer-node.ts'
import { Database } from './database.ts'
import type { FleetSpec } from './fleet-spec.ts'
import { Host } from './host.ts'
import { Users } from './users.ts'

/** Is told of what happens to the fleet. */
export interface FleetListener {
  healthChanged(change: HealthChanged): void
  terminated(host: Host): void
  launched(host: Host): void
  /** The share of the hosts in service changed. */
  shareChanged(): void
  /** For a story. */
  tell(text: string): void
}

export interface FleetOptions {
  readonly spec: FleetSpec
  readonly policy: Policy
  readonly simulation: Simulation
  readonly random: Random
  readonly listener: FleetListener
}

/** The policy's process starts so long after its machine, and a half later at most. */
const POLICY_STARTS_MS = 10_000
/** No two machines boot equally fast: they take up to this part more. */
const BOOT_SPREAD = 0.25
/** Hosts that serve from the beginning were started at different times. */
const STARTED_WITHIN_MS = 15_000

/** Hosts of one app behind the nodes of a balancer, in a scaling group that replaces what the balancer calls unhealthy. */
export class Fleet {
  readonly #options: FleetOptions
  readonly #byName = new Map<string, Host>()
  readonly #nodes: readonly BalancerNode[]
  readonly #group: ScalingGroup
  #launched = 0
  #terminations = 0
  readonly #users: Users
  readonly database: Database
  /** What a host that replaces another one is launched with. */
  prepares: (host: Host) => void = () => {}

  constructor(options: FleetOptions) {
    this.#options = options
    const { spec, simulation, random, listener } = options
    this.database = new Database(() => simulation.now())
    const node = () =>
      new BalancerNode({
        simulation,
        random,
        check: spec.check,
        resolve: ({ host }) => this.#byName.get(host),
        changed: change => {
          listener.healthChanged(change)
          this.#balance()
        },
      })
    this.#nodes = Array.from({ length: spec.nodes }, node)
    this.#users = new Users({
      clock: simulation,
      nodes: this.#nodes,
      usualRate: spec.hosts * spec.ratePerHost,
    })
    const { checkIntervalMs, gracePeriodMs } = spec.group
    this.#group = startScalingGroup({
      balancers: this.#nodes,
      checkIntervalMs,
      gracePeriodMs,
      replacementMs: spec.bootMs,
      clock: simulation,
    })
    for (let count = 0; count < spec.hosts; count += 1) this.#adopt()
    simulation.every(checkIntervalMs, () => this.#replaceTerminated(), checkIntervalMs + 1)
    this.#balance()
  }

  get hosts(): readonly Host[] {
    return [...this.#byName.values()]
  }

  /** How many hosts it should have. */
  get size(): number {
    return this.#options.spec.hosts
  }

  /** Whether any node sends it requests as a healthy one. */
  isInService(host: Host): boolean {
    return this.#nodes.some(node => node.healthOf(host) === 'healthy')
  }

  /** Users send so many times as many requests as usual. */
  setLoad(factor: number): void {
    this.#users.setFactor(factor)
    this.#balance()
  }

  /** Launches one more host. */
  launch(prepares = this.prepares): Host {
    const host = this.#create()
    this.#group.launch(host)
    this.#boot(host, prepares)
    return host
  }

  /** Takes a host out for good, as an instance refresh does. */
  retire(host: Host): void {
    this.#group.detach(host)
    this.#remove(host)
  }

  /** Users' requests so far. */
  users(): { readonly served: number; readonly failed: number } {
    this.#balance()
    return this.#users.count(this.hosts)
  }

  #create(): Host {
    this.#launched += 1
    const { spec, policy, simulation, random, listener } = this.#options
    const host = new Host({
      name: `10.0.${this.#launched >> 8}.${this.#launched & 255}`,
      policy,
      spec: spec.app,
      simulation,
      random,
      database: this.database,
      others: () => this.hosts,
      tell: text => listener.tell(text),
    })
    this.#byName.set(host.host, host)
    return host
  }

  #adopt(): void {
    const { simulation, random } = this.#options
    const host = this.#create()
    simulation.after(STARTED_WITHIN_MS * random.next(), () => host.start('serving'))
    for (const node of this.#nodes) node.adopt(host, { afterMs: STARTED_WITHIN_MS })
    this.#group.adopt(host)
  }

  #boot(host: Host, prepares: (host: Host) => void): void {
    const { simulation, spec, random, listener } = this.#options
    host.app.setFault({ kind: 'down', leavesSocket: false })
    simulation.after(POLICY_STARTS_MS * (1 + random.next() / 2), () => {
      if (this.#byName.get(host.host) === host) host.start('new')
    })
    simulation.after(spec.bootMs * (1 + BOOT_SPREAD * random.next()), () => {
      if (this.#byName.get(host.host) !== host) return
      host.app.setFault(undefined)
      prepares(host)
    })
    listener.launched(host)
    listener.shareChanged()
  }

  #remove(host: Host): void {
    host.end()
    this.#users.forget(host)
    this.#byName.delete(host.host)
    this.#balance()
    this.#options.listener.shareChanged()
  }

  #replaceTerminated(): void {
    const all = this.#group.terminations()
    for (const { target } of all.slice(this.#terminations)) {
      const host = this.#byName.get(target.host)
      if (!host) continue
      this.#options.listener.terminated(host)
      this.#remove(host)
      const next = this.#create()
      this.#group.replace(next)
      this.#boot(next, this.prepares)
    }
    this.#terminations = all.length
  }

  #balance(): void {
    this.#users.spread(this.#byName)
    this.#options.listener.shareChanged()
  }
}
