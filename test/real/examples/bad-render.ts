import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { parse } from 'yaml'
import { freePort } from '../../support/free-port.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { startSidecar } from '../../support/sidecar.ts'

/** What stands in an env file; all of it has DATABASE_URL. */
export interface Renders {
  readonly well: string
  readonly ill: string
}

/**
 * Runs the env check of an example in the real daemon while its file is ill, well, and ill again: that keeps a host out at
 * first, and takes none out later, as every host would have the same file at once.
 */
export const holdThroughBadRender = async (
  t: Test,
  config: string,
  { well, ill }: Renders,
): Promise<void> => {
  await using scratch = await createScratchDirectory('hs-example-')
  const file = join(scratch.path, 'env-vars')
  const env = parse(config).checks.find(({ type }: { type: string }) => type === 'env')
  const [entry] = env.files as [string | object]
  const files = [typeof entry === 'string' ? file : { ...entry, path: file }]
  await writeFile(file, ill)
  const cadence = { interval: '200ms', fresh_for: '100ms' }
  await using sidecar = await startSidecar({
    scratch,
    port: await freePort(),
    config: {
      startup: { healthy_threshold: 1 },
      drain: { wait: '0s' },
      // one that goes on, since the example's other checks need an app and a database
      checks: [
        { ...env, files, ...cadence },
        { name: 'always', type: 'env', files, required: ['DATABASE_URL'], ...cadence },
      ],
    },
  })
  const { checks: found } = await sidecar.waitFor(({ checks }) => checks['env']?.[0].status === 'fail')
  t.match(found['env'], [{ reason: 'ENV_VARIABLE_PLACEHOLDER' }])
  t.equal((await sidecar.probe()).status, 503)
  await writeFile(file, well)
  const admitted = await sidecar.waitFor(({ phase }) => phase === 'serving')
  t.equal((await sidecar.probe()).status, 200)
  await writeFile(file, ill)
  const seenAgain = ({ checks: { always } }: typeof admitted) =>
    Date.parse(always?.[0].time ?? '') > Date.parse(admitted.checks['always']?.[0].time ?? '') + 1000
  t.match(await sidecar.waitFor(seenAgain), { phase: 'serving', status: 'pass' })
  t.equal((await sidecar.probe()).status, 200)
}
