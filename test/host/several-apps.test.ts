import { readFile } from 'node:fs/promises'
import t from 'tap'
import { readExample } from '../real/examples/example.ts'
import { bootHost } from './support/boot-host.ts'
import { eventually } from './support/eventually.ts'
import { DEB, HOST_ROOT } from './support/given.ts'
import { whileProbed } from './support/prober.ts'
import {
  answers,
  installPackage,
  mainPid,
  makeLaterVersion,
  probe,
  statusOf,
  UPGRADE,
} from './support/sidecar.ts'

// A host with two apps, a shop and a blog, each with a sidecar of its own behind nginx. Each test goes on where the one
// before it has left off.

const host = await bootHost(HOST_ROOT)
t.teardown(() => host[Symbol.asyncDispose]())
await installPackage(host, DEB)

const APPS = ['shop', 'blog'] as const
const unit = (app: string) => `health-sidecar@${app}`
const UNITS = APPS.flatMap(app => [`${unit(app)}.socket`, `${unit(app)}.service`]).join(' ')

const config = (app: string, others = '') => `listen: systemd
startup: { healthy_threshold: 2 }
release: \${RELEASE}
drain: { wait: 1s }
${others}checks:
  - name: page
    type: smoke
    target: http+unix:/run/${app}/app.sock
    expect: { body: Welcome to the ${app} }
    interval: 500ms
    fresh_for: 200ms
    timeout: 1s
`

/** An app that says its name. */
const APP_UNIT = `[Service]
User=www-data
RuntimeDirectory=%i
UMask=0007
ExecStart=/usr/lib/health-sidecar/node -e 'require("node:http").createServer((_, to) => to.end("Welcome to the %i")).listen("/run/%i/app.sock")'
`

const active = async () => (await host.run(`systemctl is-active ${UNITS}`)).stdout.trim().split('\n')
const health = (words: string) => host.run(`health-sidecar ${words}`)
const write = (app: string, text: string) => host.write(`/etc/health-sidecar/${app}.yaml`, text)

/** What is done to one app moves no probe of the other. */
const unmoved = async (app: string, doing: () => Promise<void>) => {
  const { sent, statuses, errors } = await whileProbed(host, { perSecond: 20, path: `/health/${app}`, doing })
  t.strictSame({ statuses, errors }, { statuses: { 200: sent }, errors: {} }, `${sent} probes of the ${app}`)
}

/** Waits until another process than this one serves. */
const succeeded = async (app: string, pid: number) => {
  await eventually(() => mainPid(host, unit(app)), {
    what: 'another process',
    isReached: now => now !== 0 && now !== pid,
  })
  await eventually(() => statusOf(host, unit(app)), {
    what: 'serving',
    isReached: is => is.phase === 'serving',
  })
}

t.test(
  'the template › is taken by systemd without a complaint, as sandboxed as the service without a name',
  async t => {
    const verify = await host.run(`systemd-analyze verify --man=no ${UNITS}`)
    t.strictSame(verify, { code: 0, stdout: '', stderr: '' })
    t.equal(
      (await host.run(`systemd-analyze security --no-pager --threshold=15 ${unit('shop')}.service`)).code,
      0,
    )
  },
)

t.test('an app without a configuration › is told which file to write, and is not started again', async t => {
  t.match(await health('--app shop status'), {
    code: 78,
    stderr: '/etc/health-sidecar/shop.yaml:1:1: this file does not exist; write it',
  })
  t.not((await host.run(`systemctl start ${unit('shop')}.service`)).code, 0)
  t.equal(await host.sh(`systemctl show --property=ExecMainStatus --value ${unit('shop')}.service`), '78\n')
  t.strictSame((await active()).slice(0, 2), ['inactive', 'failed'])
  t.match(await host.sh(`journalctl --no-pager -u ${unit('shop')}.service`), '/etc/health-sidecar/shop.yaml')
})

