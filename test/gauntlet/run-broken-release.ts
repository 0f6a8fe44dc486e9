import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TargetRecord } from '../support/load-balancer.ts'
import { bySystem, closing, lastWords, untilInService } from './fleet.ts'
import type { Row, Surroundings } from './fleet.ts'
import type { Host } from './host.ts'
import { nominal, real, sleep } from './nominal-time.ts'
import type { BrokenRelease } from './scenario.ts'
import { createFronts, createStage } from './stage.ts'

/** What the balancers of one system did with a broken release. Seconds are those of a real fleet. */
export interface Admission {
  /** When the host came into service, from the start or from the deployment; absent where it never did. */
  readonly admittedAfterSeconds?: number
  /** Of the sidecar: the reasons that it has logged against the host, in order. */
  readonly reasons?: readonly string[]
}

/** Within this time a host that has got a broken release in place has to be out of service. */
const NOTICE_SECONDS = 60
const WATCH_SECONDS = 150

const reasonsOf = async (host: Host): Promise<string[]> => {
  const log = await readFile(join(host.directory, 'sidecar.log'), 'utf8').catch(() => '')
  const codes = log.matchAll(/"event":"check\.changed".*"reason":"([A-Z_]+)"/g)
  return [...new Set(Array.from(codes, ([, code]) => code!))]
}

/** When a host was in service first at this time or later; `performance.now()`. */
const inServiceFrom = ({ changes }: TargetRecord, from: number): number | undefined => {
  const before = changes.findLast(({ at }) => at < from)
  if (before?.health === 'healthy') return from
  return changes.find(({ at, health }) => at >= from && health === 'healthy')?.at
}

export const runBrokenRelease = async (
  release: BrokenRelease,
  { nextNumber, postgres }: Surroundings,
): Promise<Row<Admission>> => {
  await using stage = await createStage({
    number: nextNumber(),
    postgres,
    hosts: 1,
    ...(release.host && { host: release.host }),
  })
  const host = stage.hosts[0]!
  await release.breaks?.(host, stage)
  if (!release.withoutApp) await host.startApp()

  const fronts = createFronts('harshest', { alwaysNew: true })
  await using _fronts = closing(fronts)
  for (const { system, balancers } of fronts)
    for (const balancer of balancers) balancer.register(host.target(system))
  const startedAt = performance.now()
  await host.start()

  let brokenAt = startedAt
  let mustBeOutAt = startedAt
  if (release.afterGood) {
    await untilInService([host], fronts)
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
