import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { createDrainControl } from '../../src/host/drain-control.ts'
import { readDrainMarker } from '../../src/host/drain-marker.ts'
import type { DrainMarker } from '../../src/host/drain-marker.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { ManualClock } from '../support/manual-clock.ts'

const create = (t: Test) => {
  const stateDir = join(t.testdir(), 'state')
  const clock = new ManualClock()
  const applied: (DrainMarker | undefined)[] = []
  const events: LogEvent[] = []
  const control = createDrainControl({
    stateDir,
    clock,
    logger: { log: (level, event) => void events.push({ ...event, level }) },
    apply(marker) {
      applied.push(marker)
      return applied.at(-2) !== undefined
    },
  })
  return { stateDir, clock, applied, events, control }
}

t.test('drain control › the marker is written, and then applied', async t => {
  const { stateDir, clock, applied, control } = create(t)
  const since = clock.date()
  await control.drain({ reason: 'kernel', by: 'alice', forMs: 60_000 })
  const marker = { reason: 'kernel', by: 'alice', since, until: new Date(since.getTime() + 60_000) }
  t.strictSame(applied, [marker])
  t.strictSame(await readDrainMarker(stateDir), { kind: 'marker', marker })
  await control.drain({ reason: 'kernel', by: 'alice' })
  t.strictSame(applied[1], { reason: 'kernel', by: 'alice', since }, 'without an end, until it is resumed')
})

t.test('drain control › a resume removes the marker, and says who did it', async t => {
  const { stateDir, applied, events, control } = create(t)
  await control.drain({ reason: 'kernel', by: 'alice' })
  t.equal(await control.resume('bob'), true)
  t.strictSame(await readDrainMarker(stateDir), { kind: 'absent' })
  t.equal(applied.length, 2)
  t.equal(applied[1], undefined)
  t.strictSame(events, [{ level: 'info', event: 'drain.resumed', msg: 'resumed by bob', by: 'bob' }])
  t.equal(await control.resume('bob'), false, 'there is nothing to end')
})

t.test('drain control › requests take their turns, and the last one is in force', async t => {
  const { stateDir, applied, control } = create(t)
  await Promise.all([
    control.drain({ reason: 'one', by: 'alice' }),
    control.resume('bob'),
    control.drain({ reason: 'two', by: 'alice' }),
    control.resume('bob'),
    control.drain({ reason: 'three', by: 'alice' }),
  ])
  t.strictSame(
    applied.map(marker => marker?.reason),
    ['one', undefined, 'two', undefined, 'three'],
  )
  t.match(await readDrainMarker(stateDir), { marker: { reason: 'three' } })
})

t.test('drain control › what cannot be written changes nothing, nor stops the next request', async t => {
  const { stateDir, applied, control } = create(t)
  await writeFile(stateDir, 'a file')
  const outcomes = await Promise.allSettled([
    control.drain({ reason: 'one', by: 'alice' }),
    control.resume('bob'),
  ])
  t.match(outcomes, [{ status: 'rejected', reason: { code: 'ENOTDIR' } }, { status: 'rejected' }])
  t.strictSame(applied, [])
  t.equal(await readFile(stateDir, 'utf8'), 'a file')
  await rm(stateDir)
  await control.drain({ reason: 'two', by: 'alice' })
  t.match(applied, [{ reason: 'two' }])
})
