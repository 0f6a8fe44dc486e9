import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Target } from '../support/load-balancer.ts'
import type { StormReport } from './storm.ts'

/** Probes from another process, so many a second, each on a connection of its own. */
export const runStorm = async (
  { host, port }: Target,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<StormReport> => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, 'storm.ts'),
    host,
    `${port}`,
    `${perSecond}`,
    `${seconds}`,
  ])
  return JSON.parse(stdout) as StormReport
}
