import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { lockFile } from '../../support/lock-file.ts'

const isThere = (root: string): boolean => existsSync(join(root, 'usr/lib/systemd/systemd'))

const debootstrap = (suite: string, root: string, more = ''): readonly string[] => [
  '--variant=minbase',
  `--include=systemd,systemd-sysv,dbus${more}`,
  suite,
  root,
]

const TIMEOUT_MS = 480_000

/** Makes a small Debian of a suite by debootstrap, unless it is there. Rejects where it cannot be done, and leaves no part of one. */
const makeRoot = async (suite: string, root: string, more = ''): Promise<void> => {
  if (isThere(root)) return
  // not seen by others until it is whole
  const unfinished = `${root}.new`
  rmSync(unfinished, { recursive: true, force: true })
  await promisify(execFile)('debootstrap', debootstrap(suite, unfinished, more), { timeout: TIMEOUT_MS })
  renameSync(unfinished, root)
}

/**
 * Makes a small Debian with systemd and rpm, unless it is there; if another process makes it now, waits for that. Rejects where it
 * cannot be done.
 */
export const makeDebianRoot = async (root: string): Promise<void> => {
  if (isThere(root)) return
  await mkdir(dirname(root), { recursive: true })
  await using _lock = await lockFile(`${root}.lock`)
  await makeRoot('bookworm', root, ',rpm')
}

/** Makes small Debians of these suites in a folder, at the same time. Rejects where that cannot be done. */
export const makeOtherRoots = async (folder: string, suites: readonly string[]): Promise<void> => {
  await mkdir(folder, { recursive: true })
  await Promise.all(suites.map(suite => makeRoot(suite, join(folder, suite))))
}

/**
 * The folder of a small Debian with systemd and rpm. HEALTH_SIDECAR_DEBIAN_ROOT says where it is kept, or is to be kept, from run
 * to run; without it, it is made for one test and removed. Nothing that boots from it may write to it.
 */
export const debianRoot = async (t: Test): Promise<string> => {
  const kept = process.env['HEALTH_SIDECAR_DEBIAN_ROOT']
  const root = kept ?? join(mkdtempSync(join(tmpdir(), 'debian-')), 'root')
  if (kept === undefined) t.teardown(() => rmSync(join(root, '..'), { recursive: true, force: true }))
  await makeDebianRoot(root)
  return root
}
