import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Architecture, Format } from '../../../packaging/targets.ts'
import { ARCHITECTURES, fileName } from '../../../packaging/targets.ts'
import { version } from '../../../src/lib/version.ts'
import { lockFile } from '../../support/lock-file.ts'

export type Packages = Readonly<Record<Architecture, string>>

/** Makes the packages of a format in a folder, and answers their paths. */
export const buildPackages = (folder: string, format: Format = 'deb'): Packages => {
  execFileSync(process.execPath, ['package.ts', format, '--into', folder], {
    stdio: 'ignore',
    timeout: 240_000,
  })
  return packagesIn(folder, format)
}

const packagesIn = (folder: string, format: Format): Packages => {
  const [amd64, arm64] = ARCHITECTURES.map(name => join(folder, fileName(format, name, version)))
  return { amd64: amd64 ?? '', arm64: arm64 ?? '' }
}

/**
 * The packages, made once. HEALTH_SIDECAR_PACKAGES says where they are kept, or are to be kept, from run to run; without
 * it, they are made for one test and removed. If another process makes them now, waits for that.
 */
export const builtPackages = async (t: Test, format: Format = 'deb'): Promise<Packages> => {
  const kept = process.env['HEALTH_SIDECAR_PACKAGES']
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'packages-'))
  if (kept === undefined) t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(folder, { recursive: true })
  await using _lock = await lockFile(join(folder, `.${format}.lock`))
  const packages = packagesIn(folder, format)
  return Object.values(packages).every(file => existsSync(file)) ? packages : buildPackages(folder, format)
}
