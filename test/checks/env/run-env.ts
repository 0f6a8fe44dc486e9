import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { EnvConfig } from '../../../src/checks/env/config.ts'
import { createEnvCheck } from '../../../src/checks/env/env-check.ts'
import type { Finding } from '../../../src/core/finding.ts'

/** A folder for one test. */
export const folder = (t: Test): string => {
  const dir = mkdtempSync(join(tmpdir(), 'env-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A clock by which files that were written just now have long been so. */
export const later = () => Date.now() + 60_000

/** What a check of its own finds, once. */
export const runEnv = async (
  config: EnvConfig,
  options: { readonly wallClock?: () => number } = {},
): Promise<Finding> => {
  await using check = createEnvCheck(config, { wallClock: later, ...options })
  return check.run(AbortSignal.timeout(10_000))
}

export const gist = (finding: Finding): string =>
  finding.status === 'pass' ? 'pass' : `${finding.status} ${finding.reason}`

export const messageOf = (finding: Finding): string => (finding.status === 'pass' ? '' : finding.message)
