import { join } from 'node:path'
import { listDirectory, statFile } from '../../../files/files.ts'
import { isSettled } from '../../../files/stamp.ts'

interface Listed {
  readonly stamp: string
  readonly files: readonly string[]
  readonly directories: readonly string[]
}

/** Lists directories. A directory that has not changed is not listed again. */
export interface DirectoryListing {
  /**
   * The files in a directory and, down to a depth, in its subdirectories. Paths are relative to it, and sorted. Hidden
   * subdirectories are skipped. Throws a FileError.
   */
  files(directory: string, depth: number): Promise<readonly string[]>
}

export const createDirectoryListing = (): DirectoryListing => {
  const known = new Map<string, Listed>()

  const list = async (path: string): Promise<Listed> => {
    const { stamp } = await statFile(path)
    const before = known.get(path)
    if (before?.stamp === stamp.id) return before

    known.delete(path)
    const entries = await listDirectory(path)
    const namesOf = (found: typeof entries) => found.map(({ name }) => name).sort()
    const listed = {
      stamp: stamp.id,
      // a link counts as a file: its target can change without changing this directory's stamp
      files: namesOf(entries.filter(({ kind }) => kind === 'file' || kind === 'link')),
      directories: namesOf(entries.filter(({ kind, name }) => kind === 'directory' && !name.startsWith('.'))),
    }
    if (isSettled(stamp, Date.now())) known.set(path, listed)
    return listed
  }

  const files = async (directory: string, depth: number): Promise<readonly string[]> => {
    const listed = await list(directory)
    const below = depth > 0 ? listed.directories : []
    const found = [...listed.files]
    for (const name of below)
      for (const file of await files(join(directory, name), depth - 1)) found.push(`${name}/${file}`)
    return found
  }

  return { files }
}
