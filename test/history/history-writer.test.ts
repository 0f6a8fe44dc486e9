import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { FileError } from '../../src/files/file-error.ts'
import { HistoryWriter } from '../../src/history/history-writer.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { ManualClock } from '../support/manual-clock.ts'

/** A disk that a test fills, hangs and frees. */
const create = () => {
  const clock = new ManualClock()
  const events: LogEvent[] = []
  const appended: string[] = []
  const disk = { code: '', hang: undefined as Promise<void> | undefined, atOnce: 0, mostAtOnce: 0 }
  const writer = new HistoryWriter({
    stateDir: '/state',
    clock,
    logger: { log: (level, event) => void events.push({ level, ...event }) },
    async append(_stateDir, text) {
      disk.atOnce += 1
      disk.mostAtOnce = Math.max(disk.mostAtOnce, disk.atOnce)
      await disk.hang
      disk.atOnce -= 1
      if (disk.code !== '') throw new FileError(disk.code, '/state/history.jsonl', 'a sentence')
      appended.push(text)
    },
  })
  return { clock, events, appended, disk, writer }
}

t.test(
  'history writer › writes nothing until it is opened, then all in order, one write at a time',
  async t => {
    const { writer, appended, disk } = create()
    writer.write('one\n')
    await setImmediate()
    t.strictSame(appended, [])
    writer.open()
    await setImmediate()
    t.strictSame(appended, ['one\n'])
    for (const line of ['two\n', 'three\n']) writer.write(line)
    await setImmediate()
    t.equal(appended.join(''), 'one\ntwo\nthree\n')
    t.equal(disk.mostAtOnce, 1)
  },
)

t.test('history writer › however much is written, a disk that takes it loses none', async t => {
  const { writer, appended } = create()
  writer.open()
  for (let i = 0; i < 600; i += 1) {
    writer.write(`${'x'.repeat(1023)}\n`)
    if (i % 100 === 0) await setImmediate()
  }
  await setImmediate()
  t.equal(appended.join('').length, 600 * 1024)
})

t.test('history writer › one that is never opened leaves nothing', async t => {
  const { writer, appended } = create()
  writer.write('one\n')
  await writer[Symbol.asyncDispose]()
  t.strictSame(appended, [])
})

t.test('history writer › a full disk is told of once, waited for, and told of when it has room', async t => {
  const { writer, appended, disk, events, clock } = create()
  writer.open()
  disk.code = 'ENOSPC'
  writer.write('one\n')
  await clock.advance(0)
  t.match(events, [
    {
      level: 'warn',
      event: 'history.unwritable',
      code: 'ENOSPC',
      msg: 'the history is not written to /state/history.jsonl (ENOSPC: make room on its disk)',
    },
  ])
  for (let minute = 0; minute < 5; minute += 1) {
    writer.write('two\n')
    await clock.advance(60_000)
  }
  t.equal(events.length, 1)
  t.match(writer.complaint, /ENOSPC.*; 6 records wait$/)
  t.strictSame(appended, [])
  disk.code = ''
  await clock.advance(30_000)
  t.equal(appended.join(''), `one\n${'two\n'.repeat(5)}`)
  t.equal(writer.complaint, undefined)
  t.match(events[1], { event: 'history.resumed', dropped: 0 })
  t.equal(events.length, 2)
})

t.test('history writer › keeps no more than 256 KiB: the oldest go, and are counted', async t => {
  const { writer, appended, disk, events, clock } = create()
  writer.open()
  disk.code = 'EROFS'
  const line = (i: number) => `${String(i).padStart(1023, '0')}\n`
  writer.write('one\n')
  await clock.advance(0)
  for (let i = 0; i < 256; i += 1) writer.write(line(i))
  t.match(writer.complaint, / wait, 1 were dropped$/)
  for (let i = 256; i < 300; i += 1) writer.write(line(i))
  t.equal(writer.unwritten.length, 256)
  t.match(writer.complaint, /EROFS: its file system is read-only\); 256 records wait, 45 were dropped/)
  disk.code = ''
  await clock.advance(30_000)
  t.ok(appended.every(text => text.length <= 64 * 1024))
  t.equal(appended.join(''), Array.from({ length: 256 }, (_, i) => line(i + 44)).join(''))
  t.match(events.at(-1), { event: 'history.resumed', dropped: 45 })
})

t.test(
  'history writer › a disk that hangs delays the end by one second, and what may not be written is told',
  async t => {
    const { writer, disk, events, clock, appended } = create()
    writer.open()
    const { promise, resolve } = Promise.withResolvers<void>()
    disk.hang = promise
    writer.write('one\n')
    writer.write('two\n')
    await clock.advance(10_000)
    t.strictSame(writer.unwritten, ['one\n', 'two\n'])
    const disposed = writer[Symbol.asyncDispose]()
    await clock.advance(1000)
    await disposed
    t.match(events, [{ event: 'history.lost', lost: 2 }])
    resolve()
    await setImmediate()
    t.equal(appended[0], 'one\n')
  },
)

t.test('history writer › at the end a disk without room is tried once more, and not for ever', async t => {
  const { writer, disk, events, clock } = create()
  writer.open()
  disk.code = 'ENOSPC'
  writer.write('one\n')
  await clock.advance(0)
  await writer[Symbol.asyncDispose]()
  t.match(events.at(-1), { event: 'history.lost', lost: 1 })
  const retried = create()
  retried.writer.open()
  retried.disk.code = 'ENOSPC'
  retried.writer.write('one\n')
  await retried.clock.advance(0)
  retried.disk.code = ''
  await retried.writer[Symbol.asyncDispose]()
  t.strictSame(retried.appended, ['one\n'])
})
