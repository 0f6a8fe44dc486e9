/**
 * `npm run gauntlet [-- WORDS]`: broken releases that must never come into service, and benign faults for which no host
 * may be terminated, against the real program behind emulated balancers. With words, only the scenarios whose name
 * contains them. Exit code 1 unless both figures are 0.
 *
 * What comes out otherwise than it should is tried again, up to twice, where a bare server in the same run was too late as
 * well: then it was the machine that was measured. Where that was not late, it counts.
 */
import { rm } from 'node:fs/promises'
import { startPostgres } from '../support/postgres.ts'
import { benignFaults } from './benign-faults.ts'
import { brokenReleases } from './broken-releases.ts'
import { installFakes } from './fakes.ts'
import { fakesFile } from './fakes-file.ts'
import { watchMachine } from './machine.ts'
import { SCALE } from './nominal-time.ts'
import { runBenignFault, runBrokenRelease } from './run-scenario.ts'
import type { Admission, Row, Toll } from './run-scenario.ts'
import { benignTable, brokenTable, figuresOf, figuresTable } from './table.ts'

// the apps and the baselines run in this process
installFakes()

const AT_ONCE = Number(process.env['GAUNTLET_JOBS'] ?? 16)

const words = process.argv.slice(2).join(' ')
const startedAt = performance.now()
const say = (text: string) => void process.stderr.write(`${text}\n`)

const ATTEMPTS = 3
/** How many are tried again at once. */
const AGAIN_AT_ONCE = 4

interface Job {
  readonly name: string
  readonly alone: boolean
  /** Answers when what was measured began, where the outcome is not as it should be. */
  readonly run: (number: number) => Promise<number | undefined>
}

const broken = new Map<string, Row<Admission>>()
const benign = new Map<string, Row<Toll>>()
const problems: string[] = []

const postgres = await startPostgres({ settings: { max_connections: '400' } })
const jobs: readonly Job[] = [
  ...benignFaults.map(fault => ({
    name: fault.name,
    alone: fault.alone ?? false,
    run: async (number: number) => {
      const row = await runBenignFault(fault, { number, postgres })
      benign.set(fault.name, row)
      return row.outcomes.sidecar.killed > 0 ? row.since : undefined
    },
  })),
  ...brokenReleases.map(release => ({
    name: release.name,
    alone: false,
    run: async (number: number) => {
      const row = await runBrokenRelease(release, { number, postgres })
      broken.set(release.name, row)
      return row.outcomes.sidecar.admittedAfterSeconds === undefined ? undefined : row.since
    },
  })),
].filter(({ name }) => name.includes(words))

const machine = await watchMachine()
let started = 0

/** Runs what is queued, and answers what has to be tried again. */
const work = async (queue: Job[], attempt: number): Promise<readonly Job[]> => {
  const again: Job[] = []
  const retry = (job: Job, since: number, why: string): boolean => {
    const isNoise = machine.wasBusy(since) && attempt < ATTEMPTS
    const control = `the control's slowest answer took ${Math.round(machine.slowestMs(since))} ms`
    say(`   ${why}; ${control}${isNoise ? ': to be tried again' : ''}`)
    if (isNoise) again.push(job)
    return isNoise
  }
  for (let job = queue.shift(); job; job = queue.shift()) {
    started += 1
    const jobStartedAt = performance.now()
    say(`${Math.round((jobStartedAt - startedAt) / 1000)} s: ${job.name}`)
    try {
      const since = await job.run(started)
      if (since !== undefined) retry(job, since, `not as it should be: ${job.name}`)
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      if (!retry(job, jobStartedAt, `not measured: ${job.name}`)) problems.push(`${job.name}: ${text}`)
    }
  }
  return again
}

const workTogether = async (queue: Job[], options: { readonly atOnce: number; readonly attempt: number }) => {
  const workers = Array.from({ length: options.atOnce }, () => work(queue, options.attempt))
  return (await Promise.all(workers)).flat()
}

let open = [
  ...(await workTogether(
    jobs.filter(({ alone }) => !alone),
    { atOnce: AT_ONCE, attempt: 1 },
  )),
  ...(await workTogether(
    jobs.filter(({ alone }) => alone),
    { atOnce: AT_ONCE, attempt: 1 },
  )),
]
let repeated = 0
for (let attempt = 2; attempt <= ATTEMPTS && open.length > 0; attempt += 1) {
  repeated += open.length
  open = [...(await workTogether(open, { atOnce: AGAIN_AT_ONCE, attempt }))]
}
await machine[Symbol.asyncDispose]()
await postgres[Symbol.asyncDispose]()
await rm(fakesFile, { force: true })

/** In the order in which they are written down, not that in which they have ended. */
const inOrder = <Outcome>(all: readonly { name: string }[], rows: ReadonlyMap<string, Row<Outcome>>) =>
  all.map(({ name }) => rows.get(name)).filter(row => row !== undefined)

const rows = { broken: inOrder(brokenReleases, broken), benign: inOrder(benignFaults, benign) }
const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
console.log(
  [
    brokenTable(rows.broken),
    benignTable(rows.benign),
    figuresTable(rows),
    `${jobs.length} scenarios in ${minutes} min. All other times are those of a real fleet, which ran ${SCALE} times as fast here. Retried because the machine was too busy to tell: ${repeated}.`,
  ].join('\n\n'),
)
for (const { name, log } of [...rows.broken, ...rows.benign])
  if (log.length > 0) say(`\n${name}\n${log.join('\n')}`)
for (const problem of problems) say(`\nnot measured: ${problem}`)

const { badAdmits, goodKills } = figuresOf('sidecar', rows)
process.exitCode = badAdmits === 0 && goodKills === 0 && problems.length === 0 && jobs.length > 0 ? 0 : 1
