import { execFile } from 'node:child_process'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { NATIVE } from '../../../packaging/targets.ts'
import { version } from '../../../src/lib/version.ts'
import { bootHost } from '../../host/support/boot-host.ts'
import { eventually } from '../../host/support/eventually.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { debianRoot } from '../env/debian-root.ts'
import { builtPackages } from './built-packages.ts'
import { PROBE, sidecarOn } from './sidecar-on.ts'

// One host, from before the installation to after the purge: each test goes on where the one before it has left off.

const CONFIG = '/etc/health-sidecar/health-sidecar.yaml'
const NEWER = '99.0'

const deb = (await builtPackages(t))[NATIVE]
const root = await debianRoot(t)
const scratch = await createScratchDirectory('hs-lifecycle-')
t.teardown(() => scratch[Symbol.asyncDispose]())

/** Makes the same package, but for its version and its own idea of the configuration. */
const makeNewerPackage = async (): Promise<string> => {
  const folder = join(scratch.path, 'newer')
  const file = join(scratch.path, 'newer.deb')
  const exec = promisify(execFile)
  await exec('dpkg-deb', ['--raw-extract', deb, folder])
  const control = join(folder, 'DEBIAN/control')
  await writeFile(
    control,
    (await readFile(control, 'utf8')).replace(`Version: ${version}`, `Version: ${NEWER}`),
  )
  await appendFile(join(folder, CONFIG), '# newer\n')
  await exec('dpkg-deb', ['--root-owner-group', '-Znone', '--build', folder, file])
  return file
}

const newer = await makeNewerPackage()
const host = await bootHost(root)
t.teardown(() => host[Symbol.asyncDispose]())

const install = async (file: string): Promise<string> => {
  await host.write('/root/package.deb', await readFile(file))
  return host.sh('dpkg --install --force-confold /root/package.deb 2>&1; rm /root/package.deb')
}

const { probe, units, property, mainPid, processes, answersWhile } = sidecarOn(host)

const NOTHING = ['inactive', 'inactive']
const RUNNING = ['active', 'active']

t.test('installation › starts and enables nothing, on a host without Node or a network', async t => {
  t.equal((await host.run('command -v node')).code, 1)
  t.match(await host.sh('ls /sys/class/net'), /^lo\n$/)
  const said = await install(deb)
  t.match(said, 'Setting up health-sidecar')
  t.match(said, 'nothing is started. Next:')
  t.strictSame(await units('is-active'), NOTHING)
  t.strictSame(await units('is-enabled'), ['disabled', 'disabled'])
  t.match(await host.sh('getent passwd health-sidecar'), /:\/usr\/sbin\/nologin$/m)
  t.match(await host.sh('dpkg --audit'), /^$/)
})

t.test('installation › the program runs, by its own Node, whatever is said to another one', async t => {
  t.equal(await host.sh('health-sidecar --version'), `${version}\n`)
  t.equal(
    await host.sh('NODE_OPTIONS="--require /nowhere" NODE_DEBUG=module health-sidecar --version 2>&1'),
    `${version}\n`,
  )
  await host.write('/root/env', 'SECRET_KEY=x7\n')
  await host.write(
    '/root/check.yaml',
    'checks: [{ name: env, type: env, files: [/root/env], required: [SECRET_KEY] }]\n',
  )
  t.match(await host.sh('health-sidecar check --config /root/check.yaml'), /^env +pass[^]*verdict: pass/)
  t.match(await host.run('health-sidecar chekc'), { code: 64 })
  t.match(await host.run('health-sidecar check --config /nowhere'), { code: 78 })
})

