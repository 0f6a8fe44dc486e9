import { readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { parseEnvFile } from '../../../src/env-file/parse-env-file.ts'
import { runCommand } from '../../support/run-command.ts'
import { lacks, pathOf, readExample, runProgram } from './example.ts'

const file = pathOf('user-data/cloud-config.yaml')

interface UserData {
  readonly packages: readonly string[]
  readonly write_files: readonly { readonly path: string; readonly content: string }[]
  readonly runcmd: readonly string[]
}

const userData = parse(await readExample('user-data/cloud-config.yaml')) as UserData

const contentOf = (path: string): string =>
  userData.write_files.find(written => written.path === path)?.content ?? ''

t.test('user-data › is a valid cloud-config', { skip: lacks('cloud-init') }, async t => {
  t.match(await runProgram(['cloud-init', 'schema', '--config-file', file]), {
    code: 0,
    stdout: /Valid cloud-config/i,
  })
})

t.test('user-data › its scripts are sound shell', { skip: lacks('shellcheck') }, async t => {
  const scripts = {
    'complete-launch': contentOf('/usr/local/sbin/complete-launch'),
    runcmd: `#!/bin/sh\n${userData.runcmd.join('\n')}\n`,
  }
  for (const [name, script] of Object.entries(scripts)) {
    const path = join(t.testdir(), name)
    await writeFile(path, script)
    t.strictSame(await runProgram(['shellcheck', path]), { code: 0, stdout: '', stderr: '' }, name)
    t.match(await runProgram(['sh', '-n', path]), { code: 0 })
  }
})

t.test('user-data › the settings fill in the built-in configuration', async t => {
  const { variables, problems } = parseEnvFile(contentOf('/etc/default/health-sidecar'), 'systemd')
  t.strictSame(problems, [])
  const env = Object.fromEntries(
    [...variables].map(([name, variable]) => [name, variable.kind === 'known' ? variable.value : '']),
  )
  t.match(await runCommand(['config'], { env }), { code: 0, stderr: '' })
})

t.test('user-data › says last that the launch is complete, after the units are enabled', async t => {
  t.equal(userData.runcmd.at(-1), '/usr/local/sbin/complete-launch')
  t.match(userData.runcmd.at(-2), 'systemctl enable --now health-sidecar.socket health-sidecar.service')
})

// the script as it is: with port 80, and the address of the metadata service, in a network of its own
const ownNetwork = [...(process.getuid?.() === 0 ? [] : ['--map-root-user']), '--net']
const prepare = `
  [ "$(readlink /proc/self/ns/net)" != "$0" ] || { echo "Bail out! not in a network of its own"; exit 1; }
  ip link set lo up && ip address add 169.254.169.254/32 dev lo && exec "$@"`
const skip = lacks('unshare', 'ip', 'curl', 'aws')
if (skip) t.test('user-data › completes the launch', { skip }, async () => {})
else {
  const shell = ['sh', '-c', prepare, await readlink('/proc/self/ns/net')]
  const launch = [process.execPath, join(import.meta.dirname, 'launch.ts')]
  await t.spawn('unshare', [...ownNetwork, ...shell, ...launch], {}, 'user-data › completes the launch')
}
