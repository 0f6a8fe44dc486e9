import { readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import type { FollowedRelease } from '../../src/host/release.ts'
import { openLatch } from '../../src/host/latch.ts'
import type { KeptLatch } from '../../src/host/latch.ts'
import { writeStateFile } from '../../src/host/state-file.ts'
import type { LogEvent, Logger } from '../../src/log/logger.ts'
import { ManualClock } from '../support/manual-clock.ts'

const directory = await mkdtemp(join(tmpdir(), 'health-sidecar-latch-'))
t.teardown(() => rm(directory, { recursive: true }))

let count = 0

/** What there is against a host that is well. */
const nothing = { failing: [], silent: [], held: [] }

/** A host with a state directory of its own, on which sidecars start. */
const host = async () => {
  const stateDir = join(directory, String((count += 1)))
  const events: LogEvent[] = []
  const clock = new ManualClock()
  const logger: Logger = { log: (_level, event) => events.push(event) }
  const start = async ({
    release,
    path = '/health',
    fixed,
  }: {
    release?: string | undefined
    path?: string
    fixed?: () => string | undefined
  }) => {
    const file = join(directory, 'config.yaml')
    await writeFile(
      file,
      `state_dir: ${stateDir}\npath: ${path}\n${release === undefined ? '' : `release: file:/release`}
checks: [{ name: page, type: smoke, target: 'http+unix:/run/app.sock', headers: { X: '\${SECRET}' } }]`,
    )
    const config = await loadConfig(file, { SECRET: `s3cret${count}` })
    const follow: FollowedRelease = {
      current: () => (release === 'unreadable' ? undefined : release),
      problem: () => undefined,
      look: async () => false,
    }
    const latch = await openLatch(config, {
      release: follow,
      logger,
      clock,
      ...(fixed && { whyFixed: async () => fixed() }),
    })
    return {
      latch,
      latched: latch.latched,
      keep: (peersAnswered = false) => latch.keep(config, { ...nothing, peersAnswered }),
      config,
    }
  }
  return { stateDir, events, clock, start }
}

t.test('latch › is not there before the first pass, and is found after it', async t => {
  const { start, stateDir, events } = await host()
  const first = await start({ release: 'v1' })
  t.equal(first.latched, false)
  await first.keep()
  const second = await start({ release: 'v1' })
  t.equal(second.latched, true)
  t.match(events, [{ event: 'latch.found' }])
  t.strictSame(await readdir(stateDir), ['latch.json'], 'nothing is left of the writing')
  t.notMatch(await readFile(join(stateDir, 'latch.json'), 'utf8'), 's3cret')
})

t.test('latch › says whether a peer had answered, under this configuration', async t => {
  const { start } = await host()
  const first = await start({ release: 'v1' })
  t.equal(first.latch.peersAnswered, false)
  await first.keep()
  t.equal((await start({ release: 'v1' })).latch.peersAnswered, false)
  await first.keep(true)
  t.match((await start({ release: 'v1' })).latch, { latched: true, peersAnswered: true })
  t.equal((await start({ release: 'v1', path: '/other' })).latch.peersAnswered, false)
  await first.keep(false)
  t.equal(
    (await start({ release: 'v1' })).latch.peersAnswered,
    false,
    'a reload has put other `peers` in force',
  )
})

t.test('latch › of another release, or of another configuration, does not count', async t => {
  const { start } = await host()
  await (await start({ release: 'v1' })).keep()
  t.equal((await start({ release: 'v2' })).latched, false)
  t.equal((await start({ release: 'v1', path: '/other' })).latched, false)
  t.equal((await start({})).latched, false)
  t.equal((await start({ release: 'v1' })).latched, true)
})

t.test('latch › of another boot does not count', async t => {
  const { start, stateDir } = await host()
  await (await start({ release: 'v1' })).keep()
  const file = join(stateDir, 'latch.json')
  const latch: unknown = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...Object(latch), bootId: '00000000-0000-0000-0000-000000000000' }))
  t.equal((await start({ release: 'v1' })).latched, false)
})

t.test('latch › without a release configured, boot and configuration decide', async t => {
  const { start } = await host()
  await (await start({})).keep()
  t.equal((await start({})).latched, true)
})

t.test('latch › a release that is configured and cannot be read is never the same', async t => {
  const { start, stateDir } = await host()
  await (await start({ release: 'unreadable' })).keep()
  t.equal((await start({ release: 'unreadable' })).latched, false)
  await t.rejects(readdir(stateDir), { code: 'ENOENT' }, 'none is kept')
})

