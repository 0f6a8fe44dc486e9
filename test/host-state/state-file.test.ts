import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, truncateSync } from 'node:fs'
import { lstat, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readDrainMarker, writeDrainMarker } from '../../src/host/drain-marker.ts'
import { othersCanWrite } from '../../src/files/others-can-write.ts'
import { readStateFile, removeStateFile, whyFixedIn, writeStateFile } from '../../src/host/state-file.ts'

t.test('state file › is written whole, readable by whom it is for, whatever the umask', async t => {
  const dir = t.testdir()
  const before = process.umask(0o077)
  t.teardown(() => void process.umask(before))
  const path = join(dir, 'made', 'a.json')
  await writeStateFile(path, { a: 1 }, { mode: 0o644 })
  t.equal(await readFile(path, 'utf8'), '{"a":1}\n')
  t.equal((await stat(path)).mode & 0o777, 0o644)
  await writeStateFile(path, { a: 2 }, { mode: 0o640 })
  t.equal(await readFile(path, 'utf8'), '{"a":2}\n')
  t.strictSame(await readdir(join(dir, 'made')), ['a.json'])
  await removeStateFile(path)
  await removeStateFile(path)
  t.strictSame(await readdir(join(dir, 'made')), [])
})

t.test('state file › follows no link that somebody put in its place', async t => {
  const dir = t.testdir({ victim: 'precious' })
  const path = join(dir, 'a.json')
  await symlink(join(dir, 'victim'), path)
  await symlink(join(dir, 'victim'), `${path}.${process.pid}.new`)
  await writeStateFile(path, { a: 1 }, { mode: 0o644 })
  t.equal(await readFile(join(dir, 'victim'), 'utf8'), 'precious')
  t.notOk((await lstat(path)).isSymbolicLink())
})

t.test('state file › a place that takes none is the system’s error', async t => {
  await t.rejects(writeStateFile('/proc/nonexistent/a.json', {}, { mode: 0o644 }), { code: 'ENOENT' })
})

t.test('state file › is read as JSON, or it is said why not', async t => {
  const dir = t.testdir({ good: '{"a":1}', bad: '{"a":', large: '{}' })
  truncateSync(join(dir, 'large'), 2 ** 30)
  const pipe = join(dir, 'pipe')
  execFileSync('mkfifo', [pipe])
  t.match(await readStateFile(join(dir, 'good')), { kind: 'value', value: { a: 1 } })
  t.strictSame(await readStateFile(join(dir, 'none')), { kind: 'absent' })
  t.strictSame(await readStateFile(join(dir, 'bad')), { kind: 'damaged', why: 'it is not JSON' })
  t.strictSame(await readStateFile(dir), { kind: 'damaged', why: 'EISDIR' })
  t.strictSame(await readStateFile(pipe), { kind: 'damaged', why: `${pipe} is not a file` })
  t.strictSame(await readStateFile(join(dir, 'large')), {
    kind: 'damaged',
    why: `${join(dir, 'large')} is larger than 64 KiB`,
  })
})

t.test('state file › of several writes at once, the last one is there', async t => {
  const dir = t.testdir()
  const path = join(dir, 'state', 'file')
  await Promise.all(['one', 'two', 'three'].map(value => writeStateFile(path, { value })))
  t.equal(readFileSync(path, 'utf8'), '{"value":"three"}\n')
  t.strictSame(readdirSync(join(dir, 'state')), ['file'])
})

t.test('state file › a write waits for the one before it, which waited itself', async t => {
  const path = join(t.testdir(), 'state')
  const first = writeStateFile(path, 1)
  const second = writeStateFile(path, 'x'.repeat(10_000_000))
  await first
  await Promise.all([second, writeStateFile(path, 3)])
  t.equal(readFileSync(path, 'utf8').slice(0, 3), '3\n')
})

t.test('state file › a write that fails does not stop the next one', async t => {
  const path = join(t.testdir({ state: 'a file' }), 'state', 'file')
  const outcomes = await Promise.allSettled([writeStateFile(path, 1), writeStateFile(path, 2)])
  t.match(outcomes, [
    { status: 'rejected', reason: { code: 'ENOTDIR' } },
    { status: 'rejected', reason: { code: 'ENOTDIR' } },
  ])
})

