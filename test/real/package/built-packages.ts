import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { version } from '../../../src/lib/version.ts'

const ARCHITECTURES = ['amd64', 'arm64'] as const
export type Architecture = (typeof ARCHITECTURES)[number]

/** Debian's name of this machine's architecture. */
export const NATIVE: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'

/** Makes the packages in a folder, and answers their paths. */
export const buildPackages = (folder: string): Readonly<Record<Architecture, string>> => {
  execFileSync(process.execPath, ['package.ts', folder], { stdio: 'ignore', timeout: 240_000 })
  return packagesIn(folder)
}

const packagesIn = (folder: string) => {
  const [amd64, arm64] = ARCHITECTURES.map(name => join(folder, `health-sidecar_${version}_${name}.deb`))
  return { amd64: amd64 ?? '', arm64: arm64 ?? '' }
}

/**
 * The packages, made once. HEALTH_SIDECAR_PACKAGES says where they are kept, or are to be kept, from run to run; without
 * it, they are made for one test and removed.
 */
export const builtPackages = (t: Test): Readonly<Record<Architecture, string>> => {
  const kept = process.env['HEALTH_SIDECAR_PACKAGES']
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'packages-'))
  if (kept === undefined) t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const packages = packagesIn(folder)
  return Object.values(packages).every(file => existsSync(file)) ? packages : buildPackages(folder)
}
