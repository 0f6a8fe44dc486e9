import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { createFileAccess, HANGS_AFTER_MS, STUCK_AFTER_MS } from '../../src/files/file-access.ts'
import { FileError } from '../../src/files/file-error.ts'
import type { OperationName, Results, Tasks } from '../../src/files/operations.ts'
import { ReaderEnded } from '../../src/files/reader-process.ts'
import { ManualClock } from '../support/manual-clock.ts'

/** An operation that runs, and ends when the test says so. */
interface Running {
  readonly path: string
  readonly answer: () => void
  readonly fail: (error: Error) => void
}

/** Where operations run: this process, or a reader process. Those on paths that begin with /hung hang. */
const createPlace = () => {
  const running: Running[] = []
  let ended = false
  return {
    running,
    get isEnded() {
      return ended
    },
    async operate<Name extends OperationName>(_name: Name, task: Tasks[Name]): Promise<Results[Name]> {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      const operation = {
        path: task.path,
        answer: () => resolve(`what is at ${task.path}`),
        fail: (error: Error) => reject(error),
      }
      running.push(operation)
      if (!task.path.startsWith('/hung')) operation.answer()
      try {
        return (await promise) as Results[Name]
      } finally {
        running.splice(running.indexOf(operation), 1)
      }
    },
    [Symbol.dispose]() {
      ended = true
    },
  }
}

const MAX_HERE = 2

const create = (options: { readonly canStartReader?: boolean } = {}) => {
  const { canStartReader = true } = options
  const clock = new ManualClock()
  const here = createPlace()
  const readers: ReturnType<typeof createPlace>[] = []
  let starts = 0
  const files = createFileAccess({
    timers: clock,
    maxHere: MAX_HERE,
    here,
    startReader: async () => {
      starts += 1
      if (!canStartReader) throw new ReaderEnded()
      const reader = createPlace()
      readers.push(reader)
      return reader
    },
  })
  /** Asks, and keeps what came of it. */
  const ask = (path: string, limitMs?: number) => {
    const asked: { outcome: unknown } = { outcome: 'nothing yet' }
    files.ask('readlink', { path }, limitMs === undefined ? {} : { limitMs }).then(
      (value: unknown) => (asked.outcome = value),
      (error: unknown) => (asked.outcome = error instanceof FileError ? error.code : error),
    )
    return asked
  }
  const pathsIn = (place: { readonly running: readonly Running[] } | undefined) =>
    (place?.running ?? []).map(({ path }) => path)
  return { clock, here, readers, files, ask, pathsIn, starts: () => starts }
}

const settle = () => setImmediate()

t.test('file access › who asks for what is being read gets the same result', async t => {
  const { here, ask, pathsIn, clock } = create()
  const asked = [ask('/hung'), ask('/hung'), ask('/hung')]
  await settle()
  t.strictSame(pathsIn(here), ['/hung'])
  here.running[0]?.answer()
  await clock.advance(0)
  t.strictSame(
    asked.map(({ outcome }) => outcome),
    Array(3).fill('what is at /hung'),
  )
  const again = ask('/hung')
  await settle()
  t.strictSame(pathsIn(here), ['/hung'], 'and after it, the file is read again')
  t.equal(again.outcome, 'nothing yet')
})

t.test('file access › an error is for all who wait, and the next one reads again', async t => {
  const { here, ask, clock } = create()
  const asked = [ask('/hung'), ask('/hung')]
  await settle()
  here.running[0]?.fail(new FileError('EIO', '/hung', 'cannot be read'))
  await clock.advance(0)
  t.strictSame(
    asked.map(({ outcome }) => outcome),
    ['EIO', 'EIO'],
  )
  t.match(ask('/hung'), { outcome: 'nothing yet' })
  await settle()
  t.equal(here.running.length, 1)
})

