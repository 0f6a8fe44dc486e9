import t from 'tap'
import type { Finding } from '../../src/core/finding.ts'
import { GRACE_MS, createCheckRunner } from '../../src/monitor/check-runner.ts'
import { ManualClock } from '../support/manual-clock.ts'

const fail: Finding = { status: 'fail', reason: 'SMOKE_CLOSED', message: 'it answered for itself' }

/** A runner of a check that answers `afterMs` after its signal was aborted. */
const runnerOf = (afterMs: number) => {
  const clock = new ManualClock()
  const told: string[] = []
  const check = {
    run: async (signal: AbortSignal) => {
      const { promise, resolve } = Promise.withResolvers<Finding>()
      signal.addEventListener('abort', () => void clock.after(afterMs, () => resolve(fail)))
      return promise
    },
    [Symbol.asyncDispose]: async () => {},
  }
  const runner = createCheckRunner(check, {
    timeoutMs: 2000,
    clock,
    stop: new AbortController().signal,
    events: { abandoned: () => void told.push('abandoned'), returned: () => void told.push('returned') },
  })
  return { clock, runner, told }
}

t.test('check runner › a check that answers soon after its timeout answers for itself', async t => {
  const { clock, runner, told } = runnerOf(GRACE_MS - 1)
  const finding = runner.run({})
  await clock.advance(2000 + GRACE_MS)
  t.same(await finding, fail)
  await clock.advance(10_000)
  t.strictSame(told, [])
})

t.test('check runner › a stall of this program at the deadline takes nothing from that time', async t => {
  const { clock, runner, told } = runnerOf(GRACE_MS - 1)
  const finding = runner.run({})
  await clock.advance(1000)
  clock.jump(5000)
  await clock.advance(GRACE_MS)
  t.same(await finding, fail)
  t.strictSame(told, [])
})

t.test('check runner › a check that does not answer is abandoned', async t => {
  const { clock, runner, told } = runnerOf(60_000)
  const finding = runner.run({})
  await clock.advance(2000 + GRACE_MS)
  t.match(await finding, { status: 'unknown', reason: 'CHECK_TIMED_OUT' })
  t.match(await runner.run({}), { status: 'unknown', reason: 'CHECK_OVERRAN' })
  await clock.advance(60_000)
  t.strictSame(told, ['abandoned', 'returned'])
})
