import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { NATIVE } from '../../../packaging/targets.ts'
import { version } from '../../../src/lib/version.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { builtPackages } from './built-packages.ts'

const scratch = await createScratchDirectory('hs-tar-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const tarball = (await builtPackages(t, 'tar'))[NATIVE]
const run = async (command: string, args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(command, args, { env: { PATH: '/usr/bin:/bin' }, timeout: 60_000 })).stdout

t.test(
  'tarball › is one directory, and nothing in it belongs to anyone or is newer than the commit',
  async t => {
    const rows = (await run('tar', ['--utc', '-tvzf', tarball])).trim().split('\n')
    t.ok(rows.length > 40, `${rows.length} entries`)
    for (const row of rows)
      t.match(row, new RegExp(` 0/0 .* health-sidecar-${version.replaceAll('.', '\\.')}/`))
    t.equal(new Set(rows.map(row => / (\d{4}-\d\d-\d\d \d\d:\d\d) /.exec(row)?.[1])).size, 1)
  },
)

t.test('tarball › the program runs wherever it is unpacked, also through a link', async t => {
  const folder = join(scratch.path, 'some where')
  await mkdir(folder)
  await run('tar', ['-xzf', tarball, '-C', folder])
  const program = join(folder, `health-sidecar-${version}/bin/health-sidecar`)
  const link = join(scratch.path, 'linked')
  await symlink(program, link)
  await writeFile(join(scratch.path, 'env'), 'SECRET_KEY=x7\n')
  const check = { name: 'env', type: 'env', files: [join(scratch.path, 'env')], required: ['SECRET_KEY'] }
  await writeFile(join(scratch.path, 'config.yaml'), JSON.stringify({ checks: [check] }))
  for (const path of [program, link]) {
    t.equal(await run(path, ['--version']), `${version}\n`)
    t.match(await run(path, ['check', '--config', join(scratch.path, 'config.yaml')]), /verdict: pass/)
  }
})
