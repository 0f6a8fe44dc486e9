import t from 'tap'
import { proven, unproven } from '../../src/core/host-state.ts'
import { afterSweep } from '../../src/core/peers.ts'
import type { PeerSweep } from '../../src/core/peers.ts'
import type { Finding } from '../../src/core/finding.ts'
import type { MonitorListener } from '../../src/monitor/monitor-listener.ts'
import { holdFor } from '../support/hold-for.ts'
import { fail, FakeCheck, monitorOf, pass } from './fake-monitor.ts'

const warn: Finding = { status: 'warn', reason: 'ENV_VARIABLE_INVALID', message: 'odd' }
const shared: Finding = { status: 'unknown', cause: 'shared', reason: 'DATABASE_REFUSED', message: 'refused' }

/** Writes down what it is told, but for the answers of checks. */
const scribe = () => {
  const told: string[] = []
  const answers: string[] = []
  const listener: MonitorListener = {
    checkAnswered: ({ name, finding, previous, tookMs }) =>
      void answers.push(`${name}: ${previous?.status} → ${finding.status} in ${tookMs} ms`),
    verdictChanged: ({ verdict, previous }) =>
      void told.push(`${previous.phase} ${previous.status} → ${verdict.phase} ${verdict.status}`),
    proved: () => void told.push('proved'),
  }
  return { told, answers, listeners: [listener] }
}

t.test('events › each change of the verdict is told once, when it comes', async t => {
  const { told, listeners } = scribe()
  const page = new FakeCheck()
  const { monitor, clock } = monitorOf({ page: { check: page } }, { listeners })
  const toldBy = async (act: () => void, ms = 0) => {
    told.length = 0
    act()
    if (ms > 0) await clock.advance(ms)
    return told
  }
  monitor.start()
  await clock.advance(0)
  t.strictSame(told, ['starting fail → serving pass', 'proved'])
  t.strictSame(await toldBy(() => {}, 9000), [], 'what stays as it is')
  t.strictSame(await toldBy(() => page.says(warn), 10_000), ['serving pass → serving warn'])
  t.strictSame(await toldBy(() => page.says(fail), 10_000), ['serving warn → serving fail'])
  t.strictSame(await toldBy(() => monitor.drain({ reason: 'kernel' })), ['serving fail → draining fail'])
  t.strictSame(await toldBy(() => monitor.drain({ reason: 'again' })), [])
  t.strictSame(await toldBy(() => monitor.resume()), ['draining fail → serving fail'])
  t.strictSame(await toldBy(() => monitor.restart()), ['serving fail → starting fail'])
  t.strictSame(await toldBy(() => page.says(pass), 1000), ['starting fail → serving pass', 'proved'])
  t.strictSame(await toldBy(() => monitor.restart()), ['serving pass → starting fail'])
})

t.test(
  'events › each drain, its end and each restart are told, whether or not the verdict changes',
  async t => {
    const told: unknown[] = []
    const listener: MonitorListener = {
      drainChanged: ({ drain }) => void told.push(drain?.reason ?? 'no drain'),
      restarted: () => void told.push('restarted'),
    }
    const { monitor } = monitorOf({ page: { check: new FakeCheck() } }, { listeners: [listener] })
    monitor.drain({ reason: 'kernel' })
    monitor.drain({ reason: 'again' })
    monitor.resume()
    monitor.restart()
    t.strictSame(told, ['kernel', 'again', 'no drain', 'restarted'])
  },
)

t.test('events › an answer comes with the one before, and with how long it took', async t => {
  const { answers, listeners } = scribe()
  const page = new FakeCheck()
  const { monitor, clock } = monitorOf({ page: { check: page } }, { latched: true, listeners })
  t.equal(monitor.tookMs('page'), undefined)
  page.answer = () => new Promise(resolve => void clock.after(300, () => resolve(pass)))
  monitor.start()
  await clock.advance(300)
  t.equal(monitor.tookMs('page'), 300)
  page.says(fail)
  await clock.advance(10_000)
  t.equal(monitor.tookMs('page'), 0)
  t.strictSame(answers, ['page: undefined → pass in 300 ms', 'page: pass → fail in 0 ms'])
})

