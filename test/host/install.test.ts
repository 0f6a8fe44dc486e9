import t from 'tap'
import { bootHost } from './support/boot-host.ts'
import { eventually } from './support/eventually.ts'
import { DEB, HOST_ROOT } from './support/given.ts'
import { manage, setUpShop } from './support/shop.ts'
import {
  answers,
  configureSidecar,
  DROP_INS,
  installPackage,
  mainPid,
  probe,
  statusOf,
} from './support/sidecar.ts'

const host = await bootHost(HOST_ROOT)
t.teardown(() => host[Symbol.asyncDispose]())
await setUpShop(host)
/** All that a package can leave on a host, but for what dpkg, apt and systemd keep for themselves. */
const listing = () =>
  host.sh(`
    find /etc /usr /lib/systemd /var /run /opt /srv -xdev \\
      ! -path '/var/lib/dpkg/*' ! -path '/var/log/*' ! -path '/var/cache/*' ! -path '/var/lib/postgresql/*' \\
      ! -path '/var/lib/apt/*' ! -path '/run/systemd/*' ! -path '/run/udev/*' ! -path '/run/log/*' ! -path '/run/adduser' ! -path '/etc/*-' | sort
    getent passwd
    getent group`)
const untouched = await listing()

const systemctl = async (verb: string, unit: string) =>
  (await host.run(`systemctl ${verb} health-sidecar.${unit}`)).stdout.trim()

t.test('a fresh install › enables and starts nothing, as nothing is configured yet', async t => {
  await installPackage(host, DEB)
  for (const unit of ['socket', 'service']) {
    t.equal(await systemctl('is-enabled', unit), 'disabled')
    t.equal(await systemctl('is-active', unit), 'inactive')
  }
  t.equal(await probe(host), 0, 'nobody listens on port 80')
  t.match(await host.sh('health-sidecar --version'), /^\d+\.\d+\.\d+\n$/)
})

t.test('a fresh install › has units that systemd takes without a complaint', async t => {
  const { code, stdout, stderr } = await host.run(
    'systemd-analyze verify --man=no health-sidecar.service health-sidecar.socket',
  )
  t.strictSame({ code, said: stdout + stderr }, { code: 0, said: '' })
})

t.test(
  'started before it is configured › says what is missing, and is not started again and again',
  async t => {
    await host.run('systemctl start health-sidecar.service')
    await eventually(() => systemctl('is-failed', 'service'), {
      what: 'failed',
      isReached: is => is === 'failed',
    })
    t.equal(await host.sh('systemctl show --property=ExecMainStatus --value health-sidecar.service'), '78\n')
    t.equal(await host.sh('systemctl show --property=NRestarts --value health-sidecar.service'), '0\n')
    t.match(await host.sh('journalctl --no-pager -u health-sidecar.service'), 'HEALTH_SIDECAR_TARGET')
    await host.sh('systemctl stop health-sidecar.socket; systemctl reset-failed health-sidecar.service')
  },
)

t.test('the README of the units › its commands do as they are written', async t => {
  const readme = await host.sh('cat /usr/share/doc/health-sidecar/examples/systemd/README.md')
  await host.sh(/```sh\n([^]*?)```/.exec(readme)?.[1] ?? 'exit 1')
  t.match(await host.sh('systemctl show --property=DropInPaths --value health-sidecar.service'), DROP_INS)
  t.equal(await systemctl('is-active', 'service'), 'active')
  t.equal(await probe(host), 503)
})

