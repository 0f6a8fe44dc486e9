import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { operate } from '../../src/files/operations.ts'

const read = async (path: string, options: { maxBytes?: number; startOnly?: boolean } = {}) => {
  const { maxBytes = 1024, startOnly = false } = options
  return (await operate('read', { path, maxBytes, startOnly })).bytes.toString()
}

t.test('read › gives all of a file, up to a size', async t => {
  const dir = t.testdir({ file: 'x'.repeat(1000), empty: '' })
  t.equal(await read(join(dir, 'file')), 'x'.repeat(1000))
  t.equal(await read(join(dir, 'file'), { maxBytes: 1000 }), 'x'.repeat(1000))
  t.equal(await read(join(dir, 'empty')), '')
  await t.rejects(read(join(dir, 'file'), { maxBytes: 999 }), { code: 'TOO_LARGE' })
  t.equal(await read(join(dir, 'file'), { maxBytes: 10, startOnly: true }), 'x'.repeat(10))
})

t.test('read › a file of a terabyte takes no memory', async t => {
  const path = join(t.testdir({ file: 'v1\n' }), 'file')
  truncateSync(path, 2 ** 40)
  await t.rejects(read(path, { maxBytes: 64 * 1024 }), {
    code: 'TOO_LARGE',
    message: `${path} is larger than 64 KiB`,
  })
  t.equal(await read(path, { maxBytes: 3, startOnly: true }), 'v1\n')
})

t.test('read › files of /proc have no size, and are read whole', async t => {
  const text = await read('/proc/self/status', { maxBytes: 64 * 1024 })
  t.match(text, /^Name:[^]*nonvoluntary_ctxt_switches:\t\d+\n$/)
  await t.rejects(read('/proc/self/status', { maxBytes: 100 }), { code: 'TOO_LARGE' })
})

t.test('read › what is no file is refused by name, and is not waited for', async t => {
  const dir = t.testdir()
  const pipe = join(dir, 'pipe')
  execFileSync('mkfifo', [pipe])
  await t.rejects(read(pipe), { code: 'NOT_A_FILE', message: `${pipe} is not a file` })
  await t.rejects(read('/dev/zero'), { code: 'NOT_A_FILE' })
  await t.rejects(read(dir), { code: 'EISDIR' })
  await t.rejects(read(join(dir, 'none')), {
    code: 'ENOENT',
    message: `${join(dir, 'none')} cannot be read (ENOENT)`,
  })
})

t.test('stat › its stamp changes whenever the file does', async t => {
  const path = join(t.testdir({ file: 'one' }), 'file')
  const before = await operate('stat', { path })
  t.same(await operate('stat', { path }), before)
  t.match(await operate('read', { path, maxBytes: 10, startOnly: false }), { stats: before })
  writeFileSync(path, 'two')
  execFileSync('touch', ['-d', '@0', path])
  const after = await operate('stat', { path })
  t.not(after.stamp.id, before.stamp.id)
  t.match(after, { isFile: true, isDirectory: false, stamp: { writtenAtMs: 0 } })
})

t.test('list › tells files, directories and links apart, up to a number', async t => {
  const path = t.testdir({ file: '', directory: {}, link: t.fixture('symlink', 'nowhere') })
  execFileSync('mkfifo', [join(path, 'pipe')])
  const entries = await operate('list', { path, maxEntries: 4 })
  t.strictSame(
    [...entries].sort((a, b) => (a.name < b.name ? -1 : 1)),
    [
      { name: 'directory', kind: 'directory' },
      { name: 'file', kind: 'file' },
      { name: 'link', kind: 'link' },
      { name: 'pipe', kind: 'other' },
    ],
  )
  await t.rejects(operate('list', { path, maxEntries: 3 }), {
    code: 'TOO_LARGE',
    message: `${path} holds more than 3 entries`,
  })
  await t.rejects(operate('list', { path: join(path, 'file'), maxEntries: 3 }), { code: 'ENOTDIR' })
})

t.test('readlink › gives where a link points to', async t => {
  const path = join(t.testdir({ link: t.fixture('symlink', 'releases/v2') }), 'link')
  t.equal(await operate('readlink', { path }), 'releases/v2')
})

t.test('replace › writes all of a file, and makes its directory', async t => {
  const dir = t.testdir()
  const path = join(dir, 'state', 'file')
  await operate('replace', { path, text: 'one', mode: 0o640 })
  await operate('replace', { path, text: 'two', mode: 0o640 })
  t.equal(readFileSync(path, 'utf8'), 'two')
  t.equal(lstatSync(path).mode & 0o777, 0o640)
  t.strictSame(readdirSync(join(dir, 'state')), ['file'], 'nothing is left of the writing')
  await t.rejects(operate('replace', { path: join(dir, 'a', 'b', 'file'), text: '', mode: 0o640 }), {
    code: 'ENOENT',
    message: /cannot be written/,
  })
})

t.test('replace › follows no symbolic link', async t => {
  const dir = t.testdir({ victim: 'precious', state: {} })
  const path = join(dir, 'state', 'file')
  symlinkSync(join(dir, 'victim'), path)
  symlinkSync(join(dir, 'victim'), `${path}.new`)
  await operate('replace', { path, text: 'one', mode: 0o640 })
  t.equal(readFileSync(join(dir, 'victim'), 'utf8'), 'precious')
  t.ok(lstatSync(path).isFile())
  t.equal(readFileSync(path, 'utf8'), 'one')
  t.strictSame(readdirSync(join(dir, 'state')), ['file'])
})
