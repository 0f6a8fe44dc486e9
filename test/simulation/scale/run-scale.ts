import { runTasks } from '../run-tasks.ts'
import { hourFigures } from './hour-figures.ts'
import type { HourFigures } from './hour-figures.ts'
import { GROUP } from './run-hour.ts'
import type { HourResult, HourTask } from './run-hour.ts'

/** One hour of so many hosts on one database. */
export const runScale = async (options: {
  readonly hosts: number
  readonly seed: number
  readonly policy: string
  readonly threads: number
}): Promise<HourFigures> => {
  const { hosts, seed, policy, threads } = options
  const tasks = Array.from({ length: Math.ceil(hosts / GROUP) }, (_, group): HourTask => ({
    hour: true,
    policy,
    seed,
    group,
    hosts: Math.min(GROUP, hosts - group * GROUP),
  }))
  const startedAt = performance.now()
  const results = await runTasks<HourResult>(tasks, { threads, atOnce: 1 })
  const wallSeconds = Math.round((performance.now() - startedAt) / 1000)
  // in KiB, of the whole process
  const peakMebibytes = Math.round(process.resourceUsage().maxRSS / 1024)
  return hourFigures(results, { hosts, wallSeconds, peakMebibytes })
}
