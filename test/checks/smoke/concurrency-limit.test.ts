import type { Socket } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { systemClock } from '../../../src/checks/smoke/clock.ts'
import { createConcurrencyLimit } from '../../../src/checks/smoke/concurrency-limit.ts'
import type { ConcurrencyLimit, LateEnd } from '../../../src/checks/smoke/concurrency-limit.ts'
import type { Exchange, Outcome, Stage } from '../../../src/checks/smoke/exchange.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { page, serve } from './fake-server.ts'
import { createSmoke, gist, messageOf } from './run-smoke.ts'

const closed: Outcome = { kind: 'closed', code: 'CLOSED' }

/** An exchange that ends when the test says so, or when it is destroyed. */
const exchange = (stage: Stage = 'waiting') => {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  let destroyed = false
  const destroy = () => {
    destroyed = true
    resolve(closed)
  }
  const it: Exchange = { outcome: promise, stage: () => stage, destroy }
  return { start: () => it, end: resolve, isDestroyed: () => destroyed }
}

const create = ({ ...options }: { readonly maxGivenUp?: number } = {}) =>
  createConcurrencyLimit({
    clock: systemClock,
    givenUpForMs: () => 30_000,
    keptForMs: 300_000,
    ...options,
  })

/** Sends, and keeps how a request ended late. */
const lateEnds: LateEnd[] = []
const send = (limit: ConcurrencyLimit, start: () => Exchange, signal: AbortSignal) =>
  limit.send(start, { signal, onLateEnd: end => lateEnds.push(end) })

const aborted = () => AbortSignal.abort()

/** Aborted once the request is out. */
const soon = () => {
  const controller = new AbortController()
  setImmediate(() => controller.abort())
  return controller.signal
}
const never = () => new AbortController().signal

t.test(
  'concurrency limit › beside one request that was given up on, a second is sent, and no third',
  async t => {
    await using limit = create()
    const stuck = exchange()
    await send(limit, stuck.start, soon())
    const served = exchange()
    served.end(closed)
    t.match(
      await send(limit, served.start, never()),
      { kind: 'ended' },
      'one stuck worker is not all of them',
    )
    await send(limit, exchange().start, soon())
    t.match(await send(limit, () => t.fail('sent') as never, soon()), { kind: 'not-sent', oldestMs: Number })
    stuck.end(closed)
    t.match(await send(limit, served.start, never()), { kind: 'ended' }, 'as soon as one of them has ended')
  },
)

t.test('concurrency limit › at the limit, no other request is sent', async t => {
  await using limit = create({ maxGivenUp: 1 })
  const first = exchange()
  lateEnds.length = 0
  t.match(await send(limit, first.start, soon()), { kind: 'timed-out', stage: 'waiting' })
  t.notOk(first.isDestroyed())
  const second = exchange()
  t.match(await send(limit, () => t.fail('sent') as never, soon()), { kind: 'not-sent', oldestMs: Number })

  const sending = send(limit, second.start, never())
  first.end(closed)
  second.end(closed)
  t.match(await sending, { kind: 'ended', outcome: closed })
  t.match(lateEnds, [{ outcome: closed, elapsedMs: Number }])
})

t.test('concurrency limit › a place that is free once the time is up is not taken', async t => {
  await using limit = create({ maxGivenUp: 1 })
  const first = exchange()
  await send(limit, first.start, soon())
  const controller = new AbortController()
  const sending = send(limit, () => t.fail('sent') as never, controller.signal)
  first.end(closed)
  controller.abort()
  t.match(await sending, { kind: 'not-sent' })
})

t.test('concurrency limit › the oldest request is told, of those that were given up on', async t => {
  const clock = new ManualClock()
  await using limit = createConcurrencyLimit({ clock, givenUpForMs: () => 60_000, keptForMs: 300_000 })
  await send(limit, exchange().start, soon())
  clock.jump(10_000)
  await send(limit, exchange().start, soon())
  clock.jump(5000)
  t.strictSame(await send(limit, () => t.fail('sent') as never, soon()), {
    kind: 'not-sent',
    oldestMs: 15_000,
  })
})

