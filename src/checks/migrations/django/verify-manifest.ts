import { join } from 'node:path'
import type { MigrationsProblem } from '../reasons.ts'
import { createDirectories } from './directories.ts'
import { readManifest } from './manifest-file.ts'
import { createShippedByManifest, stale } from './shipped-by-manifest.ts'
import type { ManifestApp } from './manifest.ts'
import { migrationKey } from './migration-key.ts'
import type { MigrationKey } from './migration-key.ts'
import { migrationModules } from './module-names.ts'
import { createSources } from './sources.ts'

export type Verification =
  | { readonly ok: true; readonly apps: number; readonly migrations: number; readonly djangoVersion: string }
  | { readonly ok: false; readonly problem: MigrationsProblem }

/**
 * Whether the manifest at `path` and the disk agree, for the build of a release. Compares the names, as the check does at
 * each run, and also what replaces what, as far as the sources tell it.
 */
export const verifyManifest = async (path: string): Promise<Verification> => {
  const found = await createShippedByManifest(path).read()
  if (!found.ok) return found
  const answer = await readManifest(path)
  if (!answer.ok) return answer

  const { apps, djangoVersion } = answer.manifest
  if (found.shipped.size === 0) return { ok: false, problem: emptyManifest(path) }
  const differences = await Promise.all(apps.map(changedReplacements))
  if (differences.flat().length > 0) return stale(path, { differences: differences.flat().sort() })
  return { ok: true, apps: apps.length, migrations: found.shipped.size, djangoVersion }
}

const emptyManifest = (path: string): MigrationsProblem => ({
  status: 'fail',
  reason: 'MIGRATIONS_NONE_FOUND',
  message: `the manifest ${path} names no migration at all; write it with the app's own settings`,
  evidence: { path },
})

/** `~catalog.0003_squashed`: its source replaces something else than the manifest says. */
const changedReplacements = async (app: ManifestApp): Promise<string[]> => {
  const directories = createDirectories()
  const named = new Map(app.migrations.map(({ name, replaces }) => [name, replaces]))
  const changed: string[] = []
  for (const path of app.directories) {
    const listing = await directories.list(path)
    if (!listing.ok) continue
    const modules = migrationModules(listing.directory.files, listing.directory.packages)
    const sources = modules.filter(({ form }) => form === 'source')
    const answers = await createSources().read(sources.map(({ file }) => join(path, file)))
    for (const [i, answer] of answers.entries()) {
      const name = sources[i]?.name ?? ''
      if (!('reading' in answer) || !answer.reading.ok || !named.has(name)) continue
      const replaces = answer.reading.replaces.map(pair => migrationKey(...pair))
      if (!isSame(replaces, named.get(name) ?? [])) changed.push(`~${migrationKey(app.label, name)}`)
    }
  }
  return changed
}

const isSame = (some: readonly MigrationKey[], others: readonly MigrationKey[]): boolean =>
  some.length === others.length && some.every((key, i) => key === others[i])
