import t from 'tap'
import type { Finding } from '../../src/core/finding.ts'
import type { MonitorListener } from '../../src/monitor/monitor-listener.ts'
import { fail, FakeCheck, monitorOf, pass, unknown, within } from './fake-monitor.ts'

t.test('starting › the first 200 comes with the last of the rounds asked for, and not before', async t => {
  const page = new FakeCheck()
  const { monitor, clock } = monitorOf({ page: { check: page } }, { rounds: 3 })
  monitor.start()
  await clock.advance(0)
  t.match(monitor.current(), {
    status: 'fail',
    phase: 'starting',
    output: 'starting: 1 of 3 rounds have passed',
  })
  await clock.advance(1999)
  t.match(monitor.current(), { status: 'fail', phase: 'starting' })
  await clock.advance(1)
  t.match(monitor.current(), { status: 'pass', phase: 'serving' })
  t.equal(page.runs, 3)
})

t.test('starting › a probe starts nothing and waits for nothing', async t => {
  const page = new FakeCheck(() => new Promise(() => {}))
  const { monitor, clock } = monitorOf({ page: { check: page } })
  monitor.start()
  await clock.advance(500)
  t.match(monitor.verdict(), { status: 'fail', phase: 'starting' }, 'no promise')
  t.equal(page.runs, 1)
})

t.test('starting › an unknown counts as a fail', async t => {
  const { monitor, clock } = monitorOf({ page: { check: new FakeCheck(unknown) } })
  monitor.start()
  await clock.advance(60_000)
  t.match(monitor.current(), { status: 'fail', phase: 'starting', checks: [{ because: 'unproven' }] })
})

t.test('starting › a relapse doubles the rounds asked for', async t => {
  const page = new FakeCheck()
  const { monitor, clock } = monitorOf({ page: { check: page } }, { rounds: 2 })
  monitor.start()
  await clock.advance(0)
  page.says(fail)
  await clock.advance(1000)
  page.says(pass)
  await clock.advance(3000)
  t.match(monitor.current(), { phase: 'starting', output: 'starting: 3 of 4 rounds have passed' })
  await clock.advance(1000)
  t.match(monitor.current(), { phase: 'serving', status: 'pass' })
})

t.test('starting › a failure between two rounds is a relapse, though both rounds would pass', async t => {
  const page = new FakeCheck()
  const table = new FakeCheck()
  const { monitor, clock } = monitorOf(
    { page: { check: page }, table: { check: table, policy: { freshForMs: 15_000 } } },
    { rounds: 2 },
  )
  monitor.start()
  await clock.advance(5500)
  page.says(fail)
  await clock.advance(1000)
  t.match(monitor.current(), { phase: 'starting', status: 'fail' })
  page.says(pass)
  await clock.advance(9000)
  t.match(monitor.current(), { phase: 'starting', output: 'starting: 1 of 4 rounds have passed' })
  await clock.advance(44_499)
  t.match(monitor.current(), { phase: 'starting', output: 'starting: 3 of 4 rounds have passed' })
  await clock.advance(1)
  t.match(monitor.current(), { phase: 'serving', status: 'pass' })
  t.equal(table.runs, 5, 'what is as rare as the rounds runs in them alone')
})

t.test(
  'starting › a round in which a required check failed does not pass, though it passed again',
  async t => {
    const page = new FakeCheck()
    const gate = Promise.withResolvers<Finding>()
    const table = new FakeCheck(() => gate.promise)
    const { monitor, clock } = monitorOf(
      { page: { check: page }, table: { check: table, policy: { freshForMs: 15_000, timeoutMs: 10_000 } } },
      { rounds: 1 },
    )
    page.says(fail)
    monitor.start()
    await clock.advance(500)
    page.says(pass)
    await clock.advance(3000)
    t.ok(page.runs > 1, 'it has passed again, while the round is still in flight')
    gate.resolve(pass)
    await clock.advance(0)
    t.match(monitor.current(), { status: 'fail', phase: 'starting' })
    await clock.advance(20_000)
    t.match(monitor.current(), { status: 'pass', phase: 'serving' })
  },
)

