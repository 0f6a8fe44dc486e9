import t from 'tap'
import { fold, neverRun } from '../../src/core/check-state.ts'
import type { CheckState } from '../../src/core/check-state.ts'
import type { Serving, Starting } from '../../src/core/lifecycle.ts'
import { StartUp } from '../../src/monitor/start-up.ts'
import { checkPolicy } from '../support/check-policy.ts'
import { holdFor } from '../support/hold-for.ts'
import { ManualClock } from '../support/manual-clock.ts'

const page = checkPolicy('page')

/** A start-up whose one check passes in each round; a round lasts until `gate` resolves. */
const startUpOf = ({ rounds = 2, gate }: { rounds?: number; gate?: Promise<void> } = {}) => {
  const clock = new ManualClock()
  const told: (Starting | Serving)[] = []
  const begun: number[] = []
  let state: CheckState = neverRun('page')
  const startUp = new StartUp({
    policy: { checks: [page], holdMs: holdFor(60_000), startupHealthyThreshold: rounds },
    clock,
    random: () => 0,
    runAll: async since => {
      begun.push(since)
      await gate
      state = fold(state, { status: 'pass' }, page, clock.now())
    },
    states: () => [state],
    obstacle: () => undefined,
    ended: () => {},
    progressed: progress => void told.push(progress),
  })
  return { startUp, clock, told, begun }
}

t.test('start-up › rounds follow until the host has proved itself, and then no more', async t => {
  const { startUp, clock, told, begun } = startUpOf()
  const startedAt = clock.now()
  void startUp.begin()
  await clock.advance(60_000)
  t.strictSame(begun, [startedAt, startedAt + 1000])
  t.strictSame(told, [
    { phase: 'starting', rounds: 1, needed: 2 },
    { phase: 'serving', since: startedAt + 1000 },
  ])
  await startUp.round()
  startUp.failed()
  t.equal(told.length, 2, 'nothing that comes later takes that back')
})

t.test('start-up › one that was given up has no more rounds', async t => {
  const { startUp, clock, told, begun } = startUpOf()
  void startUp.begin()
  await clock.advance(500)
  startUp[Symbol.dispose]()
  await clock.advance(60_000)
  t.equal(begun.length, 1)
  startUp.failed()
  t.equal(told.length, 1, 'nor does a failure count')
})

t.test('start-up › a round in flight when it was given up proves nothing', async t => {
  const { promise: gate, resolve } = Promise.withResolvers<void>()
  const { startUp, clock, told, begun } = startUpOf({ rounds: 1, gate })
  void startUp.begin()
  await clock.advance(0)
  startUp[Symbol.dispose]()
  resolve()
  await clock.advance(60_000)
  t.strictSame(told, [])
  t.equal(begun.length, 1)
})
