import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { followRelease } from '../../src/host/release.ts'

const directory = await mkdtemp(join(tmpdir(), 'health-sidecar-release-'))
t.teardown(() => rm(directory, { recursive: true }))

t.test('release › a file’s first line, and what is there later', async t => {
  const file = join(directory, 'RELEASE')
  await writeFile(file, '2026.11.3\nbuilt on a Sunday\n')
  const release = await followRelease(`file:${file}`, {})
  t.equal(release.current(), '2026.11.3')
  t.equal(await release.look(), false)
  await unlink(file)
  t.equal(await release.look(), false, 'gone in mid-deploy is no other release')
  t.equal(release.current(), '2026.11.3')
  await writeFile(file, '2026.11.4')
  t.equal(await release.look(), true)
  t.equal(release.current(), '2026.11.4')
})

t.test('release › of a large file, only the start is read; a pipe is not waited for', async t => {
  const file = join(directory, 'LARGE')
  await writeFile(file, '2026.11.3\n')
  await truncate(file, 2 ** 40)
  t.equal((await followRelease(`file:${file}`, {})).current(), '2026.11.3')
  const pipe = join(directory, 'PIPE')
  execFileSync('mkfifo', [pipe])
  t.equal((await followRelease(`file:${pipe}`, {})).current(), undefined)
})

t.test('release › of a file, what is beyond 4 KiB does not count', async t => {
  const file = join(directory, 'PADDED')
  await writeFile(file, `${' '.repeat(4095)}v1`)
  t.equal((await followRelease(`file:${file}`, {})).current(), 'v')
  await writeFile(file, `${' '.repeat(4096)}v1`)
  t.equal((await followRelease(`file:${file}`, {})).current(), undefined)
})

t.test('release › where a link points to', async t => {
  const link = join(directory, 'current')
  await symlink('/srv/releases/a1b2c3', link)
  const release = await followRelease(`link:${link}`, {})
  t.equal(release.current(), 'a1b2c3')
  await unlink(link)
  await symlink('/srv/releases/d4e5f6', link)
  t.equal(await release.look(), true)
  t.equal(release.current(), 'd4e5f6')
})

t.test('release › a variable, a literal, or none', async t => {
  t.equal((await followRelease('env:RELEASE', { RELEASE: 'v1' })).current(), 'v1')
  t.equal((await followRelease('env:RELEASE', {})).current(), undefined)
  t.equal((await followRelease('v2', {})).current(), 'v2')
  t.equal((await followRelease(undefined, {})).current(), undefined)
  t.equal((await followRelease('file:/nonexistent/RELEASE', {})).current(), undefined)
  t.equal(await (await followRelease(undefined, {})).look(), false)
  t.equal((await followRelease('x'.repeat(1000), {})).current()?.length, 200, 'cut to what a log can bear')
})

t.test('release › one that cannot be read is told of, and the first that can is no other one', async t => {
  const file = join(directory, 'LATER')
  const release = await followRelease(`file:${file}`, {})
  t.equal(release.current(), undefined)
  t.match(release.problem(), `the release is not known: ${file} does not exist; no release is admitted`)
  await writeFile(file, '\n')
  t.equal(await release.look(), false)
  t.match(release.problem(), `${file} is empty`)
  await writeFile(file, 'v1')
  t.equal(await release.look(), false, 'a serving host goes on serving')
  t.equal(release.current(), 'v1')
  t.equal(release.problem(), undefined)
  await unlink(file)
  t.equal(await release.look(), false)
  t.match(release.problem(), /does not exist/)
  t.equal(release.current(), 'v1')
  await writeFile(file, 'v2')
  t.equal(await release.look(), true)
  t.equal(release.problem(), undefined)
})

t.test('release › what it is not known for', async t => {
  t.match((await followRelease('env:RELEASE', {})).problem(), /the variable RELEASE is not set/)
  t.match((await followRelease(`file:${directory}`, {})).problem(), `${directory} is a directory; no release`)
  const file = join(directory, 'no-link')
  await writeFile(file, 'v1')
  t.match(
    (await followRelease(`link:${file}`, {})).problem(),
    `the release is not known: ${file} cannot be read (EINVAL); no release`,
  )
  t.match((await followRelease(`file:${file}/v1`, {})).problem(), `${file}/v1 does not exist`)
  t.match((await followRelease('link:', {})).problem(), ' does not exist')
  // not even root may read it
  const forbidden = '/proc/sys/vm/compact_memory'
  t.match(
    (await followRelease(`file:${forbidden}`, {})).problem(),
    `${forbidden} may not be read (EACCES); let the user of health-sidecar read it`,
  )
  t.equal((await followRelease(undefined, {})).problem(), undefined)
  t.equal((await followRelease('v2', {})).problem(), undefined)
})
