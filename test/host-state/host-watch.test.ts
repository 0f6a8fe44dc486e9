import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { Drain } from '../../src/core/lifecycle.ts'
import { createDrains } from '../../src/host/drains.ts'
import { createHostWatch } from '../../src/host/host-watch.ts'
import type { FollowedRelease } from '../../src/host/release.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { ManualClock } from '../support/manual-clock.ts'

const create = async (
  t: Test,
  look: FollowedRelease['look'] = async () => false,
  problem: FollowedRelease['problem'] = () => undefined,
) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'host-watch-'))
  t.teardown(() => rm(stateDir, { recursive: true }))
  const clock = new ManualClock()
  const events: LogEvent[] = []
  const calls: string[] = []
  const drains: Drain[] = []
  const monitor = {
    restart: () => void calls.push('restart'),
    drain: (drain: Drain) => {
      calls.push(`drain ${drain.reason}`)
      drains.push(drain)
    },
    resume: () => void calls.push('resume'),
  }
  const watch = createHostWatch({
    stateDir,
    release: { current: () => 'v1', problem, look },
    monitor: () => monitor,
    drains: createDrains(() => monitor),
    clock,
    logger: { log: (level, event) => void events.push({ ...event, level }) },
  })
  t.teardown(() => watch[Symbol.dispose]())
  const mark = (reason: string, more: object = {}) =>
    writeFile(join(stateDir, 'drain.json'), JSON.stringify({ reason, until: inMs(3_600_000), ...more }))
  const inMs = (ms: number) => new Date(clock.date().getTime() + ms)
  /** Lets seconds pass until it is so: files are read in their own time. */
  const until = async (isSo: () => boolean) => {
    while (!isSo()) {
      await clock.advance(1000)
      await setImmediate()
    }
  }
  return { stateDir, clock, events, calls, drains, watch, mark, inMs, until }
}

t.test('host › a release that hangs does not keep it from starting, nor blind the drain marker', async t => {
  const { calls, watch, mark, until, stateDir } = await create(
    t,
    () => Promise.withResolvers<boolean>().promise,
  )
  await watch.start()
  t.strictSame(calls, [])
  await mark('upgrade')
  await until(() => calls.length > 0)
  await rm(join(stateDir, 'drain.json'))
  await until(() => calls.length > 1)
  t.strictSame(calls, ['drain upgrade', 'resume'])
})

t.test('host › a drain marker that is there at the start is in force once it has started', async t => {
  const { calls, watch, mark } = await create(t)
  await mark('upgrade')
  await watch.start()
  t.strictSame(calls, ['drain upgrade'])
})

t.test('host › a drain marker that cannot be read does not blind it to another release', async t => {
  let deployed = false
  const { calls, watch, until, stateDir, events } = await create(t, async () => deployed)
  await writeFile(join(stateDir, 'drain.json'), '{')
  await watch.start()
  t.match(watch.complaint, /the drain marker in .* is ignored: it is not JSON/)
  deployed = true
  await until(() => calls.length > 0)
  t.equal(calls[0], 'restart')
  t.equal(events.filter(({ event }) => event === 'drain.damaged').length, 1, 'said once')
})

t.test('host › what a look finds after it was stopped has no effect', async t => {
  const looked = Promise.withResolvers<boolean>()
  const { calls, watch, events } = await create(t, () => looked.promise)
  await watch.start()
  watch[Symbol.dispose]()
  looked.resolve(true)
  await setImmediate()
  t.strictSame([calls, events], [[], []])
})

t.test('host › looks for a release once a second, until it is stopped', async t => {
  let looks = 0
  const { watch, clock, events, calls } = await create(t, async () => {
    looks += 1
    return looks === 2
  })
  await watch.start()
  t.equal(looks, 1)
  await clock.advance(999)
  t.equal(looks, 1)
  await clock.advance(1)
  t.equal(looks, 2)
  t.strictSame(calls, ['restart'])
  t.strictSame(events, [
    {
      level: 'info',
      event: 'release.changed',
      msg: 'another release is on the host: it has to prove itself',
      previous: 'v1',
    },
  ])
  await clock.advance(3000)
  t.equal(looks, 5)
  watch[Symbol.dispose]()
  await clock.advance(60_000)
  t.equal(looks, 5)
  t.equal(calls.length, 1)
})

t.test('host › a look in flight when it is stopped is the last one', async t => {
  let looks = 0
  const looked = Promise.withResolvers<boolean>()
  const { watch, clock } = await create(t, () => {
    looks += 1
    return looked.promise
  })
  await watch.start()
  watch[Symbol.dispose]()
  looked.resolve(false)
  await clock.advance(60_000)
  t.equal(looks, 1)
})

