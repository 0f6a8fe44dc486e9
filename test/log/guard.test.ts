import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { createGuard } from '../../src/log/guard.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { ManualClock } from '../support/manual-clock.ts'

const prepare = (onLog = () => {}) => {
  const clock = new ManualClock()
  const events: LogEvent[] = []
  const guard = createGuard({
    clock,
    logger: {
      log(_level, event) {
        events.push(event)
        onLog()
      },
    },
  })
  return { clock, events, guard }
}

const breaks = () => {
  throw new TypeError('the password is hunter2')
}

t.test('guard › what throws is told of, by its place and without its message', async t => {
  const { guard, events } = prepare()
  guard.of('the history', breaks)()
  t.match(events, [
    {
      event: 'observer.broke',
      observer: 'the history',
      msg: /^the history broke \(TypeError at guard\.test\.ts:\d+:\d+\); no answer depends on it; report it$/,
    },
  ])
  t.notMatch(JSON.stringify(events), /hunter2/)
})

t.test('guard › what rejects is told of', async t => {
  const { guard, events } = prepare()
  guard.of('the history', async () => breaks())()
  await setImmediate()
  t.match(events, [{ event: 'observer.broke' }])
})

t.test('guard › the same place has one line a minute', async t => {
  const { guard, events, clock } = prepare()
  const act = guard.of('the history', breaks)
  for (let i = 0; i < 5; i += 1) act()
  clock.jump(60_000)
  act()
  t.match(events, [{ unlogged: 0 }, { unlogged: 4, msg: /and 4 more since the last such line/ }])
})

t.test('guard › a timer that throws is told of, and is called with all that it needs', async t => {
  const { guard, events, clock } = prepare()
  const guarded = guard.clockOf('the metrics')
  t.equal(guarded.now(), clock.now())
  t.strictSame(guarded.date(), clock.date())
  guarded.after(1000, breaks)
  const cancelled = guarded.after(1000, () => t.fail('it was cancelled'))
  cancelled[Symbol.dispose]()
  await clock.advance(1000)
  t.match(events, [{ observer: 'the metrics' }])
})

t.test('guard › a log that breaks ends nothing', async t => {
  const { guard, events } = prepare(breaks)
  guard.of('the log', breaks)()
  t.equal(events.length, 1)
})
