import { listed, naming } from '../comparison.ts'
import { createDirectories } from './directories.ts'
import type { Directory } from './directories.ts'
import { readManifest } from './manifest-file.ts'
import type { ManifestApp } from './manifest.ts'
import { migrationKey } from './migration-key.ts'
import type { MigrationKey } from './migration-key.ts'
import { migrationNames } from './module-names.ts'
import { unreadable } from '../unreadable.ts'
import type { ShippedMigrationsAnswer, ShippedMigrationsReader } from './shipped.ts'

/** What the release ships by its manifest, provided that the directories still hold the migrations that it names. */
export const createShippedByManifest = (path: string): ShippedMigrationsReader => {
  const directories = createDirectories()
  return {
    read: async (): Promise<ShippedMigrationsAnswer> => {
      const answer = await readManifest(path)
      if (!answer.ok) return answer
      const { apps, djangoVersion } = answer.manifest

      const shipped = new Map<MigrationKey, readonly MigrationKey[]>()
      const differences: string[] = []
      const absent: string[] = []
      for (const app of apps) {
        const found: Directory[] = []
        for (const directory of app.directories) {
          const listing = await directories.list(directory)
          if (listing.ok && listing.directory.isPackage) found.push(listing.directory)
          if (listing.ok) continue
          if (listing.code !== 'ENOENT' && listing.code !== 'ENOTDIR')
            return unreadable(directory, { code: listing.code })
          absent.push(directory)
        }
        differences.push(...differencesOf(app, migrationNames(found, djangoVersion)))
        for (const { name, replaces } of app.migrations) shipped.set(migrationKey(app.label, name), replaces)
      }
      return differences.length > 0
        ? stale(path, { differences, absent })
        : { ok: true, shipped, djangoVersion }
    },
  }
}

/** `+catalog.0003_new` is only on disk, `-catalog.0002_old` only in the manifest. */
const differencesOf = (app: ManifestApp, onDisk: ReadonlySet<string>): string[] => {
  const named = new Set(app.migrations.map(({ name }) => name))
  return [
    ...[...onDisk].filter(name => !named.has(name)).map(name => `+${migrationKey(app.label, name)}`),
    ...[...named].filter(name => !onDisk.has(name)).map(name => `-${migrationKey(app.label, name)}`),
  ].sort()
}

/**
 * The manifest at `path` and the disk name different migrations. `absent` are directories in the manifest that are not on
 * this host. For example, they belong to the Python of the build machine.
 */
export const stale = (
  path: string,
  {
    differences,
    absent = [],
  }: { readonly differences: readonly string[]; readonly absent?: readonly string[] },
): ShippedMigrationsAnswer & { ok: false } => ({
  ok: false,
  problem: {
    status: 'fail',
    reason: 'MIGRATIONS_MANIFEST_STALE',
    message: `the manifest ${path} does not match this release; only on disk (+), only in the manifest (-), or with another replaces (~): ${naming(differences)}; ${
      absent.length > 0
        ? `ship the directories that are not on this host (${naming(absent)}) in the release, and write the manifest again`
        : 'write the manifest again'
    }`,
    evidence: { path, ...listed('differences', differences), ...listed('absent', absent) },
  },
})
