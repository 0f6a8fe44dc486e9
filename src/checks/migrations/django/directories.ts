import { join } from 'node:path'
import { mayBePackage, isPackage } from './module-names.ts'
import { codeOrUnknown } from '../../../lib/describe-error.ts'
import { isHung } from '../../../files/file-error.ts'
import { listDirectory, statFile } from '../../../files/files.ts'
import { isSettled } from '../../../files/stamp.ts'

/** What Python's import system sees in a directory. */
export interface Directory {
  readonly path: string
  /** The names of all its entries. */
  readonly files: readonly string[]
  /** The names of the subdirectories that are packages. */
  readonly packages: ReadonlySet<string>
  /** Whether the directory itself is a package. */
  readonly isPackage: boolean
}

export type DirectoryAnswer =
  | { readonly ok: true; readonly directory: Directory }
  | { readonly ok: false; readonly path: string; readonly code: string }

/** Lists directories. A directory that has not changed is not listed again. */
export interface Directories {
  list(path: string): Promise<DirectoryAnswer>
}

/** Nothing for what is no directory, or may not be read. Rejects if it hangs: then it is not known to hold nothing. */
const namesIn = async (path: string): Promise<readonly string[]> => {
  try {
    return (await listDirectory(path)).map(({ name }) => name)
  } catch (error) {
    if (isHung(error)) throw error
    return []
  }
}

export const createDirectories = (): Directories => {
  const known = new Map<string, { readonly stamp: string; readonly directory: Directory }>()

  const read = async (path: string): Promise<Directory> => {
    const { stamp } = await statFile(path)
    const before = known.get(path)
    if (before?.stamp === stamp.id) return before.directory

    known.delete(path)
    const entries = await listDirectory(path)
    const files = entries.map(({ name }) => name)
    const candidates = entries.filter(
      ({ name, kind }) => mayBePackage(name) && (kind === 'directory' || kind === 'link'),
    )
    const packages = new Set<string>()
    for (const { name } of candidates) {
      if (isPackage(await namesIn(join(path, name)))) packages.add(name)
    }
    const directory = { path, files, packages, isPackage: isPackage(files) }
    // a change inside a subdirectory does not change this directory's stamp
    if (candidates.length === 0 && isSettled(stamp, Date.now()))
      known.set(path, { stamp: stamp.id, directory })
    return directory
  }

  return {
    list: path =>
      read(path).then(
        directory => ({ ok: true, directory }),
        (error: unknown) => ({ ok: false, path, code: codeOrUnknown(error) }),
      ),
  }
}
