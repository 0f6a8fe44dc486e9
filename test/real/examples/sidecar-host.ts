import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePort } from '../../support/free-port.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import type { ScratchDirectory } from '../../support/scratch-directory.ts'
import { startSidecar } from '../../support/sidecar.ts'
import type { Sidecar } from '../../support/sidecar.ts'

/** The real daemon with one check, which a test can make pass and fail. */
export interface SidecarHost {
  readonly scratch: ScratchDirectory
  readonly sidecar: Sidecar
  readonly port: number
  /** Whether the host is well, from now on; back when the daemon says the same. */
  become(state: 'well' | 'ill'): Promise<void>
}

/** Starts it on a host that is ill. It ends with the test. */
export const startSidecarHost = async (
  t: Test,
  where: (
    scratch: ScratchDirectory,
    port: number,
  ) => { readonly listen?: string | readonly unknown[] } = () => ({}),
): Promise<SidecarHost> => {
  const scratch = await createScratchDirectory('hs-example-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const port = await freePort()
  const { listen } = where(scratch, port)
  const file = join(scratch.path, 'env-vars')
  const sidecar = await startSidecar({
    scratch,
    port,
    config: {
      ...(listen !== undefined && { listen }),
      startup: { healthy_threshold: 1 },
      drain: { wait: '0s' },
      log: { probes: 'all' },
      checks: [
        { name: 'env', type: 'env', files: [file], required: ['A'], interval: '200ms', fresh_for: '100ms' },
      ],
    },
  })
  t.teardown(() => sidecar.stop())
  return {
    scratch,
    sidecar,
    port,
    async become(state) {
      await writeFile(file, state === 'well' ? 'A=1\n' : 'A=\n')
      await sidecar.waitFor(({ status }) => (status === 'fail') === (state === 'ill'))
    },
  }
}
