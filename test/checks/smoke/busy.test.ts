import type { Socket } from 'node:net'
import t from 'tap'
import type { Finding } from '../../../src/core/finding.ts'
import type { SmokeClock } from '../../../src/checks/smoke/clock.ts'
import { page, serve } from './fake-server.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { createSmoke, gist, messageOf } from './run-smoke.ts'

/** A clock that stands until the test moves it. Its timers never fire. */
const standingClock = () => {
  let now = 0
  const clock: SmokeClock = { now: () => now, after: () => ({ [Symbol.dispose]() {} }) }
  return { clock, jump: (ms: number) => (now += ms) }
}

/** An app that keeps each request until the test answers it. A run ends when its request has arrived. */
const slowApp = async (t: Parameters<typeof serve>[0], keys = {}, options = {}) => {
  const { clock, jump } = standingClock()
  let arrived = Promise.withResolvers<Socket>()
  const app = await serve(t, socket => arrived.resolve(socket))
  const check = createSmoke({ target: `http+unix:${app.path}`, ...keys }, { clock, ...options })
  t.teardown(() => check[Symbol.asyncDispose]())
  /** Starts a run; `respond` answers in time, and otherwise the time is up. */
  const run = async (respond?: (socket: Socket) => void) => {
    arrived = Promise.withResolvers<Socket>()
    const controller = new AbortController()
    const running = check.run(controller.signal)
    const socket = await arrived.promise
    if (respond) respond(socket)
    else controller.abort()
    return { finding: await running, socket }
  }
  /** Answers a request that was given up on, and waits until the check has read that. */
  const answerLate = async (socket: Socket, respond: (socket: Socket) => void) => {
    respond(socket)
    await new Promise(resolve => socket.once('close', resolve))
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  }
  return { run, jump, answerLate }
}

t.test('busy is not dead › an answer that comes late but as expected is progress', async t => {
  const { run, jump, answerLate } = await slowApp(t)
  t.equal(gist((await run(page('200 OK', ''))).finding), 'pass')
  jump(29_000)
  const first = await run()
  t.match(first.finding, { status: 'unknown', cause: 'busy', reason: 'SMOKE_NO_ANSWER' })
  t.match(first.finding, { evidence: { answeredAgoMs: 29_000 } })
  jump(6000)
  await answerLate(first.socket, page('200 OK', ''))
  jump(29_000)
  const second = await run()
  t.match(second.finding, { status: 'unknown', cause: 'busy', evidence: { answeredAfterMs: 6000 } })
  t.match(messageOf(second.finding), /the app is busy, but makes progress/)
  t.match(second.finding, { progress: true })
  jump(30_000 + 3 * 6000)
  const third = await run()
  t.match(third.finding, { status: 'fail', reason: 'SMOKE_NO_ANSWER', silentForMs: Number })
})

t.test('busy is not dead › an app that served before a restart may have a long queue', async t => {
  const { run, jump } = await slowApp(t, {}, { hasServed: true })
  await run()
  jump(299_000)
  t.match((await run()).finding, { status: 'unknown', cause: 'busy', progress: undefined })
})

t.test('busy is not dead › restarts do not make an app seem busy for ever', async t => {
  const { run, jump, answerLate } = await slowApp(t, {}, { hasServed: true, silentForMs: 250_000 })
  const first = await run()
  t.match(first.finding, { status: 'unknown', cause: 'busy', silentForMs: 250_000 })
  jump(50_000)
  t.match((await run()).finding, { status: 'fail', silentForMs: 300_000 })
  await answerLate(first.socket, page('200 OK', ''))
  t.match((await run()).finding, { status: 'unknown', silentForMs: 0 }, 'an answer ends it')
})

t.test('busy is not dead › the time before a request was sent does not count against the app', async t => {
  const { run, jump } = await slowApp(t)
  await run(page('200 OK', ''))
  jump(60_000)
  t.match((await run()).finding, { status: 'unknown', cause: 'busy' })
  jump(30_000)
  t.equal(gist((await run()).finding), 'fail SMOKE_NO_ANSWER')
})

