import { getEventListeners } from 'node:events'
import t from 'tap'
import type { Check } from '../../src/core/check.ts'
import type { Finding } from '../../src/core/finding.ts'
import { createCheckRunner } from '../../src/monitor/check-runner.ts'
import { ManualClock } from '../support/manual-clock.ts'

const pass: Finding = { status: 'pass' }

const runnerOf = (run: Check['run']) => {
  const clock = new ManualClock()
  const stop = new AbortController()
  const told: unknown[] = []
  const runner = createCheckRunner(
    { run, async [Symbol.asyncDispose]() {} },
    {
      timeoutMs: 2000,
      clock,
      stop: stop.signal,
      events: {
        abandoned: event => void told.push(['abandoned', event]),
        returned: event => void told.push(['returned', event]),
      },
    },
  )
  return { runner, clock, stop, told }
}

t.test('runner › a run that ends in time tells nothing, and leaves no listener behind', async t => {
  const { runner, stop, told } = runnerOf(async () => pass)
  for (let run = 0; run < 3; run += 1) t.same(await runner.run({}), pass)
  t.strictSame(told, [])
  t.equal(getEventListeners(stop.signal, 'abort').length, 0)
})

t.test('runner › aborts at the timeout, and abandons a run 100 ms later', async t => {
  const signals: AbortSignal[] = []
  const { promise, resolve } = Promise.withResolvers<Finding>()
  const { runner, clock, told, stop } = runnerOf(signal => {
    signals.push(signal)
    return promise
  })
  const found = runner.run({})
  await clock.advance(1999)
  t.equal(signals[0]?.aborted, false)
  await clock.advance(1)
  t.equal(signals[0]?.aborted, true)
  t.match(signals[0]?.reason, { name: 'TimeoutError' })
  await clock.advance(99)
  t.strictSame(told, [])
  await clock.advance(1)
  t.match(await found, { status: 'unknown', reason: 'CHECK_TIMED_OUT', message: /within 2000 ms/ })
  await clock.advance(57_900)
  t.match(await runner.run({}), { reason: 'CHECK_OVERRAN', message: /still in flight after 60 s/ })
  t.equal(signals.length, 1)
  resolve(pass)
  await clock.advance(0)
  t.strictSame(told, [
    ['abandoned', { runningForMs: 2100 }],
    ['returned', { runningForMs: 60_000 }],
  ])
  t.same(await runner.run({}), pass, 'and then runs again')
  t.equal(told.length, 2)
  t.equal(getEventListeners(stop.signal, 'abort').length, 0)
})

t.test('runner › a stop ends a run early, with the reason', async t => {
  const { runner, stop } = runnerOf(
    signal =>
      new Promise(resolve =>
        signal.addEventListener('abort', () =>
          resolve({ status: 'unknown', reason: 'CHECK_NEVER_RAN', message: String(signal.reason) }),
        ),
      ),
  )
  const found = runner.run({})
  stop.abort('the end')
  t.match(await found, { message: 'the end' })
})
