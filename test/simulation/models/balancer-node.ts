import { afterProbe, registered } from '../../support/load-balancer-rules.ts'
import type { Health, HealthCheck, TargetState } from '../../support/load-balancer-rules.ts'
import type { LoadBalancer, Target } from '../../support/load-balancer.ts'
import type { Random } from '../../support/random.ts'
import type { Simulation } from '../simulation.ts'

/** A host that a node asks, and what it asks it. */
export interface Probed extends Target {
  /** Resolves to an HTTP status, or never. */
  probe(): number | Promise<number>
}

export interface HealthChanged {
  readonly target: Target
  readonly before: Health
  readonly health: Health
  /** When the first of the failures in a row was known; absent unless it became unhealthy. */
  readonly failingSince?: number
}

export interface BalancerNodeOptions {
  readonly simulation: Simulation
  readonly random: Random
  readonly check: HealthCheck
  readonly resolve: (target: Target) => Probed | undefined
  readonly changed: (change: HealthChanged) => void
}

interface Watched {
  readonly target: Target
  state: TargetState
  failingSince: number | undefined
  timer: Disposable | undefined
  probes: number
  failed: number
}

/** One node of a balancer: each probes every target for itself, by the rules of test/support/load-balancer-rules.ts. */
export class BalancerNode implements LoadBalancer {
  readonly #options: BalancerNodeOptions
  readonly #all = new Map<string, Watched>()

  constructor(options: BalancerNodeOptions) {
    this.#options = options
  }

  register(target: Target): void {
    this.#watch(target, { state: registered, firstMs: 0 })
  }

  /** Takes over a target that is in service, and probes it first after `afterMs`. */
  adopt(target: Target, { afterMs }: { readonly afterMs: number }): void {
    const { random, check } = this.#options
    const firstMs = afterMs + check.intervalMs * random.next()
    this.#watch(target, { state: { ...registered, health: 'healthy' }, firstMs })
  }

  deregister(target: Target): void {
    this.#all.get(target.host)?.timer?.[Symbol.dispose]()
    this.#all.delete(target.host)
  }

  record(target: Target) {
    const watched = this.#all.get(target.host)
    if (!watched) throw new TypeError(`${target.host} is not registered`)
    const { state, probes, failed } = watched
    return { health: state.health, changes: [], probes, failed, slowestMs: 0 }
  }

  healthOf(target: Target): Health | undefined {
    return this.#all.get(target.host)?.state.health
  }

  routable(): readonly Target[] {
    const all = [...this.#all.values()]
    const healthy = all.filter(({ state }) => state.health === 'healthy')
    const { kind } = this.#options.check
    // an Application Load Balancer without a healthy target routes to all; see test/support/load-balancer.ts
    const isOpen = kind === 'application' && all.every(({ state }) => state.health === 'unhealthy')
    return (isOpen ? all : healthy).map(({ target }) => target)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { timer } of this.#all.values()) timer?.[Symbol.dispose]()
  }

  #watch(
    target: Target,
    { state, firstMs }: { readonly state: TargetState; readonly firstMs: number },
  ): void {
    const { simulation, check } = this.#options
    const watched: Watched = {
      target,
      state,
      failingSince: undefined,
      timer: undefined,
      probes: 0,
      failed: 0,
    }
    this.#all.set(target.host, watched)
    watched.timer = simulation.every(check.intervalMs, () => this.#ask(watched), firstMs)
  }

  #ask(watched: Watched): void {
    const { simulation, check, resolve } = this.#options
    const host = resolve(watched.target)
    const answer = host?.probe() ?? 0
    if (typeof answer === 'number') return this.#answered(watched, answer === 200)
    let isOver = false
    const end = (passed: boolean) => {
      if (isOver) return
      isOver = true
      timer[Symbol.dispose]()
      this.#answered(watched, passed)
    }
    const timer = simulation.after(check.timeoutMs, () => end(false))
    void answer.then(status => end(status === 200))
  }

  #answered(watched: Watched, passed: boolean): void {
    const { target } = watched
    if (this.#all.get(target.host) !== watched) return
    const { simulation, check, changed } = this.#options
    watched.probes += 1
    watched.failed += passed ? 0 : 1
    watched.failingSince = passed ? undefined : (watched.failingSince ?? simulation.now())
    const before = watched.state.health
    watched.state = afterProbe(watched.state, passed, check)
    const { health } = watched.state
    if (health === before) return
    const since = health === 'unhealthy' && watched.failingSince !== undefined
    changed({ target, before, health, ...(since && { failingSince: watched.failingSince! }) })
  }
}
