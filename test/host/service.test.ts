import t from 'tap'
import { eventually } from './support/eventually.ts'
import { whileProbed } from './support/prober.ts'
import { readyHost } from './support/ready-host.ts'
import { answers, CONFIG, mainPid, probe, statusOf } from './support/sidecar.ts'

const { host, receiver } = await readyHost(t)

const CONFIG_FILE = '/etc/health-sidecar/health-sidecar.yaml'
/** A load balancer's time-out, by when every answer must be there. */
const TIMEOUT_MS = 5000

const signal = (name: string) =>
  host.sh(`systemctl kill --kill-whom=main --signal=${name} health-sidecar.service`)

/** Waits until another process than this one is in charge, and answers. */
const succeeded = async (pid: number, withinMs = 20_000): Promise<void> => {
  await eventually(() => mainPid(host), {
    what: 'another process',
    isReached: now => now !== 0 && now !== pid,
    withinMs,
  })
  await eventually(() => statusOf(host), {
    what: 'it answers',
    isReached: ({ phase }) => phase === 'serving',
  })
}

/** Waits until nothing is queued any more, so that what happens next meets a service that is at ease. */
const settled = () =>
  eventually(
    async () => Number(await host.sh(`curl -s -o /dev/null -w '%{time_total}' http://127.0.0.1/health`)),
    {
      what: 'an answer at once',
      isReached: seconds => seconds < 0.05,
    },
  )

t.test('the service › runs as a user of its own, with no capability', async t => {
  const pid = await mainPid(host)
  const status = await host.sh(`cat /proc/${pid}/status; ps -o user= -p ${pid}`)
  t.match(status, /^Uid:\t(?!0)(\d+)\t\1\t\1\t\1$/m)
  t.match(status, /^CapEff:\t0+$/m)
  t.match(status, /^NoNewPrivs:\t1$/m)
  t.match(status, /^health-s/m)
})

t.test('the service › is sandboxed to 1.5 or better by systemd’s own score', async t => {
  const { code, stdout } = await host.run(
    'systemd-analyze security --no-pager --threshold=15 health-sidecar.service',
  )
  t.equal(code, 0, stdout.slice(-200))
})

t.test('the socket › holds as many probes as its unit says, whatever the program asks for', async t => {
  const [, , backlog] = (await host.sh("ss -H -l -t -n 'sport = :80'")).split(/\s+/)
  t.equal(backlog, '4096')
})

t.test('kill -9 › time and again under 200 probes a second, refuses none and goes on with 200', async t => {
  const kills = 6
  const { sent, statuses, errors, worstMs } = await whileProbed(host, {
    perSecond: 200,
    async doing() {
      for (let kill = 0; kill < kills; kill++) {
        const pid = await mainPid(host)
        await signal('KILL')
        await succeeded(pid)
        await settled()
      }
    },
  })
  // what was with the process that was killed goes with it
  const { ECONNRESET: cutOff = 0, ...others } = errors
  t.comment(`${sent} probes, ${cutOff} cut off, the slowest took ${worstMs} ms`)
  t.strictSame(others, {}, 'no connection is refused')
  t.strictSame(statuses, { 200: sent - cutOff }, 'and every answer is 200')
  t.ok(cutOff <= kills * 10, `${cutOff} were cut off`)
  t.ok(worstMs < TIMEOUT_MS, `the slowest took ${worstMs} ms`)
})

t.test(
  'kill -9 › while the database is down, goes on with 200 as well: what has passed is latched',
  async t => {
    const { sent, statuses, errors } = await whileProbed(host, {
      perSecond: 20,
      async doing() {
        const pid = await mainPid(host)
        await host.sh('systemctl stop postgresql.service')
        await eventually(() => statusOf(host), {
          what: 'a hold',
          isReached: ({ status }) => status === 'warn',
        })
        await signal('KILL')
        await succeeded(pid)
        await eventually(() => statusOf(host), {
          what: 'a hold',
          isReached: ({ checks }) => checks['migrations']?.[0].reason === 'DATABASE_REFUSED',
        })
        t.equal((await statusOf(host)).status, 'warn')
        await host.sh('systemctl start postgresql.service')
        await eventually(() => statusOf(host), {
          what: 'a pass',
          isReached: ({ status }) => status === 'pass',
        })
      },
    })
    const { ECONNRESET: cutOff = 0, ...others } = errors
    t.strictSame({ statuses, others }, { statuses: { 200: sent - cutOff }, others: {} })
  },
)

t.test('kill -STOP › is ended by the watchdog, and no probe is refused meanwhile', async t => {
  const pid = await mainPid(host)
  const since = receiver.lines.length
  const probes = await whileProbed(host, {
    perSecond: 20,
    async doing() {
      await signal('STOP')
      await succeeded(pid, 60_000)
    },
  })
  const { ECONNRESET: cutOff = 0, ...others } = probes.errors
  t.comment(`${probes.sent} probes, ${cutOff} cut off, the slowest took ${probes.worstMs} ms`)
  t.strictSame(others, {})
  t.strictSame(probes.statuses, { 200: probes.sent - cutOff })
  t.match(await host.sh('journalctl --no-pager -u health-sidecar.service'), /watchdog/i)
  await receiver.waitFor({ event: 'latch.found' }, { since })
})

