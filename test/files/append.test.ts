import { execFileSync } from 'node:child_process'
import { chmodSync, linkSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { operate } from '../../src/files/operations.ts'

const append = (path: string, text: string, limits: { limitBytes?: number; keptBytes?: number } = {}) =>
  operate('append', { path, text, mode: 0o640, limitBytes: 1024, keptBytes: 512, ...limits })

const readEnd = async (path: string, maxBytes: number) =>
  (await operate('readEnd', { path, maxBytes })).bytes.toString()

t.test('append › makes the file and its directory, with its mode whatever the umask', async t => {
  const before = process.umask(0o077)
  t.teardown(() => void process.umask(before))
  const path = join(t.testdir(), 'made', 'lines')
  await append(path, 'one\n')
  await append(path, 'two\nthree\n')
  t.equal(readFileSync(path, 'utf8'), 'one\ntwo\nthree\n')
  t.equal(statSync(path).mode & 0o777, 0o640)
})

t.test('append › after a torn line, starts on a line of its own', async t => {
  const path = join(t.testdir({ lines: 'one\ntw' }), 'lines')
  await append(path, 'three\n')
  await append(path, 'four\n')
  t.equal(readFileSync(path, 'utf8'), 'one\ntw\nthree\nfour\n')
})

t.test('append › never lets the file get too large: the oldest lines go, whole', async t => {
  const dir = t.testdir({ lines: '' })
  const path = join(dir, 'lines')
  let next = 0
  for (; next < 60; next += 1) {
    await append(path, `line ${String(next).padStart(4, '0')}\n`, { limitBytes: 100, keptBytes: 55 })
    const text = readFileSync(path, 'utf8')
    t.ok(text.length <= 100, `${text.length} bytes`)
    t.match(text, /^(?:line \d{4}\n)+$/)
    const numbers = Array.from(text.matchAll(/\d+/g), ([number]) => Number(number))
    t.equal(numbers.at(-1), next)
    t.equal(numbers[0], next - numbers.length + 1, 'none is missing between')
  }
  t.strictSame(readdirSync(dir), ['lines'], 'nothing is left of the writing')
  t.equal(statSync(path).mode & 0o777, 0o640)
})

t.test('append › keeps none of a file that is one endless line, however large', async t => {
  const path = join(t.testdir({ lines: 'x'.repeat(100_000) }), 'lines')
  await append(path, 'one\n')
  t.equal(readFileSync(path, 'utf8'), 'one\n')
})

t.test('append › keeps whole lines where the cut is at the end of one', async t => {
  const path = join(t.testdir({ lines: 'aaaa\nbbbb\ncccc\n' }), 'lines')
  await append(path, 'dddd\n', { limitBytes: 16, keptBytes: 10 })
  t.equal(readFileSync(path, 'utf8'), 'bbbb\ncccc\ndddd\n')
})

t.test('append › of a torn end that is kept, the next line is one of its own', async t => {
  const path = join(t.testdir({ lines: 'aaaa\nbbbb\ncc' }), 'lines')
  await append(path, 'dddd\n', { limitBytes: 16, keptBytes: 8 })
  t.equal(readFileSync(path, 'utf8'), 'bbbb\ncc\ndddd\n')
})

t.test('append › writes through no link, and to no pipe or directory', async t => {
  const dir = t.testdir({ victim: 'precious', directory: {} })
  const path = join(dir, 'lines')
  symlinkSync(join(dir, 'victim'), path)
  await t.rejects(append(path, 'one\n'), { code: 'ELOOP' })
  await t.rejects(readEnd(path, 10), { code: 'ELOOP' })
  const hard = join(dir, 'hard')
  linkSync(join(dir, 'victim'), hard)
  await t.rejects(append(hard, 'one\n'), { code: 'UNSAFE', message: /has another name/ })
  t.equal(readFileSync(join(dir, 'victim'), 'utf8'), 'precious')
  const pipe = join(dir, 'pipe')
  execFileSync('mkfifo', [pipe])
  await t.rejects(append(pipe, 'one\n'), { code: 'NOT_A_FILE', message: `${pipe} is not a file` })
  await t.rejects(readEnd(pipe, 10), { code: 'NOT_A_FILE' })
  await t.rejects(append(join(dir, 'directory'), 'one\n'), { code: 'EISDIR' })
  await t.rejects(append(join(dir, 'victim', 'lines'), 'one\n'), { code: 'ENOTDIR' })
})

t.test('append › writes to no file that others can write to', async t => {
  const path = join(t.testdir({ lines: 'one\n' }), 'lines')
  chmodSync(path, 0o666)
  await t.rejects(append(path, 'two\n'), { code: 'UNSAFE', message: /everybody can write to .* chmod o-w/ })
  t.equal(readFileSync(path, 'utf8'), 'one\n')
})

t.test('read end › gives the last bytes', async t => {
  const path = join(t.testdir({ lines: 'one\ntwo\n' }), 'lines')
  t.equal(await readEnd(path, 4), 'two\n')
  t.equal(await readEnd(path, 8), 'one\ntwo\n')
  t.equal(await readEnd(path, 100), 'one\ntwo\n')
  writeFileSync(path, '')
  t.equal(await readEnd(path, 100), '')
  await t.rejects(readEnd(join(path, '..', 'none'), 10), { code: 'ENOENT' })
})
