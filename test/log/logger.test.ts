import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { createLogger } from '../../src/log/logger.ts'
import type { LogEvent, Logger } from '../../src/log/logger.ts'
import type { LogSink } from '../../src/log/log-sink.ts'
import { ManualClock } from '../support/manual-clock.ts'

const directory = async (t: Test) => {
  const path = await mkdtemp(join(tmpdir(), 'health-sidecar-logger-'))
  t.teardown(() => rm(path, { recursive: true }))
  return path
}

const open = (t: Test, file: string, fallback?: Logger) => {
  const lost: LogEvent[] = []
  const logger = createLogger({
    level: 'info',
    file,
    release: () => 'v1',
    ...(fallback && { fallback }),
    onLost: event => void lost.push(event),
  })
  t.teardown(() => logger[Symbol.asyncDispose]())
  return { ...logger, lost }
}

const linesOf = async (file: string) => (await readFile(file, 'utf8')).split('\n').slice(0, -1)

const event = (msg: string): LogEvent => ({ event: 'test.happened', msg })

t.test('logger › one JSON object a line, to a file that its group may read', async t => {
  const file = join(await directory(t), 'log')
  const logger = open(t, file)
  logger.log('info', event('one'))
  logger.log('debug', event('not this'))
  logger.log('warn', { ...event('two'), evidence: { list: [1] } })
  await logger[Symbol.asyncDispose]()
  t.match(
    (await linesOf(file)).map((line): unknown => JSON.parse(line)),
    [
      { level: 'info', event: 'test.happened', msg: 'one', release: 'v1', host: String, time: /^\d{4}-.*Z$/ },
      { level: 'warn', msg: 'two', evidence: { list: [1] } },
    ],
  )
  t.equal((await stat(file)).mode & 0o777, 0o640 & ~process.umask())
  t.equal(logger.dropped(), 0)
  t.strictSame(logger.lost, [])
})

t.test('logger › names the app in each line, on a host with several', async t => {
  const file = join(await directory(t), 'log')
  const logger = createLogger({ level: 'info', file, app: 'shop', release: () => 'v1', onLost: () => {} })
  logger.log('info', event('one'))
  await logger[Symbol.asyncDispose]()
  t.match(JSON.parse((await linesOf(file))[0] ?? ''), { app: 'shop', release: 'v1', msg: 'one' })
})

t.test('logger › what is always logged is logged below the lowest level too, as info', async t => {
  const file = join(await directory(t), 'log')
  const logger = open(t, file)
  logger.setLevel('error')
  logger.log('warn', event('not this'))
  logger.logAlways(event('this'))
  await logger[Symbol.asyncDispose]()
  t.match(
    (await linesOf(file)).map((line): unknown => JSON.parse(line)),
    [{ level: 'info', event: 'test.happened', msg: 'this', release: 'v1', host: String }],
  )
})

t.test(
  'logger › a file that cannot be opened is told of, and takes its lines once it can be reopened',
  async t => {
    const folder = join(await directory(t), 'missing')
    const file = join(folder, 'log')
    const told: LogEvent[] = []
    const logger = open(t, file, { log: (_level, one) => void told.push(one) })
    await logger.opened
    t.match(told, [{ event: 'log.open_failed', code: 'ENOENT', file }])
    logger.log('info', event('dropped'))
    await logger.reopen()
    t.match(told[1], { event: 'log.reopen_failed', code: 'ENOENT', file })
    await mkdir(folder)
    await logger.reopen()
    logger.log('info', event('later'))
    await logger[Symbol.asyncDispose]()
    t.match(
      (await linesOf(file)).map((line): unknown => JSON.parse(line)),
      [{ event: 'log.dropped', dropped: 1, why: 'ENOENT' }, { msg: 'later' }],
    )
  },
)

t.test('logger › nothing in a text ends its line, or commands who shows it', async t => {
  const file = join(await directory(t), 'log')
  const logger = open(t, file)
  const all = Array.from({ length: 0x250 }, (_, i) => String.fromCharCode(i)).join('')
  const text = `${all}\u2028\u2029\ud800"\\`
  logger.log('info', { ...event(text), [text]: text })
  await logger[Symbol.asyncDispose]()
  const written = await readFile(file, 'utf8')
  t.equal(written.indexOf('\n'), written.length - 1)
  t.notMatch(written.slice(0, -1), /[\p{Cc}\u2028\u2029]/u)
  const parsed = JSON.parse(written)
  t.equal(parsed.msg, text)
  t.equal(parsed[text], text)
})

t.test(
  'logger › reopen goes on in a new file, and what was logged before is in the one that was moved',
  async t => {
    const folder = await directory(t)
    const [file, old] = [join(folder, 'log'), join(folder, 'log.1')]
    const logger = open(t, file)
    const COUNT = 5000
    for (let i = 0; i < COUNT; i += 1) {
      logger.log('info', event(String(i)))
      if (i % 100 === 0) await turn()
      if (i === COUNT / 2) {
        await rename(file, old)
        await logger.reopen()
      }
    }
    await logger[Symbol.asyncDispose]()
    const [before, after] = [await linesOf(old), await linesOf(file)]
    t.ok(before.length > 0 && after.length > 0)
    t.strictSame(
      [...before, ...after].map(line => JSON.parse(line).msg),
      Array.from({ length: COUNT }, (_, i) => String(i)),
    )
  },
)

