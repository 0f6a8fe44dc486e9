import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TargetRecord } from '../support/load-balancer.ts'
import { startPostgres } from '../support/postgres.ts'
import type { TestPostgres } from '../support/postgres.ts'
import { startScalingGroup } from '../support/scaling-group.ts'
import type { Host, System } from './host.ts'
import { nominal, real, sleep } from './nominal-time.ts'
import type { BenignFault, BrokenRelease } from './scenario.ts'
import { createFronts, createStage, eventually } from './stage.ts'
import type { Front, Stage } from './stage.ts'

/** What the balancers of one system did with a broken release. Seconds are those of a real fleet. */
export interface Admission {
  /** When the host came into service, from the start or from the deployment; absent where it never did. */
  readonly admittedAfterSeconds?: number
  /** Of the sidecar: the reasons that it has logged against the host, in order. */
  readonly reasons?: readonly string[]
}

/** What the scaling group of one system did to a fleet. */
export interface Toll {
  readonly hosts: number
  readonly killed: number
  readonly probes: number
  readonly failedProbes: number
  readonly slowestMs: number
}

export interface Row<Outcome> {
  readonly name: string
  readonly outcomes: Readonly<Record<System, Outcome>>
  /** `performance.now()` when what was measured began. */
  readonly since: number
  /** The last words of the sidecars' logs, where the outcome is not what it should be. */
  readonly log: readonly string[]
}

interface Surroundings {
  readonly number: number
  readonly postgres: TestPostgres
}

/** A good host is let in after five rounds; no machine is so slow that it takes this long. */
const BOOT_SECONDS = 600
/** Within this time a host that has got a broken release in place has to be out of service. */
const NOTICE_SECONDS = 60
const WATCH_SECONDS = 150
/** After a fault: what it has set off shows. */
const TAIL_SECONDS = 40
const PAUSE_BEFORE_FAULT_SECONDS = 20
/** A fleet on which a fault is tried need not prove itself as a new release must: that is what the other half tries. */
const FIVE_ROUNDS = 'healthy_threshold: 5'
const TWO_ROUNDS = 'healthy_threshold: 2'
const same = (text: string): string => text
const REPLACEMENT_SECONDS = 60
const GROUP_LOOK_SECONDS = 5

const bySystem = <Outcome>(fronts: readonly Front[], outcome: (front: Front) => Outcome) =>
  Object.fromEntries(fronts.map(front => [front.system, outcome(front)])) as Record<System, Outcome>

const reasonsOf = async (host: Host): Promise<string[]> => {
  const log = await readFile(join(host.directory, 'sidecar.log'), 'utf8').catch(() => '')
  const codes = log.matchAll(/"event":"check\.changed".*"reason":"([A-Z_]+)"/g)
  return [...new Set(Array.from(codes, ([, code]) => code!))]
}

const lastWords = async (hosts: readonly Host[]): Promise<string[]> => {
  const logs = await Promise.all(
    hosts.map(({ directory }) => readFile(join(directory, 'sidecar.log'), 'utf8').catch(() => '')),
  )
  return logs.flatMap(log =>
    log
      .split('\n')
      .filter(line => /verdict|check\.changed|latch|release/.test(line))
      .slice(-12),
  )
}

const startAll = async ({ hosts }: Stage): Promise<void> => {
  for (const host of hosts) {
    await host.app.start()
    await host.start()
  }
}

/** Throws where a system does not let a good fleet in: then nothing can be said of what follows. */
const untilInService = async ({ hosts }: Stage, fronts: readonly Front[]): Promise<void> => {
  for (const front of fronts)
    if (!(await eventually(BOOT_SECONDS, () => hosts.every(host => front.isInService(host)))))
      throw new Error(
        `${front.system}: the good fleet did not come into service: ${(await lastWords(hosts)).join('\n')}`,
      )
}

/** When a host was in service first at this time or later; `performance.now()`. */
const inServiceFrom = ({ changes }: TargetRecord, from: number): number | undefined => {
  const before = changes.findLast(({ at }) => at < from)
  if (before?.health === 'healthy') return from
  return changes.find(({ at, health }) => at >= from && health === 'healthy')?.at
}