t.test(
  'file access › in this process, a few operations run at a time, and none behind one that is stuck',
  async t => {
    const { clock, here, readers, ask, pathsIn } = create()
    for (const name of ['a', 'b', 'c']) ask(`/hung/${name}`)
    const healthy = ask('/healthy')
    await settle()
    t.strictSame(pathsIn(here), ['/hung/a', '/hung/b'])
    await clock.advance(STUCK_AFTER_MS - 1)
    t.equal(healthy.outcome, 'nothing yet')
    await clock.advance(1)
    t.equal(healthy.outcome, 'what is at /healthy')
    t.strictSame(pathsIn(here), ['/hung/a', '/hung/b'])
    t.strictSame(readers.map(pathsIn), [['/hung/c']])
  },
)

t.test('file access › no operation begins on a path that hangs, in no process', async t => {
  const { clock, here, readers, ask, pathsIn } = create()
  ask('/hung')
  for (let i = 0; i < 20; i += 1) {
    ask('/hung')
    await clock.advance(1000)
  }
  t.strictSame(pathsIn(here), ['/hung'])
  t.strictSame(readers.flatMap(pathsIn), [])
})

t.test(
  'file access › a path that hangs is told to all who wait, and at once to who asks from then on',
  async t => {
    const { clock, here, files, ask } = create()
    const first = ask('/hung')
    const since = clock.date()
    await clock.advance(HANGS_AFTER_MS - 1)
    const second = ask('/hung')
    t.strictSame(files.hanging(), [])
    t.equal(first.outcome, 'nothing yet')
    await clock.advance(1)
    t.strictSame([first.outcome, second.outcome], ['HUNG', 'HUNG'])
    t.strictSame(files.hanging(), [{ path: '/hung', since }])
    await t.rejects(files.ask('readlink', { path: '/hung' }), {
      code: 'HUNG',
      message: 'reading /hung has not returned in time; its file system may be dead: check the mount',
    })

    here.running[0]?.answer()
    await clock.advance(0)
    t.strictSame(files.hanging(), [], 'it is well again')
    const after = ask('/hung')
    await settle()
    here.running[0]?.answer()
    await clock.advance(0)
    t.equal(after.outcome, 'what is at /hung')
  },
)

t.test('file access › a caller with a limit goes on, and the operation with it', async t => {
  const { clock, here, ask } = create()
  const patient = ask('/hung')
  const hasty = ask('/hung', 300)
  await clock.advance(300)
  t.strictSame([hasty.outcome, patient.outcome], ['HUNG', 'nothing yet'])
  t.equal(here.running.length, 1)
  here.running[0]?.answer()
  await clock.advance(0)
  t.equal(patient.outcome, 'what is at /hung')
})

t.test('file access › when nothing is stuck any more, the reader process ends', async t => {
  const { clock, here, readers, ask, pathsIn } = create()
  for (const name of ['a', 'b', 'c']) ask(`/hung/${name}`)
  await clock.advance(STUCK_AFTER_MS * 3)
  for (const { answer } of here.running.slice()) answer()
  await clock.advance(0)
  t.strictSame(readers.map(pathsIn), [['/hung/c']])
  t.equal(readers[0]?.isEnded, false, 'one operation is stuck in it')
  readers[0]?.running[0]?.answer()
  await clock.advance(0)
  t.equal(readers[0]?.isEnded, true)
  ask('/hung/d')
  await settle()
  t.strictSame(pathsIn(here), ['/hung/d'])
})

t.test('file access › however many paths hang, others are read', async t => {
  const { clock, here, readers, ask, pathsIn } = create()
  const hung = Array.from({ length: 100 }, (_, i) => ask(`/hung/${i}`))
  await clock.advance(STUCK_AFTER_MS * 10)
  t.ok(hung.every(({ outcome }) => outcome === 'HUNG'))
  t.equal(here.running.length, MAX_HERE)
  t.equal(new Set([...pathsIn(here), ...readers.flatMap(pathsIn)]).size, 100, 'each is asked for once')
  t.ok(
    readers.every(({ running }) => running.length <= 40),
    'no more than a reader has threads',
  )
  const healthy = ask('/healthy')
  await clock.advance(0)
  t.equal(healthy.outcome, 'what is at /healthy')

  for (const place of [here, ...readers]) for (const { answer } of place.running.slice()) answer()
  await clock.advance(0)
  t.ok(readers.every(({ isEnded }) => isEnded))
})

