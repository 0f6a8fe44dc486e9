import { benignFaults } from './benign-faults.ts'
import { brokenReleases } from './broken-releases.ts'
import { fleetFaults } from './fleet-faults.ts'
import type { Row, Surroundings } from './fleet.ts'
import { overloads } from './overloads.ts'
import { ownFaults } from './own-faults.ts'
import { runBenignFault } from './run-benign-fault.ts'
import { runBrokenRelease } from './run-broken-release.ts'
import { runDrivenOutage } from './run-driven-outage.ts'
import { runOverload } from './run-overload.ts'
import { badKeepsOf, runOwnFault } from './run-own-fault.ts'
import type { Pace } from './scenario.ts'
import type { Rows } from './table.ts'

/** One scenario, to be run. */
export interface Job {
  readonly name: string
  readonly pace: Pace
  /** It takes the whole machine. */
  readonly alone: boolean
  readonly run: (surroundings: Surroundings) => Promise<Result>
}

/** A row of one of the tables. */
export type Result = {
  readonly [Kind in keyof Rows]: { readonly kind: Kind; readonly row: Rows[Kind][number] }
}[keyof Rows]

/** Whether the program did what it should have done. */
export const isRight = ({ kind, row }: Result): boolean => {
  if (kind === 'broken') return row.outcomes.sidecar.admittedAfterSeconds === undefined
  if (kind === 'benign') return row.outcomes.sidecar.killed === 0
  return badKeepsOf(row.outcomes.sidecar) === 0 && row.outcomes.sidecar.othersKilled === 0
}

const drivenOutage = {
  name: 'the database refuses connections for 6 h (driven clock: the program’s monitor and checks, probed once a minute)',
  minutes: 360,
}

const jobFor = <Kind extends keyof Rows, Scenario extends { readonly name: string }>(
  kind: Kind,
  run: (scenario: Scenario, surroundings: Surroundings) => Promise<Rows[Kind][number]>,
) => {
  return (scenario: Scenario & { readonly pace?: Pace; readonly alone?: true }): Job => ({
    name: scenario.name,
    pace: scenario.pace ?? 'scaled',
    alone: scenario.alone ?? false,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the kind of a row is that of its table
    run: async surroundings => ({ kind, row: await run(scenario, surroundings) }) as Result,
  })
}

/** In the order of the tables. */
export const jobs: readonly Job[] = [
  ...benignFaults.map(jobFor('benign', runBenignFault)),
  jobFor('benign', runDrivenOutage)(drivenOutage),
  ...overloads.map(jobFor('benign', runOverload)),
  ...fleetFaults.map(jobFor('benign', runBenignFault)),
  ...ownFaults.map(jobFor('own', runOwnFault)),
  ...brokenReleases.map(jobFor('broken', runBrokenRelease)),
]

const names = new Set(jobs.map(({ name }) => name))
if (names.size < jobs.length) throw new Error('two scenarios have the same name; give each its own')

/** The rows of all tables, in the order of the jobs. */
export const rowsOf = (results: readonly Result[]): Rows => {
  const byName = new Map(results.map(result => [result.row.name, result]))
  const inOrder = jobs.map(({ name }) => byName.get(name)).filter(result => result !== undefined)
  return {
    broken: inOrder.flatMap(result => (result.kind === 'broken' ? [result.row] : [])),
    benign: inOrder.flatMap(result => (result.kind === 'benign' ? [result.row] : [])),
    own: inOrder.flatMap(result => (result.kind === 'own' ? [result.row] : [])),
  }
}

export const allRows = ({ broken, benign, own }: Rows): readonly Row<unknown>[] => [
  ...broken,
  ...benign,
  ...own,
]
