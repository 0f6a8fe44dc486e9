import t from 'tap'
import type { Test } from 'tap'
import { LineWriter } from '../../src/log/line-writer.ts'
import type { Gap } from '../../src/log/line-writer.ts'
import type { LogSink } from '../../src/log/log-sink.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { createRandom } from '../support/random.ts'

/** A sink that the test drives: it takes what it is told to take, or fails as it is told to fail. */
const fakeSink = (options: Partial<Pick<LogSink, 'endsOnError' | 'endsInMidLine'>> = {}) => {
  let offered: { readonly bytes: Buffer; readonly taken: Parameters<LogSink['write']>[1] } | undefined
  const written: Buffer[] = []
  const offeredBytes = () => offered?.bytes.length ?? 0
  const answer = (error: string | undefined, bytesTaken: number): void => {
    const { bytes, taken } = offered ?? { bytes: Buffer.alloc(0), taken() {} }
    offered = undefined
    written.push(bytes.subarray(0, bytesTaken))
    taken(error === undefined ? null : Object.assign(new Error(), { code: error }), bytesTaken)
  }
  return {
    maxWriteBytes: 64 * 1024,
    endsOnError: false,
    endsInMidLine: false,
    ...options,
    isClosed: false,
    write(bytes: Buffer, taken: Parameters<LogSink['write']>[1]) {
      if (offered) throw new Error('it is offered bytes while it has not answered')
      offered = { bytes, taken }
    },
    close() {
      this.isClosed = true
    },
    offeredBytes,
    /** Takes so many bytes of what it is offered. */
    take: (bytes: number) => answer(undefined, bytes),
    fail: (code: string) => answer(code, 0),
    /** Takes all that it is offered, until nothing is. */
    takeAll() {
      for (let bytes = offeredBytes(); bytes > 0; bytes = offeredBytes()) answer(undefined, bytes)
    },
    text: () => Buffer.concat(written).toString(),
  }
}

const start = (sink: LogSink) => {
  const gaps: Gap[] = []
  const clock = new ManualClock()
  const writer: LineWriter = new LineWriter(sink, {
    clock,
    onGap(gap) {
      gaps.push(gap)
      writer.write(`gap of ${gap.dropped}\n`)
    },
  })
  return { writer, gaps, clock }
}

const line = (i: number) => `${String(i).padStart(8, '0')} ${'x'.repeat(190)}\n`
const MANY = 20_000

/** The lines of a text, each of which must be one that was written whole; the gaps' own lines apart. */
const arrived = (t: Test, text: string) => {
  const lines = text.split('\n').slice(0, -1)
  t.ok(text === '' || text.endsWith('\n'), 'ends with a whole line')
  const own = lines.filter(one => !one.startsWith('gap'))
  t.strictSame(
    own.filter(one => `${one}\n` !== line(Number(one.slice(0, 8)))),
    [],
    'each line is whole',
  )
  const numbers = own.map(one => Number(one.slice(0, 8)))
  t.ok(
    numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? 0)),
    'and in its order',
  )
  return { count: own.length, lines }
}

t.test(
  'line writer › a sink that takes nothing: lines are dropped and counted, and told of in their place',
  async t => {
    const sink = fakeSink()
    const { writer, gaps } = start(sink)
    for (let i = 0; i < MANY; i += 1) writer.write(line(i))
    const { dropped } = writer
    t.ok(dropped > MANY / 2)
    t.strictSame(gaps, [], 'not told of yet: nobody takes lines')
    sink.takeAll()
    t.strictSame(gaps, [{ dropped, why: 'blocked' }])
    writer.write(line(MANY))
    sink.takeAll()
    const { count, lines } = arrived(t, sink.text())
    t.equal(count + dropped, MANY + 1)
    t.strictSame(lines.slice(-2), [`gap of ${dropped}`, line(MANY).trimEnd()])
  },
)

t.test(
  'line writer › a disk that is full: what was cut short is ended, and nothing is lost that was held',
  async t => {
    const sink = fakeSink()
    const { writer, gaps, clock } = start(sink)
    writer.write(line(0))
    writer.write(line(1))
    sink.take(line(0).length)
    sink.take(50)
    sink.fail('ENOSPC')
    t.equal(sink.offeredBytes(), 0, 'it is left alone for a while')
    for (let i = 2; i < MANY; i += 1) writer.write(line(i))
    t.equal(sink.offeredBytes(), 0, 'whatever is logged')
    await clock.advance(1000)
    sink.fail('ENOSPC')
    await clock.advance(1000)
    sink.takeAll()
    t.strictSame(gaps, [{ dropped: writer.dropped, why: 'ENOSPC' }])
    t.equal(arrived(t, sink.text()).count + writer.dropped, MANY)
  },
)

t.test('line writer › another sink takes over with the next whole line, and the first is closed', async t => {
  const [first, second] = [fakeSink(), fakeSink()]
  const { writer } = start(first)
  for (let i = 0; i < 10; i += 1) writer.write(line(i))
  first.take(line(0).length)
  first.take(50)
  writer.moveTo(second)
  first.take(20)
  t.equal(first.isClosed, false)
  first.take(line(1).length - 70)
  t.equal(first.isClosed, true)
  second.takeAll()
  t.equal(arrived(t, first.text()).count, 2)
  t.equal(arrived(t, second.text()).count, 8)
  t.equal(writer.dropped, 0)
})

