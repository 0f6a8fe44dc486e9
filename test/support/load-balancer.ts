import { Agent, request } from 'node:http'
import { afterProbe, passes, registered } from './load-balancer-rules.ts'
import type { Health, HealthCheck, TargetState } from './load-balancer-rules.ts'

export interface Target {
  readonly host: string
  readonly port: number
}

/** Times are of `performance.now()`. */
export interface HealthChange {
  readonly at: number
  readonly health: Health
  /** When the first of the failures in a row was known that made the target unhealthy. */
  readonly failingSince?: number
}

/** What a balancer has seen of a target. */
export interface TargetRecord {
  readonly health: Health
  /** Each change of health, with what it became. */
  readonly changes: readonly HealthChange[]
  readonly probes: number
  readonly failed: number
  /** The longest that an answer took; milliseconds. */
  readonly slowestMs: number
}

/** An emulated load balancer (one node of it) that probes its targets over TCP. */
export interface LoadBalancer extends AsyncDisposable {
  register(target: Target): void
  deregister(target: Target): void
  /** Throws for a target that was never registered. A target that was deregistered keeps its record. */
  record(target: Target): TargetRecord
  /** Where traffic goes. */
  routable(): readonly Target[]
}

interface Watched {
  readonly target: Target
  state: TargetState
  readonly changes: HealthChange[]
  failingSince: number | undefined
  probes: number
  failed: number
  slowestMs: number
  timer: NodeJS.Timeout | undefined
}

const keyOf = ({ host, port }: Target) => `${host}:${port}`

/**
 * One probe, as it arrives: HTTP/1.1 on a connection of its own that is closed after it, with the target's IP address as
 * Host (ELB user guide for Application Load Balancers, "Health checks for Application Load Balancer target groups": "After
 * each health check is completed, the load balancer node closes the connection"). Resolves whatever happens.
 */
export const probe = async (
  target: Target,
  { path, timeoutMs, kind }: HealthCheck,
): Promise<{ readonly passed: boolean; readonly tookMs: number; readonly status: number | undefined }> => {
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const startedAt = performance.now()
  let passed = false
  const agent = new Agent({ keepAlive: false })
  const outgoing = request({
    host: target.host,
    port: target.port,
    path,
    agent,
    headers: { Host: target.host, Connection: 'close', 'User-Agent': 'ELB-HealthChecker/2.0' },
  })
  const timer = setTimeout(() => outgoing.destroy(), timeoutMs)
  outgoing
    .on('response', response => {
      const status = response.statusCode ?? 0
      response
        .on('end', () => {
          passed = response.complete && passes({ status, headers: response.headers }, kind)
          resolve(status)
        })
        .on('error', () => {})
        .on('close', () => resolve(status))
        .resume()
    })
    .on('error', () => resolve(undefined))
    .on('close', () => resolve(undefined))
    .end()
  const status = await promise
  clearTimeout(timer)
  agent.destroy()
  return { passed, status, tookMs: performance.now() - startedAt }
}

/**
 * Probes each target every `intervalMs`, however long an answer takes ("Each health check request is independent and the
 * result lasts for the entire interval. The time that it takes for the target to respond does not affect the interval for
 * the next health check request", same page).
 *
 * `alwaysNew`: an Application Load Balancer takes each probe for the first one after the registration, the worst moment at
 * which a host can be put behind it: a single pass admits.
 */
export const startLoadBalancer = (
  check: HealthCheck,
  options: { readonly alwaysNew?: boolean } = {},
): LoadBalancer => {
  const all = new Map<string, Watched>()

  const changeTo = (watched: Watched, state: TargetState) => {
    const { failingSince } = watched
    const isOut = state.health === 'unhealthy' && failingSince !== undefined
    if (state.health !== watched.state.health)
      watched.changes.push({
        at: performance.now(),
        health: state.health,
        ...(isOut && { failingSince }),
      })
    watched.state = state
  }

  const ask = async (watched: Watched) => {
    const { passed, tookMs } = await probe(watched.target, check)
    if (!watched.timer) return
    watched.probes += 1
    watched.failed += passed ? 0 : 1
    watched.failingSince = passed ? undefined : (watched.failingSince ?? performance.now())
    watched.slowestMs = Math.max(watched.slowestMs, tookMs)
    const isNew = options.alwaysNew && check.kind === 'application' && watched.state.health !== 'healthy'
    changeTo(watched, afterProbe(isNew ? registered : watched.state, passed, check))
  }

  const stop = (watched: Watched) => {
    clearInterval(watched.timer)
    watched.timer = undefined
  }

  const inUse = () => [...all.values()].filter(({ timer }) => timer)

  return {
    register(target) {
      const known = all.get(keyOf(target))
      if (known) stop(known)
      const watched: Watched = known ?? {
        target,
        state: registered,
        changes: [],
        failingSince: undefined,
        probes: 0,
        failed: 0,
        slowestMs: 0,
        timer: undefined,
      }
      changeTo(watched, registered)
      watched.timer = setInterval(() => void ask(watched), check.intervalMs)
      all.set(keyOf(target), watched)
      void ask(watched)
    },
    deregister(target) {
      const watched = all.get(keyOf(target))
      if (watched) stop(watched)
    },
    record(target) {
      const watched = all.get(keyOf(target))
      if (!watched) throw new TypeError(`${keyOf(target)} was never registered`)
      const { state, changes, probes, failed, slowestMs } = watched
      return { health: state.health, changes: [...changes], probes, failed, slowestMs }
    },
    routable() {
      const targets = inUse()
      const healthy = targets.filter(({ state }) => state.health === 'healthy')
      // "If a target group contains only unhealthy registered targets, the load balancer routes requests to all those
      // targets" (same page): it fails open. A Classic Load Balancer does not.
      const open = check.kind === 'application' && targets.every(({ state }) => state.health === 'unhealthy')
      return (open ? targets : healthy).map(({ target }) => target)
    },
    async [Symbol.asyncDispose]() {
      for (const watched of all.values()) stop(watched)
    },
  }
}