t.test('starting › between two rounds, what cannot be known or is not required is no relapse', async t => {
  const page = new FakeCheck()
  const extra = new FakeCheck(fail)
  const table = new FakeCheck()
  const { monitor, clock } = monitorOf(
    {
      page: { check: page },
      extra: { check: extra, policy: { required: false } },
      table: { check: table, policy: { freshForMs: 15_000 } },
    },
    { rounds: 2 },
  )
  monitor.start()
  await clock.advance(5500)
  page.says(unknown)
  await clock.advance(1000)
  page.says(pass)
  await clock.advance(9000)
  t.match(monitor.current(), { phase: 'serving' })
})

t.test('starting › a release that is not known admits nothing, and takes no serving host out', async t => {
  let obstacle: string | undefined = 'the release is not known: /srv/RELEASE does not exist'
  const checks = { page: { check: new FakeCheck() } }
  const { monitor, clock } = monitorOf(checks, { rounds: 2, obstacle: () => obstacle })
  monitor.start()
  await clock.advance(60_000)
  t.match(monitor.current(), {
    status: 'fail',
    phase: 'starting',
    output: 'the release is not known: /srv/RELEASE does not exist; starting: 0 of 2 rounds have passed',
  })
  obstacle = undefined
  await clock.advance(3000)
  t.match(monitor.current(), { status: 'pass', phase: 'serving' })
  obstacle = 'the release is not known: /srv/RELEASE does not exist'
  await clock.advance(60_000)
  t.match(monitor.current(), { status: 'pass', phase: 'serving', output: undefined })
})

t.test(
  'starting › an app that becomes ready at any moment is let in within 90 s, by the defaults',
  async t => {
    const slowest: number[] = []
    for (const random of [() => 0, () => 0.5, () => 0.999])
      for (let readyAtMs = 40_000; readyAtMs < 60_000; readyAtMs += 500) {
        const [page, table] = [new FakeCheck(fail), new FakeCheck()]
        const { monitor, clock } = monitorOf(
          {
            page: { check: page },
            table: { check: table, policy: { freshForMs: 15_000, intervalMs: 15_000 } },
          },
          { rounds: 5, random },
        )
        monitor.start()
        await clock.advance(readyAtMs)
        page.says(pass)
        let waitedMs = 0
        for (; monitor.current().phase === 'starting' && waitedMs < 200_000; waitedMs += 1000)
          await clock.advance(1000)
        slowest.push(waitedMs)
        await monitor[Symbol.asyncDispose]()
      }
    t.ok(Math.max(...slowest) <= 90_000, `the slowest took ${Math.max(...slowest)} ms`)
    t.ok(Math.min(...slowest) >= 60_000, `the fastest took ${Math.min(...slowest)} ms`)
  },
)

t.test('serving › a probe is answered from what is fresh, and renews what is not', async t => {
  const page = new FakeCheck()
  const { monitor, clock } = monitorOf({ page: { check: page } }, { latched: true })
  monitor.start()
  await clock.advance(1000)
  t.match(monitor.verdict(), { status: 'pass' })
  t.equal(page.runs, 1)
  page.says(fail)
  await clock.advance(1)
  t.match(await monitor.verdict(), { status: 'fail', phase: 'serving' })
  t.equal(page.runs, 2)
})

t.test('serving › never two runs of one check at once, however many probes arrive', async t => {
  const gate = Promise.withResolvers<Finding>()
  const page = new FakeCheck(() => gate.promise)
  const { monitor, clock } = monitorOf({ page: { check: page } }, { latched: true })
  monitor.start()
  const probes = Array.from({ length: 1000 }, async () => monitor.verdict())
  await clock.advance(1000)
  gate.resolve(pass)
  const verdicts = await Promise.all(probes)
  t.equal(page.mostAtOnce, 1)
  t.equal(page.runs, 1)
  t.ok(verdicts.every(({ status }) => status === 'pass'))
})

