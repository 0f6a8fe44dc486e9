import { join } from 'node:path'
import { listDirectory, statFile } from '../../../files/files.ts'
import { isSettled } from '../../../files/stamp.ts'

interface Listed {
  readonly stamp: string
  readonly files: readonly string[]
  readonly directories: readonly string[]
}

/** Lists directories, and again only those that have changed. */
export interface DirectoryListing {
  /**
   * The files in a directory and, to a depth, in those below it, as paths relative to it, sorted. What is hidden is not
   * entered. Throws a FileError.
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
      // a link is taken for a file: what it leads to may change without a trace here
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
