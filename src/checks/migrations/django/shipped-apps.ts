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
import { unknownLabel } from './unknown-label.ts'

/** An app's label, and the directory of its migrations. */
export interface AppPlace {
  readonly app: string
  readonly path: string
}

/** Reads the migrations of apps from their directories. A later read reads only what has changed. */
export interface ShippedApps {
  read(places: readonly AppPlace[]): Promise<ShippedMigrationsAnswer>
}

interface Candidate extends AppPlace {
  readonly module: Module
  readonly file: string
}

/**
 * `areApps` is false if the places are only guessed: one without any `Migration` is then left out, and the labels are held
 * against the names in the migrations.
 */
export const createShippedApps = ({ areApps }: { readonly areApps: boolean }): ShippedApps => {
  const directories = createDirectories()
  const sources = createSources({ withNames: !areApps })
  return {
    read: async places => {
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
      const otherwise = areApps ? undefined : namedOtherwise(candidates, answers)
      if (otherwise) return { ok: false, problem: otherwise }
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

/**
 * A problem if the migrations of an app name each other under a label that is not the app's, and that is not of another app
 * with a migration of that name.
 */
const namedOtherwise = (
  candidates: readonly Candidate[],
  answers: ReadonlyMap<string, SourceAnswer>,
): MigrationsProblem | undefined => {
  const keys = new Set(candidates.map(({ app, module }) => migrationKey(app, module.name)))
  const confirmed = new Set<string>()
  const doubted = new Map<Candidate, string>()
  for (const candidate of candidates) {
    const { app, module, file } = candidate
    const answer = answers.get(file)
    for (const [label, name] of answer && 'reading' in answer ? answer.named : []) {
      if (name === module.name || !keys.has(migrationKey(app, name))) continue
      if (label === app) confirmed.add(app)
      else if (!keys.has(migrationKey(label, name))) doubted.set(candidate, label)
    }
  }
  for (const [{ app, path }, label] of doubted)
    if (!confirmed.has(app))
      return unknownLabel(path, `it seems to be ${app}, but its migrations name each other under ${label}`)
  return undefined
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