t.test(
  'busy is not dead › a late answer that is not as expected is proof, told once by the next run',
  async t => {
    const { run, answerLate } = await slowApp(t)
    const first = await run()
    await answerLate(first.socket, page('500 Oops', ''))
    const { finding } = await run(page('200 OK', ''))
    t.equal(gist(finding), 'fail SMOKE_STATUS_UNEXPECTED')
    t.match(finding, { evidence: { httpStatus: 500, answeredAfterMs: 0 } })
    t.match(messageOf(finding), /^a request that was given up on has ended: GET \/ on .* is answered 500/)
    t.equal(gist((await run(page('200 OK', ''))).finding), 'pass')
  },
)

/** Whether what a late answer shows may be over. */
const mayBeOver = (finding: Finding): boolean => finding.status === 'fail' && finding.mayBeOver === true

t.test(
  'busy is not dead › a late failure may be over, until a request that was sent later fails too',
  async t => {
    const { run, jump, answerLate } = await slowApp(t)
    const error = page('500 Oops', '')
    const first = await run()
    jump(1000)
    const second = await run()
    jump(9000)
    await answerLate(first.socket, error)
    const third = await run()
    t.equal(mayBeOver(third.finding), true, 'nothing has failed before')
    jump(1000)
    await answerLate(second.socket, error)
    const fourth = await run()
    t.equal(mayBeOver(fourth.finding), true, 'it was sent before that was seen')
    jump(10_000)
    await answerLate(third.socket, error)
    const fifth = await run(page('200 OK', ''))
    t.match(fifth.finding, { status: 'fail', reason: 'SMOKE_STATUS_UNEXPECTED', mayBeOver: undefined })

    await answerLate(fourth.socket, error)
    t.equal(
      mayBeOver((await run(page('200 OK', ''))).finding),
      true,
      'the app has answered as expected since',
    )
  },
)

t.test(
  'busy is not dead › a late failure says why an app is silent, and proves no more than that',
  async t => {
    const { run, jump, answerLate } = await slowApp(t)
    const first = await run()
    jump(60_000)
    await answerLate(first.socket, page('500 Oops', ''))
    const { finding } = await run()
    t.match(finding, { status: 'fail', reason: 'SMOKE_STATUS_UNEXPECTED', mayBeOver: undefined })
    t.ok(finding.status === 'fail' && (finding.silentForMs ?? 0) >= 60_000)
  },
)

t.test('busy is not dead › a late answer as expected is no late failure', async t => {
  const { run, jump, answerLate } = await slowApp(t)
  const first = await run()
  jump(9000)
  await answerLate(first.socket, page('200 OK', ''))
  jump(1000)
  const second = await run()
  jump(500)
  await answerLate(second.socket, page('500 Oops', ''))
  t.equal(mayBeOver((await run()).finding), true, 'nothing has failed before')
})

t.test('busy is not dead › a failure of now counts more than a late one that may be over', async t => {
  const { run, answerLate } = await slowApp(t)
  const { socket } = await run()
  await answerLate(socket, page('500 Oops', ''))
  const { finding } = await run(page('404 Not Found', ''))
  t.match(finding, { status: 'fail', mayBeOver: undefined, evidence: { httpStatus: 404 } })
  t.equal(gist((await run(page('200 OK', ''))).finding), 'pass', 'the late one is told no more')
})

t.test('busy is not dead › a late answer that is not as expected is no progress', async t => {
  const { run, jump, answerLate } = await slowApp(t)
  const first = await run()
  await answerLate(first.socket, page('500 Oops', ''))
  t.equal(gist((await run()).finding), 'fail SMOKE_STATUS_UNEXPECTED')
  jump(30_000)
  t.equal(gist((await run()).finding), 'fail SMOKE_NO_ANSWER')
})

