import t from 'tap'
import type { HangingOperation } from '../../src/files/file-access.ts'
import { followHangingFiles } from '../../src/host/hanging-files.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { ManualClock } from '../support/manual-clock.ts'

const create = () => {
  const clock = new ManualClock()
  const events: LogEvent[] = []
  let hanging: readonly HangingOperation[] = []
  const files = followHangingFiles({
    clock,
    logger: { log: (level, event) => void events.push({ ...event, level }) },
    hanging: () => hanging,
  })
  const hang = (...paths: string[]) => {
    hanging = paths.map(path => ({ path, since: new Date('2026-01-01T12:00:00.500Z') }))
  }
  return { clock, events, files, hang }
}

t.test('hanging files › are told once in the log, and in a note for as long as they hang', async t => {
  const { clock, events, files, hang } = create()
  await clock.advance(5000)
  t.equal(files.note, undefined)
  hang('/mnt/x/env')
  await clock.advance(5000)
  const msg =
    '/mnt/x/env has not answered since 2026-01-01T12:00:00Z; its file system may be dead: check the mount'
  t.equal(files.note, msg)
  t.strictSame(events, [{ event: 'files.hanging', msg, paths: ['/mnt/x/env'], level: 'warn' }])
  hang()
  t.equal(files.note, undefined)
  await clock.advance(1000)
  t.match(events[1], { event: 'files.answering', msg: 'answering again: /mnt/x/env', level: 'info' })
  t.equal(events.length, 2)
})

t.test('hanging files › are all named, each once; a path is told when it is new', async t => {
  const { clock, events, files, hang } = create()
  hang('/a', '/b', '/a')
  await clock.advance(1000)
  hang('/a', '/b', '/c')
  await clock.advance(1000)
  t.equal(
    files.note,
    '3 files have not answered since 2026-01-01T12:00:00Z: /a, /b, /c; their file systems may be dead: check the mounts',
  )
  t.match(events, [
    { event: 'files.hanging', paths: ['/a', '/b'] },
    { event: 'files.hanging', paths: ['/c'] },
  ])
})

t.test('hanging files › a message names the first twenty', async t => {
  const { clock, events, files, hang } = create()
  hang(...Array.from({ length: 30 }, (_, i) => `/f${i}`))
  await clock.advance(1000)
  t.match(files.note, /^30 files .*: \/f0, .*, \/f19 and 10 more; their/)
  t.match(events, [{ paths: { length: 20 } }])
  files[Symbol.dispose]()
  hang()
  await clock.advance(1000)
  t.equal(events.length, 1, 'nothing is told after it has ended')
})
