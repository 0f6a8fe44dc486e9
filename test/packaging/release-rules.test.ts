import { spawnSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { faultsOfChangelog, faultsOfRelease, missedSecurityReleases } from '../../packaging/release-rules.ts'
import { version } from '../../src/lib/version.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

const OLD = '## 0.1.0 / 2026-11-22\n\n- [FEATURE] Old.\n'
const CHANGELOG = `# Changelog\n\n## 0.2.0 / 2026-12-01\n\n- [CHANGE] New.\n- [BUGFIX] Less.\n\n${OLD}`

t.test('CHANGELOG.md › has its form, and begins with this version', async t => {
  const changelog = await readFile('CHANGELOG.md', 'utf8')
  t.strictSame(faultsOfChangelog(changelog), [])
  t.match(changelog, new RegExp(`^# Changelog\n\n## ${version.replaceAll('.', '\\.')} /`))
})

t.test('version › is in package.json, and no file that builds a package repeats it', async t => {
  const files = globSync(
    ['Dockerfile', 'package.ts', 'build.ts', 'packaging/**', '.github/**/*', 'systemd/**'],
    {
      exclude: path => path.endsWith('__pycache__'),
    },
  ).filter(path => statSync(path).isFile())
  t.ok(files.includes('Dockerfile') && files.length > 30, `${files.length} files`)
  for (const file of files) t.notOk((await readFile(file, 'utf8')).includes(version), file)
})

t.test('changelog › each fault of its form has a sentence', async t => {
  t.strictSame(faultsOfChangelog(CHANGELOG), [])
  t.strictSame(faultsOfChangelog(CHANGELOG.replace('2026-12-01', 'unreleased')), [])
  const faults: readonly (readonly [string, string, RegExp])[] = [
    ['# Changelog', '# Changes', /^the first line is not/],
    ['- [BUGFIX] Less.', '- [FIX] Less.', /^a line is neither .*: - \[FIX\] Less\.$/],
    ['- [BUGFIX] Less.', 'Less.', /^a line is neither/],
    ['## 0.2.0 / 2026-12-01', '## 0.2.0 (2026-12-01)', /^a line is neither/],
    ['2026-12-01', '2026-02-30', /^0\.2\.0 has the date 2026-02-30, which does not exist$/],
    ['2026-12-01', '2026-11-21', /^0\.2\.0 is older than 0\.1\.0 below it/],
    ['## 0.2.0', '## 0.0.9', /^0\.0\.9 is above 0\.1\.0; put the newest version first$/],
    ['2026-11-22', 'unreleased', /^0\.1\.0 is below a version, and unreleased/],
  ]
  for (const [from, to, message] of faults) {
    const [fault] = faultsOfChangelog(CHANGELOG.replace(from, to))
    t.match(fault, message, `${from} → ${to}`)
  }
  t.match(faultsOfChangelog('# Changelog\n'), [/^there is no version/])
  const many = '# Changelog\n\n## 0.10.0 / 2026-12-01\n\n## 0.9.0 / 2026-12-01\n'
  t.strictSame(faultsOfChangelog(many), [], 'versions are numbers, not texts')
})

t.test('release › is refused unless tag, package.json, its lock and the changelog agree', async t => {
  const good = { tag: 'v0.2.0', version: '0.2.0', lockedVersion: '0.2.0', changelog: CHANGELOG }
  t.strictSame(faultsOfRelease(good), [])
  t.match(faultsOfRelease({ ...good, tag: '0.2.0' }), [/^the tag is 0\.2\.0, .*; tag v0\.2\.0$/])
  t.match(faultsOfRelease({ ...good, tag: 'v0.2.1' }), [/^the tag is v0\.2\.1/])
  t.match(faultsOfRelease({ ...good, lockedVersion: '0.1.0' }), [/^package-lock\.json has 0\.1\.0/])
  const unreleased = CHANGELOG.replace('2026-12-01', 'unreleased')
  t.match(faultsOfRelease({ ...good, changelog: unreleased }), [
    /says that 0\.2\.0 is unreleased; write the date$/,
  ])
  t.match(faultsOfRelease({ ...good, changelog: `# Changelog\n\n${OLD}` }), [
    /begins with 0\.1\.0, not 0\.2\.0/,
  ])
  t.match(faultsOfRelease({ ...good, changelog: `${CHANGELOG}\nWords.\n` }), [
    /^CHANGELOG\.md: a line is neither/,
  ])
})

t.test('Node › only newer security releases of the same major version are missed', t => {
  const release = (of: string, security: boolean) => ({ version: of, date: '2026-12-01', security })
  const releases = [
    release('v26.1.0', true),
    release('v24.30.0', true),
    release('v24.22.0', false),
    release('v24.21.0', true),
    release('v24.9.0', true),
  ]
  t.strictSame(missedSecurityReleases(releases, '24.21.0'), [release('v24.30.0', true)])
  t.strictSame(missedSecurityReleases(releases, '24.30.0'), [])
  t.throws(() => missedSecurityReleases([], '24.21.0'), {
    message: /does not have 24\.21\.0, so it proves nothing/,
  })
  t.end()
})

t.test('npm run release › its exit codes', async t => {
  await using scratch = await createScratchDirectory('hs-release-')
  const release = (...args: readonly string[]) =>
    spawnSync(process.execPath, ['packaging/release.ts', ...args], { encoding: 'utf8' })
  t.match(release('verify', 'v9.9.9'), { status: 1, stdout: '', stderr: /the tag is v9\.9\.9/ })
  t.match(release('notes'), { status: 0, stderr: '', stdout: /^- \[[A-Z]+\] / })
  t.match(release(), { status: 64, stderr: /^Usage: npm run release/ })
  const index = join(scratch.path, 'index.json')
  const own = { version: `v${process.versions.node}`, date: '2026-11-01', security: true }
  await writeFile(index, JSON.stringify([own]))
  t.match(release('node', index), { status: 0, stdout: '', stderr: '' })
  await writeFile(index, JSON.stringify([{ ...own, version: 'v24.999.0' }, own]))
  t.match(release('node', index), {
    status: 1,
    stderr: /Node v24\.999\.0 of 2026-11-01 is a security release/,
  })
  await writeFile(index, '[]')
  t.match(release('node', index), { status: 69, stderr: /^npm run release: .* proves nothing\n$/ })
  for (const list of ['{}', '<html>']) {
    await writeFile(index, list)
    t.match(release('node', index), { status: 69, stderr: /^npm run release: .* cannot be read .*\n$/ })
  }
  t.match(release('node', 'http://127.0.0.1:1/'), {
    status: 69,
    stderr: /^npm run release: .* cannot be read \(http:\/\/127\.0\.0\.1:1\/: .*\n$/,
  })
})
