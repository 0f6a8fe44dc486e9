import type { HealthCheck } from '../support/load-balancer-rules.ts'
import type { Random } from '../support/random.ts'
import { MINUTE, SECOND } from './events/event.ts'
import type { AppSpec } from './models/app-spec.ts'
import { between, logUniform, weighted } from './models/distributions.ts'
import type { FleetSpec } from './models/fleet-spec.ts'

/** interval, healthy and unhealthy threshold: AWS's defaults, the setting this program is first built for, and the harshest. */
const settings: readonly (readonly [number, readonly [number, number, number]])[] = [
  [3, [15, 2, 10]],
  [3, [30, 5, 2]],
  [2, [10, 2, 3]],
  [2, [6, 2, 2]],
]

const drawCheck = (random: Random): HealthCheck => {
  const [interval, healthyThreshold, unhealthyThreshold] = weighted(random, settings)
  return {
    kind: random.chance(0.6) ? 'application' : 'classic',
    path: '/health',
    intervalMs: interval * SECOND,
    timeoutMs: 5 * SECOND,
    healthyThreshold,
    unhealthyThreshold,
  }
}

/** Caches are empty, connections are opened, code is compiled: why balancers have a slow start. */
const drawWarmUp = (random: Random): AppSpec['warmUp'] => ({
  factor: logUniform(random, 1, 8),
  ms: logUniform(random, 5 * SECOND, MINUTE),
})

const drawApp = (random: Random): Omit<AppSpec, 'warmUp'> => ({
  workers: random.pick([2, 3, 4, 8]),
  serviceMs: logUniform(random, 30, 500),
  backlog: random.pick([64, 100, 128, 511, 2048]),
  usesDatabase: random.chance(0.8),
  keepsConnections: random.chance(0.5),
  databaseTimeoutMs: random.pick([2, 5, 10, 30, 120]) * SECOND,
  workerTimeoutMs: random.pick([30, 30, 60, Infinity]) * SECOND,
  clientTimeoutMs: random.pick([5, 10, 30, 60]) * SECOND,
  retries: random.pick([0, 0.5, 0.9]),
})

/** `coldRandom` is for what a new app is like: whatever is drawn of it, the rest of a trace is the same. */
export const drawFleet = (
  random: Random,
  { hosts, coldRandom }: { readonly hosts: number; readonly coldRandom: Random },
): FleetSpec => {
  const app = { ...drawApp(random), warmUp: drawWarmUp(coldRandom) }
  const utilisation = between(random, 0.1, 0.6)
  return {
    hosts,
    nodes: random.pick([1, 2, 3]),
    check: drawCheck(random),
    app,
    ratePerHost: (utilisation * app.workers * 1000) / app.serviceMs,
    group: { checkIntervalMs: 30 * SECOND, gracePeriodMs: random.pick([5, 5, 10]) * MINUTE },
    bootMs: logUniform(random, 30 * SECOND, 2 * MINUTE),
  }
}

export const describeFleet = ({ hosts, nodes, check, app, ratePerHost }: FleetSpec): string => {
  const { kind, intervalMs, healthyThreshold, unhealthyThreshold } = check
  const load = (ratePerHost * app.serviceMs) / 1000 / app.workers
  return [
    `${hosts} hosts behind ${nodes} nodes (${kind}, ${intervalMs / SECOND} s, ${healthyThreshold} passes, ${unhealthyThreshold} failures)`,
    `${app.workers} workers, ${Math.round(app.serviceMs)} ms a page, load ${load.toFixed(2)}, backlog ${app.backlog}`,
    `the page ${app.usesDatabase ? `needs the database (${app.keepsConnections ? 'connections are kept' : 'a login each time'}, waits ${app.databaseTimeoutMs / SECOND} s)` : 'needs no database'}`,
    `a new app is ${app.warmUp.factor.toFixed(1)} times as slow at first, for ${Math.round(app.warmUp.ms / SECOND)} s`,
    `worker timeout ${app.workerTimeoutMs / SECOND} s, client timeout ${app.clientTimeoutMs / SECOND} s, ${app.retries} retries`,
  ].join('; ')
}
