import {
  PAUSE_BEFORE_FAULT_SECONDS,
  adoptFleet,
  bySystem,
  closing,
  lastWords,
  ofServingFleet,
  register,
} from './fleet.ts'
import type { Row, Surroundings } from './fleet.ts'
import type { Host } from './host.ts'
import { nominal, sleep } from './nominal-time.ts'
import type { OwnFault } from './scenario.ts'
import { createFronts, createStage } from './stage.ts'
import type { Front } from './stage.ts'

/** What one system made of a fault that is a host's own. */
export interface Detection {
  /** How many hosts had it. */
  readonly hosts: number
  /**
   * For each of them that went out of service: the time from the fault to the first of the failed probes in a row that took
   * it out, in seconds of a real fleet.
   */
  readonly afterSeconds: readonly number[]
  /** In which it was to be detected. */
  readonly withinSeconds: number
  /** Hosts without the fault, and how many of them were terminated. */
  readonly others: number
  readonly othersKilled: number
}

/** For so long after the limit a host is watched: a late detection is told from none. */
const EXTRA_SECONDS = 25

/** When the failures began that took a host out of service; `performance.now()`. */
const outSince = (front: Front, host: Host, from: number): number | undefined => {
  const outages = front
    .records(host)
    .flatMap(({ changes }) => changes)
    .flatMap(({ at, failingSince }) => (at >= from && failingSince !== undefined ? [failingSince] : []))
  return outages.length === 0 ? undefined : Math.min(...outages)
}

export const runOwnFault = async (
  fault: OwnFault,
  { nextNumber, postgres }: Surroundings,
): Promise<Row<Detection>> => {
  await using ending = new AsyncDisposableStack()
  await using stage = await createStage({
    number: nextNumber(),
    postgres,
    hosts: fault.hosts,
    host: ofServingFleet(fault.host),
  })
  const { hosts } = stage
  await fault.prepares?.(stage)
  // a database that is slow as they start is trouble that is over: it excuses the fault for another minute
  const since = performance.now()
  for (const host of hosts) {
    await host.startApp()
    await host.start()
  }
  const fronts = createFronts('harshest')
  await using _fronts = closing(fronts)
  await register(hosts, fronts)
  const groups = fronts.map(front => adoptFleet(hosts, front))
  await using _groups = closing(groups)

  await sleep(PAUSE_BEFORE_FAULT_SECONDS)
  const hit = hosts.slice(0, fault.hits)
  const brokenAt = new Map<Host, number>()
  const breakHost = async (host: Host): Promise<void> => {
    brokenAt.set(host, performance.now())
    const lasting = await fault.breaks(host, stage)
    if (lasting) ending.use(lasting)
  }
  await Promise.all(hit.map(breakHost))
  await sleep(fault.withinSeconds + EXTRA_SECONDS)

  const outcomes = bySystem(fronts, (front): Detection => {
    const afterSeconds = hit.flatMap(host => {
      const at = brokenAt.get(host) ?? since
      const out = outSince(front, host, at)
      return out === undefined ? [] : [nominal(out - at)]
    })
    const targets = new Set(hit.map(host => host.target(front.system).host))
    const killed = groups[fronts.indexOf(front)]!.terminations()
    return {
      hosts: hit.length,
      afterSeconds,
      withinSeconds: fault.withinSeconds,
      others: hosts.length - hit.length,
      othersKilled: killed.filter(({ target }) => !targets.has(target.host)).length,
    }
  })
  const isWrong = badKeepsOf(outcomes.sidecar) > 0 || outcomes.sidecar.othersKilled > 0
  return { name: fault.name, outcomes, since, log: isWrong ? await lastWords(hosts) : [] }
}

/** Hosts whose fault was not detected in time. */
export const badKeepsOf = ({ hosts, afterSeconds, withinSeconds }: Detection): number =>
  hosts - afterSeconds.filter(seconds => seconds <= withinSeconds).length
