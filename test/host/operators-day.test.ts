import t from 'tap'
import { bootHost } from './support/boot-host.ts'
import { whileProbed } from './support/prober.ts'
import { HOST_ROOT, DEB } from './support/given.ts'
import { release, setUpShop } from './support/shop.ts'
import {
  answers,
  configureSidecar,
  ENABLE,
  installPackage,
  makeLaterVersion,
  probe,
  UPGRADE,
} from './support/sidecar.ts'

// One day of an operator on one host, by the commands alone: each test goes on where the one before it has left off.

const host = await bootHost(HOST_ROOT)
t.teardown(() => host[Symbol.asyncDispose]())
await setUpShop(host)
await installPackage(host, DEB)
await configureSidecar(host)

const health = (words: string) => host.run(`health-sidecar ${words}`)

/** Puts a release on the host, changes it, and lets the app load it. */
const deploy = (name: string, change = ':') =>
  host.sh(`
    ${release(name)}
    ${change}
    ln -sfn releases/${name} /srv/app/current
    systemctl restart app.service`)

t.test('launch › wait says when the host is in service', async t => {
  await host.sh(ENABLE)
  const { code, stdout } = await health('wait --timeout 50s')
  t.equal(code, 0, stdout)
  t.equal(await probe(host), 200)
})

t.test('a deploy › wait says when the host serves the new release', async t => {
  await deploy('2026.11.2')
  const { code, stdout } = await health('wait --release 2026.11.2 --timeout 50s')
  t.equal(code, 0, stdout)
  t.match((await health('status')).stdout, /^SERVING .*release 2026\.11\.2/)
})

t.test(
  'a bad deploy › wait ends with the reason, and the host is out until the old release is back',
  async t => {
    await deploy('2026.11.3', `sed -i "s/^    return .*/    raise RuntimeError('broken')/" catalog/views.py`)
    const { code, stdout, stderr } = await health('wait --release 2026.11.3 --fail-fast --timeout 50s')
    t.equal(code, 2)
    t.match(stdout + stderr, /homepage.*500/)
    t.equal(await probe(host), 503)
    await host.sh('ln -sfn releases/2026.11.2 /srv/app/current; systemctl restart app.service')
    t.match(await health('wait --release 2026.11.2 --timeout 50s'), { code: 0 })
  },
)

t.test(
  'an outage of the database › the host stays in service, and status says whose trouble it is',
  async t => {
    const { statuses } = await whileProbed(host, {
      perSecond: 10,
      async doing() {
        await host.sh('systemctl stop postgresql.service')
        let said = await health('status')
        while (!/DATABASE_/.test(said.stdout)) said = await health('status')
        t.match(said, { code: 1, stdout: /^SERVING {2}200 / })
        await host.sh('systemctl start postgresql.service')
        while ((await health('status')).code !== 0);
      },
    })
    t.strictSame(Object.keys(statuses), ['200'])
  },
)

t.test('an upgrade under a drain › the drain outlives it, and resume puts the host back', async t => {
  await makeLaterVersion(host)
  t.match(await health('drain --reason kernel --for 10m'), { code: 0, stdout: /503 from now on/ })
  t.equal(await probe(host), 503)
  await host.sh(UPGRADE)
  t.equal(await answers(host, 503), 503, 'the later version drains too')
  t.match((await health('status')).stdout, /^DRAINING .*\n.*kernel/)
  t.match(await health('resume'), { code: 0 })
  t.equal(await answers(host, 200), 200)
})

t.test('explain › tells all of it', async t => {
  const { code, stdout } = await health('explain --since 1h')
  t.equal(code, 0)
  t.comment(stdout)
  for (const told of [
    /the daemon starts/,
    /503→200 .*has proved itself/,
    /2026\.11\.2/,
    /2026\.11\.3/,
    /SMOKE_STATUS_UNEXPECTED/,
    /200 kept .*DATABASE_/,
    /kernel/,
    /probes got 503/,
    /probes got 200/,
  ])
    t.match(stdout, told)
  t.match(
    await host.run('systemctl stop health-sidecar.socket health-sidecar.service; health-sidecar explain'),
    {
      code: 0,
      stdout: /kernel/,
    },
  )
})
