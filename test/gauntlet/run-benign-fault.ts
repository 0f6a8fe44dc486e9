import {
  PAUSE_BEFORE_FAULT_SECONDS,
  TAIL_SECONDS,
  adoptFleet,
  bySystem,
  closing,
  countProbes,
  lastWords,
  ofServingFleet,
  postgresFor,
  register,
} from './fleet.ts'
import type { Row, Surroundings, Toll } from './fleet.ts'
import { sleep } from './nominal-time.ts'
import type { BenignFault } from './scenario.ts'
import { createFronts, createStage } from './stage.ts'

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
  { nextNumber, postgres: shared }: Surroundings,
): Promise<Row<Toll>> => {
  await using postgres = await postgresFor(fault.ownPostgres, shared)
  await using stage = await createStage({
    number: nextNumber(),
    postgres,
    hosts: fault.hosts ?? 2,
    host: ofServingFleet(fault.host),
  })
  const { hosts } = stage
  await fault.prepares?.(stage)
  for (const host of hosts) {
    await host.startApp()
    await host.start()
  }
  const fronts = createFronts(fault.preset ?? 'harshest')
  await using _fronts = closing(fronts)
  await register(hosts, fronts)
  await using _turn = fault.alone ? await takeTurn() : nothingToRelease

  const groups = fronts.map(front => adoptFleet(hosts, front))
  await using _groups = closing(groups)
  const since = performance.now()
  await sleep(PAUSE_BEFORE_FAULT_SECONDS)
  const before = bySystem(fronts, front => countProbes(front, hosts))
  await fault.happens(stage)
  await sleep(TAIL_SECONDS)

  const outcomes = bySystem(fronts, (front): Toll => {
    const { probes, failedProbes } = countProbes(front, hosts)
    return {
      hosts: hosts.length,
      killed: groups[fronts.indexOf(front)]!.terminations().length,
      probes: probes - before[front.system].probes,
      failedProbes: failedProbes - before[front.system].failedProbes,
    }
  })
  const { killed, failedProbes } = outcomes.sidecar
  const log = killed > 0 || failedProbes > 0 ? await lastWords(hosts) : []
  return { name: fault.name, outcomes, since, log }
}