t.test(
  'line writer › another sink takes over from one that is full, but for the line that this has begun',
  async t => {
    const [first, second] = [fakeSink(), fakeSink()]
    const { writer, gaps } = start(first)
    for (let i = 0; i < 10; i += 1) writer.write(line(i))
    first.take(line(0).length)
    first.take(50)
    first.fail('ENOSPC')
    writer.moveTo(second)
    second.takeAll()
    t.strictSame(gaps, [{ dropped: 1, why: 'ENOSPC' }])
    t.equal(arrived(t, second.text()).count, 7 + 1)
    t.equal(first.isClosed, true)
  },
)

t.test('line writer › a count that could not be told is told by what takes over', async t => {
  const [first, second, third] = [
    fakeSink(),
    fakeSink(),
    fakeSink({ endsOnError: true, endsInMidLine: true }),
  ]
  const { writer } = start(first)
  for (let i = 0; i < MANY; i += 1) writer.write(line(i))
  const untilGap = () => (MANY - writer.dropped) * line(0).length - first.text().length
  while (untilGap() > 0) first.take(Math.min(untilGap(), first.offeredBytes()))
  first.take('gap'.length)
  first.fail('ENOSPC')
  const { dropped } = writer
  writer.moveTo(second)
  t.equal(writer.dropped, dropped, 'it is no line that was logged')
  second.fail('ENOSPC')
  writer.moveTo(third)
  third.fail('EPIPE')
  const last = fakeSink()
  writer.moveTo(last)
  last.takeAll()
  t.equal(last.text(), `gap of ${dropped}\n`)
  t.equal(arrived(t, first.text().replace(/gap$/, '')).count + dropped, MANY)
})

t.test('line writer › what a file ends with in mid-line is ended first', async t => {
  const sink = fakeSink({ endsInMidLine: true })
  const { writer } = start(sink)
  writer.write(line(0))
  sink.takeAll()
  t.equal(sink.text(), `\n${line(0)}`)
})

t.test('line writer › a pipe without a reader: all is counted, and told of in what takes over', async t => {
  const [pipe, next] = [fakeSink({ endsOnError: true }), fakeSink()]
  const { writer, gaps } = start(pipe)
  for (let i = 0; i < 10; i += 1) writer.write(line(i))
  pipe.take(line(0).length)
  pipe.fail('EPIPE')
  writer.write(line(10))
  t.equal(pipe.isClosed, true)
  t.equal(writer.dropped, 10)
  writer.moveTo(next)
  next.takeAll()
  t.strictSame(gaps, [{ dropped: 10, why: 'EPIPE' }])
})

t.test(
  'line writer › a line longer than all that may be held arrives, where nothing else is held',
  async t => {
    const sink = fakeSink()
    const { writer } = start(sink)
    const long = `${'x'.repeat(2 * 1024 * 1024)}\n`
    writer.write(long)
    writer.write('next\n')
    sink.takeAll()
    t.ok(sink.text().startsWith(long))
    t.match(sink.text().slice(long.length), 'gap of 1\n')
  },
)

t.test('line writer › its end waits for what is held, and no longer than a second', async t => {
  const [willing, stuck] = [fakeSink(), fakeSink()]
  const { writer } = start(willing)
  writer.write(line(0))
  const end = writer[Symbol.asyncDispose]()
  t.equal(willing.isClosed, false)
  willing.takeAll()
  await end
  t.equal(willing.isClosed, true)

  const { writer: other, clock } = start(stuck)
  other.write(line(0))
  const otherEnd = other[Symbol.asyncDispose]()
  await clock.advance(1000)
  await otherEnd
  t.equal(stuck.isClosed, true)
})

t.test(
  'line writer › whatever sinks do, what has arrived and what was dropped is all that was logged',
  async t => {
    const wrong: unknown[] = []
    const seen = { gaps: 0, lines: 0, dropped: 0 }
    for (let seed = 0; seed < 20; seed += 1) {
      const random = createRandom(seed)
      const sinks = [fakeSink()]
      const { writer, gaps, clock } = start(sinks[0] ?? fakeSink())
      const drain = async () => {
        for (const sink of sinks) sink.takeAll()
        await clock.advance(1000)
      }
      let logged = 0
      for (let step = 0; step < 100; step += 1) {
        const kind = random.below(10)
        if (kind < 4) for (let i = random.below(1000); i > 0; i -= 1) writer.write(line(logged++))
        else if (kind < 8) for (const sink of sinks) sink.take(random.below(sink.offeredBytes() + 1))
        else if (kind === 8) for (const sink of sinks) if (sink.offeredBytes() > 0) sink.fail('ENOSPC')
        if (random.chance(0.02)) writer.moveTo(sinks[sinks.push(fakeSink()) - 1] ?? fakeSink())
        if (random.chance(0.3)) await clock.advance(1000)
      }
      for (let i = 0; i < 3; i += 1) await drain()
      const lines = sinks.flatMap(sink => sink.text().split('\n').slice(0, -1))
      const own = lines.filter(one => !one.startsWith('gap'))
      const inOrder = own.every((one, i) => i === 0 || one > (own[i - 1] ?? ''))
      const isTorn = own.some(one => `${one}\n` !== line(Number(one.slice(0, 8))))
      const told = lines
        .filter(one => /^gap of \d+$/.test(one))
        .reduce((sum, one) => sum + Number(one.slice('gap of '.length)), 0)
      if (!inOrder || isTorn || own.length + writer.dropped !== logged || told !== writer.dropped)
        wrong.push({ seed, inOrder, isTorn, arrived: own.length, dropped: writer.dropped, told, logged })
      seen.gaps += gaps.length
      seen.lines += own.length
      seen.dropped += writer.dropped
    }
    t.strictSame(wrong, [])
    t.comment(seen)
    t.ok(seen.gaps > 20 && seen.lines > 100_000 && seen.dropped > 100_000, 'and enough was tried')
  },
)
