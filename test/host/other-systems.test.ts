import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { sidecarOn } from '../real/package/sidecar-on.ts'
import { bootHost } from './support/boot-host.ts'
import { eventually } from './support/eventually.ts'
import { DEB, OTHER_ROOTS } from './support/given.ts'
import { whileProbed } from './support/prober.ts'
import type { Probes } from './support/prober.ts'
import {
  DROP_INS,
  ENABLE,
  installPackage,
  mainPid,
  makeLaterVersion,
  statusOf,
  UPGRADE,
} from './support/sidecar.ts'

// The package on a bare host of another Debian, from before the installation to after the purge. Debian 12 has tests of its own.

/** `unknown`: directives that this systemd does not know yet. It says so, and ignores them. */
const SYSTEMS = [
  { suite: 'bullseye', systemd: 247, unknown: ['PrivateIPC'] },
  { suite: 'trixie', systemd: 257, unknown: [] },
] as const

const CONFIG_FILE = '/etc/health-sidecar/health-sidecar.yaml'
const config = (others = '') => `${others}listen: systemd
startup: { healthy_threshold: 1 }
drain: { wait: 1s }
checks:
  - { name: page, type: smoke, target: 'http+unix:/run/app/app.sock', interval: 500ms, timeout: 1s, fresh_for: 200ms }
  - { name: env, type: env, files: ['\${HEALTH_SIDECAR_ENV_FILE}'], required: [KEY], interval: 500ms, fresh_for: 200ms }
`

const APP = `[Service]
User=www-data
RuntimeDirectory=app
UMask=0007
ExecStart=/usr/lib/health-sidecar/node -e 'require("node:http").createServer((_, to) => to.end()).listen("/run/app/app.sock")'
[Install]
WantedBy=multi-user.target
`

const DROP_IN = `[Service]
SupplementaryGroups=www-data
WatchdogSec=4s
LoadCredential=app-env:/etc/app-env
Environment=HEALTH_SIDECAR_ENV_FILE=/run/credentials/%N.service/app-env
`

/** Every probe was answered 200, but for those that a killed process had accepted. */
const all200 = (t: Test, { sent, statuses, errors }: Probes, cutOffAtMost = 0) => {
  const { ECONNRESET: cutOff = 0, ...others } = errors
  t.strictSame({ statuses, others }, { statuses: { 200: sent - cutOff }, others: {} }, `${sent} probes`)
  t.ok(cutOff <= cutOffAtMost, `${cutOff} were cut off`)
}

