/**
 * `npm run gauntlet [-- WORDS]`: broken releases that must never come into service, and benign faults for which no host
 * may be terminated, against the real program behind emulated balancers. With words, only the scenarios whose name
 * contains them. Exit code 1 unless both figures are 0.
 */
import { rm } from 'node:fs/promises'
import { startPostgres } from '../support/postgres.ts'
import { benignFaults } from './benign-faults.ts'
import { brokenReleases } from './broken-releases.ts'
import { installFakes } from './fakes.ts'
import { fakesFile } from './fakes-file.ts'
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

interface Job {
  readonly name: string
  readonly alone: boolean
  readonly run: (number: number) => Promise<void>
}

const broken = new Map<string, Row<Admission>>()
const benign = new Map<string, Row<Toll>>()
const problems: string[] = []

const postgres = await startPostgres({ settings: { max_connections: '400' } })
const jobs: readonly Job[] = [
  ...benignFaults.map(fault => ({
    name: fault.name,
    alone: fault.alone ?? false,
    run: async (number: number) =>
      void benign.set(fault.name, await runBenignFault(fault, { number, postgres })),
  })),
  ...brokenReleases.map(release => ({
    name: release.name,
    alone: false,
    run: async (number: number) =>
      void broken.set(release.name, await runBrokenRelease(release, { number, postgres })),
  })),
].filter(({ name }) => name.includes(words))

let started = 0
let done = 0
const work = async (queue: Job[]): Promise<void> => {
  for (let job = queue.shift(); job; job = queue.shift()) {
    started += 1
    try {
      await job.run(started)
    } catch (error) {
      problems.push(`${job.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    }
    done += 1
    say(`${done}/${jobs.length} ${Math.round((performance.now() - startedAt) / 1000)} s: ${job.name}`)
  }
}

const together = jobs.filter(({ alone }) => !alone)
await Promise.all(Array.from({ length: AT_ONCE }, () => work(together)))
const last = jobs.filter(({ alone }) => alone)
await Promise.all(last.map(job => work([job])))
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
    `${jobs.length} scenarios in ${minutes} min; all times but those of this line are those of a real fleet, which went ${SCALE} times as fast here.`,
  ].join('\n\n'),
)
for (const { name, log } of [...rows.broken, ...rows.benign])
  if (log.length > 0) say(`\n${name}\n${log.join('\n')}`)
for (const problem of problems) say(`\nnot measured: ${problem}`)

const { badAdmits, goodKills } = figuresOf('sidecar', rows)
process.exitCode = badAdmits === 0 && goodKills === 0 && problems.length === 0 && jobs.length > 0 ? 0 : 1