t.test('serving › an answer leaves by the deadline; what has not answered is unknown, and held', async t => {
  const slow = new FakeCheck(() => new Promise(() => {}))
  const { monitor, clock } = monitorOf(
    { slow: { check: slow, policy: { timeoutMs: 60_000 } } },
    { latched: true },
  )
  monitor.start()
  const verdict = await within(clock, monitor.verdict(), 4000)
  t.match(verdict, {
    status: 'warn',
    checks: [{ finding: { status: 'unknown', reason: 'DEADLINE_EXCEEDED' }, because: 'held' }],
  })
})

t.test('serving › without probes each check has its own cadence', async t => {
  const page = new FakeCheck()
  const { monitor, clock } = monitorOf({ page: { check: page } }, { latched: true })
  monitor.start()
  await clock.advance(60_000)
  t.equal(page.runs, 7)
})

t.test('serving › an unknown holds for `hold` and no longer', async t => {
  const page = new FakeCheck()
  const { monitor, clock } = monitorOf({ page: { check: page } }, { latched: true, holdMs: 60_000 })
  monitor.start()
  await clock.advance(0)
  page.says(unknown)
  await clock.advance(69_999)
  t.match(monitor.current(), { status: 'warn', checks: [{ because: 'held' }] })
  await clock.advance(1)
  t.match(monitor.current(), { status: 'fail', checks: [{ because: 'hold-expired' }] })
})

t.test('serving › gate: startup is asked until the first pass and not again', async t => {
  const page = new FakeCheck()
  const once = new FakeCheck()
  const { monitor, clock } = monitorOf({
    page: { check: page },
    once: { check: once, policy: { gate: 'startup' } },
  })
  monitor.start()
  await clock.advance(0)
  once.says(fail)
  await clock.advance(60_000)
  t.equal(once.runs, 1)
  t.match(monitor.current(), { status: 'pass', phase: 'serving' })
})

t.test('a check that throws is unknown, and says nothing of what it was given', async t => {
  const broken = new FakeCheck(async () => {
    throw new TypeError('Invalid URL: postgres://app:s3cret@db/app')
  })
  const { monitor, clock } = monitorOf({ broken: { check: broken } })
  monitor.start()
  await clock.advance(0)
  const [{ finding } = { finding: pass }] = monitor.current().checks
  t.match(finding, { status: 'unknown', reason: 'CHECK_BROKE', message: /TypeError/ })
  t.notMatch(JSON.stringify(finding), /s3cret/)
})

t.test('a check that answers with no finding is unknown', async t => {
  const broken = new FakeCheck(async () => undefined as never)
  const { monitor, clock } = monitorOf({ broken: { check: broken } })
  monitor.start()
  await clock.advance(0)
  t.match(monitor.current().checks, [{ finding: { status: 'unknown', reason: 'CHECK_BROKE' } }])
})

t.test('a check that heeds its signal answers for itself', async t => {
  const busy = new FakeCheck(
    signal => new Promise(resolve => signal.addEventListener('abort', () => resolve(fail))),
  )
  const { monitor, clock } = monitorOf({ busy: { check: busy } })
  monitor.start()
  await clock.advance(2000)
  t.match(monitor.current().checks, [{ finding: fail }])
})