for (const { suite, systemd, unknown } of SYSTEMS)
  t.test(`Debian ${suite}, systemd ${systemd}`, async t => {
    const host = await bootHost(join(OTHER_ROOTS, suite))
    t.teardown(() => host[Symbol.asyncDispose]())
    const { units, probe } = sidecarOn(host)
    const serving = (unit?: string) =>
      eventually(() => statusOf(host, unit), {
        what: 'serving',
        isReached: ({ phase }) => phase === 'serving',
      })
    /** Probes 50 times a second, until another process serves. */
    const replaced = async (doing: () => Promise<unknown>): Promise<Probes> => {
      const pid = await mainPid(host)
      return whileProbed(host, {
        perSecond: 50,
        async doing() {
          await doing()
          await eventually(() => mainPid(host), {
            what: 'another process',
            isReached: now => now !== 0 && now !== pid,
          })
          await serving()
        },
      })
    }
    const signal = (name: string) =>
      host.sh(`kill -${name} "$(systemctl show --property=MainPID --value health-sidecar)"`)

    await t.test('installation › starts nothing, and systemd takes the units', async t => {
      t.match(await host.sh('systemctl --version'), `systemd ${systemd} `)
      await installPackage(host, DEB)
      t.strictSame(await units('is-active'), ['inactive', 'inactive'])
      t.strictSame(await units('is-enabled'), ['disabled', 'disabled'])
      const { code, stderr } = await host.run(
        'systemd-analyze verify --man=no health-sidecar.service health-sidecar@shop.service',
      )
      t.equal(code, 0)
      const said = new Set(
        stderr
          .split('\n')
          .filter(line => line.includes('health-sidecar'))
          .map(line => /Unknown key name '(\w+)'/.exec(line)?.[1] ?? line),
      )
      t.strictSame([...said], [...unknown])
    })

    await t.test('first 200 › comes once the app is there', async t => {
      await host.write('/etc/systemd/system/app.service', APP)
      await host.write(CONFIG_FILE, config())
      await host.sh('umask 077; echo KEY=1 >/etc/app-env')
      await host.sh(`mkdir -p ${DROP_INS}`)
      await host.write(`${DROP_INS}/app.conf`, DROP_IN)
      await host.sh(`systemctl daemon-reload; ${ENABLE}`)
      t.equal(await probe(), '503')
      await host.sh('systemctl enable --quiet --now app.service')
      await serving()
      t.equal(await probe(), '200')
      t.match(await host.sh('health-sidecar status'), /^SERVING +200/)
    })

    await t.test('restart › every probe is answered 200', async t => {
      all200(t, await replaced(() => host.sh('systemctl restart health-sidecar.service')))
    })

    await t.test('kill -9 › no probe is refused, and it goes on with 200', async t => {
      all200(t, await replaced(() => signal('KILL')), 10)
    })

    await t.test('kill -STOP › is ended by the watchdog', async t => {
      all200(t, await replaced(() => signal('STOP')), 10)
      t.match(await host.sh('journalctl --no-pager -u health-sidecar.service'), /watchdog/i)
    })

    await t.test('reload › takes a good configuration, and refuses a wrong one', async t => {
      const pid = await mainPid(host)
      await host.write(CONFIG_FILE, config('deadline: 3s\n'))
      await host.sh('systemctl reload health-sidecar.service')
      await host.write(CONFIG_FILE, config('nonsense: 1\n'))
      t.not((await host.run('systemctl reload health-sidecar.service')).code, 0)
      t.equal(await mainPid(host), pid)
      t.equal(await probe(), '200')
    })

    await t.test('an upgrade › leaves one that refuses its configuration as it is', async t => {
      const pid = await mainPid(host)
      await makeLaterVersion(host)
      t.match(await host.sh(`${UPGRADE} 2>&1`), 'health-sidecar.service: the configuration is refused')
      t.equal(await mainPid(host), pid)
      await host.write(CONFIG_FILE, config())
      await host.write('/root/first.deb', await readFile(DEB))
    })

    await t.test('an app of several › has its own service, which an upgrade restarts too', async t => {
      const unit = 'health-sidecar@shop'
      await host.sh(`
        cp ${CONFIG_FILE} /etc/health-sidecar/shop.yaml
        mkdir -p /etc/systemd/system/health-sidecar@.service.d
        cp ${DROP_INS}/app.conf /etc/systemd/system/health-sidecar@.service.d
        systemctl daemon-reload
        systemctl enable --quiet --now ${unit}.socket ${unit}.service`)
      await serving(unit)
      const pid = await mainPid(host, unit)
      all200(
        t,
        await replaced(() =>
          host.sh(
            'apt-get -q install -y --allow-downgrades -o Dpkg::Options::=--force-confold /root/first.deb',
          ),
        ),
      )
      t.not(await mainPid(host, unit), pid)
      await serving(unit)
      t.match(await host.sh('health-sidecar --app shop status'), /^SERVING +200.* app shop/)
    })

    await t.test('a reboot › starts both again', async t => {
      await host.reboot()
      await serving()
      await serving('health-sidecar@shop')
      t.equal(await probe(), '200')
    })

    await t.test('removal and purge › stop it, and leave nothing but the user', async t => {
      await host.sh('apt-get -q remove -y health-sidecar')
      t.strictSame(await units('is-active'), ['inactive', 'inactive'])
      t.equal((await host.run('pgrep -f health-sidecar')).stdout, '')
      t.match(await host.sh(`cat ${CONFIG_FILE}`), 'listen: systemd')
      await host.sh(
        `apt-get -q purge -y health-sidecar; rm -r ${DROP_INS} /etc/systemd/system/health-sidecar@.service.d`,
      )
      t.equal(
        await host.sh(
          "find / /run -xdev '(' -path /proc -o -path /sys -o -path /root ')' -prune -o -name '*health-sidecar*' -print",
        ),
        '',
      )
    })
  })
