import { codeOrUnknown } from '../../../lib/describe-error.ts'
import { unreadable } from '../django/release.ts'
import type { MigrationsProblem } from '../reasons.ts'
import { createDirectoryListing } from './directory-listing.ts'
import type { Paths, ReadShipped, Shipped } from './tool.ts'

/** Which files are migrations, and what the table calls them. */
export interface FileRule {
  /** Of the path relative to the directory; the part that makes the key is its first group, or else all of it. */
  readonly pattern: RegExp
  /** How many directories below the configured one are looked into; 0 unless given. */
  readonly depth?: number
  /** A whole number, which the table holds as such: leading zeros do not count. */
  readonly numeric?: boolean
}

export const directoryMissing = (path: string): MigrationsProblem => ({
  status: 'fail',
  reason: 'MIGRATIONS_DIRECTORY_MISSING',
  message: `the directory of migrations ${path} does not exist: the release is not complete, or the path is not the app's`,
  evidence: { path },
})

/** A file of the release that is there and cannot be made sense of. */
export const notUnderstood = (path: string, why: string): MigrationsProblem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_NOT_LITERAL',
  message: `what ${path} says cannot be told without running it: ${why}`,
  evidence: { path },
})

/** A file that the rule takes for a migration; nothing for one that it passes over. */
const shippedAs = (path: string, { pattern, numeric }: FileRule): Shipped | undefined => {
  const match = pattern.exec(path)
  if (!match) return undefined
  const key = match[1] ?? match[0]
  return { key: numeric ? String(BigInt(key)) : key, name: path }
}

/** Reads the release where file names alone say what it ships. */
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
