import { join } from 'node:path'
import type { MigrationsProblem } from '../reasons.ts'
import { createDirectories } from './directories.ts'
import { migrationKey } from './migration-key.ts'
import type { MigrationKey } from './migration-key.ts'
import { migrationModules } from './module-names.ts'
import type { Module } from './module-names.ts'
import { unreadable } from '../unreadable.ts'
import type { ShippedMigrationsAnswer } from './shipped.ts'
import { createSources } from './sources.ts'
import type { SourceAnswer } from './sources.ts'

/** An app's label, and the directory of its migrations. */
export interface AppPlace {
  readonly app: string
  readonly path: string
}

/** Reads the migrations of apps from their directories. A later read reads only what has changed. */
export interface ShippedApps {
  /** If the places may be something else than apps (`areApps` is false), one without any `Migration` is left out. */
  read(places: readonly AppPlace[], options: { readonly areApps: boolean }): Promise<ShippedMigrationsAnswer>
}

interface Candidate extends AppPlace {
  readonly module: Module
  readonly file: string
}

export const createShippedApps = (): ShippedApps => {
  const directories = createDirectories()
  const sources = createSources()
  return {
    read: async (places, { areApps }) => {
      const candidates: Candidate[] = []
      for (const place of places) {
        const { app, path } = place
        const listing = await directories.list(path)
        if (!listing.ok) return unreadable(path, { code: listing.code, missing: missing(app, path) })
        if (!listing.directory.isPackage) return { ok: false, problem: missing(app, path) }
        for (const module of migrationModules(listing.directory.files, listing.directory.packages))
          candidates.push({ ...place, module, file: join(path, module.file) })
      }

      const files = candidates.filter(({ module }) => module.form === 'source').map(({ file }) => file)
      const answers = new Map((await sources.read(files)).map(answer => [answer.path, answer]))
      const others = areApps ? new Set<string>() : placesWithoutMigration(candidates, answers)
      const shipped = new Map<MigrationKey, readonly MigrationKey[]>()
      for (const { app, path, module, file } of candidates) {
        if (others.has(path)) continue
        const answer = answers.get(file)
        if (!answer) return { ok: false, problem: notLiteral(file, 'there is only bytecode, no source') }
        if ('code' in answer) return unreadable(file, { code: answer.code, missing: vanished(file) })
        if (!answer.reading.ok) return { ok: false, problem: notLiteral(file, answer.reading.why) }
        const replaces = answer.reading.replaces.map(pair => migrationKey(...pair))
        shipped.set(migrationKey(app, module.name), replaces)
      }
      return { ok: true, shipped }
    },
  }
}

/** Directories in whose sources nothing is called Migration. Django could load no migration from them. */
const placesWithoutMigration = (
  candidates: readonly Candidate[],
  answers: ReadonlyMap<string, SourceAnswer>,
): Set<string> => {
  const without = new Set(candidates.map(({ path }) => path))
  for (const { file, path } of candidates) {
    const answer = answers.get(file)
    if (!answer || 'code' in answer || answer.reading.ok || answer.reading.hasMigration) without.delete(path)
  }
  return without
}

const missing = (app: string, path: string): MigrationsProblem => ({
  status: 'fail',
  reason: 'MIGRATIONS_DIRECTORY_MISSING',
  message: `the migrations of ${app} are not at ${path}, or have no __init__.py and Django ignores them; complete the release, or remove the app from apps`,
  evidence: { app, path },
})

/** Listed, but not there: a broken link, or a release that is being replaced at this moment. */
const vanished = (path: string): MigrationsProblem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_UNREADABLE',
  message: `${path} is listed in its directory but cannot be opened; check whether it is a broken link`,
  evidence: { path },
})

const notLiteral = (path: string, why: string): MigrationsProblem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_NOT_LITERAL',
  message: `cannot tell from its source what ${path} replaces: ${why}; use a manifest`,
  evidence: { path },
})