t.test('busy is not dead › a worker that drops a late request is proof', async t => {
  const { run, answerLate } = await slowApp(t)
  t.equal(gist((await run(page('200 OK', ''))).finding), 'pass')
  const first = await run()
  await answerLate(first.socket, socket => socket.destroy())
  t.equal(gist((await run(page('200 OK', ''))).finding), 'fail SMOKE_CLOSED')
})

/** As `slowApp`, by a clock whose timers fire; a request that was given up on holds back others for a minute. */
const slowAppWithTimers = async (t: Parameters<typeof serve>[0]) => {
  const clock = new ManualClock()
  const { jump: _, ...app } = await slowApp(t, {}, { clock })
  const later = (ms: number) => clock.advance(ms)
  return { ...app, later }
}

t.test('busy is not dead › a failure of minutes ago is none of an app that has answered since', async t => {
  const { run, later, answerLate } = await slowAppWithTimers(t)
  t.equal(gist((await run(page('200 OK', ''))).finding), 'pass')
  const first = await run()
  await later(1000)
  await run(page('200 OK', ''))
  await later(59_500)
  await answerLate(first.socket, socket => socket.destroy())
  t.equal(gist((await run(page('200 OK', ''))).finding), 'pass')

  const second = await run()
  await later(60_500)
  await answerLate(second.socket, socket => socket.destroy())
  t.equal(gist((await run(page('200 OK', ''))).finding), 'fail SMOKE_CLOSED', 'nothing was answered since')

  const third = await run()
  await later(1000)
  await run(page('200 OK', ''))
  await later(58_500)
  await answerLate(third.socket, socket => socket.destroy())
  t.equal(gist((await run(page('200 OK', ''))).finding), 'fail SMOKE_CLOSED', 'it is recent')
})

t.test('busy is not dead › a late answer that a later one has overtaken tells of no queue', async t => {
  const { run, jump, answerLate } = await slowApp(t)
  const first = await run()
  jump(230_000)
  t.equal(gist((await run(page('200 OK', ''))).finding), 'pass')
  jump(10_000)
  await answerLate(first.socket, page('200 OK', ''))
  t.match((await run()).finding, { status: 'unknown', cause: 'busy', progress: true })
  jump(30_000)
  t.equal(gist((await run()).finding), 'fail SMOKE_NO_ANSWER')
})

t.test('busy is not dead › without patience, a late answer is a failure at once', async t => {
  const { run } = await slowApp(t, { patience: 0 })
  t.equal(gist((await run(page('200 OK', ''))).finding), 'pass')
  t.equal(gist((await run()).finding), 'fail SMOKE_NO_ANSWER')
})

t.test('busy is not dead › 429 is unknown, and busy only while other requests are answered', async t => {
  const limited = page('429 Too Many Requests', '', 'Retry-After: 5\r\n')
  const { run, jump } = await slowApp(t)
  const never = await run(limited)
  t.match(never.finding, { status: 'unknown', reason: 'SMOKE_RATE_LIMITED', cause: 'local' })
  await run(page('200 OK', ''))
  t.match((await run(limited)).finding, { status: 'unknown', reason: 'SMOKE_RATE_LIMITED', cause: 'busy' })
  jump(30_000)
  t.match((await run(limited)).finding, { status: 'unknown', reason: 'SMOKE_RATE_LIMITED', cause: 'local' })
  const expecting = await slowApp(t, { expect: { status: 429 } })
  t.equal(gist((await expecting.run(limited)).finding), 'pass')
})

t.test('busy is not dead › 503 stays a failure', async t => {
  const { run } = await slowApp(t)
  await run(page('200 OK', ''))
  const { finding } = await run(page('503 Service Unavailable', '', 'Retry-After: 5\r\n'))
  t.equal(gist(finding), 'fail SMOKE_STATUS_UNEXPECTED')
})