/** One place, and a request that holds it. */
const holdPlace = async (t: Test) => {
  const clock = new ManualClock()
  const limit = createConcurrencyLimit({
    clock,
    givenUpForMs: () => 60_000,
    keptForMs: 300_000,
    maxGivenUp: 1,
  })
  t.teardown(() => limit[Symbol.asyncDispose]())
  lateEnds.length = 0
  const first = exchange()
  await send(limit, first.start, soon())
  const second = exchange()
  second.end(closed)
  return { clock, first, sending: send(limit, second.start, never()) }
}

t.test(
  'concurrency limit › a request that was given up on for long makes place, and is still heard',
  async t => {
    const { clock, first, sending } = await holdPlace(t)
    await clock.advance(60_000)
    t.match(await sending, { kind: 'ended' })
    t.notOk(first.isDestroyed())
    await clock.advance(60_000)
    first.end(closed)
    await clock.advance(0)
    t.match(lateEnds, [{ outcome: closed, elapsedMs: 120_000 }])
  },
)

t.test('concurrency limit › a request that was given up on for long enough is closed', async t => {
  const { clock, first, sending } = await holdPlace(t)
  await clock.advance(299_999)
  await sending
  t.notOk(first.isDestroyed())
  await clock.advance(1)
  t.ok(first.isDestroyed())
  t.strictSame(lateEnds, [], 'the server has not ended it')
})

t.test(
  'concurrency limit › a request that found no connection is with no worker, and is closed at once',
  async t => {
    await using limit = create()
    const first = exchange('connecting')
    t.match(await send(limit, first.start, soon()), { kind: 'timed-out', stage: 'connecting' })
    t.ok(first.isDestroyed())
  },
)

t.test(
  'concurrency limit › an answer that has arrived by the deadline counts, even if it was not read yet',
  async t => {
    await using limit = create()
    const first = exchange()
    setImmediate(() => first.end(closed))
    t.match(await send(limit, first.start, aborted()), { kind: 'ended' })
  },
)

t.test('concurrency limit › disposal closes what is in flight', async t => {
  const first = exchange()
  {
    await using limit = create()
    await send(limit, first.start, soon())
  }
  t.ok(first.isDestroyed())
})

for (const protocol of ['http', 'uwsgi'])
  t.test(
    `smoke over ${protocol} › stuck workers get two requests, and the check recovers with one of them`,
    async t => {
      const [first, second] = [Promise.withResolvers<Socket>(), Promise.withResolvers<Socket>()]
      const app = await serve(t, socket => {
        if (app.requests.length === 1) first.resolve(socket)
        else if (app.requests.length === 2) second.resolve(socket)
        else page('200 OK', '')(socket)
      })
      // what precedes a request takes no time: it always has its fair share of the run
      await using check = createSmoke(
        { target: `${protocol}+unix:${app.path}` },
        { clock: new ManualClock() },
      )
      /** Runs it until the app has the request. */
      const runUntil = async (arrived: Promise<Socket>) => {
        const timeout = new AbortController()
        const finding = check.run(timeout.signal)
        await arrived
        timeout.abort()
        return finding
      }
      t.equal(gist(await runUntil(first.promise)), 'unknown SMOKE_NO_ANSWER')
      t.equal(gist(await runUntil(second.promise)), 'unknown SMOKE_NO_ANSWER')
      const again = await check.run(AbortSignal.timeout(100))
      t.equal(gist(again), 'unknown SMOKE_REQUEST_HELD')
      t.match(messageOf(again), /was sent \d+ s ago and is still with a worker/)
      t.equal(app.requests.length, 2)

      page('200 OK', '')(await first.promise)
      t.equal(gist(await check.run(AbortSignal.timeout(60_000))), 'pass')
      t.equal(app.requests.length, 3)
    },
  )
