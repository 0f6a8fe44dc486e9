import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { mayBePackage, isPackage } from './module-names.ts'
import { isSettled, stampOf } from './stamp.ts'

/** What Python's import system would see in a directory. */
export interface Directory {
  readonly path: string
  /** Names of all that is in it. */
  readonly files: readonly string[]
  /** Names of the subdirectories that are packages. */
  readonly packages: ReadonlySet<string>
  /** Whether the directory is a package itself. */
  readonly isPackage: boolean
}

export type DirectoryAnswer =
  | { readonly ok: true; readonly directory: Directory }
  | { readonly ok: false; readonly path: string; readonly code: string }

/** Lists directories, and again only those that have changed. */
export interface Directories {
  list(path: string): Promise<DirectoryAnswer>
}

export const createDirectories = (): Directories => {
  const known = new Map<string, { readonly stamp: string; readonly directory: Directory }>()

  const read = async (path: string): Promise<Directory> => {
    const stats = await stat(path)
    const stamp = stampOf(stats)
    const before = known.get(path)
    if (before?.stamp === stamp) return before.directory

    known.delete(path)
    const entries = await readdir(path, { withFileTypes: true })
    const files = entries.map(({ name }) => name)
    const candidates = entries.filter(
      entry => mayBePackage(entry.name) && (entry.isDirectory() || entry.isSymbolicLink()),
    )
    const packages = new Set<string>()
    for (const { name } of candidates) {
      if (isPackage(await readdir(join(path, name)).catch(() => []))) packages.add(name)
    }
    const directory = { path, files, packages, isPackage: isPackage(files) }
    // what a subdirectory holds does not show in this directory's stamp
    if (candidates.length === 0 && isSettled(stats)) known.set(path, { stamp, directory })
    return directory
  }

  return {
    list: path =>
      read(path).then(
        directory => ({ ok: true, directory }),
        (error: NodeJS.ErrnoException) => ({ ok: false, path, code: error.code ?? 'UNKNOWN' }),
      ),
  }
}
