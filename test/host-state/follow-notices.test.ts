import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { InstanceMetadata, MetadataAnswer } from '../../src/connect/instance-metadata.ts'
import { createDrains } from '../../src/host/drains.ts'
import { followNotices } from '../../src/host/follow-notices.ts'
import { readKeptNotices } from '../../src/host/notice-file.ts'
import { noticePaths } from '../../src/host/notices.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { ManualClock } from '../support/manual-clock.ts'

const SPOT = '{"action": "terminate", "time": "2026-11-22T03:20:00Z"}'
const SILENT: MetadataAnswer = { kind: 'unknown', why: 'did not answer in time' }

/** Metadata that a test sets: a text, nothing, or no answer. */
const metadataOf = () => {
  const values = new Map<string, string | MetadataAnswer>()
  let looks = 0
  let silent = false
  let opened: PromiseWithResolvers<void> | undefined
  const signals = new Set<AbortSignal | undefined>()
  const metadata: InstanceMetadata = {
    async get(path, signal) {
      signals.add(signal)
      if (path.startsWith('spot')) looks += 1
      await opened?.promise
      if (silent) return SILENT
      const value = values.get(path)
      if (value === undefined) return { kind: 'absent' }
      return typeof value === 'string' ? { kind: 'value', text: value } : value
    },
  }
  return {
    metadata,
    values,
    signals,
    looks: () => looks,
    /** Keeps all answers back until the returned function is called. */
    holdBack() {
      const held = (opened = Promise.withResolvers<void>())
      return () => {
        opened = undefined
        held.resolve()
      }
    },
    set silent(isSilent: boolean) {
      silent = isSilent
    },
  }
}

const stateDirOf = async (t: Test): Promise<string> => {
  const parent = await mkdtemp(join(tmpdir(), 'notices-'))
  const stateDir = join(parent, 'state')
  await mkdir(stateDir)
  // a write that is still in flight makes its directory again, but not the one above
  t.teardown(() => rm(parent, { recursive: true, maxRetries: 10 }))
  return stateDir
}

const fileIn = (stateDir: string): string => join(stateDir, 'lifecycle.json')

/** Files are written in their own time. */
const untilKept = async (stateDir: string, isKept: boolean): Promise<void> => {
  while (existsSync(fileIn(stateDir)) !== isKept) await setImmediate()
}

const create = async (t: Test, { stateDir, on = true }: { stateDir?: string; on?: boolean } = {}) => {
  const service = metadataOf()
  const clock = new ManualClock()
  const events: LogEvent[] = []
  const calls: string[] = []
  let isOn = on
  const directory = stateDir ?? (await stateDirOf(t))
  const drains = createDrains(() => ({
    drain: ({ reason, until }) =>
      void calls.push(`drain ${reason}${until === undefined ? '' : ` until ${until}`}`),
    resume: () => void calls.push('resume'),
  }))
  const notices = followNotices({
    isOn: () => isOn,
    metadata: service.metadata,
    stateDir: directory,
    drains,
    clock,
    logger: { log: (_level, event) => void events.push(event) },
  })
  t.teardown(() => notices[Symbol.dispose]())
  const named = (event: string) => events.filter(told => told.event === event).length
  const turn = (to: boolean) => void (isOn = to)
  return { ...service, service, clock, calls, notices, drains, named, turn, stateDir: directory }
}

t.test('lifecycle › nothing in store: it looks each 5 s, drains nothing, says nothing', async t => {
  const { notices, clock, calls, looks, named } = await create(t)
  await notices.start()
  await clock.advance(20_000)
  t.equal(looks(), 5)
  t.strictSame(calls, [])
  t.equal(notices.document, undefined)
  t.strictSame(notices.notes, [])
  t.equal(named('lifecycle.available') + named('lifecycle.unavailable'), 0)
})

