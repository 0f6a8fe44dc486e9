/**
 * `npm run gauntlet [-- WORDS]`: broken releases that must never come into service, benign faults for which no host may be
 * terminated, and faults of one host that must be detected in time; against the built program behind emulated balancers.
 * With words, only the scenarios whose name contains them. Exit code 1 unless all three figures are 0.
 *
 * Scenarios that cannot be scaled run in a process of their own, beside the others.
 */
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { installFakes } from './fakes.ts'
import { allRows, jobs, rowsOf } from './jobs.ts'
import { SCALE } from './nominal-time.ts'
import { runJobs } from './run-jobs.ts'
import type { Report } from './run-jobs.ts'
import { figuresOf, figuresTable, tables } from './table.ts'

// the apps and the baselines run in this process
installFakes()

const AT_ONCE = Number(process.env['GAUNTLET_JOBS'] ?? 16)
const say = (text: string) => void process.stderr.write(`${text}\n`)
const words = process.argv.slice(2).join(' ')
const wanted = jobs.filter(({ name }) => name.includes(words))
const [scaled, unscaled] = (['scaled', 'real'] as const).map(pace =>
  wanted.filter(job => job.pace === pace),
) as [typeof wanted, typeof wanted]

const noReport: Report = { results: [], problems: [], repeated: 0 }

/** Has the scenarios of real time run by another process. */
const runUnscaled = async (): Promise<Report> => {
  if (unscaled.length === 0) return noReport
  const env = { ...process.env, GAUNTLET_SCALE: '1', GAUNTLET_REPORTS: '1' }
  const child = fork(import.meta.filename, process.argv.slice(2), { env })
  const exited = once(child, 'exit')
  let report: Report | undefined
  child.on('message', message => (report = message as Report))
  await exited
  const problem = 'the process of the scenarios of real time ended without a report'
  return report ?? { ...noReport, problems: [problem] }
}

const main = async (): Promise<void> => {
  const startedAt = performance.now()
  await promisify(execFile)(process.execPath, ['build.ts'])
  const [own, other] = await Promise.all([runJobs(scaled, { atOnce: AT_ONCE }), runUnscaled()])
  const rows = rowsOf([...own.results, ...other.results])
  const problems = [...own.problems, ...other.problems]
  const repeated = own.repeated + other.repeated
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
  const summary = `${wanted.length} scenarios in ${minutes} min, ${unscaled.length} of them in real time. All other times are those of a real fleet, which ran ${SCALE} times as fast here. Retried because the machine was too busy to tell: ${repeated}.`
  console.log([...tables(rows), figuresTable(rows), summary].join('\n\n'))
  for (const { name, log } of allRows(rows)) if (log.length > 0) say(`\n${name}\n${log.join('\n')}`)
  for (const problem of problems) say(`\nnot measured: ${problem}`)
  const { badAdmits, goodKills, badKeeps } = figuresOf('sidecar', rows)
  const isMeasured = problems.length === 0 && wanted.length > 0 && allRows(rows).length === wanted.length
  process.exitCode = isMeasured && badAdmits + goodKills + badKeeps === 0 ? 0 : 1
}

if (process.env['GAUNTLET_REPORTS']) {
  process.send?.(await runJobs(unscaled, { atOnce: AT_ONCE }))
  process.disconnect()
} else await main()