t.test('file access › a full reader process is left to its stuck operations, and ends with them', async t => {
  const { clock, readers, ask } = create()
  for (let i = 0; i < 60; i += 1) ask(`/hung/${i}`)
  await clock.advance(STUCK_AFTER_MS * 10)
  const [first, second] = readers
  t.strictSame([first?.running.length, second?.running.length], [39, 19])
  for (const { answer } of first?.running.slice() ?? []) answer()
  await clock.advance(0)
  t.equal(first?.isEnded, true)
  t.equal(second?.isEnded, false)
})

t.test(
  'file access › where a reader process ends, its operations run here; what was stuck in it does not',
  async t => {
    const { clock, here, readers, ask, pathsIn } = create()
    for (const name of ['a', 'b', 'stuck']) ask(`/hung/${name}`)
    const stuck = ask('/hung/stuck')
    await clock.advance(STUCK_AFTER_MS * 2)
    const asked = ask('/hung/late')
    await settle()
    t.strictSame(readers.map(pathsIn), [['/hung/stuck', '/hung/late']])
    here.running[1]?.answer()
    for (const { fail } of readers[0]?.running.slice() ?? []) fail(new ReaderEnded())
    await clock.advance(0)
    t.equal(stuck.outcome, 'HUNG')
    t.strictSame(pathsIn(here), ['/hung/a', '/hung/late'])
    here.running[1]?.answer()
    await clock.advance(0)
    t.equal(asked.outcome, 'what is at /hung/late')
  },
)

t.test('file access › without a reader process, what finds no room is told so in time', async t => {
  const { clock, ask, files, starts } = create({ canStartReader: false })
  ask('/hung/a')
  const other = ask('/hung/b')
  ask('/healthy')
  await clock.advance(STUCK_AFTER_MS)
  t.equal(starts(), 1)
  const waiting = files.ask('readlink', { path: '/healthy' })
  const told = t.rejects(waiting, {
    code: 'HUNG',
    message: 'reading /healthy has not begun in time, as too many other files hang: check their mounts',
  })
  await clock.advance(HANGS_AFTER_MS)
  await told
  t.equal(other.outcome, 'HUNG')
  t.equal(starts(), 1, 'none is started again for a while')
  ask('/healthy/2')
  await clock.advance(30_000)
  ask('/healthy/3')
  await clock.advance(0)
  t.equal(starts(), 2)
})

t.test(
  'file access › after a stall, an operation that has ended is not taken for one that hangs',
  async t => {
    const { clock, here, readers, ask } = create()
    const asked = ask('/hung')
    await settle()
    // its end is handled after the timers
    clock.jump(HANGS_AFTER_MS)
    const advanced = clock.advance(0)
    here.running[0]?.answer()
    await advanced
    await clock.advance(0)
    t.equal(asked.outcome, 'what is at /hung')
    t.equal(readers.length, 0)
  },
)

t.test('file access › two operations on one path are two', async t => {
  const { files, here, pathsIn } = create()
  void files.ask('stat', { path: '/hung' })
  void files.ask('read', { path: '/hung', maxBytes: 10, startOnly: true })
  await settle()
  t.strictSame(pathsIn(here), ['/hung', '/hung'])
})

t.test('file access › a second write joins the one in flight, whatever it writes', async t => {
  const { files, here, pathsIn } = create()
  void files.ask('replace', { path: '/hung', text: 'one', mode: 0o600 })
  void files.ask('replace', { path: '/hung', text: 'two', mode: 0o600 })
  await settle()
  t.strictSame(pathsIn(here), ['/hung'])
})
