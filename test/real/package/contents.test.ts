import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { NODE_PACKAGES } from '../../../packaging/targets.ts'
import { version } from '../../../src/lib/version.ts'
import { bundleProgram, faultsOf, librariesOf, nodesOf, packagesIn } from '../../support/sbom.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { buildPackages, builtPackages } from './built-packages.ts'

const exec = promisify(execFile)
const scratch = await createScratchDirectory('hs-package-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const at = (path: string): string => join(scratch.path, path)
const packages = await builtPackages(t)
const architectures = ['amd64', 'arm64'] as const
for (const architecture of architectures) {
  await mkdir(at(architecture))
  await exec('dpkg-deb', ['--raw-extract', packages[architecture], at(architecture)])
}

const run = async (command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const path = process.env['PATH'] ?? ''
  return exec(command, args, {
    cwd: scratch.path,
    env: { PATH: path, LC_ALL: 'C.UTF-8', ...env },
    timeout: 120_000,
  })
}

t.test('package › is made again to the very same bytes', async t => {
  const digest = async (file: string) =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
  const again = buildPackages(at('again'))
  for (const architecture of architectures)
    t.equal(await digest(again[architecture]), await digest(packages[architecture]), architecture)
})

t.test('package › lintian finds nothing', async t => {
  // it leaves files behind
  const { stdout } = await run('lintian', ['--allow-root', ...Object.values(packages)], {
    TMPDIR: scratch.path,
  })
  t.equal(stdout, '')
})

t.test('package › holds what it should, with nothing that another may change', async t => {
  for (const architecture of architectures) {
    const { stdout } = await run('dpkg-deb', ['--contents', packages[architecture]])
    const files = new Map(
      stdout.split('\n').map(line => {
        const [mode = '', owner, , , , path = ''] = line.split(/ +/)
        return [path, `${mode} ${owner}`]
      }),
    )
    for (const path of ['./usr/bin/health-sidecar', './usr/lib/health-sidecar/node'])
      t.equal(files.get(path), '-rwxr-xr-x root/root', path)
    t.equal(files.get('./etc/default/health-sidecar'), '-rw-r----- root/root')
    for (const path of [
      'etc/health-sidecar/health-sidecar.yaml',
      'etc/logrotate.d/health-sidecar',
      'lib/systemd/system/health-sidecar.service',
      'lib/systemd/system/health-sidecar.socket',
      'lib/systemd/system/health-sidecar@.service',
      'lib/systemd/system/health-sidecar@.socket',
      'usr/lib/health-sidecar/compile.cjs',
      'usr/lib/health-sidecar/compiled.cjs',
      'usr/lib/health-sidecar/health-sidecar.js',
      'usr/lib/sysusers.d/health-sidecar.conf',
      'usr/share/bash-completion/completions/health-sidecar',
      'usr/share/doc/health-sidecar/README.Debian',
      'usr/share/doc/health-sidecar/README.md',
      'usr/share/doc/health-sidecar/changelog.gz',
      'usr/share/doc/health-sidecar/copyright',
      'usr/share/doc/health-sidecar/docs/checks/smoke.md',
      'usr/share/doc/health-sidecar/docs/reasons.md',
      'usr/share/doc/health-sidecar/examples/django/health_manifest.py',
      'usr/share/doc/health-sidecar/examples/systemd/README.md',
      'usr/share/doc/health-sidecar/sbom.cdx.json',
      'usr/share/health-sidecar/health-sidecar.schema.json',
      'usr/share/man/man1/health-sidecar.1.gz',
      'usr/share/man/man5/health-sidecar.yaml.5.gz',
    ])
      t.equal(files.get(`./${path}`), '-rw-r--r-- root/root', path)
    const unusual = [...files.values()].filter(
      mode => !/^(?:-rw-r--r--|-rwxr-xr-x|drwxr-xr-x) root\/root$/.test(mode),
    )
    t.strictSame(unusual.filter(Boolean), ['-rw-r----- root/root', ' undefined'])
    const conffiles = await readFile(at(`${architecture}/DEBIAN/conffiles`), 'utf8')
    t.match(conffiles, '/etc/default/health-sidecar\n')
    t.match(conffiles, '/etc/health-sidecar/health-sidecar.yaml\n')
    t.match(conffiles, '/etc/logrotate.d/health-sidecar\n')
  }
  const config = await readFile(at('amd64/etc/health-sidecar/health-sidecar.yaml'), 'utf8')
  const [, schema = ''] = /\$schema=(.*)/.exec(config) ?? []
  t.match(JSON.parse(await readFile(at(join('amd64', schema)), 'utf8')), { title: 'health-sidecar' })
  // each of the examples, and of the manual's pages, as it is in the repository
  const examples = at('amd64/usr/share/doc/health-sidecar/examples')
  const differences = async (folder: string, installed: string): Promise<readonly string[]> => {
    const { stdout } = await exec('diff', ['-r', folder, installed]).catch(error => error)
    return stdout.split('\n').filter(Boolean)
  }
  t.strictSame(await differences('config', examples), [
    'Only in config: health-sidecar.schema.json',
    'Only in config: health-sidecar.yaml',
    `Only in ${examples}: systemd`,
  ])
  t.strictSame(await differences('systemd/examples', join(examples, 'systemd')), [
    `Only in ${examples}/systemd: README.md`,
  ])
  t.strictSame(await differences('docs', join(examples, '../docs')), [])
})

t.test('package › holds every file of its own that its texts name', async t => {
  const root = at('amd64')
  const texts = [
    'etc/default/health-sidecar',
    'etc/health-sidecar/health-sidecar.yaml',
    'lib/systemd/system/health-sidecar.service',
    'lib/systemd/system/health-sidecar.socket',
    'usr/share/doc/health-sidecar/README.Debian',
    'usr/share/doc/health-sidecar/examples/systemd/README.md',
  ]
  const pages = ['man1/health-sidecar.1.gz', 'man5/health-sidecar.yaml.5.gz'].map(
    page => `usr/share/man/${page}`,
  )
  const { stdout } = await run('zcat', ['-f', ...[...texts, ...pages].map(path => join(root, path))])
  const named = new Set(stdout.match(/(?<![\w.])\/(?:etc|usr)\/[-\w./]*health-sidecar[-\w./]*(?<!\.)/g))
  t.ok(named.size > 8, [...named].join())
  // drop-ins, and the configurations of named apps: the operator writes them
  const isOperators = (path: string) => /^\/etc\/(systemd\/|health-sidecar\/(NAME|shop)\.yaml$)/.test(path)
  const missing = [...named].filter(path => !isOperators(path) && !existsSync(join(root, path)))
  t.strictSame(missing, [])
})

t.test('package › gives the whole licence of Node, and of all that the program holds', async t => {
  const copyright = await readFile(at('amd64/usr/share/doc/health-sidecar/copyright'), 'utf8')
  const text = copyright.replaceAll(/^ \.$/gm, '').replaceAll(/^ /gm, '')
  const node = (await readdir('node_modules')).find(name => name.startsWith('node-linux-')) ?? ''
  t.ok(text.includes(await readFile(join('node_modules', node, 'LICENSE'), 'utf8').then(all => all.trim())))
  const program = await readFile(at('amd64/usr/lib/health-sidecar/health-sidecar.js'), 'utf8')
  t.notMatch(program.slice(0, 2), '#!')
  for (const name of ['fastify', 'pino', 'pg', 'undici', 'ajv', 'yaml', 'commander'])
    t.match(copyright, new RegExp(`^Files: node_modules/${name}@\\d[^]*?Permission`, 'm'), name)
})

t.test('package › lists every part of the program and its Node, as CycloneDX wants it', async t => {
  const inside = packagesIn(bundleProgram(scratch))
  for (const architecture of architectures) {
    const sbom = await readFile(at(`${architecture}/usr/share/doc/health-sidecar/sbom.cdx.json`), 'utf8')
    t.equal(await faultsOf(sbom), null)
    t.strictSame(librariesOf(sbom), inside)
    t.strictSame(nodesOf(sbom), [`pkg:npm/${NODE_PACKAGES[architecture]}@${process.versions.node}`])
  }
})

t.test('package › asks for the libraries that its Node needs, and for no newer ones', async t => {
  for (const architecture of architectures) {
    const needs = await run('readelf', ['--version-info', at(`${architecture}/usr/lib/health-sidecar/node`)])
    const newest = (name: string) =>
      Array.from(needs.stdout.matchAll(new RegExp(`Name: ${name}_([\\d.]+)`, 'g')), ([, found = '']) => found)
        .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
        .at(-1)
    const { stdout } = await run('dpkg-deb', ['--field', packages[architecture], 'Depends'])
    t.ok(stdout.includes(`libc6 (>= ${newest('GLIBC')})`), `${architecture}: ${stdout}`)
    // of the library's own symbols file: CXXABI_1.3.11 came with version 7 and GLIBCXX_3.4.21 with 5.2
    t.match([newest('CXXABI'), newest('GLIBCXX')], ['1.3.11', '3.4.21'])
    t.match(stdout, 'libstdc++6 (>= 7)')
    t.match(stdout, 'systemd (>= 247)', 'and for the oldest systemd that test/host boots')
    const { stdout: sections } = await run('readelf', [
      '--dynamic',
      at(`${architecture}/usr/lib/health-sidecar/node`),
    ])
    t.strictSame(
      new Set(sections.match(/(?<=\[)(?:lib|ld-)[^\d.]*/g)),
      new Set([
        'libdl',
        'libstdc++',
        'libm',
        'libgcc_s',
        'libpthread',
        'libc',
        `ld-linux-${architecture === 'arm64' ? 'aarch' : 'x'}`,
      ]),
    )
  }
})

t.test('man › finds the pages and has no fault to find with them', async t => {
  const env = { MANPATH: at('amd64/usr/share/man'), MANWIDTH: '80' }
  for (const page of ['health-sidecar', 'health-sidecar.yaml']) {
    const { stdout: file } = await run('man', ['-w', page], env)
    t.match(file, `/${page}.`)
    const shown = await run('man', ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', file.trim()], env)
    t.equal(shown.stderr, '')
    // bold is printed twice
    t.match(shown.stdout.split(/.[\b]/).join(''), /^SEE ALSO$/m)
  }
})

t.test('the package for arm64 › its Node runs the program', async t => {
  const node = at('arm64/usr/lib/health-sidecar/node')
  const { stdout: file } = await run('readelf', ['--file-header', node])
  t.match(file, /Machine: +AArch64/)
  const emulated =
    process.arch === 'arm64' ? [] : (['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'] as const)
  const [command, ...before] = [...emulated, node] as const
  const runFile = (name: string, args: readonly string[] = []) =>
    run(command, [...before, at(`arm64/usr/lib/health-sidecar/${name}`), ...args])
  const health = (args: readonly string[]) => runFile('health-sidecar.js', args)
  await writeFile(at('env'), 'SECRET_KEY=x7\n')
  const check = { name: 'env', type: 'env', files: [at('env')], required: ['SECRET_KEY'] }
  await writeFile(at('health-sidecar.yaml'), JSON.stringify({ checks: [check] }))
  t.equal((await health(['--version'])).stdout, `${version}\n`)
  t.match((await health(['config', '--config', at('health-sidecar.yaml')])).stdout, 'valid; in force')
  t.match(
    (await health(['check', '--config', at('health-sidecar.yaml')])).stdout,
    /^env +pass[^]*verdict: pass/,
  )
  // what postinst does there
  t.match((await runFile('compile.cjs')).stdout, 'verdict: pass')
  t.ok((await stat(at('arm64/usr/lib/health-sidecar/health-sidecar.compiled'))).size > 1e6)
  t.equal((await runFile('compiled.cjs', ['--version'])).stdout, `${version}\n`)
})
