import { codeOrUnknown } from '../../../lib/describe-error.ts'
import { TimeLimitError, runWithin } from '../../../lib/run-within.ts'
import { excludedBy } from '../exclude.ts'
import type { MigrationsProblem } from '../reasons.ts'
import { unreadable } from '../unreadable.ts'
import { createDirectoryListing } from './directory-listing.ts'
import type { Paths, ReaderOptions, ReadShipped, Shipped } from './tool.ts'
import { findUnread } from './unread-files.ts'

/** Which files are migrations, and which key each has in the table. */
export interface FileRule {
  /** Matches the path relative to the directory. The key is the first group, or the whole match if there is no group. */
  readonly pattern: RegExp
  /** Files that the tool takes only if it is configured to. A rule of the user's own makes it clear. */
  readonly doubtful?: RegExp
  /** The key, with `$1` for the first group, if it is not the first group. */
  readonly key?: string
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

/** A file with a name that the tool takes only if it is configured to. */
export const nameNotTaken = (directory: string, path: string, remedy: string): MigrationsProblem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_NOT_READ',
  message: `${path} in ${directory} looks like a migration, but the tool does not take such a name by default; ${remedy}`,
  evidence: { directory, path },
})

/** A file of the release whose meaning cannot be read from its text. */
export const notUnderstood = (path: string, why: string): MigrationsProblem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_NOT_LITERAL',
  message: `cannot tell what ${path} says without running it: ${why}`,
  evidence: { path },
})

const patternTooSlow = (path: string): MigrationsProblem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_UNREADABLE',
  message: `the check's pattern takes too long on the names of the files in ${path}; write a simpler pattern`,
  evidence: { path },
})

/** The migration in a file. Undefined if the rule does not match it. */
const shippedAs = (path: string, { pattern, key: template, numeric }: FileRule): Shipped | undefined => {
  const match = pattern.exec(path)
  if (!match) return undefined
  const key = template?.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '')
  const found = key ?? match[1] ?? match[0]
  return { key: numeric ? String(BigInt(found)) : found, name: path }
}

/** Reads what the release ships, for tools whose file names alone say it. */
export const filesBy =
  (toolsRule: FileRule) =>
  (directories: Paths, { exclude, files, mayBeMissing }: ReaderOptions): ReadShipped => {
    const listing = createDirectoryListing()
    const isExcluded = excludedBy(exclude)
    const { pattern, key, depth = 0, numeric }: FileRule = files ? { ...toolsRule, ...files } : toolsRule
    const rule = { pattern, ...(key !== undefined && { key }), ...(numeric && { numeric }) }
    // an expression of the configuration may take for ever
    const match = files ? runWithin : <Result>(work: () => Result): Result => work()
    const isMigration = (path: string) => match(() => pattern.test(path))
    return async () => {
      const shipped: Shipped[] = []
      let missing: MigrationsProblem | undefined
      for (const directory of directories)
        try {
          const paths = await listing.files(directory, { depth, isExcluded })
          for (const found of match(() => paths.map(path => shippedAs(path, rule))))
            if (found) shipped.push(found)
          const doubtful = files ? undefined : paths.find(path => toolsRule.doubtful?.test(path))
          if (doubtful !== undefined)
            return {
              ok: false,
              problem: nameNotTaken(
                directory,
                doubtful,
                'set pattern to what the tool takes, or remove the file',
              ),
            }
          const unread = await findUnread(listing, directory, { depth, isExcluded, isMigration })
          if (unread) return { ok: false, problem: unread }
        } catch (error) {
          if (error instanceof TimeLimitError) return { ok: false, problem: patternTooSlow(directory) }
          const answer = unreadable(directory, {
            code: codeOrUnknown(error),
            missing: directoryMissing(directory),
          })
          if (!mayBeMissing || answer.problem.reason !== 'MIGRATIONS_DIRECTORY_MISSING') return answer
          missing ??= answer.problem
        }
      // a release without migrations may lack the directory, but not one of several that it has
      return missing && shipped.length > 0 ? { ok: false, problem: missing } : { ok: true, shipped }
    }
  }