t.test('systemctl restart › takes no host out: every probe is answered, by 200', async t => {
  const { sent, statuses, errors, worstMs } = await whileProbed(host, {
    perSecond: 200,
    async doing() {
      const pid = await mainPid(host)
      await host.sh('systemctl restart health-sidecar.service')
      await succeeded(pid)
    },
  })
  t.strictSame({ statuses, errors }, { statuses: { 200: sent }, errors: {} })
  t.ok(worstMs < TIMEOUT_MS, `the slowest of ${sent} took ${worstMs} ms`)
})

t.test('SIGTERM › is answered by 503 for drain.wait, and then it ends', async t => {
  const since = receiver.lines.length
  await signal('TERM')
  t.equal(await answers(host, 503), 503)
  t.match(await receiver.waitFor({ event: 'drain.started' }, { since }), { signal: 'SIGTERM', waitMs: 2000 })
  await receiver.waitFor({ event: 'daemon.stopped' }, { since })
  t.equal(await answers(host, 200), 200, 'systemd starts it again')
})

t.test('service › is called health-sidecar in top and ps', async t => {
  t.equal((await host.sh('ps -C health-sidecar -o pid=')).trim(), String(await mainPid(host)))
})

t.test('SIGHUP › takes up a good configuration, without a probe that is answered otherwise', async t => {
  const since = receiver.lines.length
  const pid = await mainPid(host)
  const { sent, statuses, errors } = await whileProbed(host, {
    perSecond: 50,
    async doing() {
      await host.write(CONFIG_FILE, CONFIG.replace('body: Welcome', 'body: Welcome to the shop'))
      await host.sh('systemctl reload health-sidecar.service')
      await receiver.waitFor({ event: 'config.loaded' }, { since })
      await eventually(() => statusOf(host), { what: 'a pass', isReached: known => known.status === 'pass' })
    },
  })
  t.strictSame({ statuses, errors }, { statuses: { 200: sent }, errors: {} })
  t.equal(await mainPid(host), pid, 'it is the same process')
})

t.test('SIGHUP › refuses a bad one: the last good one goes on, and log and status say so', async t => {
  const since = receiver.lines.length
  await host.write(CONFIG_FILE, CONFIG.replace('timeout: 500ms', 'timeout: 500 parsecs'))
  t.not((await host.run('systemctl reload health-sidecar.service')).code, 0, 'systemctl says so')
  const line = await receiver.waitFor({ event: 'config.refused' }, { since })
  t.match(line.msg, 'parsecs')
  t.match(line.msg, `${CONFIG_FILE}:`)
  const { status, notes } = await statusOf(host)
  t.match({ status, notes }, { status: 'pass', notes: [/refused.*parsecs/] })
  t.equal(await probe(host), 200)
  const shown = await host.sh('systemctl show --property=StatusText health-sidecar.service')
  t.match(shown, /^StatusText=200 serving \| .*refused.*parsecs/)
  const errors = await host.sh('journalctl --no-pager -u health-sidecar.service -p err -o cat --grep "^{"')
  const events = new Set(
    errors
      .trim()
      .split('\n')
      .map((text): unknown => JSON.parse(text).event),
  )
  t.ok(events.has('config.refused'), 'the journal has it among the errors')
  t.notOk(events.has('config.loaded'), 'and not everything')

  await host.write(CONFIG_FILE, CONFIG)
  await host.sh('systemctl reload health-sidecar.service')
  await eventually(() => statusOf(host), { what: 'no note', isReached: known => known.notes === undefined })
})

t.test('peers › are asked from inside the sandbox, and the service goes on', async t => {
  const since = receiver.lines.length
  const pid = await mainPid(host)
  const take = async (config: string) => {
    await host.write(CONFIG_FILE, config)
    await host.sh('systemctl reload health-sidecar.service')
  }
  await take(`${CONFIG}peers: ['127.0.0.2:81']\n`)
  try {
    await host.sh('systemctl stop postgresql.service')
    const { answers: said } = await receiver.waitFor({ event: 'peers.asked' }, { since })
    t.strictSame(said, ['127.0.0.2:81 silent'])
  } finally {
    await host.sh('systemctl start postgresql.service')
    await take(CONFIG)
  }
  await eventually(() => statusOf(host), { what: 'a pass', isReached: known => known.status === 'pass' })
  t.equal(await mainPid(host), pid, 'it is the same process')
})

t.test('SIGUSR1 › logs the full status', async t => {
  const since = receiver.lines.length
  await signal('USR1')
  const { document } = await receiver.waitFor({ event: 'status.reported' }, { since })
  t.match(document, { status: 'pass', phase: 'serving', releaseId: '2026.11.1' })
  const { checks } = document as Awaited<ReturnType<typeof statusOf>>
  t.strictSame(Object.keys(checks), ['homepage', 'migrations', 'env', 'database'])
})

t.test(
  'journald › may be restarted, and even killed: the log goes on, in the journal and at the aggregator',
  async t => {
    for (const how of [
      'systemctl restart systemd-journald',
      'systemctl kill --signal=KILL systemd-journald',
    ]) {
      const since = receiver.lines.length
      const running = () => host.sh('systemctl show --property=MainPID --value systemd-journald.service')
      const before = await running()
      await host.sh(how)
      await eventually(running, {
        what: 'another journald',
        isReached: pid => pid !== before && pid.trim() !== '0',
      })
      await signal('USR1')
      const { droppedLines } = await receiver.waitFor({ event: 'status.reported' }, { since })
      t.equal(droppedLines, 0, how)
    }
  },
)
