import { join } from 'node:path'
import type { MigrationsProblem } from '../reasons.ts'
import type { IsExcluded } from '../exclude.ts'
import type { DirectoryListing } from './directory-listing.ts'

/** Folders that hold no migrations, and often many files. Hidden folders are skipped too. */
const SKIPPED = /^(?:\..*|node_modules|__pycache__)$/
/** A tree with more folders is no folder of migrations. */
const MAX_FOLDERS = 2000

interface Unread {
  /** How many levels of subfolders are read. */
  readonly depth: number
  readonly isExcluded: IsExcluded
  /** Whether a file would be a migration if its folder was read; `path` is relative to that folder. */
  readonly isMigration: (path: string) => boolean
}

/**
 * A problem if a file below `directory` would be a migration, but is in a folder that is not read: deeper than `depth`,
 * or behind a link. Whether the tool runs such a file depends on settings that this program does not see. Throws a
 * FileError.
 */
export const findUnread = async (
  listing: DirectoryListing,
  directory: string,
  { depth, isExcluded, isMigration }: Unread,
): Promise<MigrationsProblem | undefined> => {
  const waiting = [{ path: '', level: 0, linked: false }]
  for (let visited = 0; ; visited++) {
    const folder = waiting.pop()
    if (!folder) return undefined
    if (visited === MAX_FOLDERS) return tooMany(directory)
    const { path, level, linked } = folder
    const { files, directories, links } = await listing.entries(join(directory, path))
    // a rule that reads subfolders to a depth sees as many folder names before the file's name
    const folders = path.split('/').slice(0, -1)
    const parts = Number.isFinite(depth) ? folders.slice(folders.length - depth) : []
    if (linked || level > depth) {
      const found = files.find(name => isMigration([...parts, name].join('/')))
      if (found !== undefined) return notRead(directory, path + found)
    }
    for (const name of [...directories, ...links])
      if (!SKIPPED.test(name) && !isExcluded(path + name))
        waiting.push({
          path: `${path}${name}/`,
          level: level + 1,
          linked: linked || links.includes(name),
        })
  }
}

const notRead = (directory: string, path: string): MigrationsProblem => {
  const folder = path.slice(0, path.lastIndexOf('/'))
  return {
    status: 'unknown',
    reason: 'MIGRATIONS_NOT_READ',
    message: `${path} in ${directory} looks like a migration, but its folder is not read; add ${join(directory, folder)} to directories, or ${folder} to exclude if the tool does not run it`,
    evidence: { directory, path },
  }
}

const tooMany = (directory: string): MigrationsProblem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_NOT_READ',
  message: `${directory} has more than ${MAX_FOLDERS} folders, too many to search for migrations; configure the folder of the migrations itself, or exclude other folders`,
  evidence: { directory },
})