t.test('events › what was in flight at a restart is of the release before: nobody is told', async t => {
  const { told, answers, listeners } = scribe()
  const gate = Promise.withResolvers<Finding>()
  const page = new FakeCheck(() => gate.promise)
  const { monitor, clock } = monitorOf({ page: { check: page } }, { latched: true, listeners })
  monitor.start()
  await clock.advance(500)
  monitor.restart()
  page.says(pass)
  gate.resolve(fail)
  await clock.advance(0)
  t.strictSame(answers, ['page: undefined → pass in 0 ms'])
  t.strictSame(told.slice(1), ['starting fail → serving pass', 'proved'])
})

t.test('restart › at the moment of a start it waits for nothing', async t => {
  const page = new FakeCheck()
  const { monitor, clock } = monitorOf({ page: { check: page } })
  monitor.start()
  await clock.advance(0)
  monitor.restart()
  await clock.advance(0)
  t.equal(page.runs, 2)
  t.match(monitor.current(), { status: 'pass' })
})

t.test('restart › ends the rounds of the release before', async t => {
  const page = new FakeCheck()
  const { monitor, clock } = monitorOf({ page: { check: page } }, { rounds: 1000 })
  monitor.start()
  await clock.advance(500)
  monitor.restart()
  await clock.advance(10_000)
  t.equal(page.runs, 12, 'one before, and then one a second')
})

t.test('dispose › waits for the run in flight, which proves nothing', async t => {
  const { told, answers, listeners } = scribe()
  const gate = Promise.withResolvers<Finding>()
  const { monitor, clock } = monitorOf({ page: { check: new FakeCheck(() => gate.promise) } }, { listeners })
  monitor.start()
  await clock.advance(0)
  let isOver = false
  const end = (async () => {
    await monitor[Symbol.asyncDispose]()
    isOver = true
  })()
  await clock.advance(1000)
  t.equal(isOver, false)
  gate.resolve(pass)
  await end
  await clock.advance(60_000)
  t.strictSame([told, answers], [[], []], 'not even by a pass')
})

t.test('refresh › runs every check now; while starting it is a round', async t => {
  const page = new FakeCheck()
  const serving = monitorOf({ page: { check: page } }, { latched: true })
  t.match(await serving.monitor.refresh(), { status: 'pass' })
  page.says(fail)
  await serving.clock.advance(1)
  t.match(await serving.monitor.refresh(), { status: 'fail' })
  t.equal(page.runs, 2)
  const starting = monitorOf({ page: { check: new FakeCheck() } }, { rounds: 2 })
  t.match(await starting.monitor.refresh(), { output: 'starting: 1 of 2 rounds have passed' })
  await starting.clock.advance(1)
  t.match(await starting.monitor.refresh(), { status: 'pass', phase: 'serving' })
})

const sweep: PeerSweep = { known: 1, answers: [{ peer: '10.0.0.1:80', answer: 'pass' }], at: 1_000_000 }

t.test('peers › two sweeps that all pass take a host out, until its doubts are over', async t => {
  const { told, listeners } = scribe()
  const page = new FakeCheck(shared)
  const { monitor, clock } = monitorOf({ page: { check: page } }, { latched: true, listeners })
  monitor.start()
  await clock.advance(0)
  t.strictSame(monitor.doubts(), ['page'])
  monitor.hearPeers(sweep)
  t.match(monitor.host.life.peers, { last: sweep, passing: 1 })
  t.match(monitor.current(), { status: 'warn' })
  told.length = 0
  monitor.hearPeers(sweep)
  t.match(monitor.host.life.peers, { last: sweep, passing: 2 })
  t.match(monitor.current(), { status: 'fail' })
  monitor.hearPeers(undefined)
  t.notOk('peers' in monitor.host.life)
  t.strictSame(told, ['serving warn → serving fail', 'serving fail → serving warn'])
  monitor.hearPeers(sweep)
  monitor.restart()
  t.notOk('peers' in monitor.host.life, 'another release has its own doubts')
})

t.test('host › a monitor goes on with the drain and the peers of the one before', async t => {
  const drain = { reason: 'kernel' }
  const peers = afterSweep(undefined, sweep)
  for (const host of [proven(0), unproven({ checks: [], holdMs: holdFor(0), startupHealthyThreshold: 1 })]) {
    const life = { ...host.life, drain, peers }
    const { monitor } = monitorOf({ page: { check: new FakeCheck() } }, { host: { ...host, life } })
    t.strictSame(monitor.host.life, life)
    t.match(monitor.current(), { phase: 'draining' })
  }
})

t.test('monitor › a check that is not there is a mistake of the program', async t => {
  const { monitor } = monitorOf({ page: { check: new FakeCheck() } })
  t.throws(() => monitor.tookMs('nope'), new TypeError('no check is named nope'))
  t.throws(
    () => monitorOf({ page: { check: new FakeCheck() } }, { checks: new Map() } as object),
    new TypeError('no check is named page'),
  )
})