t.test(
  'the shipped drop-in for Django under uWSGI › configures a plain host, with the packaged configuration as it is',
  async t => {
    await host.sh(`
    mkdir -p ${DROP_INS}
    sed 's|/run/uwsgi/app.sock|/run/app/uwsgi.sock|; s|www.example.com|shop.example.com|' \
      /usr/share/doc/health-sidecar/examples/systemd/django-uwsgi.conf >${DROP_INS}/app.conf
    systemctl daemon-reload
    systemctl restart health-sidecar.service`)
    const document = await eventually(() => statusOf(host), {
      what: 'a passing round',
      isReached: ({ output }) => /^starting: [1-9] of 5 rounds have passed$/.test(output ?? ''),
    })
    const statuses = Object.values(document.checks).map(([{ status }]) => status)
    t.strictSame(statuses, ['pass', 'pass', 'pass', 'pass'])
    t.equal(await probe(host), 503, 'and yet, one round proves nothing')
  },
)

t.test('the first 200 › comes only when all is well', async t => {
  await host.sh(`systemctl stop app.service; ${manage('migrate -v 0 orders 0001')}`)
  await configureSidecar(host)
  await host.sh('systemctl restart health-sidecar.service')
  const seen = (reasons: readonly (string | undefined)[]) =>
    eventually(() => statusOf(host), {
      what: `the reasons ${reasons.join(', ')}`,
      isReached: ({ checks }) =>
        Object.values(checks)
          .map(([{ reason }]) => reason)
          .join() === reasons.join(),
    })
  await seen(['SMOKE_SOCKET_STALE', 'MIGRATIONS_PENDING', undefined, undefined])
  t.equal(await probe(host), 503, 'not while the app is down and a migration is pending')
  await host.sh('systemctl start app.service')
  t.match(await seen([undefined, 'MIGRATIONS_PENDING', undefined, undefined]), {
    phase: 'starting',
    output: /^migrations: 1 migration is not applied: orders.0002_placed/,
  })
  t.equal(await probe(host), 503, 'not while a migration is pending')
  await host.sh(manage('migrate -v 0'))
  t.equal(await answers(host, 200), 200)
  t.match(await statusOf(host), { status: 'pass', phase: 'serving' })
})

/** The command of the manual's examples that begins so. */
const exampleOf = async (beginning: string): Promise<string> => {
  const page = await host.sh('zcat /usr/share/man/man1/health-sidecar.1.gz')
  const examples = Array.from(page.matchAll(/^\.EX\n([^]*?)\.EE$/gm), ([, text = '']) => text)
  const example = examples.find(text => text.startsWith(beginning)) ?? 'exit 1'
  return example.replaceAll('\\e', '\\')
}

t.test('the manual › its way to look before anything is started sees what the service sees', async t => {
  t.match(await host.run(await exampleOf('health-sidecar check')), { code: 0, stdout: /^verdict: pass/m })
})

t.test(
  'the manual › its way to take the host out and to put it back does so, whatever the umask of root',
  async t => {
    await host.sh(`umask 077; ${await exampleOf('health-sidecar drain')}`)
    t.equal(await answers(host, 503), 503)
    t.match(await statusOf(host), { phase: 'draining', output: /kernel upgrade/ })
    await host.sh(await exampleOf('health-sidecar resume'))
    t.equal(await answers(host, 200), 200)
  },
)

t.test('removal › stops it and frees the port; what the operator has written stays', async t => {
  await host.sh('apt-get -q remove -y health-sidecar')
  t.equal(await probe(host), 0)
  t.equal(await mainPid(host), 0)
  t.match(await host.run('command -v health-sidecar'), { code: 1 })
  t.match(await host.sh('cat /etc/health-sidecar/health-sidecar.yaml'), 'shop.example.com')
})

t.test(
  'purge › leaves nothing but its user, as Debian has it, so that none other gets its number',
  async t => {
    await host.sh('apt-get -q purge -y health-sidecar')
    await host.sh(`rm -r ${DROP_INS}; systemctl daemon-reload`)
    const before = new Set(untouched.split('\n'))
    const left = (await listing()).split('\n').filter(line => !before.has(line))
    t.strictSame(
      left.filter(line => !line.startsWith('health-sidecar:x:')),
      [],
    )
  },
)
