import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createEnvCheck } from '../../../src/checks/env/env-check.ts'
import { folder, gist, later, runEnv } from './run-env.ts'

const isRoot = process.getuid?.() === 0
const signal = AbortSignal.timeout(60_000)

t.test('env › follows a file that is replaced, truncated, deleted and created again', async t => {
  const path = join(folder(t), 'env')
  writeFileSync(path, 'A=1\n')
  await using check = createEnvCheck({ files: [path], required: ['A'] }, { wallClock: later })
  const now = async () => gist(await check.run(signal))
  t.equal(await now(), 'pass')

  writeFileSync(`${path}.new`, 'B=1\n')
  renameSync(`${path}.new`, path)
  t.equal(await now(), 'fail ENV_VARIABLE_MISSING', 'replaced by rename')
  writeFileSync(path, 'A=2\n')
  t.equal(await now(), 'pass', 'written in place')
  truncateSync(path)
  t.equal(await now(), 'fail ENV_VARIABLE_MISSING', 'truncated')
  rmSync(path)
  t.equal(await now(), 'fail ENV_FILE_MISSING', 'deleted')
  writeFileSync(path, 'A=1\n')
  t.equal(await now(), 'pass', 'created again')
})

t.test('env › a failed render that leaves the old file in place changes nothing', async t => {
  const path = join(folder(t), 'env')
  writeFileSync(path, 'A=1\n')
  await using check = createEnvCheck({ files: [path], required: ['A'] }, { wallClock: later })
  t.equal(gist(await check.run(signal)), 'pass')
  writeFileSync(`${path}.tmp`, 'A=<no')
  t.equal(gist(await check.run(signal)), 'pass')
})

t.test('env › a file that was changed a moment ago cannot fail yet, and can pass', async t => {
  const dir = folder(t)
  const path = join(dir, 'env')
  // the millisecond of the change, as Date.now() gives it
  const justNow = { wallClock: () => Math.floor(statSync(existsSync(path) ? path : dir).ctimeMs) }
  t.equal(gist(await runEnv({ files: [path], required: ['A'] }, justNow)), 'unknown ENV_FILE_MISSING')
  t.equal(gist(await runEnv({ files: [path], required: ['A'] })), 'fail ENV_FILE_MISSING')
  writeFileSync(path, 'B=1\n')
  t.equal(gist(await runEnv({ files: [path], required: ['A'] }, justNow)), 'unknown ENV_VARIABLE_MISSING')
  t.equal(gist(await runEnv({ files: [path], required: ['A'] })), 'fail ENV_VARIABLE_MISSING')
  t.equal(gist(await runEnv({ files: [path], required: ['B'] }, justNow)), 'pass')
})

t.test(
  'env › a file that was read a moment after its change cannot fail, however long its judgement takes',
  async t => {
    const dir = folder(t)
    const [path, schema] = [join(dir, 'env'), join(dir, 'schema')]
    writeFileSync(schema, '{"required":["A"]}')
    writeFileSync(path, 'B=1\n')
    let wallClock = () => statSync(path).ctimeMs
    await using check = createEnvCheck(
      { files: [path], required: ['A'], schema },
      {
        wallClock: () => wallClock(),
        comparison: {
          async compare() {
            wallClock = later
            return { kind: 'compared', violations: [] }
          },
          [Symbol.dispose]() {},
        },
      },
    )
    t.equal(gist(await check.run(signal)), 'unknown ENV_VARIABLE_MISSING')
    t.equal(gist(await check.run(signal)), 'fail ENV_VARIABLE_MISSING')
  },
)

t.test('env › what is no file, or cannot be read, is unknown', async t => {
  const dir = folder(t)
  mkdirSync(join(dir, 'folder'))
  execFileSync('mkfifo', [join(dir, 'pipe')])
  for (const path of [join(dir, 'folder'), join(dir, 'pipe'), '/proc/self/mem'])
    t.equal(gist(await runEnv({ files: [path], required: ['A'] })), 'unknown ENV_FILE_UNREADABLE', path)
})

t.test(
  'env › a file whose rights are taken away is unknown, and known again when they are given',
  { skip: isRoot && 'root may read every file; test/real/env covers it' },
  async t => {
    const path = join(folder(t), 'env')
    writeFileSync(path, 'A=1\n')
    await using check = createEnvCheck({ files: [path], required: ['A'] }, { wallClock: later })
    t.equal(gist(await check.run(signal)), 'pass')
    chmodSync(path, 0)
    t.equal(gist(await check.run(signal)), 'unknown ENV_FILE_UNREADABLE')
    chmodSync(path, 0o600)
    t.equal(gist(await check.run(signal)), 'pass')
  },
)

t.test('env › a check that is out of time says so at once', async t => {
  const path = join(folder(t), 'env')
  writeFileSync(path, 'A=1\n')
  await using check = createEnvCheck({ files: [path], required: ['A'] })
  t.equal(gist(await check.run(AbortSignal.abort())), 'unknown ENV_FILE_UNREADABLE')
})