t.test('latch › what is against the host is found by the next start', async t => {
  const { start, stateDir } = await host()
  const first = await start({ release: 'v1' })
  const against = {
    failing: [{ name: 'env' }, { name: 'page', isStuck: true as const }],
    silent: [{ name: 'cart', silentForMs: 12_000 }],
    held: [{ name: 'cart', cause: 'busy' as const, heldForMs: 9000 }],
  }
  await first.latch.note(against)
  await t.rejects(readdir(stateDir), { code: 'ENOENT' }, 'it is no latch')
  await first.keep()
  const file = join(stateDir, 'latch.json')
  const { ino } = await stat(file)
  await first.latch.note(nothing)
  t.equal((await stat(file)).ino, ino, 'what is known is not written again')
  await first.latch.note(against)
  const second = await start({ release: 'v1' })
  t.match(second.latch, { latched: true, against })
  await second.latch.keep((await start({ release: 'v1', path: '/other' })).config, {
    ...against,
    peersAnswered: false,
  })
  const third = await start({ release: 'v1', path: '/other' })
  t.strictSame(third.latch.against, against, 'under another configuration too')
  await third.latch.note(nothing)
  t.strictSame((await start({ release: 'v1', path: '/other' })).latch.against, nothing)
})

t.test('latch › a release that passes has nothing against it that the one before had', async t => {
  const { start } = await host()
  const { latch, keep } = await start({ release: 'v1' })
  await keep()
  await latch.note({ ...nothing, failing: [{ name: 'page' }] })
  await keep()
  t.strictSame((await start({ release: 'v1' })).latch.against, nothing)
})

/** Notes that these checks fail, one after the other, without waiting. */
const noteAll = (latch: KeptLatch, names: readonly string[]) =>
  Promise.all(names.map(name => latch.note({ ...nothing, failing: [{ name }] })))

t.test('latch › the last of several writes is what stays', async t => {
  const { start } = await host()
  const { latch, keep } = await start({ release: 'v1' })
  await Promise.all([keep(), noteAll(latch, ['a', 'b', 'c', 'd'])])
  t.strictSame((await start({ release: 'v1' })).latch.against.failing, [{ name: 'd' }])
})

t.test('latch › however often a check flaps while it is written, one more write is enough', async t => {
  const { start, stateDir, clock } = await host()
  const { latch, keep } = await start({ release: 'v1' })
  await keep()
  await rm(stateDir, { recursive: true })
  await writeFile(stateDir, 'a file, where a directory should be')
  // one that fails is set to be tried again
  let writes = 0
  clock.after = () => {
    writes += 1
    return { [Symbol.dispose]() {} }
  }
  const inFlight = noteAll(latch, ['first'])
  await Promise.resolve()
  await Promise.all([
    inFlight,
    noteAll(
      latch,
      Array.from({ length: 100 }, (_, i) => `check ${i}`),
    ),
  ])
  t.equal(writes, 2)
})

t.test('latch › one that a failing host cannot replace is removed: it is of a better time', async t => {
  const { start, stateDir } = await host()
  const { latch, keep } = await start({ release: 'v1' })
  await keep()
  // the place of the temporary file is taken
  await mkdir(join(stateDir, 'latch.json.new'))
  await latch.note({ ...nothing, silent: [{ name: 'page', silentForMs: 1 }] })
  t.equal((await start({ release: 'v1' })).latched, true, 'the host does not fail')
  await latch.note({ ...nothing, failing: [{ name: 'page' }] })
  t.match(latch.complaint, /cannot be written/)
  t.equal((await start({ release: 'v1' })).latched, false)
  await rmdir(join(stateDir, 'latch.json.new'))
  await latch.note(nothing)
  t.equal((await start({ release: 'v1' })).latched, true)
})

t.test('latch › where none can be replaced, each check counts against the host until it passes', async t => {
  const { start, events, clock } = await host()
  await (await start({ release: 'v1' })).keep()
  const { latch, latched } = await start({ release: 'v1', fixed: () => 'EROFS' })
  t.equal(latched, true)
  t.strictSame(latch.against, { ...nothing, failing: [{ name: 'page' }] })
  const complaint =
    /^the latch in \S+ can be neither written nor removed \(EROFS\), and may be older than a failure: .*; make \S+ writable$/
  t.match(events.at(-1), { event: 'latch.unwritable', msg: complaint })
  t.match(latch.complaint, complaint)
  while (latch.complaint !== undefined) await clock.advance(1000)
  t.strictSame((await start({ release: 'v1' })).latch.against, nothing, 'it can be written by now')
})

