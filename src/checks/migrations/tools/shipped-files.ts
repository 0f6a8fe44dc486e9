import { codeOrUnknown } from '../../../lib/describe-error.ts'
import { unreadable } from '../unreadable.ts'
import type { MigrationsProblem } from '../reasons.ts'
import { createDirectoryListing } from './directory-listing.ts'
import type { Paths, ReadShipped, Shipped } from './tool.ts'

/** Which files are migrations, and which key each has in the table. */
export interface FileRule {
  /** Matches the path relative to the directory. The key is the first group, or the whole match if there is no group. */
  readonly pattern: RegExp
  /** How many levels of subdirectories are read; default 0. */
  readonly depth?: number
  /** The table holds the key as a whole number: leading zeros do not count. */
  readonly numeric?: boolean
}

export const directoryMissing = (path: string): MigrationsProblem => ({
  status: 'fail',
  reason: 'MIGRATIONS_DIRECTORY_MISSING',
  message: `the directory of migrations ${path} does not exist; complete the release, or correct the path`,
  evidence: { path },
})

/** A file of the release whose meaning cannot be read from its text. */
export const notUnderstood = (path: string, why: string): MigrationsProblem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_NOT_LITERAL',
  message: `cannot tell what ${path} says without running it: ${why}`,
  evidence: { path },
})

/** The migration in a file. Undefined if the rule does not match it. */
const shippedAs = (path: string, { pattern, numeric }: FileRule): Shipped | undefined => {
  const match = pattern.exec(path)
  if (!match) return undefined
  const key = match[1] ?? match[0]
  return { key: numeric ? String(BigInt(key)) : key, name: path }
}

/** Reads what the release ships, for tools whose file names alone say it. */
export const filesBy =
  (rule: FileRule) =>
  (directories: Paths): ReadShipped => {
    const listing = createDirectoryListing()
    return async () => {
      const shipped: Shipped[] = []
      for (const directory of directories)
        try {
          for (const path of await listing.files(directory, rule.depth ?? 0)) {
            const found = shippedAs(path, rule)
            if (found) shipped.push(found)
          }
        } catch (error) {
          return unreadable(directory, { code: codeOrUnknown(error), missing: directoryMissing(directory) })
        }
      return { ok: true, shipped }
    }
  }
