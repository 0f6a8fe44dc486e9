import type { Clock } from '../../../src/monitor/clock.ts'
import type { BalancerNode } from './balancer-node.ts'
import type { Host } from './host.ts'

/** Users' requests, which the nodes of a balancer spread over the hosts that they may send requests to. */
export class Users {
  readonly #clock: Clock
  readonly #nodes: readonly BalancerNode[]
  /** Requests per second. */
  readonly #usualRate: number
  #factor = 1
  #at: number
  #nowhereRate = 0
  /** Requests for which there was no host, and those of hosts that are gone. */
  readonly #gone = { served: 0, failed: 0 }

  constructor(options: {
    readonly clock: Clock
    readonly nodes: readonly BalancerNode[]
    readonly usualRate: number
  }) {
    const { clock, nodes, usualRate } = options
    this.#clock = clock
    this.#nodes = nodes
    this.#usualRate = usualRate
    this.#at = clock.now()
  }

  /** Users send so many times as many requests as usual. */
  setFactor(factor: number): void {
    this.#factor = factor
  }

  /** Spreads the requests from now on. */
  spread(hosts: ReadonlyMap<string, Host>): void {
    const now = this.#clock.now()
    this.#gone.failed += (this.#nowhereRate * (now - this.#at)) / 1000
    this.#at = now
    this.#nowhereRate = 0
    const part = (this.#usualRate * this.#factor) / this.#nodes.length
    const rates = new Map<string, number>()
    for (const node of this.#nodes) {
      const targets = node.routable()
      if (targets.length === 0) this.#nowhereRate += part
      for (const { host } of targets) rates.set(host, (rates.get(host) ?? 0) + part / targets.length)
    }
    for (const [name, { app }] of hosts) app.setRate(rates.get(name) ?? 0)
  }

  /** A host is no more. */
  forget({ app }: Host): void {
    const { served, failed } = app.users()
    this.#gone.served += served
    this.#gone.failed += failed
  }

  /** Requests so far. */
  count(hosts: Iterable<Host>): { readonly served: number; readonly failed: number } {
    let { served, failed } = this.#gone
    for (const { app } of hosts) {
      const users = app.users()
      served += users.served
      failed += users.failed
    }
    return { served: Math.round(served), failed: Math.round(failed) }
  }
}