t.test('a run that overstays is abandoned, no other starts, and its late finding is dropped', async t => {
  const gate = Promise.withResolvers<Finding>()
  const hung = new FakeCheck(() => gate.promise)
  const told: unknown[] = []
  const listener: MonitorListener = {
    checkAbandoned: event => void told.push(['abandoned', event]),
    checkReturned: event => void told.push(['returned', event]),
  }
  const { monitor, clock } = monitorOf({ hung: { check: hung } }, { latched: true, listeners: [listener] })
  monitor.start()
  await clock.advance(2100)
  t.match(monitor.current().checks, [{ finding: { reason: 'CHECK_TIMED_OUT' }, effect: 'warn' }])
  await clock.advance(300_000)
  t.match(monitor.current().checks, [{ finding: { reason: 'CHECK_OVERRAN' } }])
  t.equal(hung.runs, 1, 'not one run more in five minutes')
  hung.says(pass)
  gate.resolve(fail)
  await clock.advance(0)
  t.match(monitor.current(), { status: 'warn' }, 'the late fail is dropped')
  await clock.advance(10_000)
  t.match(monitor.current(), { status: 'pass' })
  t.match(told, [
    ['abandoned', { name: 'hung', runningForMs: 2100 }],
    ['returned', { name: 'hung', runningForMs: 302_100 }],
  ])
})

t.test('depends_on › a failure is held while its dependency is not passing', async t => {
  const page = new FakeCheck()
  const database = new FakeCheck()
  const { monitor, clock } = monitorOf(
    {
      page: { check: page, policy: { dependsOn: ['database'] } },
      database: { check: database, policy: { freshForMs: 15_000, intervalMs: 15_000, required: false } },
    },
    { latched: true },
  )
  monitor.start()
  await clock.advance(5000)
  page.says(fail)
  database.says(unknown)
  const verdict = await within(clock, monitor.verdict(), 1000)
  t.match(verdict, { status: 'warn' }, 'though the database had passed when it was last asked')
  t.match(verdict.checks[0]?.finding, {
    status: 'unknown',
    reason: 'DEPENDENCY_NOT_PASSING',
    evidence: { failure: 'SMOKE_CLOSED', dependency: 'database', dependencyReason: 'DATABASE_REFUSED' },
  })
})

t.test('depends_on › a failure counts once its dependency, asked afresh, passes', async t => {
  const page = new FakeCheck()
  const database = new FakeCheck()
  const { monitor, clock } = monitorOf(
    {
      page: { check: page, policy: { dependsOn: ['database'] } },
      database: { check: database, policy: { freshForMs: 15_000, intervalMs: 15_000 } },
    },
    { latched: true },
  )
  monitor.start()
  await clock.advance(5000)
  page.says(fail)
  t.match(await within(clock, monitor.verdict(), 1000), { status: 'fail' })
  t.equal(database.runs, 2, 'asked afresh')
  for (let second = 0; second < 5; second += 1) await within(clock, monitor.verdict(), 1100)
  t.equal(database.runs, 2, 'and not again for a failure that counts already')
})

t.test('drain › 503 at once, and the phase beneath goes on', async t => {
  const { monitor, clock } = monitorOf({ page: { check: new FakeCheck() } })
  monitor.start()
  await clock.advance(0)
  monitor.drain({ reason: 'kernel upgrade', until: clock.now() + 60_000 })
  t.match(monitor.verdict(), { status: 'fail', phase: 'draining', output: 'draining: kernel upgrade' })
  await clock.advance(60_000)
  t.match(monitor.current(), { status: 'pass', phase: 'serving' }, 'ends by itself')
  monitor.drain({ reason: 'again' })
  t.match(monitor.current(), { status: 'fail' })
  monitor.resume()
  t.match(monitor.current(), { status: 'pass' })
})

t.test('restart › another release before the first run, as in a reload, counts each round once', async t => {
  const { monitor, clock } = monitorOf({ page: { check: new FakeCheck() } }, { rounds: 2, latched: true })
  monitor.restart()
  monitor.start()
  await clock.advance(0)
  t.match(monitor.current(), { phase: 'starting', output: 'starting: 1 of 2 rounds have passed' })
  await clock.advance(1000)
  t.match(monitor.current(), { phase: 'serving' })
})

