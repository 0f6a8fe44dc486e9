import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { version } from '../../../src/lib/version.ts'
import { bundleProgram, faultsOf, librariesOf, packagesIn, partsOf } from '../../support/sbom.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'

const scratch = await createScratchDirectory('hs-npm-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const at = (path: string): string => join(scratch.path, path)
/** Ours first, then the system's npm. */
const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`
const run = async (command: string, args: readonly string[], cwd = scratch.path) =>
  promisify(execFile)(command, args, {
    cwd,
    // the copy has no commit
    env: { PATH, HOME: scratch.path, SOURCE_DATE_EPOCH: '1' },
    timeout: 120_000,
  })

/** A copy of the checkout, because packing replaces package.json for a moment. */
const copy = at('checkout')
await mkdir(copy)
for (const name of await readdir('.'))
  if (!['.git', '.tap', 'dist', 'node_modules', 'test'].includes(name))
    await cp(name, join(copy, name), { recursive: true })
await symlink(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'))

const manifest = await readFile('package.json', 'utf8')
await run('npm', ['pack', '--offline'], copy)
await run('npm', [
  'i',
  '-g',
  '--offline',
  '--prefix',
  at('global'),
  join(copy, `health-sidecar-${version}.tgz`),
])
const program = at('global/bin/health-sidecar')
const installed = at('global/lib/node_modules/health-sidecar')

t.test('npm pack › leaves package.json as it was, also if one before was killed half-way', async t => {
  t.equal(await readFile(join(copy, 'package.json'), 'utf8'), manifest)
  await run(process.execPath, ['packaging/npm-manifest.ts'], copy)
  await run(process.execPath, ['packaging/npm-manifest.ts'], copy)
  await run(process.execPath, ['packaging/npm-manifest.ts', 'restore'], copy)
  t.equal(await readFile(join(copy, 'package.json'), 'utf8'), manifest)
})

t.test('npm pack › without a commit, it says what to set', async t => {
  const env = { PATH, GIT_DIR: '/nowhere' }
  const packing = promisify(execFile)(process.execPath, ['packaging/npm-manifest.ts'], { cwd: copy, env })
  await t.rejects(packing, { code: 69, stderr: /^npm pack: there is no commit .*; set SOURCE_DATE_EPOCH\n$/ })
  t.equal(await readFile(join(copy, 'package.json'), 'utf8'), manifest)
})

t.test('npm package › is the program, its configuration and its manual, and brings nothing else', async t => {
  t.strictSame(await readdir(at('global/lib/node_modules')), ['health-sidecar'])
  const { dependencies, optionalDependencies, engines } = JSON.parse(
    await readFile(join(installed, 'package.json'), 'utf8'),
  )
  t.strictSame([dependencies, optionalDependencies, engines], [undefined, undefined, { node: '>=24' }])
  for (const path of ['config/health-sidecar.yaml', 'docs/install.md', 'packaging/man/health-sidecar.1'])
    t.equal(await readFile(join(installed, path), 'utf8'), await readFile(path, 'utf8'), path)
  t.match(await readFile(join(installed, 'dist/copyright'), 'utf8'), /^Files: node_modules\/fastify@/m)
})

t.test('npm package › lists what is in it, without a Node', async t => {
  const sbom = await readFile(join(installed, 'dist/sbom.cdx.json'), 'utf8')
  t.equal(await faultsOf(sbom), null)
  t.strictSame(librariesOf(sbom), packagesIn(bundleProgram(scratch)))
  t.equal(partsOf(sbom).length, librariesOf(sbom).length)
})

t.test('npm package › its command runs, and on an older Node it says what it needs', async t => {
  await writeFile(at('env'), 'SECRET_KEY=x7\n')
  const check = { name: 'env', type: 'env', files: [at('env')], required: ['SECRET_KEY'] }
  await writeFile(at('config.yaml'), JSON.stringify({ checks: [check] }))
  t.equal((await run(program, ['--version'])).stdout, `${version}\n`)
  t.match((await run(program, ['check', '--config', at('config.yaml')])).stdout, /verdict: pass/)
  await writeFile(at('older.cjs'), "Object.defineProperty(process.versions, 'node', { value: '18.19.0' })")
  const older = run(process.execPath, ['-r', at('older.cjs'), program, '--version'])
  await t.rejects(older, {
    code: 69,
    stderr: /^health-sidecar: Node 24 or later is needed, and this is Node 18\.19\.0; /,
  })
})
