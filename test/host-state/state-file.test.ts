import { lstat, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readDrainMarker, writeDrainMarker } from '../../src/host/drain-marker.ts'
import { removeStateFile, writeStateFile } from '../../src/host/state-file.ts'

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