t.test('state file › who else can write is told by owner and mode', async t => {
  const own = process.geteuid?.() ?? 0
  const verdict = (ownerUid: number, mode: number, isDirectory = true) =>
    othersCanWrite('/state', { ownerUid, mode, isDirectory })
  t.equal(verdict(own, 0o755), undefined)
  t.equal(verdict(0, 0o775), undefined)
  t.equal(verdict(0, 0o1777), undefined, 'in a sticky directory, nobody replaces the file of another')
  t.match(verdict(own + 1, 0o700), `/state belongs to user ${own + 1};`)
  t.match(verdict(own, 0o757), 'everybody can write to /state (mode 0757)')
  t.match(verdict(own, 0o1666, false), 'everybody can write to /state (mode 1666)')
})

t.test('state file › a user other than root relies on root and on itself', async t => {
  t.intercept(process, 'geteuid', { value: () => 1000 })
  const stats = {
    mode: 0o755,
    isDirectory: true,
    isFile: false,
    stamp: { id: '', changedAtMs: 0, writtenAtMs: 0 },
  }
  t.equal(othersCanWrite('/state', { ...stats, ownerUid: 0 }), undefined)
  t.equal(othersCanWrite('/state', { ...stats, ownerUid: 1000 }), undefined)
  t.match(othersCanWrite('/state', { ...stats, ownerUid: 1001 }), 'belongs to user 1001')
})

t.test('drain marker › reads what it wrote, with an end or until it is resumed', async t => {
  const dir = t.testdir()
  const since = new Date('2026-11-26T03:14:00Z')
  const until = new Date('2026-11-26T03:44:00Z')
  for (const marker of [
    { reason: 'kernel', until, by: 'alice', since },
    { reason: 'kernel', by: 'alice', since },
  ]) {
    await writeDrainMarker(dir, marker)
    t.strictSame(await readDrainMarker(dir), { kind: 'marker', marker })
  }
})

t.test('drain marker › everybody may read it, and nobody its end by mistake', async t => {
  const dir = t.testdir()
  const path = join(dir, 'drain.json')
  await writeDrainMarker(dir, { reason: 'kernel' })
  t.equal(await readFile(path, 'utf8'), '{"reason":"kernel","untilResumed":true}\n')
  t.equal((await stat(path)).mode & 0o777, 0o644)
  const until = new Date('2026-11-26T03:44:00Z')
  await writeDrainMarker(dir, { reason: 'kernel', until })
  t.equal(await readFile(path, 'utf8'), '{"reason":"kernel","until":"2026-11-26T03:44:00.000Z"}\n')
})

t.test('drain marker › texts are truncated, and what is not a text is left out', async t => {
  const dir = t.testdir()
  const path = join(dir, 'drain.json')
  const long = { reason: 'r'.repeat(501), by: 'b'.repeat(501), untilResumed: true }
  await writeFile(path, JSON.stringify(long))
  t.strictSame(await readDrainMarker(dir), {
    kind: 'marker',
    marker: { reason: 'r'.repeat(500), by: 'b'.repeat(500) },
  })
  await writeFile(path, JSON.stringify({ reason: 'kernel', by: 7, since: 7, untilResumed: true }))
  t.strictSame(await readDrainMarker(dir), { kind: 'marker', marker: { reason: 'kernel' } })
  for (const content of ['[]', '"kernel"', '7', 'null']) {
    await writeFile(path, content)
    t.match(await readDrainMarker(dir), { kind: 'damaged', why: /^expected / }, content)
  }
})

t.test('drain marker › without an end, and without the word for that, is damaged', async t => {
  const dir = t.testdir()
  const damaged = [
    { reason: 'a' },
    { reason: 'a', untilResumed: 'yes' },
    { reason: 'a', untilResumed: true, until: 'tomorrow' },
    { reason: 'a', until: 'tomorrow' },
    { untilResumed: true },
    { until: '2026-11-26T03:44:00Z' },
  ]
  for (const content of damaged) {
    await writeFile(join(dir, 'drain.json'), JSON.stringify(content))
    t.match(await readDrainMarker(dir), { kind: 'damaged' }, JSON.stringify(content))
  }
})

t.test('state file › why none can be replaced in a directory', async t => {
  const dir = t.testdir()
  t.equal(await whyFixedIn(dir), undefined)
  t.equal(await whyFixedIn(join(dir, 'none')), 'ENOENT')
  t.match(await whyFixedIn('/proc/sys/kernel/random/boot_id'), /^E(ACCES|ROFS|PERM)$/)
})
