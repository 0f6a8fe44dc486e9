import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { NATIVE } from '../../packaging/targets.ts'
import { version } from '../../src/lib/version.ts'
import { makeDebianRoot, makeOtherRoots } from '../real/env/debian-root.ts'
import { buildPackages } from '../real/package/built-packages.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { makeHostRoot } from './support/host-root.ts'

/**
 * Makes what all tests of a real host share, once: a Debian that has what a Django host has, and the package. Then runs
 * them, or those files that are given. HEALTH_SIDECAR_DEBIAN_ROOT, HEALTH_SIDECAR_HOST_ROOT, HEALTH_SIDECAR_OTHER_ROOTS and
 * HEALTH_SIDECAR_PACKAGES say where these are kept, or are to be kept, from run to run; without them they are made for this run.
 */
const NEEDED = ['debootstrap', 'nsenter', 'systemd-nspawn', 'unshare']

const missing = NEEDED.filter(program => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
if (process.getuid?.() !== 0 || missing.length > 0) {
  console.log(
    `skipped: a host is booted by root alone, with ${NEEDED.join(', ')}; missing: ${missing.join(', ')}`,
  )
  process.exit()
}

await using scratch = await createScratchDirectory('hs-hosts-')
const env = process.env
const small = env['HEALTH_SIDECAR_DEBIAN_ROOT'] ?? join(scratch.path, 'debian')
const root = env['HEALTH_SIDECAR_HOST_ROOT'] ?? join(scratch.path, 'host')
const others = env['HEALTH_SIDECAR_OTHER_ROOTS'] ?? join(scratch.path, 'others')
// meanwhile
const madeOthers = makeOtherRoots(others, ['bullseye', 'trixie'])
await makeDebianRoot(small)
makeHostRoot(root, { from: small })
const packages = env['HEALTH_SIDECAR_PACKAGES'] ?? join(scratch.path, 'packages')
const kept = join(packages, `health-sidecar_${version}_${NATIVE}.deb`)
const deb = existsSync(kept) ? kept : buildPackages(packages)[NATIVE]
await madeOthers

const tap = spawn('tap', process.argv.slice(2), {
  stdio: 'inherit',
  env: {
    ...env,
    TAP_RCFILE: 'test/host/.taprc',
    HEALTH_SIDECAR_HOST_ROOT: root,
    HEALTH_SIDECAR_OTHER_ROOTS: others,
    HEALTH_SIDECAR_DEB: deb,
  },
})
// tap has its tests end what they have begun
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tap.kill(signal))
const [code] = (await once(tap, 'exit')) as [number | null]
process.exitCode = code ?? 1