t.test('two apps › each proves itself, by its own path of nginx and by the path for both', async t => {
  await host.write('/etc/systemd/system/app@.service', APP_UNIT)
  await host.write('/etc/nginx/conf.d/apps.conf', await readExample('nginx/several-apps.conf'))
  await host.sh(`mkdir -p /etc/systemd/system/${unit('')}.service.d`)
  await host.write(
    `/etc/systemd/system/${unit('')}.service.d/app.conf`,
    '[Service]\nSupplementaryGroups=www-data\n',
  )
  for (const app of APPS) {
    await write(app, config(app))
    await host.write(`/etc/default/${unit(app)}`, `RELEASE=${app}-1\n`)
  }
  await host.sh(`
    rm /etc/nginx/sites-enabled/default
    systemctl daemon-reload
    systemctl start app@shop.service app@blog.service
    systemctl restart nginx.service
    systemctl enable --quiet --now ${UNITS}`)
  for (const path of ['/health/shop', '/health/blog', '/health']) t.equal(await answers(host, 200, path), 200)
  t.equal(await probe(host, '/health/nothing'), 503)
  t.match(await statusOf(host, unit('shop')), { serviceId: 'shop', releaseId: 'shop-1', phase: 'serving' })
  t.match(await statusOf(host, unit('blog')), { serviceId: 'blog', releaseId: 'blog-1', phase: 'serving' })
  t.match(await host.sh(`journalctl --no-pager -o cat -u ${unit('blog')}.service`), /"app":"blog"/)
  t.notMatch(await host.sh(`journalctl --no-pager -o cat -u ${unit('blog')}.service`), 'shop')
})

t.test('two apps › one that fails leaves the other’s answer unmoved', async t => {
  await unmoved('shop', async () => {
    await host.sh('systemctl stop app@blog.service')
    t.equal(await answers(host, 503, '/health/blog'), 503)
    t.equal(await answers(host, 503), 503, 'the path for both')
    t.match(await health('--app blog status'), { code: 2, stdout: /^FAILING +503.* app blog/ })
    t.match(await health('--app shop status'), { code: 0, stdout: /^SERVING +200.* app shop/ })
    await host.sh('systemctl start app@blog.service')
    t.equal(await answers(host, 200), 200)
  })
})

t.test('two apps › a drain, a reload and a history are of one of them', async t => {
  await unmoved('blog', async () => {
    t.match(await health('drain --app shop --reason deploy --for 5m'), { code: 0 })
    t.equal(await answers(host, 503, '/health/shop'), 503)
    t.match(await health('--app shop resume'), { code: 0, stdout: /^resumed/ })
    t.equal(await answers(host, 200, '/health/shop'), 200)
    const pid = await mainPid(host, unit('shop'))
    await write('shop', config('shop').replace('Welcome to the shop', 'Welcome'))
    t.match(await health('--app shop reload'), { code: 0, stdout: /^taken/ })
    await write('shop', config('shop', 'nonsense: 1\n'))
    t.not((await host.run(`systemctl reload ${unit('shop')}.service`)).code, 0, 'a wrong one is refused')
    await write('shop', config('shop'))
    await host.sh(`systemctl reload ${unit('shop')}.service`)
    t.equal(await mainPid(host, unit('shop')), pid)
  })
  t.match(await health('explain --app shop'), { code: 0, stdout: /deploy/ })
  t.notMatch((await health('explain --app blog')).stdout, 'deploy')
  t.match(await host.run('RELEASE=blog-1 health-sidecar --app blog check'), {
    code: 0,
    stdout: /verdict: pass/,
  })
  t.match(await health('--app blog wait --timeout 5s'), { code: 0 })
})

t.test('two apps › each has its own latch: a third one starts with nothing proved', async t => {
  await unmoved('blog', async () => {
    const pid = await mainPid(host, unit('shop'))
    await host.sh(`systemctl kill --kill-whom=main --signal=KILL ${unit('shop')}.service`)
    await succeeded('shop', pid)
  })
  await write('third', config('shop').replace('threshold: 2', 'threshold: 100'))
  await host.write(`/etc/default/${unit('third')}`, 'RELEASE=shop-1\n')
  await host.sh(`systemctl start ${unit('third')}.service`)
  t.match(await statusOf(host, unit('third')), { phase: 'starting' })
  t.equal(await probe(host, '/health/third'), 503)
  await write('third', config('shop', 'state_dir: /run/health-sidecar@shop\n'))
  t.match(await host.run(`systemctl restart ${unit('third')}.service || health-sidecar config --app third`), {
    code: 78,
    stderr: /state_dir: \/run\/health-sidecar@shop belongs to another app/,
  })
  await host.sh(
    `systemctl stop ${unit('third')}.socket ${unit('third')}.service; rm /etc/health-sidecar/third.yaml`,
  )
})