t.test('installation › has compiled the program, and its commands start from that', async t => {
  const lib = '/usr/lib/health-sidecar'
  const compiled = `${lib}/health-sidecar.compiled`
  t.equal(await host.sh(`stat -c '%a %U %G' ${compiled}`), '644 root root\n')
  // V8 tells of it
  const started = `${lib}/node --profile-deserialization ${lib}/compiled.cjs --version`
  t.match(await host.sh(started), /Deserializing from \d{6,} bytes/)
  await host.sh(`printf x | dd of=${compiled} bs=1 seek=600000 conv=notrunc 2>&1`)
  t.notMatch(await host.sh(started), /Deserializing from \d{6,} bytes/, 'not from one that is damaged')
  t.equal(await host.sh(`rm ${compiled}; health-sidecar --version`), `${version}\n`)
})

t.test('configured and enabled › it answers by its port, and starts with the host', async t => {
  await host.write('/etc/app.env', 'SECRET_KEY=x7\n')
  await host.write('/etc/default/health-sidecar', 'HEALTH_SIDECAR_ENV_FILE=/etc/app.env\n')
  await host.write(
    CONFIG,
    `# mine
listen: \${HEALTH_SIDECAR_LISTEN}
startup: { healthy_threshold: 1 }
drain: { wait: 1s }
checks: [{ name: env, type: env, files: ["\${HEALTH_SIDECAR_ENV_FILE}"], required: [SECRET_KEY] }]
`,
  )
  await host.sh('systemctl enable --now health-sidecar.socket health-sidecar.service 2>&1')
  await eventually(probe, { what: 'a pass', isReached: status => status === '200' })
  t.strictSame(await units('is-active'), RUNNING)
  t.match(await host.sh('health-sidecar status'), /^SERVING +200 for \d+s$/m)
  t.equal(await host.sh('stat -c "%a %U %G" /etc/default/health-sidecar'), '640 root root\n')
})