t.test('deadline › what has answered counts, beside what has not', async t => {
  const [slow, quick] = [new FakeCheck(() => new Promise(() => {})), new FakeCheck()]
  const { monitor, clock } = monitorOf(
    { slow: { check: slow, policy: { timeoutMs: 60_000 } }, quick: { check: quick } },
    { latched: true },
  )
  monitor.start()
  const [verdict] = await Promise.all([monitor.verdict(), clock.advance(4000)])
  t.match(verdict.checks, [{ finding: { reason: 'DEADLINE_EXCEEDED' } }, { finding: pass }])
})

t.test('cadence › what is stale when the host is admitted runs at once', async t => {
  const [table, extra] = [new FakeCheck(), new FakeCheck()]
  const { monitor, clock } = monitorOf({
    table: { check: table },
    extra: { check: extra, policy: { required: false } },
  })
  table.answer = () => new Promise(resolve => void clock.after(1500, () => resolve(pass)))
  monitor.start()
  await clock.advance(1499)
  t.equal(extra.runs, 1)
  await clock.advance(1)
  t.match(monitor.current(), { phase: 'serving' })
  t.equal(extra.runs, 2)
})

t.test('overdue › counts from when the checks began to run', async t => {
  const page = new FakeCheck(() => new Promise(() => {}))
  const { monitor, clock } = monitorOf({ page: { check: page } }, { latched: true })
  await clock.advance(22_000)
  t.strictSame(monitor.overdue(), [])
  await clock.advance(1)
  t.strictSame(monitor.overdue(), ['page'], 'it was never started')
  monitor.start()
  t.strictSame(monitor.overdue(), [])
})

t.test('events › a listener that throws harms neither the others nor the monitor', async t => {
  const { told, listeners } = scribe()
  const broken: unknown[] = []
  const breaks = (): never => {
    throw new Error('a label is missing')
  }
  const listener: Required<MonitorListener> = {
    checkAnswered: breaks,
    answersMissed: breaks,
    checkAbandoned: breaks,
    checkReturned: breaks,
    verdictChanged: breaks,
    drainChanged: breaks,
    peersHeard: breaks,
    restarted: breaks,
    roundEnded: breaks,
    proved: breaks,
  }
  const page = new FakeCheck()
  const { monitor, clock } = monitorOf(
    { page: { check: page } },
    { listeners: [listener, ...listeners], listenerBroke: error => void broken.push(error) },
  )
  monitor.start()
  await clock.advance(0)
  monitor.drain({ reason: 'kernel' })
  monitor.resume()
  monitor.hearPeers({ known: 0, answers: [], at: clock.now() })
  page.says(fail)
  await clock.advance(10_000)
  t.match(monitor.current(), { status: 'fail', phase: 'serving' })
  monitor.restart()
  page.says(pass)
  await clock.advance(1000)
  t.match(monitor.current(), { status: 'pass', phase: 'serving' })
  const twice = ['starting fail → serving pass', 'proved']
  const between = ['serving pass → draining fail', 'draining fail → serving pass']
  t.strictSame(told, [
    ...twice,
    ...between,
    'serving pass → serving fail',
    'serving fail → starting fail',
    ...twice,
  ])
  t.ok(broken.length >= told.length)
})

t.test('events › a run that outlasts the deadline of a probe is told of, and is silence by then', async t => {
  let missed = 0
  const page = new FakeCheck(
    signal => new Promise(resolve => signal.addEventListener('abort', () => resolve(pass))),
  )
  const { monitor, clock } = monitorOf(
    { page: { check: page, policy: { timeoutMs: 10_000 } }, env: { check: new FakeCheck() } },
    { listeners: [{ answersMissed: () => void (missed += 1) }], latched: true },
  )
  const first = monitor.verdict()
  await clock.advance(3999)
  t.strictSame([missed, monitor.against().silent], [0, []])
  await clock.advance(1)
  t.match(await first, { status: 'warn' })
  t.strictSame([missed, monitor.against().silent], [1, [{ name: 'page', silentForMs: 4000 }]])
  clock.jump(600_000)
  t.strictSame(monitor.against().silent, [{ name: 'page', silentForMs: 10_000 }], 'the machine was suspended')
  await clock.advance(0)
  t.strictSame(monitor.against().silent, [], 'it has passed')
})
