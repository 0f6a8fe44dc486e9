import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { ReaderEnded, startReader } from '../../src/files/reader-process.ts'

/** The reader processes of a process, by PID. */
const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

const start = async () => {
  const before = childrenOf(process.pid)
  const reader = await startReader()
  const pid = childrenOf(process.pid).find(child => !before.includes(child)) ?? 0
  return { reader, pid }
}

/** What a promise rejects with. */
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

t.test('reader process › does what this process would, with the same results', async t => {
  const { reader } = await start()
  using _reader = reader
  const dir = t.testdir({ file: 'é\\0' })
  const path = join(dir, 'file')
  const content = await reader.operate('read', { path, maxBytes: 100, startOnly: false })
  t.ok(Buffer.isBuffer(content.bytes))
  t.equal(content.bytes.toString(), readFileSync(path, 'utf8'))
  t.same(await reader.operate('stat', { path }), content.stats)
  t.strictSame(await reader.operate('list', { path: dir, maxEntries: 9 }), [{ name: 'file', kind: 'file' }])
  await reader.operate('replace', { path, text: 'new', mode: 0o600 })
  t.equal(readFileSync(path, 'utf8'), 'new')
  const none = join(dir, 'none')
  await t.rejects(reader.operate('stat', { path: none }), {
    code: 'ENOENT',
    path: none,
    message: `${none} cannot be read (ENOENT)`,
  })
  await t.rejects(reader.operate('read', { path: dir, maxBytes: 1, startOnly: false }), { code: 'EISDIR' })
  const many = Array.from({ length: 100 }, () => reader.operate('stat', { path }))
  t.equal((await Promise.all(many)).length, 100)
})

t.test('reader process › knows nothing of the environment, and has a name of its own', async t => {
  process.env['SECRET'] = 'hunter2'
  t.teardown(() => delete process.env['SECRET'])
  const { reader, pid } = await start()
  using _reader = reader
  await reader.operate('stat', { path: '/' })
  t.notMatch(readFileSync(`/proc/${pid}/environ`, 'latin1'), 'hunter2')
  t.match(readFileSync(`/proc/${pid}/cmdline`, 'latin1'), /^health-sidecar \(files\)/)
})

t.test('reader process › if it is killed, those who wait are told so, and who asks it later', async t => {
  const { reader, pid } = await start()
  using _reader = reader
  process.kill(pid, 'SIGSTOP')
  const asked = failure(reader.operate('stat', { path: '/' }))
  process.kill(pid, 'SIGKILL')
  t.ok((await asked) instanceof ReaderEnded)
  t.ok((await failure(reader.operate('stat', { path: '/' }))) instanceof ReaderEnded)
})

t.test('reader process › if Node cannot be started, that is told likewise', async t => {
  const { execPath } = process
  t.teardown(() => (process.execPath = execPath))
  process.execPath = '/nonexistent/node'
  using reader = await startReader()
  t.ok((await failure(reader.operate('stat', { path: '/' }))) instanceof ReaderEnded)
})

t.test('reader process › does not keep this process alive, and ends with it, however it ends', async t => {
  const program = join(t.testdir(), 'program.ts')
  const module = JSON.stringify(join(import.meta.dirname, '../../src/files/reader-process.ts'))
  writeFileSync(
    program,
    `import { startReader } from ${module}
    import { readFileSync } from 'node:fs'
    const reader = await startReader()
    const alive = setInterval(() => {}, 1000)
    await reader.operate('stat', { path: '/' })
    console.log(readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8'))
    clearInterval(alive)
    if (process.argv[2] === 'wait') setInterval(() => {}, 1000)`,
  )
  for (const how of ['ends', 'wait']) {
    const child = spawn(process.execPath, [program, how], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    if (how === 'wait') child.stdout.once('data', () => child.kill('SIGKILL'))
    // the pipe is the reader's as well as its parent's, if it is inherited
    const pid = Number(await text(child.stdout))
    await ended
    await t.resolves(gone(pid), how)
  }
})

/** Resolves when a process is gone. */
const gone = async (pid: number): Promise<void> => {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
