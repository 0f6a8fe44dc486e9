import { isMapping, parseJson } from '../../../lib/json.ts'
import { dirname, resolve } from 'node:path'
import { migrationKey } from './migration-key.ts'
import type { MigrationKey } from './migration-key.ts'

/** What config/django/health_manifest.py writes in the release's image: what the release's own Django has loaded. */
export interface Manifest {
  readonly djangoVersion: string
  readonly apps: readonly ManifestApp[]
}

export interface ManifestApp {
  readonly label: string
  /** Absolute paths, from which the app's migrations were loaded. */
  readonly directories: readonly string[]
  readonly migrations: readonly { readonly name: string; readonly replaces: readonly MigrationKey[] }[]
}

const MANIFEST_FORMAT = 'health-sidecar/django-migrations/1'

/** Reads the text of the manifest at `path`; relative directories are relative to it. Undefined if it is no manifest. */
export const parseManifest = (text: string, path: string): Manifest | undefined => {
  const json = parseJson(text)
  if (!isMapping(json) || json.format !== MANIFEST_FORMAT || typeof json.django !== 'string') return undefined
  if (!isMapping(json.apps)) return undefined
  const apps: ManifestApp[] = []
  for (const [label, app] of Object.entries(json.apps)) {
    if (!isMapping(app) || !isStrings(app.directories) || app.directories.length === 0) return undefined
    if (!isMapping(app.migrations)) return undefined
    const migrations: { name: string; replaces: MigrationKey[] }[] = []
    for (const [name, replaces] of Object.entries(app.migrations)) {
      if (!Array.isArray(replaces) || !replaces.every(isPair)) return undefined
      migrations.push({ name, replaces: replaces.map(pair => migrationKey(...pair)) })
    }
    const directories = app.directories.map(directory => resolve(dirname(path), directory))
    apps.push({ label, directories, migrations })
  }
  return { djangoVersion: json.django, apps }
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(item => typeof item === 'string')

const isPair = (value: unknown): value is [string, string] => isStrings(value) && value.length === 2
