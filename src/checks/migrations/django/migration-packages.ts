import { join, relative } from 'node:path'
import { codeOrUnknown } from '../../../lib/describe-error.ts'
import { listDirectory } from '../../../files/files.ts'
import type { IsExcluded } from '../exclude.ts'
import { isPackage } from './module-names.ts'

export type MigrationPackages =
  | { readonly ok: true; readonly paths: readonly string[] }
  | { readonly ok: false; readonly path: string; readonly code: string }

/** Directories that hold no app, and often many files. */
const SKIPPED = /^(?:\..*|__pycache__|node_modules)$/
/** A tree with more directories is no project but a whole file system. */
const MAX_DIRECTORIES = 20_000

/** The packages called `migrations` at and below `root`, sorted. Links are not followed. */
export const findMigrationPackages = async (
  root: string,
  isExcluded: IsExcluded,
): Promise<MigrationPackages> => {
  const paths: string[] = []
  const waiting = [root]
  for (let visited = 0; waiting.length > 0; visited++) {
    const path = waiting.pop() ?? ''
    if (visited === MAX_DIRECTORIES) return { ok: false, path: root, code: 'more than 20,000 directories' }
    const entries = await listDirectory(path).catch((error: Error) => error)
    if (entries instanceof Error) return { ok: false, path, code: codeOrUnknown(entries) }
    const isMigrations = path.endsWith('/migrations')
    if (isMigrations && isPackage(entries.map(({ name }) => name))) paths.push(path)
    else
      for (const entry of entries)
        if (entry.kind === 'directory' && !SKIPPED.test(entry.name)) {
          const below = join(path, entry.name)
          if (!isExcluded(relative(root, below))) waiting.push(below)
        }
  }
  return { ok: true, paths: paths.sort() }
}
