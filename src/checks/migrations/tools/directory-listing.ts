import { join } from 'node:path'
import { listDirectory, statFile } from '../../../files/files.ts'
import { isSettled } from '../../../files/stamp.ts'
import type { IsExcluded } from '../exclude.ts'

export interface Listed {
  readonly stamp: string
  /** The names of its files. A link to a file counts as a file. */
  readonly files: readonly string[]
  /** The names of its subdirectories. */
  readonly directories: readonly string[]
  /** The names of the links to directories in it. */
  readonly links: readonly string[]
}

/** Lists directories. A directory that has not changed is not listed again. */
export interface DirectoryListing {
  /**
   * The files in a directory and, down to a depth, in its subdirectories. Paths are relative to it, and sorted. Hidden and
   * excluded subdirectories are skipped, and links to directories too. Throws a FileError.
   */
  files(directory: string, options: FilesOptions): Promise<readonly string[]>
  /** The entries of one directory. Throws a FileError. */
  entries(directory: string): Promise<Listed>
}

interface FilesOptions {
  /** How many levels of subdirectories are read. */
  readonly depth: number
  readonly isExcluded?: IsExcluded
  /** Whether hidden subdirectories are read too. */
  readonly hidden?: boolean
}

export const createDirectoryListing = (): DirectoryListing => {
  const known = new Map<string, Listed>()

  const entries = async (path: string): Promise<Listed> => {
    const { stamp } = await statFile(path)
    const before = known.get(path)
    if (before?.stamp === stamp.id) return before

    known.delete(path)
    const found = await listDirectory(path)
    const links = new Set<string>()
    for (const { name } of found.filter(({ kind }) => kind === 'link')) {
      const target = await statFile(join(path, name)).catch(() => undefined)
      if (target?.isDirectory) links.add(name)
    }
    const namesOf = (some: typeof found) => some.map(({ name }) => name).sort()
    const listed = {
      stamp: stamp.id,
      files: namesOf(
        found.filter(({ kind, name }) => kind === 'file' || (kind === 'link' && !links.has(name))),
      ),
      directories: namesOf(found.filter(({ kind }) => kind === 'directory')),
      links: [...links].sort(),
    }
    // the target of a link can change without changing this directory's stamp
    if (links.size === 0 && isSettled(stamp, Date.now())) known.set(path, listed)
    return listed
  }

  const files = async (
    directory: string,
    options: FilesOptions & { readonly below?: string },
  ): Promise<readonly string[]> => {
    const { depth, isExcluded, hidden, below = '' } = options
    const listed = await entries(join(directory, below))
    const found = listed.files.map(name => below + name)
    if (depth <= 0) return found
    for (const name of listed.directories) {
      const path = below + name
      if ((name.startsWith('.') && !hidden) || isExcluded?.(path)) continue
      found.push(...(await files(directory, { ...options, depth: depth - 1, below: `${path}/` })))
    }
    return found
  }

  return { files: (directory, options) => files(directory, options), entries }
}