t.test('latch › what is stuck stays so, where none can be replaced', async t => {
  const { start } = await host()
  const { latch, keep } = await start({ release: 'v1' })
  await keep()
  await latch.note({ ...nothing, failing: [{ name: 'page', isStuck: true }] })
  const { against } = (await start({ release: 'v1', fixed: () => 'EROFS' })).latch
  t.strictSame(against.failing, [{ name: 'page', isStuck: true }])
})

t.test('latch › one that can be neither replaced nor removed is told of', async t => {
  const { start, stateDir } = await host()
  const { latch, keep } = await start({ release: 'v1' })
  await keep()
  await rm(join(stateDir, 'latch.json'))
  await mkdir(join(stateDir, 'latch.json', 'in the way'), { recursive: true })
  await latch.note({ ...nothing, silent: [{ name: 'page', silentForMs: 1 }] })
  t.match(latch.complaint, /^the latch cannot be written to /)
  await latch.note({ ...nothing, failing: [{ name: 'page' }] })
  t.match(latch.complaint, /^the latch in \S+ can be neither written nor removed /)
})

t.test('latch › the end waits for what is being written', async t => {
  const { start, stateDir } = await host()
  const { latch, keep } = await start({ release: 'v1' })
  void keep()
  void latch.note({ ...nothing, failing: [{ name: 'page' }] })
  await latch[Symbol.asyncDispose]()
  t.match(readFileSync(join(stateDir, 'latch.json'), 'utf8'), '"failing":[{"name":"page"}]')
})

t.test('latch › what is against a host is never noted for a release that has not passed', async t => {
  const { start } = await host()
  const first = await start({ release: 'v1' })
  await first.keep()
  const second = await start({ release: 'v2' })
  await noteAll(second.latch, ['page'])
  t.equal((await start({ release: 'v2' })).latched, false)
  t.match((await start({ release: 'v1' })).latch, { latched: true, against: nothing })
})

t.test('latch › a damaged or unreadable one is none, and is warned of', async t => {
  for (const content of [
    '',
    '{',
    '[]',
    '{"bootId":1}',
    'null',
    '{"bootId":"x","configHash":"y","release":1}',
    '{"bootId":"x","configHash":"y","failing":{}}',
    '{"bootId":"x","configHash":"y","failing":[{"name":1}]}',
    '{"bootId":"x","configHash":"y","failing":[{"name":"a","isStuck":false}]}',
    '{"bootId":"x","configHash":"y","silent":{}}',
    '{"bootId":"x","configHash":"y","silent":[{"name":"a"}]}',
    '{"bootId":"x","configHash":"y","silent":[{"name":"a","silentForMs":-1}]}',
    '{"bootId":"x","configHash":"y","silent":[{"name":"a","silentForMs":0}]}',
    '{"bootId":"x","configHash":"y","silent":[{"silentForMs":1}]}',
    '{"bootId":"x","configHash":"y","held":[{"name":"a","cause":"local"}]}',
    '{"bootId":"x","configHash":"y","held":[{"name":"a","cause":"local","heldForMs":0}]}',
    '{"bootId":"x","configHash":"y","held":[{"name":"a","cause":"other","heldForMs":1}]}',
  ]) {
    const { start, stateDir, events } = await host()
    await mkdir(stateDir)
    await writeFile(join(stateDir, 'latch.json'), content)
    t.equal((await start({ release: 'v1' })).latched, false, content)
    t.match(events, [{ event: 'latch.damaged' }])
  }
  const { start, stateDir, events } = await host()
  await mkdir(join(stateDir, 'latch.json'), { recursive: true })
  t.equal((await start({ release: 'v1' })).latched, false)
  t.match(events, [{ event: 'latch.damaged', why: 'EISDIR' }])
})

t.test('latch › that cannot be written is warned of, and no more', async t => {
  const { start, stateDir, events } = await host()
  await writeFile(stateDir, 'a file, where a directory should be')
  const { keep } = await start({ release: 'v1' })
  await keep()
  t.match(events.at(-1), { event: 'latch.unwritable' })
})