t.test('drain › outlasts a round that fails, the one that admits, and another release', async t => {
  const page = new FakeCheck(fail)
  const { monitor, clock } = monitorOf({ page: { check: page } }, { rounds: 2 })
  monitor.start()
  await clock.advance(0)
  monitor.drain({ reason: 'kernel upgrade' })
  await clock.advance(10_000)
  t.match(monitor.host.life, { phase: 'starting', rounds: 0, drain: { reason: 'kernel upgrade' } })
  page.says(pass)
  await clock.advance(10_000)
  t.match(monitor.host.life, { phase: 'serving', drain: { reason: 'kernel upgrade' } })
  t.match(monitor.verdict(), { status: 'fail', phase: 'draining' })
  monitor.restart()
  await clock.advance(0)
  t.match(monitor.host.life, { phase: 'starting', rounds: 1, drain: { reason: 'kernel upgrade' } })
  t.match(monitor.verdict(), { status: 'fail', phase: 'draining' })
  await clock.advance(10_000)
  t.match(monitor.current(), { status: 'fail', phase: 'draining' })
  monitor.resume()
  t.match(monitor.current(), { status: 'pass', phase: 'serving' })
})

t.test('depends_on › a dependency is looked at freshly, and goes on so while that finds trouble', async t => {
  const page = new FakeCheck()
  const requests: boolean[] = []
  let isFull = false
  const database = new FakeCheck()
  database.answerTo = ({ fresh = false }) => {
    requests.push(fresh)
    return fresh && isFull ? unknown : pass
  }
  const { monitor, clock } = monitorOf(
    {
      page: { check: page, policy: { dependsOn: ['database'] } },
      database: { check: database, policy: { freshForMs: 15_000, intervalMs: 15_000, required: false } },
    },
    { latched: true },
  )
  monitor.start()
  await clock.advance(5000)
  t.strictSame(requests, [false])
  isFull = true
  page.says(fail)
  t.match(
    await within(clock, monitor.verdict(), 1000),
    { status: 'warn' },
    'a kept connection proves nothing',
  )
  t.strictSame(requests, [false, true])
  for (let second = 0; second < 60; second += 1) {
    t.match(await within(clock, monitor.verdict(), 1000), { status: 'warn' })
  }
  t.ok(requests.slice(1).every(Boolean), 'no look through the kept connection hides the trouble')
  t.ok(requests.length <= 6, `${requests.length} looks in a minute`)
  isFull = false
  page.says(pass)
  for (let second = 0; second < 60; second += 1) await within(clock, monitor.verdict(), 1000)
  t.match(monitor.current(), { status: 'pass' })
  t.equal(requests.at(-1), false, 'once it has passed freshly, the kept connection serves again')
})

t.test('restart › another release has to prove itself again', async t => {
  const page = new FakeCheck()
  const { monitor, clock } = monitorOf({ page: { check: page } }, { rounds: 2 })
  monitor.start()
  await clock.advance(1000)
  t.match(monitor.current(), { phase: 'serving' })
  page.says(fail)
  monitor.restart()
  t.match(monitor.current(), { status: 'fail', phase: 'starting' })
  await clock.advance(60_000)
  t.match(monitor.current(), { status: 'fail', phase: 'starting' })
  page.says(pass)
  await clock.advance(2000)
  t.match(monitor.current(), { status: 'pass', phase: 'serving' })
})

t.test('suspend › after a long sleep the last pass has expired', async t => {
  const page = new FakeCheck()
  const { monitor, clock } = monitorOf({ page: { check: page } })
  monitor.start()
  await clock.advance(0)
  clock.jump(3_600_000)
  t.match(monitor.current().checks, [{ finding: { reason: 'FINDING_EXPIRED' } }])
  t.match(await monitor.verdict(), { status: 'pass' }, 'and a probe renews it')
})

t.test('dispose › ends the runs under way and asks no more', async t => {
  const page = new FakeCheck(
    signal => new Promise(resolve => signal.addEventListener('abort', () => resolve(fail))),
  )
  const { monitor, clock } = monitorOf({ page: { check: page } })
  monitor.start()
  await clock.advance(0)
  await monitor[Symbol.asyncDispose]()
  await clock.advance(60_000)
  t.equal(page.runs, 1)
})