t.test('lifecycle › a spot interruption drains at once, with its time, and is told once', async t => {
  const { notices, clock, calls, values, named } = await create(t)
  await notices.start()
  for (const action of ['terminate', 'stop', 'hibernate']) {
    values.set('spot/instance-action', SPOT.replace('terminate', action))
    await clock.advance(5000)
    t.equal(calls.at(-1), `drain EC2 will ${action} this spot instance at 2026-11-22T03:20:00Z`)
  }
  await clock.advance(60_000)
  t.equal(calls.length, 3)
  t.equal(named('lifecycle.drain'), 3)
  t.match(notices.document, { spot: { action: 'hibernate' }, drainedSince: /Z$/, reason: /^EC2 will/ })
})

t.test('lifecycle › a notice is withdrawn by three looks that find none, and by no failure', async t => {
  const { notices, clock, calls, values, service, named } = await create(t)
  values.set('spot/instance-action', SPOT)
  await notices.start()
  service.silent = true
  await clock.advance(600_000)
  t.equal(calls.length, 1, 'silence withdraws nothing')
  service.silent = false
  for (const garbage of ['<html>', '{"action": "dance"}', '[]', 'null', '']) {
    values.set('spot/instance-action', garbage)
    await clock.advance(30_000)
  }
  t.equal(calls.length, 1, 'nor does what is no notice')
  values.delete('spot/instance-action')
  await clock.advance(10_000)
  values.set('spot/instance-action', SPOT)
  await clock.advance(5000)
  values.delete('spot/instance-action')
  await clock.advance(10_000)
  t.equal(calls.length, 1, 'two looks in a row are too few')
  t.equal(named('lifecycle.withdrawn'), 0)
  await clock.advance(5000)
  t.equal(calls.at(-1), 'resume')
  t.equal(named('lifecycle.withdrawn'), 1)
})

t.test(
  'lifecycle › the group’s wish to terminate drains; back in service, the drain ends at once',
  async t => {
    const { notices, clock, calls, values } = await create(t)
    values.set('autoscaling/target-lifecycle-state', 'InService')
    await notices.start()
    t.strictSame([calls, notices.notes], [[], []])
    values.set('autoscaling/target-lifecycle-state', 'Terminated')
    await clock.advance(5000)
    t.strictSame(calls, ['drain the scaling group terminates this instance'])
    values.set('autoscaling/target-lifecycle-state', 'InService')
    await clock.advance(5000)
    t.equal(calls.at(-1), 'resume')
    t.strictSame(notices.document, { targetState: 'InService' })
  },
)

t.test('lifecycle › it never ends a drain of an operator', async t => {
  const { notices, clock, calls, values, drains } = await create(t)
  drains.byOperator({ reason: 'kernel', until: 5 })
  values.set('autoscaling/target-lifecycle-state', 'Terminated')
  await notices.start()
  t.equal(calls.at(-1), 'drain kernel; the scaling group terminates this instance')
  values.set('autoscaling/target-lifecycle-state', 'InService')
  await clock.advance(5000)
  t.equal(calls.at(-1), 'drain kernel until 5')
})

t.test('lifecycle › rebalance, Standby and a warm pool are shown, told once, and drain nothing', async t => {
  const { notices, clock, calls, values, named } = await create(t)
  values.set('events/recommendations/rebalance', '{"noticeTime": "2026-11-22T03:18:00Z"}')
  values.set('autoscaling/target-lifecycle-state', 'Standby')
  await notices.start()
  await clock.advance(60_000)
  t.match(notices.notes, [/recommends since 2026-11-22T03:18:00Z to replace/, /in Standby: .*exit-standby/])
  t.equal(named('lifecycle.notice'), 2)
  for (const state of ['Warmed:Stopped', 'Warmed:Terminated']) {
    values.set('autoscaling/target-lifecycle-state', state)
    await clock.advance(5000)
    t.match(notices.notes[1], new RegExp(`warm pool \\(${state}\\)`))
  }
  t.strictSame(calls, [])
  t.match(notices.document, { targetState: 'Warmed:Terminated', rebalance: '2026-11-22T03:18:00Z' })
})

