import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { Drain } from '../../src/core/lifecycle.ts'
import { createDrains } from '../../src/host/drains.ts'
import { createHostWatch } from '../../src/host/follow-host.ts'
import type { FollowedRelease } from '../../src/host/release.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { ManualClock } from '../support/manual-clock.ts'

const create = async (t: Test, look: FollowedRelease['look'] = async () => false) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'follow-host-'))
  t.teardown(() => rm(stateDir, { recursive: true }))
  const clock = new ManualClock()
  const events: LogEvent[] = []
  const calls: string[] = []
  const monitor = {
    restart: () => void calls.push('restart'),
    drain: ({ reason }: Drain) => void calls.push(`drain ${reason}`),
    resume: () => void calls.push('resume'),
  }
  const watch = createHostWatch({
    stateDir,
    release: { current: () => 'v1', problem: () => undefined, look },
    monitor: () => monitor,
    drains: createDrains(() => monitor),
    clock,
    logger: { log: (_level, event) => void events.push(event) },
  })
  t.teardown(() => watch[Symbol.dispose]())
  const mark = (reason: string) =>
    writeFile(
      join(stateDir, 'drain.json'),
      JSON.stringify({ reason, until: new Date(clock.date().getTime() + 3_600_000) }),
    )
  /** Lets seconds pass until it is so: files are read in their own time. */
  const until = async (isSo: () => boolean) => {
    while (!isSo()) {
      await clock.advance(1000)
      await setImmediate()
    }
  }
  return { stateDir, clock, events, calls, watch, mark, until }
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
  t.match(watch.complaint, /the drain marker in .* is passed over: it is not JSON/)
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