t.test('logger › where it cannot be reopened, it says so and goes on in the file that is open', async t => {
  const folder = await directory(t)
  const moved = await directory(t)
  const [file, old] = [join(folder, 'log'), join(moved, 'old')]
  const logger = open(t, file)
  await logger.opened
  await rename(folder, old)
  await logger.reopen()
  logger.log('info', event('later'))
  await logger[Symbol.asyncDispose]()
  t.match(
    (await linesOf(join(old, 'log'))).map((line): unknown => JSON.parse(line)),
    [{ level: 'error', event: 'log.reopen_failed', code: 'ENOENT', file }, { msg: 'later' }],
  )
  await rename(old, folder)

  const told: LogEvent[] = []
  const other = open(t, join(folder, 'other'), { log: (_level, one) => void told.push(one) })
  await other.opened
  await rename(folder, old)
  await other.reopen()
  t.match(told, [{ event: 'log.reopen_failed', file: join(folder, 'other') }], 'or tells who is to be told')
  await rename(old, folder)
})

t.test('logger › a line that another process left unfinished stays one of its own', async t => {
  const file = join(await directory(t), 'log')
  await appendFile(file, '{"event":"whole"}\n{"event":"cut sh')
  const logger = open(t, file)
  logger.log('info', event('next'))
  await logger[Symbol.asyncDispose]()
  const lines = await linesOf(file)
  t.equal(lines.length, 3)
  t.match(JSON.parse(lines[2] ?? ''), { msg: 'next' })
})

t.test('logger › a pipe that nobody reads: all that was logged has arrived or is counted', async t => {
  const pipe = join(await directory(t), 'pipe')
  execFileSync('mkfifo', [pipe])
  const logger = open(t, pipe)
  const COUNT = 10_000
  for (let i = 0; i < COUNT; i += 1) {
    logger.log('info', event(`${i} ${'x'.repeat(200)}`))
    if (i % 100 === 0) await turn()
  }
  const dropped = logger.dropped()
  t.ok(dropped > COUNT / 4)

  const reader = new Socket({ fd: openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK), readable: true })
  t.teardown(() => reader.destroy())
  const events: LogEvent[] = []
  for await (const line of createInterface({ input: reader })) {
    events.push(JSON.parse(line))
    if (events.at(-1)?.event === 'log.dropped') break
  }
  t.match(events.at(-1), { level: 'error', dropped, why: 'blocked' })
  t.equal(events.length - 1 + dropped, COUNT)
  t.strictSame(
    events.slice(0, -1).map(({ msg }) => Number(msg.split(' ')[0])),
    Array.from({ length: COUNT - dropped }, (_, i) => i),
    'in their order, whole',
  )
  t.equal(logger.dropped(), dropped)
})

t.test(
  'logger › a pipe that nobody reads holds up its end for a second at most, and what is lost is told',
  async t => {
    const pipe = join(await directory(t), 'pipe')
    execFileSync('mkfifo', [pipe])
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    t.teardown(() => closeSync(reader))
    const logger = open(t, pipe)
    const COUNT = 1000
    for (let i = 0; i < COUNT; i += 1) logger.log('info', event('x'.repeat(200)))
    const startedAt = performance.now()
    await logger[Symbol.asyncDispose]()
    t.ok(performance.now() - startedAt < 30_000)
    const dropped = logger.dropped()
    t.match(logger.lost, [{ event: 'log.dropped', dropped, why: 'blocked', file: pipe }])
    const arrived = readFileSync(reader, 'utf8')
    t.ok(arrived.endsWith('\n'), 'no line is torn')
    t.equal(arrived.split('\n').length - 1 + dropped, COUNT)
  },
)

t.test('logger › a disk that stays full until the end: what is lost is told', async t => {
  const logger = open(t, '/dev/full')
  for (let i = 0; i < 10; i += 1) logger.log('info', event(String(i)))
  await logger[Symbol.asyncDispose]()
  t.match(logger.lost, [{ event: 'log.dropped', dropped: 10, why: 'ENOSPC', file: '/dev/full' }])
})

/** A sink that takes everything, and the events that it took. */
const memorySink = () => {
  const events: LogEvent[] = []
  const sink: LogSink = {
    write(bytes, taken) {
      events.push(
        ...bytes
          .toString()
          .split('\n')
          .filter(Boolean)
          .map((line): LogEvent => JSON.parse(line)),
      )
      taken(null, bytes.length)
    },
    maxWriteBytes: 64 * 1024,
    endsOnError: false,
    endsInMidLine: false,
    close() {},
  }
  return { sink, events }
}

t.test(
  'logger › a disk that stalls as its file is opened: the log goes to stdout until it opens',
  async t => {
    const [file, stdout] = [memorySink(), memorySink()]
    const clock = new ManualClock()
    const stalled = Promise.withResolvers<LogSink>()
    let opens = 0
    const logger = createLogger({
      level: 'info',
      file: '/stalled/log',
      release: () => 'v1',
      onLost: () => t.fail('no line is lost'),
      clock,
      open: path => {
        if (path === 'stdout') return Promise.resolve(stdout.sink)
        opens += 1
        return stalled.promise
      },
    })
    logger.log('info', event('one'))
    await clock.advance(1999)
    t.strictSame(stdout.events, [])
    await clock.advance(1)
    await logger.opened
    t.match(stdout.events, [{ msg: 'one' }, { event: 'log.open_failed', code: 'HUNG', file: '/stalled/log' }])

    const reopening = [logger.reopen(), logger.reopen()]
    await turn()
    await clock.advance(2000)
    await Promise.all(reopening)
    t.match(stdout.events.slice(2), [
      { event: 'log.reopen_failed', code: 'HUNG' },
      { event: 'log.reopen_failed', code: 'HUNG' },
    ])
    t.equal(opens, 1, 'a second open would block a second thread')

    stalled.resolve(file.sink)
    await turn()
    logger.log('info', event('two'))
    t.match(file.events, [{ msg: 'two' }])
    t.equal(stdout.events.length, 4)
    await logger[Symbol.asyncDispose]()
  },
)
