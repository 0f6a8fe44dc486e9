import { createRandom } from '../../support/random.ts'
import { refresh } from '../events/refresh.ts'
import { MINUTE, SECOND } from '../events/event.ts'
import { Ledger } from '../ledger.ts'
import { alwaysWarm } from '../models/app-spec.ts'
import { Fleet } from '../models/fleet.ts'
import type { FleetSpec } from '../models/fleet-spec.ts'
import type { Policy } from '../policies/policy.ts'
import { seedOf } from '../run-trace.ts'
import { START_MS, Simulation } from '../simulation.ts'

/** What happens to all hosts in the hour, in milliseconds from its begin. */
export const HOUR = {
  warmUp: { from: 0, to: 2 * MINUTE },
  steady: { from: 2 * MINUTE, to: 5 * MINUTE },
  deploy: { from: 5 * MINUTE, to: 26 * MINUTE },
  outage: { from: 30 * MINUTE, to: 35 * MINUTE },
  recovery: { from: 35 * MINUTE, to: 35 * MINUTE + 20 * SECOND },
  'after it': { from: 35 * MINUTE + 20 * SECOND, to: 45 * MINUTE },
  overload: { from: 45 * MINUTE, to: 50 * MINUTE },
  end: { from: 52 * MINUTE, to: 60 * MINUTE },
} as const

/** The deployment of each group begins within so long: no two balancers probe in step. */
const DEPLOYS_WITHIN_MS = MINUTE
/** So many hosts are behind one balancer, and simulated in one piece. They share the database with all others. */
export const GROUP = 250

export interface HourTask {
  readonly hour: true
  readonly policy: string
  readonly seed: number
  /** Which group of the fleet this is. */
  readonly group: number
  readonly hosts: number
}

export interface HourResult {
  /** By second. */
  readonly queries: readonly number[]
  readonly logins: readonly number[]
  readonly kept: readonly number[]
  readonly events: number
  readonly goodKills: number
  readonly cpuMs: number
}

const specOf = (hosts: number): FleetSpec => ({
  hosts,
  nodes: 2,
  check: {
    kind: 'classic',
    path: '/health',
    intervalMs: 15 * SECOND,
    timeoutMs: 5 * SECOND,
    healthyThreshold: 2,
    unhealthyThreshold: 10,
  },
  app: {
    workers: 4,
    serviceMs: 100,
    backlog: 100,
    usesDatabase: true,
    keepsConnections: true,
    databaseTimeoutMs: 5 * SECOND,
    workerTimeoutMs: 30 * SECOND,
    clientTimeoutMs: 30 * SECOND,
    retries: 0.5,
    warmUp: alwaysWarm,
  },
  ratePerHost: 12,
  group: { checkIntervalMs: 30 * SECOND, gracePeriodMs: 5 * MINUTE },
  bootMs: MINUTE,
})

/** One hour of one group of hosts: a deployment by fifths, an outage of the database of 5 minutes, an overload. */
export const runHour = async ({ seed, group, hosts }: HourTask, policy: Policy): Promise<HourResult> => {
  const cpu = process.threadCpuUsage()
  const random = createRandom(seedOf(seed, group))
  const simulation = new Simulation()
  const ledger = new Ledger(simulation)
  const spec = specOf(hosts)
  const fleet = new Fleet({ spec, policy, simulation, random, listener: ledger })
  ledger.watch(fleet)
  const scene = { simulation, random, fleet, spec, ledger }
  const { deploy, outage, overload } = HOUR
  const deployAfterMs = DEPLOYS_WITHIN_MS * createRandom(seedOf(seed, group) ^ 0x5bd1e995).next()
  simulation.after(deploy.from + deployAfterMs, () => refresh(scene, { batch: Math.ceil(hosts / 5) }))
  simulation.after(outage.from, () => fleet.database.set('refuses'))
  simulation.after(outage.to, () => fleet.database.set(undefined))
  simulation.after(overload.from, () => fleet.setLoad(5))
  simulation.after(overload.to, () => fleet.setLoad(1))
  await simulation.run(START_MS + 60 * MINUTE)
  for (const host of fleet.hosts) host.end()
  const { queries, logins, keptAtMost } = fleet.database
  const { user, system } = process.threadCpuUsage(cpu)
  return {
    queries: queries.counts,
    logins: logins.counts,
    kept: keptAtMost,
    events: simulation.events,
    goodKills: ledger.goodKills,
    cpuMs: (user + system) / 1000,
  }
}
