import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Makes a small Debian with systemd and rpm by debootstrap, unless it is there. Throws where that cannot be done. */
export const makeDebianRoot = (root: string): void => {
  if (existsSync(join(root, 'usr/lib/systemd/systemd'))) return
  execFileSync(
    'debootstrap',
    ['--variant=minbase', '--include=systemd,systemd-sysv,dbus,rpm', 'bookworm', root],
    {
      stdio: 'ignore',
      timeout: 240_000,
    },
  )
}

/**
 * The folder of a small Debian with systemd and rpm. HEALTH_SIDECAR_DEBIAN_ROOT says where it is kept, or is to be kept, from run
 * to run; without it, it is made for one test and removed. Nothing that boots from it may write to it.
 */
export const debianRoot = (t: Test): string => {
  const kept = process.env['HEALTH_SIDECAR_DEBIAN_ROOT']
  const root = kept ?? join(mkdtempSync(join(tmpdir(), 'debian-')), 'root')
  if (kept === undefined) t.teardown(() => rmSync(join(root, '..'), { recursive: true, force: true }))
  makeDebianRoot(root)
  return root
}
