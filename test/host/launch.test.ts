import { readFile } from 'node:fs/promises'
import t from 'tap'
import type { Test } from 'tap'
import { parse } from 'yaml'
import { at, readExample, readHcl } from '../real/examples/example.ts'
import { bootHost } from './support/boot-host.ts'
import type { Host } from './support/boot-host.ts'
import { DEB, HOST_ROOT } from './support/given.ts'
import { answers, probe, statusOf } from './support/sidecar.ts'

// The commands of the examples that install the sidecar when a host launches, or into the image that it launches from.

/** A host of a scaling group, which has the app's group. Its daily upgrades hold dpkg's lock for the next 4 seconds. */
const launch = async (t: Test): Promise<Host> => {
  const host = await bootHost(HOST_ROOT)
  t.teardown(() => host[Symbol.asyncDispose]())
  await host.sh(`
    systemctl disable --quiet --now nginx.service
    groupadd --system app
    cat >/root/upgrades.py <<'EOF'
import fcntl, time
lock = open("/var/lib/dpkg/lock-frontend", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
open("/run/upgrading", "w")
time.sleep(4)
EOF
    systemd-run --quiet python3 /root/upgrades.py
    until [ -e /run/upgrading ]; do sleep 0.1; done`)
  return host
}

/** Puts a program on root's PATH, before those of the host. */
const provide = (host: Host, name: string, script: string) =>
  host.sh(`cat >/usr/local/bin/${name}; chmod 755 /usr/local/bin/${name}`, {
    stdin: `#!/bin/sh\n${script}\n`,
  })

const enabled = async (host: Host) =>
  (await host.sh('systemctl is-enabled health-sidecar.socket health-sidecar.service')).split('\n')

/** It asks what the settings name, of which nothing is on this host, with the app's group. */
const isAtWork = async (t: Test, host: Host) => {
  t.equal(await answers(host, 503), 503)
  const { checks } = await statusOf(host)
  t.match(checks, {
    homepage: [{ evidence: { target: 'uwsgi+unix:/run/app/uwsgi.sock', failure: 'SMOKE_SOCKET_MISSING' } }],
    env: [{ reason: 'ENV_FILE_MISSING' }],
  })
  t.equal(await host.sh('systemctl show --property=SupplementaryGroups --value health-sidecar'), 'app\n')
  t.equal(await host.sh("stat -c '%U %G %a' /etc/default/health-sidecar"), 'root root 640\n')
}

t.test('user-data › installs it with the settings that are there before it, and starts it', async t => {
  const { write_files: files, runcmd } = parse(await readExample('user-data/cloud-config.yaml')) as {
    write_files: { path: string; permissions?: string; content: string }[]
    runcmd: string[]
  }
  const host = await launch(t)
  for (const { path, permissions = '0644', content } of files)
    await host.sh(`install -D -m ${permissions} <(cat) ${path}`, { stdin: content })
  // what the package's address has
  await host.write('/root/package.deb', await readFile(DEB))
  await provide(host, 'curl', 'while [ "$1" != --output ]; do shift; done; cp /root/package.deb "$2"')
  t.equal(runcmd.at(-1), '/usr/local/sbin/complete-launch', 'which test/real runs')
  await host.sh(runcmd.slice(0, -1).join('\n'))
  await host.sh('rm /usr/local/bin/curl')
  t.strictSame(await enabled(host), ['enabled', 'enabled', ''])
  await isAtWork(t, host)
})

t.test('packer › bakes it into the image, from which it starts with the host', async t => {
  const { provisioner } = at(await readHcl('packer/sidecar.pkr.hcl'), 'build') as {
    provisioner: { shell: [{ inline: string[]; inline_shebang: string }] }
  }
  const [{ inline, inline_shebang: shebang }] = provisioner.shell
  const host = await launch(t)
  await host.write('/tmp/health-sidecar.deb', await readFile(DEB))
  await host.write('/tmp/health-sidecar.default', await readExample('packer/health-sidecar.default'))
  await provide(host, 'sudo', 'exec env "$@"')
  await provide(host, 'cloud-init', 'exit 2')
  await host.sh(`cat >/root/inline; ${shebang} /root/inline`, { stdin: inline.join('\n') })
  t.strictSame(await enabled(host), ['enabled', 'enabled', ''])
  t.equal(await probe(host), 0, 'and did not start it')
  await host.reboot()
  await isAtWork(t, host)
})
