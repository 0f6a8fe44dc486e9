import { execFile } from 'node:child_process'
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { rpmOfTree } from '../../../packaging/rpm.ts'
import { NATIVE } from '../../../packaging/targets.ts'
import { version } from '../../../src/lib/version.ts'
import { bootHost } from '../../host/support/boot-host.ts'
import { eventually } from '../../host/support/eventually.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { debianRoot } from '../env/debian-root.ts'
import { builtPackages } from './built-packages.ts'
import { PROBE, sidecarOn } from './sidecar-on.ts'

// The real rpm installs, upgrades and removes on a booted host. The host is a Debian: its rpm knows of no library and no
// systemd, hence --nodeps. Each test goes on where the one before it has left off.

const CONFIG = '/etc/health-sidecar/health-sidecar.yaml'
const NEWER = '99.0'

const rpm = (await builtPackages(t, 'rpm'))[NATIVE]
const root = await debianRoot(t)
const scratch = await createScratchDirectory('hs-rpm-lifecycle-')
t.teardown(() => scratch[Symbol.asyncDispose]())

/** Makes the same package, but for its version and its own idea of the configuration. */
const makeNewerPackage = async (): Promise<string> => {
  const tree = join(scratch.path, 'tree')
  await mkdir(tree)
  const unpack = 'rpm2archive -n - <"$1" | tar -xf - -C "$2"'
  await promisify(execFile)('sh', ['-c', unpack, 'sh', rpm, tree])
  await appendFile(join(tree, CONFIG), '# newer\n')
  const parts = {
    architecture: NATIVE,
    bundled: [],
    changelog: '',
    epoch: 1_795_388_523,
    scratch: scratch.path,
  }
  return rpmOfTree(tree, { ...parts, version: NEWER })
}

const newer = await makeNewerPackage()
const host = await bootHost(root)
t.teardown(() => host[Symbol.asyncDispose]())

const install = async (file: string): Promise<string> => {
  await host.write('/root/package.rpm', await readFile(file))
  return host.sh('rpm -U --nodeps --oldpackage /root/package.rpm 2>&1; rm /root/package.rpm')
}

const { probe, units, mainPid, processes, answersWhile } = sidecarOn(host)

/** The service of one app of several. */
const APP = 'health-sidecar@shop'
const appPid = async () => (await host.sh(`systemctl show --property=MainPID --value ${APP}.service`)).trim()

const installed = () => host.sh("rpm -q --qf '%{VERSION}' health-sidecar")

t.test(
  'rpm › the installation starts and enables nothing, makes the user, and says what is next',
  async t => {
    t.match(await install(rpm), /nothing is started\. Next:[^]*ss -ltnp/)
    t.strictSame(await units('is-active'), ['inactive', 'inactive'])
    t.strictSame(await units('is-enabled'), ['disabled', 'disabled'])
    t.match(await host.sh('getent passwd health-sidecar'), /:\/run\/health-sidecar:.*nologin$/m)
    t.equal(await host.sh('health-sidecar --version'), `${version}\n`)
    t.equal(await host.sh('stat -c "%a %U %G" /etc/default/health-sidecar'), '640 root root\n')
    t.equal((await host.run('rpm -V --nodeps health-sidecar')).stdout, '', 'every file is as it was packaged')
  },
)

t.test('rpm › configured and enabled, it answers by its port, from compiled code', async t => {
  await host.write('/etc/app.env', 'SECRET_KEY=x7\n')
  await host.write(
    CONFIG,
    `# mine
listen: \${HEALTH_SIDECAR_LISTEN}
startup: { healthy_threshold: 1 }
drain: { wait: 1s }
checks: [{ name: env, type: env, files: [/etc/app.env], required: [SECRET_KEY] }]
`,
  )
  await host.sh('systemctl enable --now health-sidecar.socket health-sidecar.service 2>&1')
  await eventually(probe, { what: 'a pass', isReached: status => status === '200' })
  await host.sh(`
    cp ${CONFIG} /etc/health-sidecar/shop.yaml
    systemctl enable --now ${APP}.socket ${APP}.service 2>&1
    health-sidecar --app shop wait`)
  const lib = '/usr/lib/health-sidecar'
  t.match(
    await host.sh(`${lib}/node --profile-deserialization ${lib}/compiled.cjs --version`),
    /Deserializing from \d{6,} bytes/,
  )
})

t.test('rpm › an upgrade keeps the configuration, and every probe meanwhile is answered 200', async t => {
  const [before, ofApp] = [await mainPid(), await appPid()]
  const answers = await answersWhile(async () => {
    await install(newer)
    await eventually(mainPid, { what: 'another process', isReached: pid => pid !== '0' && pid !== before })
    await host.sh('health-sidecar status')
  })
  t.strictSame(new Set(answers), new Set(['HTTP/1.1 200 OK']))
  t.ok(answers.length > 10, `${answers.length} probes`)
  t.equal(await installed(), NEWER)
  t.not(await appPid(), ofApp, 'that of an app is restarted too')
  t.match(await host.sh('health-sidecar --app shop status'), /^SERVING/)
  t.match(await host.sh(`cat ${CONFIG}`), /^# mine\n/)
  t.match(await host.sh(`tail -n 1 ${CONFIG}.rpmnew`), '# newer')
  t.strictSame(await units('is-enabled'), ['enabled', 'enabled'])
  t.match(await host.sh('ls /usr/lib/health-sidecar'), 'health-sidecar.compiled')
})

t.test('rpm › if the configuration is wrong by now, the upgrade says so, and what runs goes on', async t => {
  const pid = await mainPid()
  await host.sh(`sed -i '1anonsense: 1' ${CONFIG}`)
  const said = await install(rpm)
  t.match(said, `${CONFIG}:2:1: nonsense: unknown key`)
  t.match(
    said,
    'health-sidecar.service: the configuration is refused, so the old version of the service keeps running',
  )
  t.equal(await installed(), version)
  t.equal(await mainPid(), pid)
  t.equal(await probe(), '200')
  await host.sh(`sed -i 2d ${CONFIG}`)
})

t.test('rpm › an upgrade leaves off what is off', async t => {
  await host.sh('systemctl stop health-sidecar.service health-sidecar.socket')
  await install(newer)
  t.strictSame(await units('is-active'), ['inactive', 'inactive'])
  await host.sh('systemctl start health-sidecar.socket health-sidecar.service')
  await eventually(probe, { what: 'a pass', isReached: status => status === '200' })
})

t.test('rpm › removal stops it, and leaves the operator’s configuration, the logs and the user', async t => {
  await host.sh('mkdir -p /var/log/health-sidecar; echo {} >/var/log/health-sidecar/probes.log')
  t.equal((await processes()).trim().split('\n').length, 2)
  await host.sh('rpm -e --nodeps health-sidecar 2>&1')
  t.not((await host.run(PROBE)).code, 0, 'nobody listens')
  t.equal(await processes(), '', 'nor does an app’s own go on')
  t.match(await host.sh(`cat ${CONFIG}.rpmsave`), /^# mine\n/)
  t.match(await host.sh('cat /var/log/health-sidecar/probes.log'), '{}')
  t.match(await host.sh('getent passwd health-sidecar'), /^health-sidecar:/)
  await host.sh(`rm -r /etc/health-sidecar /var/log/health-sidecar* /root/*`)
  t.equal(
    await host.sh(
      "find / -xdev '(' -path /proc -o -path /sys -o -path /run/systemd ')' -prune -o -name '*health-sidecar*' -print",
    ),
    '',
    'and nothing else',
  )
})