/** Resolves when a file is there. */
const written = async (file: string): Promise<string> => {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text !== '') return text
    await setImmediate()
  }
}

t.test('latch › that cannot be written is retried until it is', async t => {
  const { start, stateDir, events, clock } = await host()
  await writeFile(stateDir, 'a file, where a directory should be')
  const { keep, latch } = await start({ release: 'v1' })
  events.length = 0
  await keep()
  t.match(events, [{ event: 'latch.unwritable', code: 'ENOTDIR' }])
  t.match(latch.complaint, /cannot be written to/)
  await clock.advance(30_000)
  await rm(stateDir)
  t.match(events, [{ event: 'latch.unwritable' }], 'it is said once')
  let waitedMs = 0
  while (latch.complaint !== undefined) {
    await clock.advance(1000)
    waitedMs += 1000
  }
  t.ok(waitedMs > 0)
  t.match(await written(join(stateDir, 'latch.json')), /"release":"v1"/)
  t.equal((await start({ release: 'v1' })).latched, true)
})

t.test('latch › once it is written, nothing is retried that failed before', async t => {
  const { start, stateDir, clock } = await host()
  await writeFile(stateDir, 'a file, where a directory should be')
  const { keep, latch } = await start({ release: 'v1' })
  await keep()
  await keep()
  await rm(stateDir)
  const { config } = await start({ release: 'v1', path: '/other' })
  await latch.keep(config, { ...nothing, peersAnswered: false })
  t.equal(latch.complaint, undefined)
  t.equal((await start({ release: 'v1', path: '/other' })).latched, true)
  await rm(join(stateDir, 'latch.json'))
  await clock.advance(60_000)
  // a retry would be at work now, and done after so many operations on files
  for (let i = 0; i < 20; i += 1) await writeStateFile(join(stateDir, 'other.json'), {})
  t.strictSame(await readdir(stateDir), ['other.json'])
})

t.test('latch › is not retried by a daemon that ended while it was being written', async t => {
  const { start, stateDir, clock } = await host()
  await writeFile(stateDir, 'a file, where a directory should be')
  const { keep, latch } = await start({ release: 'v1' })
  const kept = keep()
  const ended = latch[Symbol.asyncDispose]()
  await kept
  await ended
  t.match(latch.complaint, /cannot be written/)
  await rm(stateDir)
  await clock.advance(60_000)
  await latch[Symbol.asyncDispose]()
  await t.rejects(readdir(stateDir), { code: 'ENOENT' })
})

t.test('latch › is not retried by a daemon that has ended', async t => {
  const { start, stateDir, clock } = await host()
  await writeFile(stateDir, 'a file, where a directory should be')
  const { keep, latch } = await start({ release: 'v1' })
  await keep()
  await latch[Symbol.asyncDispose]()
  await rm(stateDir)
  await clock.advance(60_000)
  await latch[Symbol.asyncDispose]()
  await t.rejects(readdir(stateDir), { code: 'ENOENT' })
})

t.test('latch › in a directory that everybody can write to is not used, and not written', async t => {
  const { start, stateDir, events, clock } = await host()
  await (await start({ release: 'v1' })).keep()
  const file = join(stateDir, 'latch.json')
  await chmod(stateDir, 0o777)
  events.length = 0
  const { latched, latch, keep } = await start({ release: 'v1' })
  t.equal(latched, false, 'it may be forged')
  t.match(events, [{ event: 'latch.unsafe' }])
  t.match(latch.complaint, `everybody can write to ${stateDir} (mode 0777)`)

  await rm(file)
  await keep()
  t.strictSame(await readdir(stateDir), [])
  t.equal(events.length, 1, 'it is said once')
  await chmod(stateDir, 0o755)
  await clock.advance(30_000)
  await written(file)
  t.equal((await start({ release: 'v1' })).latched, true)
})

t.test('latch › in a sticky directory, one that everybody can write to is not used', async t => {
  const { start, stateDir, events } = await host()
  await mkdir(stateDir)
  await chmod(stateDir, 0o1777)
  await (await start({ release: 'v1' })).keep()
  t.equal((await start({ release: 'v1' })).latched, true, 'only its owner can replace it')
  await chmod(join(stateDir, 'latch.json'), 0o666)
  events.length = 0
  t.equal((await start({ release: 'v1' })).latched, false)
  t.match(events, [{ event: 'latch.unsafe' }])
})