t.test('host › a release that is not known is told of once, and so is its end', async t => {
  let problem: string | undefined = '/srv/RELEASE does not exist'
  const { watch, clock, events } = await create(t, undefined, () => problem)
  await watch.start()
  await clock.advance(3000)
  problem = undefined
  await clock.advance(3000)
  t.strictSame(events, [
    { level: 'warn', event: 'release.unknown', msg: '/srv/RELEASE does not exist' },
    { level: 'info', event: 'release.known', msg: 'the release is known' },
  ])
})

t.test('drain › ends when its marker says, for the monitor and in the log', async t => {
  const { watch, drains, events, calls, clock, mark, inMs, until } = await create(t)
  const end = inMs(3_600_000)
  await mark('upgrade', { by: 'alice' })
  await watch.start()
  t.strictSame(drains, [{ reason: 'upgrade', until: clock.now() + 3_600_000 }])
  t.match(watch.drain, { reason: 'upgrade', by: 'alice', until: end })
  t.strictSame(events, [
    {
      level: 'info',
      event: 'drain.started',
      msg: `503 until ${end.toISOString()}: upgrade (by alice)`,
      reason: 'upgrade',
      by: 'alice',
      until: end.toISOString(),
    },
  ])
  clock.jump(3_599_999)
  await watch.start()
  t.equal(calls.length, 1, 'the same marker is no other one')
  clock.jump(1)
  await until(() => calls.length > 1)
  t.strictSame(calls, ['drain upgrade', 'resume'])
  t.equal(watch.drain, undefined)
  t.strictSame(events.slice(1), [{ level: 'info', event: 'drain.ended', msg: 'the drain has ended' }])
})

t.test('drain › one without an end, and without a name, says so', async t => {
  const { watch, drains, events, mark } = await create(t)
  await mark('upgrade', { until: undefined, untilResumed: true })
  await watch.start()
  t.strictSame(drains, [{ reason: 'upgrade' }])
  t.match(events, [{ msg: '503 until it is resumed: upgrade' }])
})

t.test('drain › one that is over already is none', async t => {
  const { watch, calls, events, mark, inMs } = await create(t)
  await mark('upgrade', { until: inMs(0) })
  await watch.start()
  t.strictSame([calls, events], [[], []])
})

t.test('drain › is extended, shortened, or taken over, under the same reason', async t => {
  const { watch, drains, clock, inMs } = await create(t)
  const now = clock.now()
  const marker = { reason: 'upgrade', until: inMs(60_000) }
  watch.apply(marker)
  watch.apply({ ...marker, until: inMs(60_000) })
  t.equal(drains.length, 1, 'the same one is not taken up twice')
  watch.apply({ ...marker, until: inMs(120_000) })
  watch.apply({ ...marker, until: inMs(30_000) })
  watch.apply({ reason: 'upgrade' })
  watch.apply({ reason: 'upgrade', by: 'alice' })
  watch.apply({ reason: 'disk', by: 'alice' })
  t.strictSame(drains, [
    { reason: 'upgrade', until: now + 60_000 },
    { reason: 'upgrade', until: now + 120_000 },
    { reason: 'upgrade', until: now + 30_000 },
    { reason: 'upgrade' },
    { reason: 'upgrade' },
    { reason: 'disk' },
  ])
})

t.test('drain › a look that began before a marker was applied does not undo it', async t => {
  const { watch, calls, stateDir } = await create(t)
  const started = watch.start()
  watch.apply({ reason: 'upgrade' })
  await started
  t.strictSame(calls, ['drain upgrade'])
  await writeFile(join(stateDir, 'drain.json'), '{')
  const again = watch.start()
  watch.apply(undefined)
  await again
  t.strictSame(calls, ['drain upgrade', 'resume'])
  t.equal(watch.complaint, undefined, 'nor does it complain')
})

t.test('drain › a look in flight when it is stopped takes no host out', async t => {
  const { watch, calls, events, mark, clock } = await create(t)
  await mark('upgrade')
  const started = watch.start()
  watch[Symbol.dispose]()
  await started
  await clock.advance(60_000)
  t.strictSame([calls, events], [[], []])
  t.equal(watch.drain, undefined)
})

t.test(
  'drain › a damaged marker neither ends a drain nor begins one, and the complaint ends with it',
  async t => {
    const { watch, calls, stateDir, mark, inMs, until } = await create(t)
    const marker = { until: inMs(3_600_000) }
    await mark('upgrade', marker)
    await watch.start()
    await writeFile(join(stateDir, 'drain.json'), '{')
    await until(() => watch.complaint !== undefined)
    t.strictSame(calls, ['drain upgrade'])
    await mark('upgrade', marker)
    await until(() => watch.complaint === undefined)
    t.strictSame(calls, ['drain upgrade'])
  },
)
