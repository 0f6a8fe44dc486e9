import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { isMapping, parseJson } from '../../../lib/json.ts'
import { codeOrUnknown } from '../../../lib/describe-error.ts'
import { excludedBy } from '../exclude.ts'
import type { MigrationsProblem } from '../reasons.ts'
import { readTextFile } from '../../../files/files.ts'
import { unreadable } from '../unreadable.ts'
import { createDirectoryListing } from './directory-listing.ts'
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

/** drizzle-orm/migrator.js: the SHA-256 of the file's text. */
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

const isJournal = (path: string): boolean => path === 'meta/_journal.json'

/** Reads Drizzle's journal of migrations. A migration's key in the table is the time at which it was generated. */
export const drizzleJournal = (directories: Paths, { exclude }: ReaderOptions): ReadShipped => {
  const listing = createDirectoryListing()
  const isExcluded = excludedBy(exclude)
  return async () => {
    const shipped: Shipped[] = []
    for (const directory of directories) {
      const path = join(directory, 'meta', '_journal.json')
      try {
        const files = new Set(await listing.files(directory, { depth: 0 }))
        const journal = parseJson(await readTextFile(path))
        if (journal === undefined) return invalid(path, 'is not JSON')
        const entries = entriesOf(journal)
        if (!entries) return invalid(path, 'is not a journal of drizzle-kit')
        for (const { when, tag } of entries) {
          if (!files.has(`${tag}.sql`)) return invalid(path, `names ${tag}.sql, which is not in ${directory}`)
          const hash = hashOf(await readTextFile(join(directory, `${tag}.sql`)))
          shipped.push({ key: String(when), name: tag, hash })
        }
        const unread = await findUnread(listing, directory, { depth: 1, isExcluded, isMigration: isJournal })
        if (unread) return { ok: false, problem: unread }
      } catch (error) {
        return unreadable(path, { code: codeOrUnknown(error), missing: directoryMissing(directory) })
      }
    }
    return { ok: true, shipped }
  }
}
