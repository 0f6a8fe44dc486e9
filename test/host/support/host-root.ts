import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** What stands around the sidecar on a real host, and what an operator uses there. */
const PACKAGES = [
  'curl',
  'iproute2',
  'logrotate',
  'nginx-light',
  'postgresql',
  'procps',
  'python3-django',
  'python3-psycopg2',
  'rsyslog',
  'uwsgi-core',
  'uwsgi-plugin-python3',
]

/** The packages' services are not started while there is no systemd to start them (policy-rc.d, exit code 101). */
const INSTALL = `
  set -eu
  printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
  apt-get -q update
  apt-get -q install -y --no-install-recommends "$@"
  apt-get clean
  echo web-1 >/etc/hostname
  rm -rf /usr/sbin/policy-rc.d /var/lib/apt/lists/*`

/**
 * Makes the folder of a Debian with what a Django host has, out of a small one, unless it is there. Nothing of the
 * sidecar is in it. Throws, with what the installation said, where it cannot be made.
 */
export const makeHostRoot = (root: string, { from }: { readonly from: string }): void => {
  if (existsSync(root)) return
  const unfinished = `${root}.new`
  rmSync(unfinished, { recursive: true, force: true })
  execFileSync('cp', ['-a', from, unfinished])
  // the resolver of this machine, as debootstrap takes it over, may have changed since
  cpSync('/etc/resolv.conf', join(unfinished, 'etc/resolv.conf'), { dereference: true })
  const options =
    '--quiet --register=no --keep-unit --resolv-conf=off --setenv=DEBIAN_FRONTEND=noninteractive'
  const { status, stdout, stderr } = spawnSync(
    'systemd-nspawn',
    options.split(' ').concat('-D', unfinished, 'sh', '-c', INSTALL, 'sh', PACKAGES),
    { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', timeout: 300_000, killSignal: 'SIGKILL' },
  )
  if (status !== 0) {
    rmSync(unfinished, { recursive: true, force: true })
    throw new Error(`the host's packages cannot be installed:\n${stdout.slice(-2000)}\n${stderr}`)
  }
  renameSync(unfinished, root)
}
