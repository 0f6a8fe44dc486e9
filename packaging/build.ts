import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { codeOrUnknown } from '../src/lib/describe-error.ts'
import type { BundledPackage } from './bundled-packages.ts'
import { bundledPackages } from './bundled-packages.ts'
import { readLockFile } from './lock-file.ts'
import type { Architecture } from './targets.ts'
import { NODE_PACKAGES } from './targets.ts'
import { stripOf } from './tools.ts'
import { UnavailableError } from './unavailable.ts'

/** What goes into the packages of every format for one architecture. */
export interface Built {
  readonly version: string
  /** The date of every file, in seconds since 1970. */
  readonly epoch: number
  readonly architecture: Architecture
  /** Paths of files. */
  readonly program: string
  readonly node: string
  readonly bundled: readonly BundledPackage[]
  readonly licence: string
  readonly nodeLicence: string
  /** What is in the package, in CycloneDX. */
  readonly sbom: string
  /** An empty directory for the format's own files. */
  readonly scratch: string
}

export const text = (path: string): Promise<string> => readFile(path, 'utf8')

/** Runs a command that prints only what goes wrong. Throws an UnavailableError if it fails. */
export const run = (
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly epoch?: number } = {},
): void => {
  const { cwd, epoch } = options
  const date = epoch === undefined ? {} : { SOURCE_DATE_EPOCH: String(epoch) }
  const env = { ...process.env, LC_ALL: 'C.UTF-8', ...date }
  const { error, status, signal } = spawnSync(command, args, {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status === 0) return
  const name = basename(command)
  if (error) throw new UnavailableError(`${name} cannot be run (${codeOrUnknown(error)})`, { cause: error })
  const how = signal === null ? `exit code ${status}` : signal
  throw new UnavailableError(`${name} failed (${how}), for the reason above; mend that, and retry`)
}

/** Bundles the program into a file, and answers which packages are in it. */
export const buildProgram = async (file: string): Promise<readonly BundledPackage[]> => {
  run(process.execPath, ['build.ts', file])
  // only the launcher runs it, and chooses the Node
  await writeFile(file, (await text(file)).replace(/^#!.*\n/, ''))
  return bundledPackages(JSON.parse(await text(`${file}.meta.json`)))
}

/**
 * Puts Node for an architecture into a directory, without its symbols: `package/bin/node` and `package/LICENSE`. `npm ci`
 * installs only the one for its own machine, so npm fetches it. Throws an UnavailableError if npm cannot get it, or if it
 * is not what package-lock.json names.
 */
export const unpackNode = async (architecture: Architecture, folder: string): Promise<void> => {
  const name = NODE_PACKAGES[architecture]
  const locked = (await readLockFile())(`node_modules/${name}`)
  await mkdir(folder, { recursive: true })
  const wanted = `${name}@${locked.version}`
  try {
    run('npm', ['pack', '--loglevel=error', '--prefer-offline', '--pack-destination', folder, wanted])
  } catch (cause) {
    const toDo = `have it fetched by npm on this machine once, or let this machine reach npm's registry`
    throw new UnavailableError(`npm cannot get ${wanted}, for the reason above; ${toDo}`, { cause })
  }
  const tarball = join(folder, `${name}-${locked.version}.tgz`)
  const digest = createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64')
  if (locked.integrity !== `sha512-${digest}`)
    throw new UnavailableError(
      `${wanted} differs from package-lock.json; delete it from npm's cache and retry`,
    )
  run('tar', ['-xzf', tarball, '-C', folder, 'package/bin/node', 'package/LICENSE'])
  run(stripOf(architecture).program, [
    '--remove-section=.comment',
    '--remove-section=.note',
    join(folder, 'package/bin/node'),
  ])
}

/** Copies files and directories of the repository into a directory: [from, to] each. */
export const copyAll = async (pairs: readonly (readonly [string, string])[], into: string): Promise<void> => {
  for (const [from, to] of pairs) await cp(from, join(into, to), { recursive: true })
}

/** Who maintains the packages: a name and an address. */
export const maintainer = async (): Promise<string> =>
  /(?<=^Maintainer: ).+/m.exec(await text('packaging/debian/control'))?.[0] ?? ''
