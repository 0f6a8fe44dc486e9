import { rm } from 'node:fs/promises'
import { startPostgres } from '../support/postgres.ts'
import { fakesFile } from './fakes-file.ts'
import { isRight } from './jobs.ts'
import type { Job, Result } from './jobs.ts'
import { watchMachine } from './machine.ts'

/** What came out of some jobs. It can be sent to another process. */
export interface Report {
  readonly results: readonly Result[]
  /** Names, and what kept them from being measured. */
  readonly problems: readonly string[]
  /** How many runs were repeated, as the machine was too busy to tell. */
  readonly repeated: number
}

const ATTEMPTS = 3
/** How many are tried again at once. */
const AGAIN_AT_ONCE = 4

const say = (text: string) => void process.stderr.write(`${text}\n`)

/**
 * Runs jobs side by side, those that take the whole machine last. What comes out otherwise than it should is tried again, up
 * to twice, where a bare server in the same run was too late as well: then it was the machine that was measured. Where that
 * was not late, it counts.
 */
export const runJobs = async (
  jobs: readonly Job[],
  { atOnce }: { readonly atOnce: number },
): Promise<Report> => {
  const startedAt = performance.now()
  await using postgres = await startPostgres({ settings: { max_connections: '600' } })
  await using machine = await watchMachine()
  const results = new Map<string, Result>()
  const problems: string[] = []
  let numbers = 0
  let repeated = 0
  const surroundings = { postgres, nextNumber: () => (numbers += 1) }

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
      const jobStartedAt = performance.now()
      say(`${Math.round((jobStartedAt - startedAt) / 1000)} s: ${job.name}`)
      try {
        const result = await job.run(surroundings)
        results.set(job.name, result)
        if (!isRight(result)) retry(job, result.row.since, `not as it should be: ${job.name}`)
      } catch (error) {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
        if (!retry(job, jobStartedAt, `not measured: ${job.name}`)) problems.push(`${job.name}: ${text}`)
      }
    }
    return again
  }
  const workTogether = async (queue: Job[], attempt: number) => {
    const workers = Array.from({ length: attempt === 1 ? atOnce : AGAIN_AT_ONCE }, () => work(queue, attempt))
    return (await Promise.all(workers)).flat()
  }

  let open = await workTogether(
    jobs.filter(({ alone }) => !alone),
    1,
  )
  open = [
    ...open,
    ...(await workTogether(
      jobs.filter(({ alone }) => alone),
      1,
    )),
  ]
  for (let attempt = 2; attempt <= ATTEMPTS && open.length > 0; attempt += 1) {
    repeated += open.length
    open = await workTogether([...open], attempt)
  }
  await rm(fakesFile, { force: true })
  return { results: [...results.values()], problems, repeated }
}
