import { join } from 'node:path'
import { isMapping, parseJson } from '../../../lib/json.ts'
import { codeOrUnknown } from '../../../lib/describe-error.ts'
import { excludedBy } from '../exclude.ts'
import type { MigrationsProblem } from '../reasons.ts'
import { readTextFile } from '../../../files/files.ts'
import { unreadable } from '../unreadable.ts'
import { createDirectoryListing } from './directory-listing.ts'
import { isDrizzleFolder, readDrizzleFolder } from './drizzle-folders.ts'
import { drizzleHash } from './drizzle-hash.ts'
import { directoryMissing } from './shipped-files.ts'
import type { Paths, ReaderOptions, ReadShipped, Shipped, ShippedAnswer } from './tool.ts'
import { findUnread } from './unread-files.ts'

interface Entry {
  readonly when: number
  readonly tag: string
}

const isEntry = (entry: unknown): entry is Entry =>
  isMapping(entry) && Number.isSafeInteger(entry['when']) && typeof entry['tag'] === 'string'

/** The entries of a journal. Undefined if it is no journal. */
const entriesOf = (journal: unknown): readonly Entry[] | undefined => {
  const entries = isMapping(journal) ? journal['entries'] : undefined
  return Array.isArray(entries) && entries.every(isEntry) ? entries : undefined
}

const invalid = (path: string, why: string): ShippedAnswer => {
  const problem: MigrationsProblem = {
    status: 'unknown',
    reason: 'MIGRATIONS_MANIFEST_INVALID',
    message: `${path} ${why}`,
    evidence: { path },
  }
  return { ok: false, problem }
}

const isJournal = (path: string): boolean => path === 'meta/_journal.json'

/** A file as drizzle-kit names it. */
const isGenerated = (name: string): boolean => /^\d+_.*\.sql$/.test(name)

const notRead = (directory: string, path: string, why: string): ShippedAnswer => ({
  ok: false,
  problem: {
    status: 'unknown',
    reason: 'MIGRATIONS_NOT_READ',
    message: `${path} in ${directory} ${why}`,
    evidence: { directory, path },
  },
})

/** Either format of a directory's migrations. */
type Format = 'journal' | 'folders'

const readJournal = async (
  directory: string,
  files: ReadonlySet<string>,
): Promise<ShippedAnswer & { readonly format?: Format }> => {
  const path = join(directory, 'meta', '_journal.json')
  const journal = parseJson(await readTextFile(path))
  if (journal === undefined) return invalid(path, 'is not JSON')
  const entries = entriesOf(journal)
  if (!entries) return invalid(path, 'is not a journal of drizzle-kit')
  const shipped: Shipped[] = []
  for (const { when, tag } of entries) {
    if (!files.has(`${tag}.sql`)) return invalid(path, `names ${tag}.sql, which is not in ${directory}`)
    const hash = drizzleHash(await readTextFile(join(directory, `${tag}.sql`)))
    shipped.push({ key: String(when), name: tag, hash })
  }
  const tags = new Set(entries.map(({ tag }) => `${tag}.sql`))
  const stray = [...files].find(file => isGenerated(file) && !tags.has(file))
  if (stray !== undefined)
    return notRead(
      directory,
      stray,
      'is not in meta/_journal.json, so drizzle never runs it; generate it again, or remove it',
    )
  return { ok: true, shipped, format: 'journal' }
}

/**
 * Reads Drizzle's migrations. With a journal, a migration's key in the table is the time at which it was generated. Since 1.0
 * there is none, and each migration has a folder; a migrator of either kind does not see what the other one runs.
 */
export const drizzleJournal = (directories: Paths, { exclude }: ReaderOptions): ReadShipped => {
  const listing = createDirectoryListing()
  const isExcluded = excludedBy(exclude)

  const readDirectory = async (directory: string): Promise<ShippedAnswer & { readonly format?: Format }> => {
    const files = await listing.files(directory, { depth: 1, isExcluded })
    const folders = files.filter(isDrizzleFolder)
    const [folder] = folders
    if (folder === undefined) return await readJournal(directory, new Set(files))
    if (files.some(isJournal))
      return notRead(
        directory,
        folder,
        'is beside meta/_journal.json, and drizzle runs only one of the two; run drizzle-kit up, or remove one',
      )
    const shipped = await Promise.all(folders.map(path => readDrizzleFolder(directory, path)))
    const undated = shipped.find(({ time }) => time === '')
    if (undated)
      return notRead(
        directory,
        `${undated.name}/migration.sql`,
        'is in a folder whose name does not begin with a time, as drizzle-kit writes it; rename the folder',
      )
    return { ok: true, shipped, format: 'folders' }
  }

  return async () => {
    const shipped: Shipped[] = []
    const formats = new Set<Format>()
    for (const directory of directories)
      try {
        const answer = await readDirectory(directory)
        if (!answer.ok) return answer
        shipped.push(...answer.shipped)
        if (answer.format) formats.add(answer.format)
        const unread = await findUnread(listing, directory, {
          depth: 1,
          isExcluded,
          isMigration: path => isJournal(path) || isDrizzleFolder(path),
        })
        if (unread) return { ok: false, problem: unread }
      } catch (error) {
        const path = join(directory, 'meta', '_journal.json')
        return unreadable(path, { code: codeOrUnknown(error), missing: directoryMissing(directory) })
      }
    if (formats.size > 1)
      return invalid(directories.join(', '), 'have both journals and folders; configure one check for each')
    return { ok: true, shipped }
  }
}
