import t from 'tap'
import { createAppProgress } from '../../../src/checks/smoke/app-progress.ts'
import type { Delay } from '../../../src/checks/smoke/judge-delay.ts'
import { judgeDelay } from '../../../src/checks/smoke/judge-delay.ts'
import { expectationOf } from '../../../src/checks/smoke/expectation.ts'
import { parseTarget } from '../../../src/checks/smoke/target.ts'
import type { Stage } from '../../../src/checks/smoke/exchange.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const patienceMs = 30_000
const request = { method: 'GET', path: '/', host: 'a', headers: {}, maxBodyBytes: 1 } as const

/** The progress of an app as a test tells it, and what a delay then means. */
const app = ({ text = 'http+unix:/a', hasServed = false } = {}) => {
  const clock = new ManualClock()
  const progress = createAppProgress({ clock, patienceMs, hasServed })
  progress.asked()
  const question = {
    target: parseTarget(text),
    request,
    expectation: expectationOf({ status: 200 }),
    releases: { current: () => undefined, seen: undefined },
    subject: 'GET /',
  }
  const judge = (delay: Delay) => judgeDelay(delay, { ...question, seen: progress.look() })
  return { clock, progress, judge }
}

const timedOut = (stage: Stage): Delay => ({ kind: 'timed-out', stage, elapsedMs: 2000 })

const delays: readonly (readonly [string, Delay, string])[] = [
  ['a slow answer', timedOut('waiting'), 'SMOKE_NO_ANSWER'],
  ['an answer that is not complete', timedOut('answering'), 'SMOKE_TOO_SLOW'],
  ['a full backlog', { kind: 'backlog-full' }, 'SMOKE_BACKLOG_FULL'],
  ['a held request', { kind: 'not-sent', oldestMs: 22_000 }, 'SMOKE_REQUEST_HELD'],
]

for (const [what, delay, reason] of delays)
  t.test(
    `busy is not dead › ${what} is busy while the app makes progress, and a failure after that`,
    async t => {
      const { clock, progress, judge } = app()
      t.match(
        judge(delay),
        { status: 'unknown', cause: 'busy', reason },
        'nothing shows yet that it is stuck',
      )
      clock.jump(20_000)
      progress.answered({ afterMs: 6100, isLate: true })
      progress.asked()
      clock.jump(patienceMs + 3 * 6100 - 1)
      const busy = judge(delay)
      t.match(busy, { status: 'unknown', cause: 'busy', reason, progress: true })
      t.match(
        busy.message,
        /the app is busy, but makes progress; .* came 48 s ago, and the last late one took 6\.1 s$/,
      )
      clock.jump(1)
      const stuck = judge(delay)
      t.match(stuck, { status: 'fail', reason: reason === 'SMOKE_REQUEST_HELD' ? 'SMOKE_NO_ANSWER' : reason })
      t.match(stuck.message, /no answer as expected has come for 48 s: /)
      t.equal(stuck.cause, undefined)
      t.type(stuck.silentForMs, 'number')
    },
  )

t.test(
  'busy is not dead › an answer that took long gives the next one three times as much more, to ten patiences in all',
  async t => {
    const stuckAfter = (afterMs: number) => {
      const { clock, progress, judge } = app()
      progress.answered({ afterMs, isLate: true })
      progress.asked()
      const askedAt = clock.now()
      while (judge(timedOut('waiting')).status === 'unknown') clock.jump(1000)
      return clock.now() - askedAt
    }
    t.equal(stuckAfter(0), 30_000)
    t.equal(stuckAfter(20_000), 90_000)
    t.equal(stuckAfter(80_000), 270_000)
    t.equal(stuckAfter(200_000), 300_000)
  },
)

t.test(
  'busy is not dead › of an app that has served before, the first answer may take ten patiences',
  async t => {
    const { clock, progress, judge } = app({ hasServed: true })
    t.equal(progress.waitMs(), 300_000)
    clock.jump(300_000 - 1)
    t.match(judge(timedOut('waiting')), {
      status: 'unknown',
      message: /it counts as stuck if no answer comes within 300 s of the first run/,
    })
    clock.jump(1)
    t.match(judge(timedOut('waiting')), { status: 'fail', silentForMs: 300_000 })

    progress.answered({ afterMs: 1000, isLate: false })
    progress.asked()
    clock.jump(33_000)
    t.match(judge(timedOut('waiting')), { status: 'fail' }, 'how long answers take is known then')
  },
)