export const runBrokenRelease = async (
  release: BrokenRelease,
  { number, postgres }: Surroundings,
): Promise<Row<Admission>> => {
  await using stage = await createStage({
    number,
    postgres,
    hosts: 1,
    ...(release.host && { host: release.host }),
  })
  const host = stage.hosts[0]!
  await release.breaks?.(host, stage)
  if (!release.withoutApp) await host.app.start()

  const fronts = createFronts('harshest', { alwaysNew: true })
  await using _fronts = closing(fronts)
  for (const { system, balancers } of fronts)
    for (const balancer of balancers) balancer.register(host.target(system))
  const startedAt = performance.now()
  await host.start()

  let brokenAt = startedAt
  let mustBeOutAt = startedAt
  if (release.afterGood) {
    await untilInService(stage, fronts)
    brokenAt = performance.now()
    mustBeOutAt = brokenAt + real(NOTICE_SECONDS)
    await release.afterGood(host, stage)
  }
  const over = new AbortController()
  const meanwhile = release.meanwhile?.(host, { signal: over.signal })
  await sleep(release.watchSeconds ?? WATCH_SECONDS)
  over.abort()
  await meanwhile

  const outcomes = bySystem(fronts, (front): Admission => {
    const admissions = front
      .records(host)
      .map(record => inServiceFrom(record, mustBeOutAt))
      .filter(at => at !== undefined)
    if (admissions.length === 0) return {}
    return { admittedAfterSeconds: Math.round(nominal(Math.min(...admissions) - brokenAt)) }
  })
  const bad = outcomes.sidecar.admittedAfterSeconds !== undefined
  outcomes.sidecar = { ...outcomes.sidecar, reasons: await reasonsOf(host) }
  return { name: release.name, outcomes, since: startedAt, log: bad ? await lastWords([host]) : [] }
}

const nothingToRelease: AsyncDisposable = { async [Symbol.asyncDispose]() {} }
let turns: Promise<void> = Promise.resolve()

/** One after the other; the turn ends with what is returned. */
const takeTurn = async (): Promise<AsyncDisposable> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const before = turns
  turns = before.then(() => promise)
  await before
  return {
    async [Symbol.asyncDispose]() {
      resolve()
    },
  }
}

export const runBenignFault = async (
  fault: BenignFault,
  { number, postgres: shared }: Surroundings,
): Promise<Row<Toll>> => {
  const own = fault.ownPostgres ? await startPostgres() : undefined
  await using _own = { [Symbol.asyncDispose]: async () => own?.[Symbol.asyncDispose]() }
  await using stage = await createStage({
    number,
    postgres: own ?? shared,
    hosts: fault.hosts ?? 2,
    host: {
      ...fault.host,
      config: text => (fault.host?.config ?? same)(text.replace(FIVE_ROUNDS, TWO_ROUNDS)),
    },
  })
  const { hosts } = stage
  await fault.prepares?.(stage)
  await startAll(stage)
  const fronts = createFronts(fault.preset ?? 'harshest')
  await using _fronts = closing(fronts)
  for (const { system, balancers } of fronts)
    for (const balancer of balancers) for (const host of hosts) balancer.register(host.target(system))
  await untilInService(stage, fronts)
  await using _turn = fault.alone ? await takeTurn() : nothingToRelease

  const groups = fronts.map(front =>
    startScalingGroup({
      balancers: front.balancers,
      checkIntervalMs: real(GROUP_LOOK_SECONDS),
      gracePeriodMs: 0,
      replacementMs: real(REPLACEMENT_SECONDS),
    }),
  )
  await using _groups = closing(groups)
  for (const [i, front] of fronts.entries())
    for (const host of hosts) groups[i]!.adopt(host.target(front.system))

  const since = performance.now()
  await sleep(PAUSE_BEFORE_FAULT_SECONDS)
  const before = bySystem(fronts, front => count(front, hosts))
  await fault.happens(stage)
  await sleep(TAIL_SECONDS)

  const outcomes = bySystem(fronts, (front): Toll => {
    const { probes, failedProbes, slowestMs } = count(front, hosts)
    return {
      hosts: hosts.length,
      killed: groups[fronts.indexOf(front)]!.terminations().length,
      probes: probes - before[front.system].probes,
      failedProbes: failedProbes - before[front.system].failedProbes,
      slowestMs: Math.round(slowestMs),
    }
  })
  const { killed, failedProbes } = outcomes.sidecar
  return {
    name: fault.name,
    outcomes,
    since,
    log: killed > 0 || failedProbes > 0 ? await lastWords(hosts) : [],
  }
}

const count = (front: Front, hosts: readonly Host[]) => {
  const records = hosts.flatMap(host => front.records(host))
  return {
    probes: records.reduce((sum, { probes }) => sum + probes, 0),
    failedProbes: records.reduce((sum, { failed }) => sum + failed, 0),
    slowestMs: Math.max(...records.map(({ slowestMs }) => slowestMs)),
  }
}

const closing = (all: readonly AsyncDisposable[]): AsyncDisposable => ({
  async [Symbol.asyncDispose]() {
    await Promise.all(all.map(one => one[Symbol.asyncDispose]()))
  },
})
