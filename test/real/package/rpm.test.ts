import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { ARCHITECTURES, NATIVE } from '../../../packaging/targets.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { buildPackages, builtPackages } from './built-packages.ts'

const scratch = await createScratchDirectory('hs-rpm-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const rpms = await builtPackages(t, 'rpm')
const debs = await builtPackages(t)

const run = async (command: string, args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(command, args, { timeout: 120_000, maxBuffer: 2 ** 26 })).stdout

t.test('rpm › is made again to the very same bytes', async t => {
  const digest = async (file: string) =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
  const again = buildPackages(join(scratch.path, 'again'), 'rpm')
  for (const architecture of ARCHITECTURES)
    t.equal(await digest(again[architecture]), await digest(rpms[architecture]), architecture)
})

t.test('rpm › rpmlint finds nothing, but for what packaging/rpm/rpmlint.toml gives a reason for', async t => {
  const said = await run('rpmlint', ['-c', 'packaging/rpm/rpmlint.toml', ...Object.values(rpms)])
  t.match(said, /2 packages .* 0 errors, 0 warnings/)
})

t.test('rpm › its Node is of the architecture, and asks for no newer C library than EL 8 has', async t => {
  for (const architecture of ARCHITECTURES) {
    const requires = await run('rpm', ['-qp', '--requires', rpms[architecture]])
    const newest = Array.from(requires.matchAll(/libc\.so\.6\(GLIBC_2\.(\d+)\)/g), ([, minor]) =>
      Number(minor),
    )
    t.equal(Math.max(...newest), 28, architecture)
    t.match(requires, architecture === 'arm64' ? 'ld-linux-aarch64.so.1' : 'ld-linux-x86-64.so.2')
    t.match(requires, /^systemd >= 247$/m)
  }
})

t.test('rpm › holds the files of the .deb, with the same modes and the same bytes', async t => {
  // what Debian alone has, or has compressed
  const own = /README\.Debian$|changelog\.gz$|\/doc-base\/|\/lintian\/|CHANGELOG\.md$|\.compiled$/
  const rows = (text: string, pattern: RegExp): readonly string[] =>
    Array.from(
      text.matchAll(pattern),
      ([, mode = '', path = '']) => `${mode} ${path.replace(/^\/lib\//, '/usr/lib/')}`,
    )
      .filter(row => !own.test(row))
      .sort()
  const inDeb = rows(await run('dpkg-deb', ['--contents', debs[NATIVE]]), /^(-\S+) .* \.(\/\S+)$/gm)
  const inRpm = rows(await run('rpm', ['-qplv', rpms[NATIVE]]), /^(-\S+) .* (\/\S+)$/gm)
  t.ok(inDeb.length > 40, `${inDeb.length} files`)
  t.strictSame(inRpm, inDeb)
  const conffiles = await run('rpm', ['-qp', '--configfiles', rpms[NATIVE]])
  t.strictSame(conffiles.trim().split('\n').sort(), [
    '/etc/default/health-sidecar',
    '/etc/health-sidecar/health-sidecar.yaml',
    '/etc/logrotate.d/health-sidecar',
  ])
})
