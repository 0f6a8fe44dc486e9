import { Clients } from './clients.ts'
import {
  PAUSE_BEFORE_FAULT_SECONDS,
  TAIL_SECONDS,
  adoptFleet,
  closing,
  countProbes,
  lastWords,
  ofServingFleet,
  register,
} from './fleet.ts'
import type { Row, Surroundings, Toll } from './fleet.ts'
import { systems } from './host.ts'
import type { Host, System } from './host.ts'
import { real, sleep } from './nominal-time.ts'
import type { Overload } from './scenario.ts'
import { createFronts, createStage } from './stage.ts'
import type { Front, Stage } from './stage.ts'

interface Run {
  readonly toll: Toll
  readonly since: number
  readonly log: readonly string[]
}

/** Where the balancer sends the next request: to each host in service in turn. */
const roundRobin = (hosts: readonly Host[], { system, balancers }: Front) => {
  let turn = 0
  return (): string | undefined => {
    const routable = balancers[0]?.routable() ?? []
    turn += 1
    const target = routable[turn % routable.length]
    return hosts.find(host => host.target(system).host === target?.host)?.app.path
  }
}

/** The clients of each host arrive together; once all have, the balancer spreads them. */
const arrive = async (
  overload: Overload,
  { hosts, front }: { readonly hosts: readonly Host[]; readonly front: Front },
): Promise<readonly Clients[]> => {
  const { clientsPerHost, pageSeconds, givesUpAfterSeconds, arrivesEverySeconds = 0 } = overload
  const balanced = roundRobin(hosts, front)
  let allHaveArrived = arrivesEverySeconds === 0
  const clients: Clients[] = []
  for (const host of hosts) {
    if (clients.length > 0) await sleep(arrivesEverySeconds)
    clients.push(
      new Clients({
        count: clientsPerHost,
        route: () => (allHaveArrived ? balanced() : host.app.path),
        path: `/delay/?seconds=${real(pageSeconds) / 1000}`,
        givesUpAfterSeconds,
      }),
    )
  }
  allHaveArrived = true
  return clients
}

const runOn = async (stage: Stage, overload: Overload, system: System): Promise<Run> => {
  const { hosts } = stage
  await overload.prepares?.(stage)
  for (const host of hosts) {
    await host.startApp()
    await host.startOnly(system)
  }
  const fronts = createFronts('harshest').filter(front => front.system === system)
  await using _fronts = closing(fronts)
  const front = fronts[0]!
  await register(hosts, fronts)
  await using group = adoptFleet(hosts, front)
  const since = performance.now()
  await sleep(PAUSE_BEFORE_FAULT_SECONDS)
  const before = countProbes(front, hosts)
  const clients = await arrive(overload, { hosts, front })
  await sleep(overload.seconds)
  for (const each of clients) each[Symbol.dispose]()
  await sleep(TAIL_SECONDS)

  const { probes, failedProbes } = countProbes(front, hosts)
  const sum = (of: 'served' | 'lost') => clients.reduce((all, { load }) => all + load[of], 0)
  const toll: Toll = {
    hosts: hosts.length,
    killed: group.terminations().length,
    probes: probes - before.probes,
    failedProbes: failedProbes - before.failedProbes,
    load: { served: sum('served'), lost: sum('lost') },
  }
  const isOdd = system === 'sidecar' && (toll.killed > 0 || toll.failedProbes > 0)
  return { toll, since, log: isOdd ? await lastWords(hosts) : [] }
}

export const runOverload = async (
  overload: Overload,
  { nextNumber, postgres }: Surroundings,
): Promise<Row<Toll>> => {
  const run = async (system: System) => {
    await using stage = await createStage({
      number: nextNumber(),
      postgres,
      hosts: overload.hosts,
      host: ofServingFleet({ ...overload.host, django: {} }),
    })
    return [system, await runOn(stage, overload, system)] as const
  }
  const runs = new Map(await Promise.all(systems.map(run)))
  const of = (system: System) => runs.get(system)!
  return {
    name: overload.name,
    outcomes: { sidecar: of('sidecar').toll, strict: of('strict').toll, shallow: of('shallow').toll },
    since: Math.min(...Array.from(runs.values(), ({ since }) => since)),
    log: of('sidecar').log,
  }
}
