import { readFile } from 'node:fs/promises'
import type { Problem } from '../../../core/finding.ts'
import { listed, naming } from '../comparison.ts'
import { createDirectories } from './directories.ts'
import type { Directory } from './directories.ts'
import { parseManifest } from './manifest.ts'
import type { ManifestApp } from './manifest.ts'
import { migrationKey } from './migration-key.ts'
import type { MigrationKey } from './migration-key.ts'
import { migrationNames } from './module-names.ts'
import { unreadable } from './release.ts'
import type { ReleaseAnswer, ReleaseReader } from './release.ts'

/** The release as a manifest describes it, as long as its directories still hold the migrations that it names. */
export const createManifestRelease = (path: string): ReleaseReader => {
  const directories = createDirectories()
  return {
    read: async (): Promise<ReleaseAnswer> => {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error)
      if (text instanceof Error)
        return unreadable(path, { code: text.code ?? 'UNKNOWN', missing: missing(path) })
      const manifest = parseManifest(text, path)
      if (!manifest) return { ok: false, problem: invalid(path) }

      const shipped = new Map<MigrationKey, readonly MigrationKey[]>()
      const differences: string[] = []
      for (const app of manifest.apps) {
        const found: Directory[] = []
        for (const directory of app.directories) {
          const listing = await directories.list(directory)
          if (listing.ok && listing.directory.isPackage) found.push(listing.directory)
          if (!listing.ok && listing.code !== 'ENOENT' && listing.code !== 'ENOTDIR')
            return unreadable(directory, { code: listing.code, missing: missing(directory) })
        }
        differences.push(...differencesOf(app, migrationNames(found, manifest.djangoVersion)))
        for (const { name, replaces } of app.migrations) shipped.set(migrationKey(app.label, name), replaces)
      }
      if (differences.length > 0) return { ok: false, problem: stale(path, differences) }
      return { ok: true, shipped, djangoVersion: manifest.djangoVersion }
    },
  }
}

/** `+catalog.0003_new` is on disk alone, `-catalog.0002_old` in the manifest alone. */
const differencesOf = (app: ManifestApp, onDisk: ReadonlySet<string>): string[] => {
  const named = new Set(app.migrations.map(({ name }) => name))
  return [
    ...[...onDisk].filter(name => !named.has(name)).map(name => `+${migrationKey(app.label, name)}`),
    ...[...named].filter(name => !onDisk.has(name)).map(name => `-${migrationKey(app.label, name)}`),
  ].sort()
}

const missing = (path: string): Problem => ({
  status: 'fail',
  reason: 'MIGRATIONS_MANIFEST_MISSING',
  message: `there is no manifest at ${path}: the release was built without it; write it with health_manifest.py in its image`,
  evidence: { path },
})

const invalid = (path: string): Problem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_MANIFEST_INVALID',
  message: `${path} is not a manifest that this version understands; write it anew with health_manifest.py`,
  evidence: { path },
})

const stale = (path: string, differences: readonly string[]): Problem => ({
  status: 'fail',
  reason: 'MIGRATIONS_MANIFEST_STALE',
  message: `the manifest ${path} is not of this release: on disk (+) or in the manifest (-) alone are ${naming(differences)}; write it anew`,
  evidence: { path, ...listed('differences', differences) },
})
