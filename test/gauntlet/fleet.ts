import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startPostgres } from '../support/postgres.ts'
import type { TestPostgres } from '../support/postgres.ts'
import { startScalingGroup } from '../support/scaling-group.ts'
import type { ScalingGroup } from '../support/scaling-group.ts'
import type { Load } from './clients.ts'
import type { Host, HostOptions, System } from './host.ts'
import { real } from './nominal-time.ts'
import { eventually } from './stage.ts'
import type { Front } from './stage.ts'

/** What all scenarios share. */
export interface Surroundings {
  /** Of a stage: no two have the same at the same time. */
  readonly nextNumber: () => number
  readonly postgres: TestPostgres
}

export interface Row<Outcome> {
  readonly name: string
  readonly outcomes: Readonly<Record<System, Outcome>>
  /** `performance.now()` when what was measured began. */
  readonly since: number
  /** The last words of the sidecars' logs, where the outcome is not what it should be. */
  readonly log: readonly string[]
}

/** What the scaling group of one system did to a fleet. */
export interface Toll {
  readonly hosts: number
  readonly killed: number
  readonly probes: number
  readonly failedProbes: number
  /** What clients got, if there were any. */
  readonly load?: Load
}

/** A good host is let in after five rounds; no machine is so slow that it takes this long. */
const BOOT_SECONDS = 600
/** A fleet on which a fault is tried need not prove itself as a new release must: that is what the other half tries. */
const FIVE_ROUNDS = 'healthy_threshold: 5'
const TWO_ROUNDS = 'healthy_threshold: 2'
const REPLACEMENT_SECONDS = 60
const GROUP_LOOK_SECONDS = 5
/** After a fault: what it has set off shows. */
export const TAIL_SECONDS = 40
export const PAUSE_BEFORE_FAULT_SECONDS = 20

const same = (text: string): string => text

/** A host of a fleet that serves already. */
export const ofServingFleet = (host: HostOptions = {}): HostOptions => ({
  ...host,
  config: text => (host.config ?? same)(text.replace(FIVE_ROUNDS, TWO_ROUNDS)),
})

export const bySystem = <Outcome>(fronts: readonly Front[], outcome: (front: Front) => Outcome) =>
  Object.fromEntries(fronts.map(front => [front.system, outcome(front)])) as Record<System, Outcome>

export const lastWords = async (hosts: readonly Host[]): Promise<string[]> => {
  const logs = await Promise.all(
    hosts.map(({ directory }) => readFile(join(directory, 'sidecar.log'), 'utf8').catch(() => '')),
  )
  return logs.flatMap(log =>
    log
      .split('\n')
      .filter(line => /verdict|check\.changed|latch|release|peers/.test(line))
      .slice(-12),
  )
}

/** Throws where a system does not let a good fleet in: then nothing can be said of what follows. */
export const untilInService = async (hosts: readonly Host[], fronts: readonly Front[]): Promise<void> => {
  for (const front of fronts)
    if (!(await eventually(BOOT_SECONDS, () => hosts.every(host => front.isInService(host)))))
      throw new Error(
        `${front.system}: the good fleet did not come into service: ${(await lastWords(hosts)).join('\n')}`,
      )
}

/** Registers every host with the balancers of every system, and waits until all are in service. */
export const register = async (hosts: readonly Host[], fronts: readonly Front[]): Promise<void> => {
  for (const { system, balancers } of fronts)
    for (const balancer of balancers) for (const host of hosts) balancer.register(host.target(system))
  await untilInService(hosts, fronts)
}

/** A scaling group of one system, whose hosts were launched long ago. */
export const adoptFleet = (hosts: readonly Host[], { system, balancers }: Front): ScalingGroup => {
  const group = startScalingGroup({
    balancers,
    checkIntervalMs: real(GROUP_LOOK_SECONDS),
    gracePeriodMs: 0,
    replacementMs: real(REPLACEMENT_SECONDS),
  })
  for (const host of hosts) group.adopt(host.target(system))
  return group
}

export const countProbes = (front: Front, hosts: readonly Host[]) => {
  const records = hosts.flatMap(host => front.records(host))
  return {
    probes: records.reduce((sum, { probes }) => sum + probes, 0),
    failedProbes: records.reduce((sum, { failed }) => sum + failed, 0),
  }
}

/** The Postgres of a scenario: its own, if it wants one. */
export const postgresFor = async (
  settings: Readonly<Record<string, string>> | undefined,
  shared: TestPostgres,
): Promise<TestPostgres & AsyncDisposable> =>
  settings ? await startPostgres({ settings }) : { ...shared, async [Symbol.asyncDispose]() {} }

export const closing = (all: readonly AsyncDisposable[]): AsyncDisposable => ({
  async [Symbol.asyncDispose]() {
    await Promise.all(all.map(one => one[Symbol.asyncDispose]()))
  },
})