t.test('lifecycle › off EC2: one line, then quiet, and one look a minute', async t => {
  const { notices, clock, calls, service, looks, named } = await create(t)
  service.silent = true
  await notices.start()
  await clock.advance(3_600_000)
  t.equal(looks(), 61)
  t.equal(named('lifecycle.unavailable'), 1)
  t.match(notices.notes, [/no lifecycle notices can be seen: .* did not answer in time/])
  t.strictSame(calls, [])
  service.silent = false
  await clock.advance(120_000)
  t.equal(named('lifecycle.available'), 1)
  t.strictSame(notices.notes, [])
})

t.test('lifecycle › a hiccup of a service that has answered is not told of, and not waited out', async t => {
  const { notices, clock, service, looks, named } = await create(t)
  await notices.start()
  service.silent = true
  await clock.advance(10_000)
  t.strictSame(notices.notes, [])
  service.silent = false
  await clock.advance(5000)
  t.equal(named('lifecycle.unavailable'), 0)
  service.silent = true
  await clock.advance(60_000)
  t.equal(named('lifecycle.unavailable'), 1)
  t.equal(looks(), 16, 'it is asked as often as before')
})

t.test('lifecycle › the drain outlives a restart, even if the service is silent then', async t => {
  const first = await create(t)
  first.values.set('spot/instance-action', SPOT)
  await first.notices.start()
  await untilKept(first.stateDir, true)
  const { drainedSince } = first.notices.document ?? {}
  first.notices[Symbol.dispose]()

  const second = await create(t, first)
  second.service.silent = true
  second.clock.jump(60_000)
  await second.notices.start()
  t.strictSame(second.calls, ['drain EC2 will terminate this spot instance at 2026-11-22T03:20:00Z'])
  t.equal(second.notices.document?.drainedSince, drainedSince)
  await second.clock.advance(5000)
  t.equal(second.looks(), 2, 'this is EC2: it is asked as often as before')
  t.equal(second.named('lifecycle.unavailable'), 0)
  second.service.silent = false
  await second.clock.advance(180_000)
  t.equal(second.calls.at(-1), 'resume')
  await untilKept(first.stateDir, false)
  second.notices[Symbol.dispose]()

  const third = await create(t, first)
  third.service.silent = true
  await third.notices.start()
  t.strictSame(third.calls, [], 'what was withdrawn is not kept')
})

t.test('lifecycle › what was kept on another boot, or is damaged, drains nothing', async t => {
  const first = await create(t)
  first.values.set('spot/instance-action', SPOT)
  await first.notices.start()
  await untilKept(first.stateDir, true)
  first.notices[Symbol.dispose]()
  const file = fileIn(first.stateDir)
  const kept = JSON.parse(await readFile(file, 'utf8'))
  const damaged = [
    { ...kept, bootId: 'another' },
    { ...kept, since: 'soon' },
    { ...kept, notices: 1 },
    [],
    'x',
  ]
  for (const content of damaged) {
    await writeFile(file, JSON.stringify(content))
    const next = await create(t, first)
    next.service.silent = true
    await next.notices.start()
    t.strictSame(next.calls, [])
    next.notices[Symbol.dispose]()
  }
})

t.test(
  'lifecycle › turned off by a reload: it asks no more, and its drain ends; turned on, it asks',
  async t => {
    const { notices, clock, calls, values, looks, turn } = await create(t)
    values.set('spot/instance-action', SPOT)
    await notices.start()
    turn(false)
    await clock.advance(60_000)
    t.strictSame([calls.at(-1), looks(), notices.document], ['resume', 1, undefined])
    turn(true)
    await clock.advance(5000)
    t.match(calls.at(-1), /^drain EC2/)
  },
)

t.test(
  'lifecycle › a state directory that cannot be written to is told of, and changes no answer',
  async t => {
    const { notices, calls, values, named } = await create(t, { stateDir: '/proc/nonexistent' })
    values.set('spot/instance-action', SPOT)
    await notices.start()
    t.match(calls, [/^drain EC2/])
    while (named('lifecycle.unwritable') === 0) await setImmediate()
  },
)

