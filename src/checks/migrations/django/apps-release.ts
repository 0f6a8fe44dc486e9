import { join } from 'node:path'
import type { Problem } from '../../../core/finding.ts'
import { createDirectories } from './directories.ts'
import { migrationKey } from './migration-key.ts'
import type { MigrationKey } from './migration-key.ts'
import { migrationModules } from './module-names.ts'
import type { Module } from './module-names.ts'
import { unreadable } from './release.ts'
import type { ReleaseAnswer, ReleaseReader } from './release.ts'
import { createSources } from './sources.ts'

/** The release as `apps` describes it: each app's label, and the directory of its migrations. */
export const createAppsRelease = (apps: Readonly<Record<string, string>>): ReleaseReader => {
  const directories = createDirectories()
  const sources = createSources()
  return {
    read: async (): Promise<ReleaseAnswer> => {
      const modules = new Map<string, { readonly app: string; readonly module: Module }>()
      for (const [app, path] of Object.entries(apps)) {
        const listing = await directories.list(path)
        if (!listing.ok) return unreadable(path, { code: listing.code, missing: missing(app, path) })
        if (!listing.directory.isPackage) return { ok: false, problem: missing(app, path) }
        for (const module of migrationModules(listing.directory.files, listing.directory.packages))
          modules.set(join(path, module.file), { app, module })
      }

      const compiled = [...modules].find(([, { module }]) => module.form !== 'source')
      if (compiled)
        return { ok: false, problem: notLiteral(compiled[0], 'it is compiled, without its source') }
      const answers = await sources.read([...modules.keys()])
      const shipped = new Map<MigrationKey, readonly MigrationKey[]>()
      for (const answer of answers) {
        const { path } = answer
        if ('code' in answer) return unreadable(path, { code: answer.code, missing: vanished(path) })
        const { reading } = answer
        if (!reading.ok) return { ok: false, problem: notLiteral(path, reading.why) }
        const { app, module } = modules.get(path) ?? { app: '', module: { name: '' } }
        const replaces = reading.replaces.map(pair => migrationKey(...pair))
        shipped.set(migrationKey(app, module.name), replaces)
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

/** Listed, and then not there: a link that leads nowhere, or a release that is being replaced at this moment. */
const vanished = (path: string): Problem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_UNREADABLE',
  message: `${path} is listed in its directory and cannot be found there; look whether it is a link that leads nowhere`,
  evidence: { path },
})

const notLiteral = (path: string, why: string): Problem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_NOT_LITERAL',
  message: `what ${path} replaces cannot be told from its source: ${why}; use a manifest`,
  evidence: { path },
})
