import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bootOnce } from '../systemd/boot-once.ts'

/** One instance a file: it prints what it was started with. */
const reader = `
[Unit]
DefaultDependencies=no
CollectMode=inactive-or-failed
[Service]
Type=oneshot
EnvironmentFile=/work/files/%i
ExecStart=/bin/cat /proc/self/environ
StandardOutput=file:/work/out/%i
StandardError=null
`

const batch = `
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/sh /work/batch
StandardOutput=file:/work/log
StandardError=file:/work/log
`

const script = `
cd /work/files
ls | xargs -n 50 sh -c 'for i; do set -- "$@" "read@$i.service"; shift; done; systemctl start "$@"' sh
systemctl --version > /work/version
systemctl poweroff --force
`

export interface Booted {
  readonly version: string
  /** A text's variables as a unit had them; undefined where systemd refused the file and did not start the unit. */
  readonly environments: readonly (ReadonlyMap<string, string> | undefined)[]
}

/** Boots a Debian in a container of its own, and starts a unit with `EnvironmentFile=` for each of the files. */
export const readBySystemd = (root: string, files: readonly Buffer[]): Booted => {
  const dir = mkdtempSync(join(tmpdir(), 'booted-'))
  try {
    mkdirSync(join(dir, 'files'))
    mkdirSync(join(dir, 'out'))
    for (const [i, file] of files.entries()) writeFileSync(join(dir, 'files', String(i)), file)
    writeFileSync(join(dir, 'read@.service'), reader)
    writeFileSync(join(dir, 'batch.service'), batch)
    writeFileSync(join(dir, 'batch'), script)
    const units = ['read@.service', 'batch.service']
    const status = bootOnce(root, {
      directory: dir,
      files: Object.fromEntries(units.map(unit => [join(dir, unit), `/etc/systemd/system/${unit}`])),
      unit: 'batch.service',
      timeoutS: 240,
    })
    if (!existsSync(join(dir, 'version')))
      throw new Error(`the container ended with ${status} before it was done`)
    const environments = files.map((_, i) => {
      const out = join(dir, 'out', String(i))
      return existsSync(out) ? parse(readFileSync(out, 'utf8')) : undefined
    })
    return { version: readFileSync(join(dir, 'version'), 'utf8').split('\n')[0] ?? '', environments }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const parse = (environ: string): ReadonlyMap<string, string> =>
  new Map(
    environ
      .split('\0')
      .filter(entry => entry !== '')
      .map(entry => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