t.test('busy is not dead › an app that has never answered is stuck once the patience is over', async t => {
  const { clock, judge } = app()
  clock.jump(patienceMs)
  t.match(judge(timedOut('waiting')), {
    status: 'fail',
    message: /^GET \/ was not answered within 2000 ms: every worker/,
  })
})

t.test(
  'busy is not dead › a late answer shows the queue time for as long as the app may be silent',
  async t => {
    const { clock, progress } = app()
    progress.answered({ afterMs: 6100, isLate: true })
    clock.jump(10_000)
    progress.answered({ afterMs: 500, isLate: false })
    t.match(progress.look(), { answeredAgoMs: 0, answeredAfterMs: 6100 })
    clock.jump(patienceMs + 3 * 500 - 10_000 - 1)
    t.match(progress.look(), { answeredAfterMs: 6100 })
    clock.jump(1)
    t.match(progress.look(), { isRecent: true, answeredAgoMs: 21_500, answeredAfterMs: undefined })
  },
)

t.test('busy is not dead › no late answer is taken for the last one', async t => {
  const { clock, progress, judge } = app()
  progress.answered({ afterMs: 20_000, isLate: true })
  clock.jump(4000)
  progress.answered({ afterMs: 100, isLate: false })
  clock.jump(8000)
  t.match(judge(timedOut('waiting')), {
    message: /its last answer as expected came 8 s ago, and the last late one took 20 s$/,
  })
})

t.test('busy is not dead › a DNS server that is silent is told from an app that does not accept', async t => {
  const { judge } = app({ text: 'http://app.example:80' })
  const resolving = judge(timedOut('resolving'))
  t.match(resolving, { status: 'unknown', reason: 'SMOKE_UNREACHABLE' })
  t.notMatch(resolving, { cause: 'busy' })
  t.match(resolving.message, /^the name in http:\/\/app\.example:80 was not resolved within 2000 ms/)
  t.match(judge(timedOut('connecting')), { status: 'unknown', cause: 'busy', reason: 'SMOKE_BACKLOG_FULL' })
  const local = app().judge(timedOut('connecting'))
  t.match(local, { status: 'unknown', reason: 'CHECK_TIMED_OUT' })
})

t.test('uWSGI statistics › tell busy from stuck sooner, and are in the message', async t => {
  const { clock, progress, judge } = app()
  progress.answered({ afterMs: 10, isLate: false })
  const stats = { workers: 2, workersBusy: 2, listenQueue: 7, requestsCompleted: 5, idleForMs: 0 }
  progress.reported(stats)
  clock.jump(15_000)
  const busy = judge(timedOut('waiting'))
  t.match(busy, { status: 'unknown', cause: 'busy' })
  t.match(
    busy.message,
    /uWSGI: 2 of 2 workers busy, 7 requests in the listen queue, 5 requests completed since the last run/,
  )
  progress.reported({ ...stats, requestsCompleted: 0, idleForMs: 15_000 })
  t.match(judge(timedOut('waiting')), { status: 'fail', reason: 'SMOKE_NO_ANSWER' })
  progress.reported({ ...stats, workersBusy: 1, requestsCompleted: 0, idleForMs: 15_000 })
  t.match(judge(timedOut('waiting')), { status: 'unknown' }, 'a free worker is not stuck')
  progress.reported(undefined)
  t.match(judge(timedOut('waiting')), { status: 'unknown' }, 'an old report says nothing')
})

t.test('busy is not dead › an answer is waited for until it can tell no more', async t => {
  const { clock, progress } = app()
  t.equal(progress.waitMs(), 2 * patienceMs, 'no answer has come')
  progress.answered({ afterMs: 1000, isLate: false })
  t.equal(progress.waitMs(), 2 * patienceMs)
  clock.jump(40_000)
  progress.answered({ afterMs: 40_000, isLate: true })
  t.equal(progress.waitMs(), 150_000, 'the queue is long')
  clock.jump(100_000)
  progress.answered({ afterMs: 100_000, isLate: true })
  t.equal(progress.waitMs(), 10 * patienceMs)
  const atOnce = createAppProgress({ clock: new ManualClock(), patienceMs: 0 })
  atOnce.answered({ afterMs: 40_000, isLate: true })
  atOnce.asked()
  t.match([atOnce.waitMs(), atOnce.look().isRecent], [0, false], 'without patience, nothing is waited for')
})