t.test('lifecycle › an answer to two of three questions is an answer; no answer is told of', async t => {
  for (const path of Object.values(noticePaths)) {
    const { notices, clock, values, looks, named } = await create(t)
    values.set(path, SILENT)
    await notices.start()
    await clock.advance(5000)
    t.equal(looks(), 2, 'this is EC2')
    t.equal(named('lifecycle.unavailable'), 0)
    await clock.advance(5000)
    t.equal(named('lifecycle.unavailable'), 1)
    t.match(notices.notes, [/did not answer in time$/])
  }
})

t.test('lifecycle › turned off while it looks: what it then finds counts for nothing', async t => {
  const { notices, clock, calls, values, service, turn } = await create(t)
  await notices.start()
  values.set('spot/instance-action', SPOT)
  const letThrough = service.holdBack()
  await clock.advance(5000)
  turn(false)
  letThrough()
  await clock.advance(60_000)
  t.strictSame([calls, notices.document], [[], undefined])
})

t.test('lifecycle › ended while it looks: it asks no more, and what it finds counts for nothing', async t => {
  const { notices, clock, calls, values, service, looks } = await create(t)
  await notices.start()
  values.set('spot/instance-action', SPOT)
  const letThrough = service.holdBack()
  await clock.advance(5000)
  t.strictSame(
    [...service.signals].map(signal => signal?.aborted),
    [false],
  )
  notices[Symbol.dispose]()
  t.strictSame(
    [...service.signals].map(signal => signal?.aborted),
    [true],
  )
  letThrough()
  await clock.advance(60_000)
  t.strictSame([calls, looks()], [[], 2])
})

t.test('lifecycle › ended between two looks, it asks no more', async t => {
  const { notices, clock, looks } = await create(t)
  await notices.start()
  notices[Symbol.dispose]()
  await clock.advance(60_000)
  t.equal(looks(), 1)
})

t.test('lifecycle › turned off and on again, it forgets what it told and what was silent', async t => {
  const { notices, clock, values, service, named, turn } = await create(t)
  values.set('autoscaling/target-lifecycle-state', 'Standby')
  await notices.start()
  t.equal(named('lifecycle.notice'), 1)
  service.silent = true
  await clock.advance(15_000)
  t.equal(named('lifecycle.unavailable'), 1)
  turn(false)
  await clock.advance(5000)
  t.strictSame(notices.notes, [])
  turn(true)
  await clock.advance(10_000)
  t.equal(named('lifecycle.unavailable'), 1, 'two looks of three')
  await clock.advance(5000)
  t.equal(named('lifecycle.unavailable'), 2)
  turn(false)
  await clock.advance(5000)
  turn(true)
  service.silent = false
  await clock.advance(5000)
  t.equal(named('lifecycle.available'), 0, 'nothing was told of since')
  t.equal(named('lifecycle.notice'), 2)
  turn(false)
  await clock.advance(5000)
  turn(true)
  await clock.advance(5000)
  t.equal(named('lifecycle.notice'), 3)
})

t.test('lifecycle › turned off, it keeps no drain, and takes none up at its start', async t => {
  const first = await create(t)
  first.values.set('spot/instance-action', SPOT)
  await first.notices.start()
  await untilKept(first.stateDir, true)

  const second = await create(t, { stateDir: first.stateDir, on: false })
  await second.notices.start()
  t.strictSame([second.calls, second.notices.document], [[], undefined])
  await untilKept(first.stateDir, false)

  first.turn(false)
  await first.clock.advance(5000)
  t.equal(first.calls.at(-1), 'resume')
})

t.test('lifecycle › a drain is kept when it begins, and not by every look', async t => {
  const { notices, clock, values, named, stateDir } = await create(t, { stateDir: '/proc/nonexistent' })
  values.set('spot/instance-action', SPOT)
  await notices.start()
  await clock.advance(60_000)
  while (named('lifecycle.unwritable') === 0) await setImmediate()
  // a further write would have failed meanwhile
  for (let read = 0; read < 50; read += 1) await readKeptNotices(stateDir, 'this boot')
  t.equal(named('lifecycle.unwritable'), 1)
})
