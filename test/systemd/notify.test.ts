import t from 'tap'
import type { Verdict } from '../../src/core/verdict.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import type { SdMessage } from '../../src/systemd/messenger.ts'
import { createSdNotify } from '../../src/systemd/notify.ts'
import { ManualClock } from '../support/manual-clock.ts'

const starting = (rounds: number): Verdict => ({
  status: 'fail',
  phase: 'starting',
  output: `starting: ${rounds} of 5 rounds have passed`,
  checks: [],
})

const start = (env: Readonly<Record<string, string>> = {}, NOTIFY_SOCKET = '/run/systemd/notify') => {
  const clock = new ManualClock()
  const sent: SdMessage[] = []
  const events: LogEvent[] = []
  const known = {
    verdict: starting(0),
    overdue: [] as string[],
    longestQuietMs: 13_000,
    notes: [] as string[],
    asked: 0,
  }
  const systemd = createSdNotify({
    env: { NOTIFY_SOCKET, ...env },
    clock,
    logger: { log: (_level, event) => void events.push(event) },
    monitor: () => ({
      current: () => ((known.asked += 1), known.verdict),
      overdue: () => known.overdue,
      longestQuietMs: known.longestQuietMs,
    }),
    notes: () => known.notes,
    messenger: { send: message => void sent.push(message), [Symbol.dispose]() {} },
  })
  return { systemd, clock, known, sent, events }
}

const withWatchdog = { WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid) }

t.test('sd_notify › says nothing before the listeners are open, then READY and the verdict', async t => {
  const { systemd, sent } = start()
  systemd.answered()
  systemd.changed()
  t.strictSame(sent, [])
  systemd.ready()
  t.strictSame(sent, [{ READY: '1', STATUS: '503 starting: 0 of 5 rounds have passed' }])
})

t.test('sd_notify › tells the verdict when it has changed, and not with each answer', async t => {
  const { systemd, known, sent } = start()
  systemd.ready()
  systemd.answered()
  t.equal(sent.length, 1)
  known.verdict = starting(1)
  systemd.answered()
  systemd.changed()
  t.strictSame(sent.slice(1), [{ STATUS: '503 starting: 1 of 5 rounds have passed' }])
  known.verdict = { status: 'pass', phase: 'serving', checks: [] }
  systemd.changed()
  t.strictSame(sent.slice(2), [{ STATUS: '200 serving' }])
})

t.test(
  'sd_notify › feeds the watchdog with answers alone, and at most every quarter of its time',
  async t => {
    const { systemd, clock, sent } = start(withWatchdog)
    systemd.ready()
    t.match(sent, [{ READY: '1', WATCHDOG_USEC: '30000000' }])
    for (let seconds = 0; seconds < 60; seconds += 1) {
      clock.jump(1000)
      systemd.changed()
    }
    t.equal(sent.length, 1, 'a minute without an answer')
    for (let seconds = 0; seconds < 60; seconds += 1) {
      clock.jump(1000)
      systemd.answered()
    }
    t.strictSame(
      sent.slice(1),
      Array.from({ length: 8 }, () => ({ WATCHDOG: '1' })),
    )
  },
)

t.test('sd_notify › does not feed it while a check is overdue, and says why, once', async t => {
  const { systemd, clock, known, sent, events } = start(withWatchdog)
  systemd.ready()
  known.overdue = ['env']
  clock.jump(10_000)
  systemd.answered()
  systemd.answered()
  t.equal(sent.length, 1)
  t.match(events, [
    { event: 'watchdog.starving', checks: ['env'], msg: /from: env; .* will end this process/ },
  ])
  t.equal(events.length, 1)
  known.overdue = []
  systemd.answered()
  t.strictSame(sent.slice(1), [{ WATCHDOG: '1' }])
  known.overdue = ['env']
  systemd.answered()
  t.equal(events.length, 2)
})

t.test('sd_notify › tells with a feed what has changed in numbers alone', async t => {
  const { systemd, clock, known, sent } = start(withWatchdog)
  const expired = (seconds: number): Verdict => ({
    status: 'warn',
    phase: 'serving',
    output: `env: the last finding is ${seconds} s old`,
    checks: [
      {
        name: 'env',
        effect: 'warn',
        because: 'held',
        finding: {
          status: 'unknown',
          reason: 'FINDING_EXPIRED',
          message: `the last finding is ${seconds} s old`,
        },
      },
    ],
  })
  known.verdict = expired(30)
  systemd.ready()
  known.verdict = expired(35)
  systemd.answered()
  t.equal(sent.length, 1)
  clock.jump(10_000)
  systemd.answered()
  t.strictSame(sent.slice(1), [{ WATCHDOG: '1', STATUS: '200 serving: env: the last finding is 35 s old' }])
})

t.test('sd_notify › asks for more time where checks are asked seldom, and again after a reload', async t => {
  const { systemd, clock, known, sent } = start(withWatchdog)
  known.longestQuietMs = 300_000
  systemd.ready()
  t.match(sent, [{ WATCHDOG_USEC: '600000000' }])
  clock.jump(149_000)
  systemd.answered()
  t.equal(sent.length, 1)
  clock.jump(1000)
  systemd.answered()
  t.strictSame(sent.slice(1), [{ WATCHDOG: '1' }])
  systemd.reloading()
  known.longestQuietMs = 10_000
  systemd.ready()
  t.strictSame(sent.slice(2), [{ RELOADING: '1' }, { READY: '1', WATCHDOG_USEC: '30000000' }])
})

t.test('sd_notify › feeds nobody where there is no watchdog', async t => {
  const { systemd, clock, sent } = start({ ...withWatchdog, WATCHDOG_PID: '1' })
  systemd.ready()
  clock.jump(60_000)
  systemd.answered()
  t.strictSame(sent, [{ READY: '1', STATUS: '503 starting: 0 of 5 rounds have passed' }])
})

t.test('sd_notify › STOPPING comes with the verdict of the drain, and the time that it takes', async t => {
  const { systemd, known, sent } = start()
  systemd.ready()
  known.verdict = { status: 'fail', phase: 'draining', output: 'draining: SIGTERM', checks: [] }
  systemd.stopping(20_000)
  t.strictSame(sent.slice(1), [
    { STOPPING: '1', EXTEND_TIMEOUT_USEC: '30000000', STATUS: '503 draining: SIGTERM' },
  ])
})

t.test('sd_notify › tells with the verdict what else there is to know, for as long as it is so', async t => {
  const { systemd, known, sent } = start()
  systemd.ready()
  known.verdict = { status: 'pass', phase: 'serving', checks: [] }
  systemd.reloading()
  known.notes = ['the configuration is refused']
  systemd.ready()
  systemd.answered()
  known.notes = []
  systemd.changed()
  t.match(sent.slice(1), [
    { RELOADING: '1', STATUS: '200 serving' },
    { READY: '1', STATUS: '200 serving | the configuration is refused' },
    { STATUS: '200 serving' },
  ])
})

t.test('sd_notify › where systemd is not there, nothing is said, nor made up to be said', async t => {
  const { systemd, known, sent } = start(withWatchdog, '')
  systemd.reloading()
  systemd.ready()
  systemd.answered()
  systemd.changed()
  systemd.stopping(20_000)
  t.strictSame(sent, [])
  t.equal(known.asked, 0)
})
