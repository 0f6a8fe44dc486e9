/** Rules of Amazon EC2 Auto Scaling are quoted from its user guide, "Health checks for instances in an Auto Scaling group". */
import { createSystemClock } from '../../src/monitor/clock.ts'
import type { Clock } from '../../src/monitor/clock.ts'
import type { Health } from './load-balancer-rules.ts'
import type { LoadBalancer, Target } from './load-balancer.ts'

export interface ScalingGroupOptions {
  /** What the group's hosts are registered with. */
  readonly balancers: readonly LoadBalancer[]
  /** How often the group looks at its hosts; milliseconds. */
  readonly checkIntervalMs: number
  /** For so long after its launch a host's health is not looked at: 300 s from the console, 0 s from CLI and Terraform. */
  readonly gracePeriodMs: number
  /** How long it takes until a new host stands in for one that was terminated; milliseconds. */
  readonly replacementMs: number
  readonly clock?: Clock
}

export interface Termination {
  readonly target: Target
  /** By the group's clock. */
  readonly at: number
}

/** An emulated Auto Scaling group that takes the word of its load balancers for the health of its hosts. */
export interface ScalingGroup extends AsyncDisposable {
  /** Launches a host: registers it with every balancer. */
  launch(target: Target): void
  /** Takes over a host that was launched long ago: it is registered, and its grace period is over. */
  adopt(target: Target): void
  /** Launches a host in the place of one that was terminated. */
  replace(target: Target): void
  /** Takes a host out of the group, as an instance refresh does with an old one. */
  detach(target: Target): void
  terminations(): readonly Termination[]
}

/** At most this share of the hosts is replaced at a time. */
const REPLACED_AT_A_TIME = 0.1

/** How many hosts of a group may be under replacement at once: "one at a time" where 10 % are less than one. */
export const replacementLimit = (hosts: number): number => Math.max(1, Math.floor(hosts * REPLACED_AT_A_TIME))

export const startScalingGroup = (options: ScalingGroupOptions): ScalingGroup => {
  const { balancers, checkIntervalMs, gracePeriodMs, replacementMs, clock = createSystemClock() } = options
  const launchedAt = new Map<Target, number>()
  const terminations: Termination[] = []
  let desired = 0

  /** A host is unhealthy when any of the group's balancers says so. While it is `initial`, none does. */
  const isUnhealthy = (target: Target): boolean =>
    balancers.some(balancer => balancer.record(target).health === ('unhealthy' satisfies Health))

  /**
   * "When Elastic Load Balancing reports a registered instance as unhealthy, Amazon EC2 Auto Scaling marks the instance as
   * unhealthy on its next periodic health check and replaces it." That the balancer fails open makes no difference to it.
   * "Amazon EC2 Auto Scaling only replaces up to 10 percent of the group's desired capacity at a time. It does this until
   * all of the unhealthy instances are replaced."
   */
  const look = () => {
    const now = clock.now()
    for (const [target, since] of launchedAt) {
      const replacing = terminations.filter(({ at }) => now - at < replacementMs).length
      if (replacing >= replacementLimit(desired)) return
      if (now - since < gracePeriodMs || !isUnhealthy(target)) continue
      launchedAt.delete(target)
      for (const balancer of balancers) balancer.deregister(target)
      terminations.push({ target, at: now })
    }
  }

  let timer: Disposable
  const lookAgainLater = () => {
    timer = clock.after(checkIntervalMs, () => {
      lookAgainLater()
      look()
    })
  }
  lookAgainLater()

  const register = (target: Target) => {
    launchedAt.set(target, clock.now())
    for (const balancer of balancers) balancer.register(target)
  }

  return {
    launch(target) {
      desired += 1
      register(target)
    },
    replace: register,
    detach(target) {
      if (launchedAt.delete(target)) desired -= 1
      for (const balancer of balancers) balancer.deregister(target)
    },
    adopt(target) {
      desired += 1
      launchedAt.set(target, -Infinity)
    },
    terminations: () => [...terminations],
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]()
    },
  }
}
