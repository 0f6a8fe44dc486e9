import type { Socket } from 'node:net'
import t from 'tap'
import { createLane } from '../../../src/checks/smoke/lane.ts'
import type { Exchange, Outcome, Progress } from '../../../src/checks/smoke/exchange.ts'
import { smoke } from '../../../src/checks/smoke/smoke.ts'
import { page, serve } from './fake-server.ts'
import { context, gist, messageOf } from './run-smoke.ts'

const closed: Outcome = { kind: 'closed', code: 'CLOSED' }

/** An exchange that ends when the test says so, or when it is destroyed. */
const exchange = (progress: Progress = 'waiting') => {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  let destroyed = false
  const destroy = () => {
    destroyed = true
    resolve(closed)
  }
  const it: Exchange = { outcome: promise, progress: () => progress, destroy }
  return { start: () => it, end: resolve, isDestroyed: () => destroyed }
}

const aborted = () => AbortSignal.abort()

/** Aborted once the request is out. */
const soon = () => {
  const controller = new AbortController()
  setImmediate(() => controller.abort())
  return controller.signal
}
const never = () => new AbortController().signal

t.test('lane › beside one request that was given up on, another is sent, and no third one', async t => {
  await using lane = createLane()
  const stuck = exchange()
  await lane.send(stuck.start, soon())
  const served = exchange()
  served.end(closed)
  t.match(await lane.send(served.start, never()), { kind: 'ended' }, 'one stuck worker is not all of them')
  await lane.send(exchange().start, soon())
  t.match(await lane.send(() => t.fail('sent') as never, soon()), { kind: 'held', heldMs: Number })
  stuck.end(closed)
  t.match(await lane.send(served.start, never()), { kind: 'ended' }, 'as soon as one of them has ended')
})

t.test('lane › while as many as may be are with workers, no other is sent', async t => {
  await using lane = createLane({ maxGivenUp: 1 })
  const first = exchange()
  t.match(await lane.send(first.start, soon()), { kind: 'timed-out', progress: 'waiting' })
  t.notOk(first.isDestroyed())
  const second = exchange()
  t.match(await lane.send(() => t.fail('sent') as never, soon()), { kind: 'held', heldMs: Number })

  const sending = lane.send(second.start, never())
  first.end(closed)
  second.end(closed)
  t.match(await sending, { kind: 'ended', outcome: closed })
  t.match(lane.lateEnd(), { outcome: closed, elapsedMs: Number })
})

t.test('lane › a request is given up for good once it was held for long enough', async t => {
  await using lane = createLane({ heldForMs: 60, maxGivenUp: 1 })
  const first = exchange()
  await lane.send(first.start, soon())
  const second = exchange()
  second.end(closed)
  t.match(await lane.send(second.start, never()), { kind: 'ended' })
  t.ok(first.isDestroyed())
})

t.test('lane › a request that found no connection is with no worker, and dropped at once', async t => {
  await using lane = createLane()
  const first = exchange('connecting')
  t.match(await lane.send(first.start, soon()), { kind: 'timed-out', progress: 'connecting' })
  t.ok(first.isDestroyed())
})

t.test(
  'lane › an answer that has arrived by the deadline counts, even if nobody came to read it',
  async t => {
    await using lane = createLane()
    const first = exchange()
    setImmediate(() => first.end(closed))
    t.match(await lane.send(first.start, aborted()), { kind: 'ended' })
  },
)

t.test('lane › disposal drops what is still under way', async t => {
  const first = exchange()
  {
    await using lane = createLane()
    await lane.send(first.start, soon())
  }
  t.ok(first.isDestroyed())
})

for (const protocol of ['http', 'uwsgi'])
  t.test(
    `smoke over ${protocol} › stuck workers get two requests, and the check recovers with one of them`,
    async t => {
      const held = Promise.withResolvers<Socket>()
      const app = await serve(t, socket => {
        if (app.requests.length === 1) held.resolve(socket)
        else if (app.requests.length > 2) page('200 OK', '')(socket)
      })
      await using check = smoke.create({ target: `${protocol}+unix:${app.path}` }, context)
      t.equal(gist(await check.run(AbortSignal.timeout(100))), 'fail SMOKE_NO_ANSWER')
      t.equal(gist(await check.run(AbortSignal.timeout(100))), 'fail SMOKE_NO_ANSWER')
      const again = await check.run(AbortSignal.timeout(100))
      t.equal(gist(again), 'unknown SMOKE_REQUEST_HELD')
      t.match(messageOf(again), /was sent \d s ago and is still with a worker/)
      t.equal(app.requests.length, 2)

      page('200 OK', '')(await held.promise)
      t.equal(gist(await check.run(AbortSignal.timeout(5000))), 'pass')
      t.equal(app.requests.length, 3)
    },
  )
