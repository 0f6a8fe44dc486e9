import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Built } from './build.ts'
import { copyAll, text } from './build.ts'
import { copyrightFile } from './copyright.ts'

const DOCS = 'usr/share/doc/health-sidecar'
const LIB = 'usr/lib/health-sidecar'
const CONFIG = 'etc/health-sidecar/health-sidecar.yaml'

/** Where the files of the program are on a host. The Debian package says the same in its own files, packaging/debian. */
const PLACES = [
  ['packaging/launcher', 'usr/bin/health-sidecar'],
  ['packaging/after-upgrade', `${LIB}/after-upgrade`],
  ['packaging/compile.cjs', `${LIB}/compile.cjs`],
  ['packaging/compiled.cjs', `${LIB}/compiled.cjs`],
  ['config/health-sidecar.yaml', CONFIG],
  ['packaging/debian/health-sidecar.default', 'etc/default/health-sidecar'],
  ['config/logrotate/health-sidecar', 'etc/logrotate.d/health-sidecar'],
  ['config/health-sidecar.schema.json', 'usr/share/health-sidecar/health-sidecar.schema.json'],
  ['packaging/completion/health-sidecar', 'usr/share/bash-completion/completions/health-sidecar'],
  ['systemd/health-sidecar.service', 'usr/lib/systemd/system/health-sidecar.service'],
  ['systemd/health-sidecar.socket', 'usr/lib/systemd/system/health-sidecar.socket'],
  ['systemd/health-sidecar@.service', 'usr/lib/systemd/system/health-sidecar@.service'],
  ['systemd/health-sidecar@.socket', 'usr/lib/systemd/system/health-sidecar@.socket'],
  ['systemd/sysusers.d/health-sidecar.conf', 'usr/lib/sysusers.d/health-sidecar.conf'],
  ['README.md', `${DOCS}/README.md`],
  ['CHANGELOG.md', `${DOCS}/CHANGELOG.md`],
  ['docs', `${DOCS}/docs`],
  ['systemd/examples', `${DOCS}/examples/systemd`],
  ['systemd/README.md', `${DOCS}/examples/systemd/README.md`],
] as const

/** Lays out all files as they are on a host, with their modes and dates, below a directory. */
export const layOutInstalledTree = async (root: string, built: Built): Promise<void> => {
  const examples = (await readdir('config', { withFileTypes: true })).filter(
    entry => entry.isDirectory() || entry.name === 'README.md',
  )
  await copyAll(
    [
      ...PLACES,
      ...examples.map(({ name }) => [join('config', name), `${DOCS}/examples/${name}`] as const),
      [built.program, `${LIB}/health-sidecar.js`],
      [built.node, `${LIB}/node`],
    ],
    root,
  )
  for (const page of await readdir('packaging/man')) {
    const folder = join(root, `usr/share/man/man${page.slice(-1)}`)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, `${page}.gz`), gzipSync(await readFile(join('packaging/man', page))))
  }
  // editors find the schema at its installed path
  const config = await text(join(root, CONFIG))
  await writeFile(join(root, CONFIG), config.replace('$schema=', '$schema=/usr/share/health-sidecar/'))
  await writeFile(join(root, DOCS, 'copyright'), copyrightFile(built.bundled, built))
  await writeFile(join(root, DOCS, 'sbom.cdx.json'), built.sbom)
  await setModesAndDates(root, built.epoch)
  // its variables may be secrets
  await chmod(join(root, 'etc/default/health-sidecar'), 0o640)
}

const isProgram = async (path: string): Promise<boolean> => ((await stat(path)).mode & 0o100) !== 0

const setModesAndDates = async (folder: string, epoch: number): Promise<void> => {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await setModesAndDates(path, epoch)
    // whatever the umask of the checkout
    await chmod(path, entry.isDirectory() || (await isProgram(path)) ? 0o755 : 0o644)
    await utimes(path, epoch, epoch)
  }
}
