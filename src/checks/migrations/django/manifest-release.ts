import { listed, naming } from '../comparison.ts'
import { createDirectories } from './directories.ts'
import type { Directory } from './directories.ts'
import { readManifest } from './manifest-file.ts'
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

/** `+catalog.0003_new` is on disk alone, `-catalog.0002_old` in the manifest alone. */
const differencesOf = (app: ManifestApp, onDisk: ReadonlySet<string>): string[] => {
  const named = new Set(app.migrations.map(({ name }) => name))
  return [
    ...[...onDisk].filter(name => !named.has(name)).map(name => `+${migrationKey(app.label, name)}`),
    ...[...named].filter(name => !onDisk.has(name)).map(name => `-${migrationKey(app.label, name)}`),
  ].sort()
}

/**
 * The manifest at `path` and the disk disagree about the migrations that are named. `absent` are directories of the manifest
 * that are not on this host, as those of the Python of a machine where the release was built.
 */
export const stale = (
  path: string,
  {
    differences,
    absent = [],
  }: { readonly differences: readonly string[]; readonly absent?: readonly string[] },
): ReleaseAnswer & { ok: false } => ({
  ok: false,
  problem: {
    status: 'fail',
    reason: 'MIGRATIONS_MANIFEST_STALE',
    message: `the manifest ${path} is not of this release: on disk alone (+), in the manifest alone (-) or not replacing the same (~) are ${naming(differences)}; ${
      absent.length > 0
        ? `have in the release what is not on this host (${naming(absent)}), and write it anew`
        : 'write it anew'
    }`,
    evidence: { path, ...listed('differences', differences), ...listed('absent', absent) },
  },
})
