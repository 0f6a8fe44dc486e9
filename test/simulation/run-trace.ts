import { createRandom } from '../support/random.ts'
import { databaseFigures } from './database-figures.ts'
import type { DatabaseFigures } from './database-figures.ts'
import { drawFleet, describeFleet } from './draw-fleet.ts'
import { MINUTE } from './events/event.ts'
import type { EventType, Happening } from './events/event.ts'
import { ownEvents } from './events/own.ts'
import { releaseEvents } from './events/releases.ts'
import { sharedEvents } from './events/shared.ts'
import { Ledger } from './ledger.ts'
import type { OwnFault, StoryLine } from './ledger.ts'
import { between, weighted } from './models/distributions.ts'
import { Fleet } from './models/fleet.ts'
import type { Policy } from './policies/policy.ts'
import { START_MS, Simulation } from './simulation.ts'

/** One trace under one policy, by name. */
export interface TraceTask {
  readonly policy: string
  readonly seed: number
  readonly trace: number
  readonly hosts: number
  /** The names of the events of which the first is drawn; of all, if absent. */
  readonly events?: readonly string[]
}

export interface TraceOptions extends Omit<TraceTask, 'policy'> {
  readonly policy: Policy
}

export interface TraceResult {
  readonly trace: number
  /** What happened, without its parameters. */
  readonly events: readonly string[]
  readonly fleet: string
  readonly badAdmits: number
  readonly broken: number
  readonly goodKills: number
  readonly killsBeyondPatience: number
  readonly isFleetLost: boolean
  readonly smallestShare: number
  /** Of good new hosts: from an app that answers to service. */
  readonly admitMs: readonly number[]
  readonly faults: readonly OwnFault[]
  readonly database: DatabaseFigures
  readonly users: { readonly served: number; readonly failed: number }
  readonly endsAt: number
  readonly story: readonly StoryLine[]
}

/** Everything that can happen. */
export const events: readonly EventType[] = [...sharedEvents, ...ownEvents, ...releaseEvents]
/** So many traces have a second event, while the first one lasts. */
const SECOND_EVENT = 0.15
/** What a policy has to show after all is well again. */
const TAIL_MS = 4 * MINUTE

/** Mixes a seed and a trace's number, so that neighbours have nothing in common. */
export const seedOf = (seed: number, trace: number): number =>
  Math.imul(seed ^ Math.imul(trace + 1, 0x9e3779b1), 0x85ebca6b) >>> 0

/** Draws a fleet and what happens to it, and lets it happen under a policy. The same draw for every policy. */
export const runTrace = async ({
  seed,
  trace,
  hosts,
  policy,
  events: names,
}: TraceOptions): Promise<TraceResult> => {
  const random = createRandom(seedOf(seed, trace))
  const spec = drawFleet(random, { hosts, coldRandom: createRandom(seedOf(seed, trace) ^ 0x27d4eb2f) })
  const first = weighted(
    random,
    events.filter(({ name }) => names?.includes(name) ?? true).map(event => [event.weight, event] as const),
  )
  const others = events.filter(({ kind }) => kind !== first.kind)
  const second = random.chance(SECOND_EVENT)
    ? weighted(
        random,
        others.map(event => [event.weight, event] as const),
      )
    : undefined
  const types = second ? [first, second] : [first]
  const happenings = types.map(type => type.draw(random, spec))
  const firstMs = between(random, MINUTE, 2 * MINUTE)
  const secondMs = firstMs + between(random, 0, Math.min(happenings[0]?.durationMs ?? 0, 10 * MINUTE))

  const simulation = new Simulation()
  const ledger = new Ledger(simulation)
  // the course of events must not depend on the policy's own draws
  const sceneRandom = createRandom(seedOf(seed, trace) ^ 0x5bd1e995)
  const fleet = new Fleet({ spec, policy, simulation, random, listener: ledger })
  ledger.watch(fleet)
  fleet.prepares = host => ledger.ready(host)
  const scene = { simulation, random: sceneRandom, fleet, spec, ledger }
  const begin = (happening: Happening, afterMs: number) =>
    simulation.after(afterMs, () => {
      ledger.tell(happening.text)
      happening.begin(scene)
    })
  const times = [firstMs, secondMs]
  for (const [index, happening] of happenings.entries()) begin(happening, times[index]!)
  const endsAt =
    START_MS + Math.max(...happenings.map(({ durationMs }, index) => times[index]! + durationMs)) + TAIL_MS
  await simulation.run(endsAt)
  const result: TraceResult = {
    trace,
    events: types.map(({ name }) => name),
    fleet: describeFleet(spec),
    badAdmits: ledger.badAdmits,
    broken: ledger.broken,
    goodKills: ledger.goodKills,
    killsBeyondPatience: ledger.killsBeyondPatience,
    isFleetLost: ledger.isFleetLost,
    smallestShare: ledger.smallestShare,
    admitMs: ledger.admitMs,
    faults: ledger.faults,
    database: databaseFigures(fleet.database, endsAt),
    users: fleet.users(),
    endsAt,
    story: ledger.story,
  }
  for (const host of fleet.hosts) host.end()
  return result
}