t.test('two apps › a dead sidecar is a 503 of its own app alone', async t => {
  await unmoved('blog', async () => {
    await host.sh(`systemctl stop ${unit('shop')}.socket ${unit('shop')}.service`)
    t.equal(await probe(host, '/health/shop'), 503)
    t.equal(await probe(host), 503)
    t.equal((await host.run(`ls /run/${unit('shop')}.sock`)).code, 2, 'its socket is gone')
    await host.sh(`systemctl start ${unit('shop')}.socket`)
    t.equal(await answers(host, 200, '/health/shop'), 200, 'the first probe starts it')
    t.equal(await answers(host, 200), 200)
  })
})

t.test('two apps › logrotate rotates the log of each, and reloads what runs', async t => {
  for (const app of APPS)
    await write(app, config(app, `log: { file: /var/log/${unit(app)}/health-sidecar.log }\n`))
  await host.sh(`systemctl restart ${APPS.map(app => `${unit(app)}.service`).join(' ')}`)
  await host.sh('logrotate --force /etc/logrotate.d/health-sidecar')
  for (const app of APPS)
    await eventually(() => host.sh(`cat /var/log/${unit(app)}/health-sidecar.log`), {
      what: `a line in the new file of the ${app}`,
      isReached: log => log.includes('config.') && log.includes(`"app":"${app}"`),
    })
  for (const app of APPS) await write(app, config(app))
  await host.sh(`systemctl restart ${APPS.map(app => `${unit(app)}.service`).join(' ')}`)
  t.equal(await answers(host, 200), 200)
})

t.test('an upgrade › restarts each without a 503, but for one whose configuration it refuses', async t => {
  await makeLaterVersion(host)
  const before = { shop: await mainPid(host, unit('shop')), blog: await mainPid(host, unit('blog')) }
  await unmoved('shop', () => unmoved('blog', async () => void (await host.sh(UPGRADE))))
  for (const app of APPS)
    t.not(await mainPid(host, unit(app)), before[app], `the later version of the ${app}`)
  const pids = { shop: await mainPid(host, unit('shop')), blog: await mainPid(host, unit('blog')) }
  await write('blog', config('blog', 'nonsense: 1\n'))
  await host.write('/root/again.deb', await readFile(DEB))
  await unmoved('blog', async () => {
    const said = await host.sh(
      'apt-get -q install -y --allow-downgrades -o Dpkg::Options::=--force-confold /root/again.deb 2>&1',
    )
    t.match(said, `${unit('blog')}.service: the configuration is refused`)
    t.notMatch(said, `${unit('shop')}.service: the configuration is refused`)
  })
  t.equal(await mainPid(host, unit('blog')), pids.blog)
  t.not(await mainPid(host, unit('shop')), pids.shop)
  await write('blog', config('blog'))
})

t.test('a reboot › starts both, and both prove themselves', async t => {
  await host.sh('systemctl enable --quiet app@shop.service 2>/dev/null || true')
  await host.reboot()
  t.strictSame(await active(), ['active', 'active', 'active', 'active'])
  t.equal(await probe(host), 503)
  await host.sh('systemctl start app@shop.service app@blog.service')
  t.equal(await answers(host, 200), 200)
})

t.test('removal › stops all; a purge leaves nothing of the apps', async t => {
  await host.sh('apt-get -q remove -y health-sidecar')
  t.strictSame(new Set(await active()), new Set(['inactive']))
  t.equal(await probe(host), 503)
  t.match(await host.sh('cat /etc/health-sidecar/shop.yaml'), 'Welcome to the shop')
  await host.sh(`apt-get -q purge -y health-sidecar; rm -r /etc/systemd/system/${unit('')}.service.d`)
  t.equal(
    await host.sh(
      "find / -xdev '(' -path /proc -o -path /sys -o -path /root ')' -prune -o -name '*health-sidecar*' -print; find /run -name '*health-sidecar*'",
    ),
    '',
  )
})