t.test('upgrade › keeps the configuration, and every probe meanwhile is answered 200', async t => {
  const before = await mainPid()
  const since = await property('ActiveEnterTimestampMonotonic', 'socket')
  const answers = await answersWhile(async () => {
    t.match(await install(newer), /Setting up health-sidecar/)
    await eventually(mainPid, { what: 'another process', isReached: pid => pid !== '0' && pid !== before })
    await host.sh('health-sidecar status')
  })
  t.strictSame(new Set(answers), new Set(['HTTP/1.1 200 OK']))
  t.ok(answers.length > 10, `${answers.length} probes`)
  t.equal(
    await property('ActiveEnterTimestampMonotonic', 'socket'),
    since,
    'the socket was open all the time',
  )
  t.equal(await host.sh("dpkg-query -W -f '${Version}' health-sidecar"), NEWER)
  t.match(await host.sh(`cat ${CONFIG}`), /^# mine\n/)
  t.match(await host.sh(`tail -n 1 ${CONFIG}.dpkg-dist`), '# newer')
  t.equal(await host.sh('stat -c "%a %U %G" /etc/default/health-sidecar'), '640 root root\n')
})

t.test('upgrade › where the configuration is wrong by now, what runs goes on, and it is said', async t => {
  const pid = await mainPid()
  await host.sh(`sed -i '1anonsense: 1' ${CONFIG}`)
  const said = await install(deb)
  t.match(said, `${CONFIG}:2:1: nonsense: unknown key`)
  t.match(
    said,
    'health-sidecar.service: the configuration is refused, so the old version of the service keeps running',
  )
  t.equal(await host.sh("dpkg-query -W -f '${Version} ${db:Status-Abbrev}' health-sidecar"), `${version} ii `)
  t.equal(await mainPid(), pid)
  t.equal(await probe(), '200')

  // which is not that of a unit whose drop-in names another
  await host.sh(
    `
    sed '2d' ${CONFIG} >/etc/other.yaml
    mkdir -p /run/systemd/system/health-sidecar.service.d
    cat >/run/systemd/system/health-sidecar.service.d/other.conf
    systemctl daemon-reload
    systemctl restart health-sidecar.service`,
    {
      stdin: '[Service]\nExecStart=\nExecStart=/usr/bin/health-sidecar serve -c /etc/other.yaml\n',
    },
  )
  const another = await mainPid()
  t.notMatch(await install(newer), 'refused')
  t.not(await mainPid(), another, 'it is restarted')
  await eventually(probe, { what: 'a pass', isReached: status => status === '200' })
  await host.sh(`
    mv /etc/other.yaml ${CONFIG}
    rm -r /run/systemd/system/health-sidecar.service.d
    systemctl daemon-reload`)
})

t.test('upgrade › finds a wrong configuration, however the unit names it', async t => {
  const app = '/etc/health-sidecar/shop.yaml'
  // what the package runs once it is installed
  const afterUpgrade = () => host.sh('/usr/lib/health-sidecar/after-upgrade systemctl try-restart 2>&1')
  await host.sh(`
    mv ${CONFIG} ${app}
    mkdir -p /run/systemd/system/health-sidecar.service.d
    systemctl stop health-sidecar.service`)
  for (const words of ['--app shop serve', '--app=shop']) {
    const dropIn = `[Service]\nExecStart=\nExecStart=/usr/bin/health-sidecar ${words}\n`
    await host.write('/run/systemd/system/health-sidecar.service.d/words.conf', dropIn)
    await host.sh('systemctl daemon-reload; systemctl restart health-sidecar.service')
    const pid = await mainPid()
    t.equal(await afterUpgrade(), '', words)
    const restarted = await mainPid()
    t.not(restarted, pid, `${words}: is restarted with a good one`)
    await host.sh(`sed -i '1anonsense: 1' ${app}`)
    t.match(await afterUpgrade(), ':2:1: nonsense: unknown key', words)
    t.equal(await mainPid(), restarted, `${words}: goes on`)
    await host.sh(`sed -i 2d ${app}`)
  }
  await host.sh(`
    mv ${app} ${CONFIG}
    rm -r /run/systemd/system/health-sidecar.service.d
    systemctl daemon-reload
    systemctl restart health-sidecar.service`)
})

t.test(
  'reinstallation › of the version before leaves off what was off, and keeps the configuration',
  async t => {
    await host.sh('systemctl stop health-sidecar.service health-sidecar.socket')
    await install(deb)
    t.strictSame(await units('is-active'), NOTHING)
    t.strictSame(await units('is-enabled'), ['enabled', 'enabled'])
    t.match(await host.sh(`cat ${CONFIG}`), /^# mine\n/)
    t.equal(await host.sh('cat /etc/default/health-sidecar'), 'HEALTH_SIDECAR_ENV_FILE=/etc/app.env\n')
    await host.sh('systemctl start health-sidecar.service')
    await eventually(probe, { what: 'a pass', isReached: status => status === '200' })
  },
)

t.test('removal › stops both, and keeps the configuration and the logs', async t => {
  await host.sh('mkdir -p /var/log/health-sidecar; echo {} >/var/log/health-sidecar/probes.log')
  t.not(await processes(), '')
  await host.sh('dpkg --remove health-sidecar')
  t.strictSame(await units('is-active'), NOTHING)
  t.not((await host.run(PROBE)).code, 0, 'nobody listens')
  t.equal(await processes(), '')
  t.equal((await host.run('ls /usr/lib/health-sidecar')).stdout, '')
  t.match(await host.sh(`cat ${CONFIG}`), /^# mine\n/)
  t.match(await host.sh('cat /var/log/health-sidecar/probes.log'), '{}')
})

t.test('purge › leaves nothing but the user', async t => {
  await host.sh('dpkg --purge health-sidecar; rm -rf /root/*')
  t.equal(
    await host.sh("find / -xdev '(' -path /proc -o -path /sys ')' -prune -o -name '*health-sidecar*' -print"),
    '',
  )
  t.equal(await host.sh("find /run /tmp -name '*health-sidecar*'"), '')
  t.match(await host.run('systemctl list-unit-files --no-legend "health-sidecar*"'), { stdout: '' })
  t.match(await host.sh('getent passwd health-sidecar'), /^health-sidecar:/)
})
