import { once } from 'node:events'
import { uptime } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { createSystemClock } from '../../src/monitor/clock.ts'

/** A machine that runs and is suspended as a test says. */
const machine = () => {
  let running = 5_000_000
  let suspended = 700_000
  return {
    clock: createSystemClock({ runningMs: () => running, uptimeMs: () => running + suspended }),
    runs: (ms: number) => void (running += ms),
    sleeps: (ms: number) => void (suspended += ms),
  }
}

t.test('clock › goes on with the program, from where it was', async t => {
  const { clock, runs } = machine()
  t.equal(clock.now(), 5_000_000)
  runs(999)
  t.equal(clock.now(), 5_000_999)
  runs(100_000)
  t.equal(clock.now(), 5_100_999)
})

t.test('clock › counts each suspension once, within a second', async t => {
  const { clock, runs, sleeps } = machine()
  sleeps(60_000)
  runs(999)
  t.equal(clock.now(), 5_000_999, 'it is not looked for more often')
  runs(1)
  t.equal(clock.now(), 5_061_000)
  runs(5000)
  t.equal(clock.now(), 5_066_000, 'not counted again')
  sleeps(1000)
  runs(1000)
  t.equal(clock.now(), 5_068_000, 'a second one, as short as counts')
  sleeps(2000)
  runs(999)
  t.equal(clock.now(), 5_068_999, 'a second since it was last looked for')
  runs(1)
  t.equal(clock.now(), 5_071_000)
})

t.test('clock › what is shorter than a second is how the two clocks are read', async t => {
  const { clock, runs, sleeps } = machine()
  sleeps(999)
  runs(2000)
  t.equal(clock.now(), 5_002_000)
  sleeps(1)
  runs(2000)
  t.equal(clock.now(), 5_005_000, 'and counts once it has grown to one')
})

t.test('clock › by itself it has the time since the program started', async t => {
  const clock = createSystemClock()
  const before = performance.now()
  const now = clock.now()
  t.ok(before <= now && now <= performance.now(), `${now}`)
  t.ok(uptime() > 0)
  t.ok(Math.abs(clock.date().getTime() - Date.now()) < 60_000)
})

t.test('clock › a delay of nothing, or of less, is over soon; one that was cancelled never is', async t => {
  const clock = createSystemClock()
  const over: string[] = []
  clock.after(0, () => over.push('cancelled'))[Symbol.dispose]()
  await new Promise<void>(resolve => void clock.after(-5, resolve))
  await new Promise<void>(resolve => void clock.after(0, resolve))
  t.strictSame(over, [])
})

t.test('clock › a delay of more than 24.8 days is not over at once, as a timer of Node is', async t => {
  const clock = createSystemClock()
  const over: number[] = []
  const warnings: string[] = []
  const warned = (warning: Error) => void warnings.push(warning.name)
  process.on('warning', warned)
  t.teardown(() => process.off('warning', warned))
  const delays = [2 ** 31 - 1, 2 ** 31, 2 ** 40, Infinity]
  const timers = delays.map(delayMs => clock.after(delayMs, () => over.push(delayMs)))
  await new Promise<void>(resolve => void clock.after(2, resolve))
  await setImmediate()
  for (const timer of timers) timer[Symbol.dispose]()
  t.strictSame(over, [])
  t.strictSame(warnings, [])
  const warning = once(process, 'warning')
  clearTimeout(setTimeout(() => {}, 2 ** 31))
  t.match(await warning, [{ name: 'TimeoutOverflowWarning' }], 'Node says so where it is')
})
