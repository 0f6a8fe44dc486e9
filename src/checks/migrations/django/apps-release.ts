import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Problem } from '../../../core/finding.ts'
import { createDirectories } from './directories.ts'
import { migrationKey } from './migration-key.ts'
import type { MigrationKey } from './migration-key.ts'
import { migrationModules } from './module-names.ts'
import { unreadable } from './release.ts'
import type { ReleaseAnswer, ReleaseReader } from './release.ts'

/** The release as `apps` describes it: each app's label, and the directory of its migrations. */
export const createAppsRelease = (apps: Readonly<Record<string, string>>): ReleaseReader => {
  const directories = createDirectories()
  return {
    read: async (): Promise<ReleaseAnswer> => {
      const shipped = new Map<MigrationKey, readonly MigrationKey[]>()
      for (const [app, path] of Object.entries(apps)) {
        const listing = await directories.list(path)
        if (!listing.ok) return unreadable(path, { code: listing.code, missing: missing(app, path) })
        if (!listing.directory.isPackage) return { ok: false, problem: missing(app, path) }
        for (const module of migrationModules(listing.directory.files, listing.directory.packages)) {
          const file = join(path, module.file)
          const source = await readFile(file).catch((error: NodeJS.ErrnoException) => error)
          if (source instanceof Error)
            return unreadable(file, { code: source.code ?? 'UNKNOWN', missing: missing(app, path) })
          if (module.form !== 'source' || source.includes('replaces')) {
            const problem: Problem = {
              status: 'unknown',
              reason: 'MIGRATIONS_NOT_LITERAL',
              message: `what ${file} replaces cannot be told from its source; use a manifest`,
              evidence: { path: file },
            }
            return { ok: false, problem }
          }
          shipped.set(migrationKey(app, module.name), [])
        }
      }
      return { ok: true, shipped }
    },
  }
}

const missing = (app: string, path: string): Problem => ({
  status: 'fail',
  reason: 'MIGRATIONS_DIRECTORY_MISSING',
  message: `the migrations of ${app} are not at ${path}, or have no __init__.py so that Django ignores them: the release is not complete, or apps lists what it no longer has`,
  evidence: { app, path },
})
