import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { eventually } from './support/eventually.ts'
import { whileProbed } from './support/prober.ts'
import { readyHost } from './support/ready-host.ts'
import { answers, CONFIG, mainPid, makeLaterVersion, probe, statusOf, UPGRADE } from './support/sidecar.ts'

const { host } = await readyHost(t)

/** A load balancer's time-out, by when every answer must be there. */
const TIMEOUT_MS = 5000

const version = async () => (await host.sh("dpkg-query -W -f '${Version}' health-sidecar")).trim()

t.test(
  'an upgrade › takes no host out: every probe is answered by 200, and the configuration is kept',
  async t => {
    await makeLaterVersion(host)
    const [before, pid] = [await version(), await mainPid(host)]
    const { sent, statuses, errors, worstMs } = await whileProbed(host, {
      perSecond: 50,
      async doing() {
        await host.sh(UPGRADE)
        await eventually(() => statusOf(host), {
          what: 'serving',
          isReached: ({ phase }) => phase === 'serving',
        })
        await delay(500)
      },
    })
    t.comment(`${sent} probes: ${JSON.stringify(statuses)}, the slowest took ${worstMs} ms`)
    t.equal(await version(), `${before}+later`)
    t.not(await mainPid(host), pid, 'the later version runs')
    t.strictSame({ statuses, errors }, { statuses: { 200: sent }, errors: {} })
    t.ok(worstMs < TIMEOUT_MS, `the slowest took ${worstMs} ms`)
    t.equal(await probe(host), 200)
    t.equal(await host.sh('cat /etc/health-sidecar/health-sidecar.yaml'), CONFIG)
  },
)

t.test('a reboot › is followed by 503 until the host has proved itself, and by 200 on its own', async t => {
  await host.sh('systemctl disable --quiet app.service')
  await host.reboot()
  t.match(await statusOf(host), { phase: 'starting' }, 'what was proved before counts no more')
  t.equal(await answers(host, 503), 503, 'without the app it runs, and says so')
  await host.sh('systemctl start app.service')
  t.equal(await answers(host, 200), 200, 'and follows the app, which started after it')
  await host.sh('systemctl enable --quiet app.service')
})

t.test('a reboot › with everything enabled needs nobody', async t => {
  await host.reboot()
  t.equal(await answers(host, 200), 200)
  t.equal(await host.sh('systemctl is-active app.service health-sidecar.service'), 'active\nactive\n')
})

t.test('the unit › is not stopped with the app, nor the app with it', async t => {
  const pid = await mainPid(host)
  await host.sh('systemctl stop app.service')
  t.equal(await answers(host, 503), 503)
  t.equal(await mainPid(host), pid)
  await host.sh('systemctl start app.service; systemctl stop health-sidecar.socket health-sidecar.service')
  t.equal(await probe(host), 0)
  t.equal(await host.sh('systemctl is-active app.service'), 'active\n')
  await host.sh('systemctl start health-sidecar.socket')
  t.equal(await answers(host, 200), 200, 'the first probe starts it')
})
