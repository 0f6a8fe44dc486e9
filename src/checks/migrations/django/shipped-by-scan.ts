import { basename, dirname, join } from 'node:path'
import { excludedBy } from '../exclude.ts'
import type { MigrationsProblem } from '../reasons.ts'
import { codeOrUnknown } from '../../../lib/describe-error.ts'
import { readFile } from '../../../files/files.ts'
import { findMigrationPackages } from './migration-packages.ts'
import { readAppLabel } from './read-app-label.ts'
import type { Labelling } from './read-app-label.ts'
import { unreadable } from '../unreadable.ts'
import type { ShippedMigrationsAnswer, ShippedMigrationsReader } from './shipped.ts'
import { createShippedApps } from './shipped-apps.ts'
import { unknownLabel } from './unknown-label.ts'

/** What the release ships by `scan`: every package called `migrations`, at and below these directories. */
export const createShippedByScan = (
  roots: readonly string[],
  exclude: readonly string[] = [],
): ShippedMigrationsReader => {
  const isExcluded = excludedBy(exclude)
  const shipped = createShippedApps({ areApps: false })
  return {
    read: async (): Promise<ShippedMigrationsAnswer> => {
      const places = new Map<string, string>()
      for (const root of roots) {
        const found = await findMigrationPackages(root, isExcluded)
        if (!found.ok) return unreadable(found.path, { code: found.code, missing: missingRoot(found.path) })
        for (const path of found.paths) {
          const label = await labelAt(dirname(path))
          if (!label.ok) return { ok: false, problem: unknownLabel(path, label.why) }
          const other = places.get(label.label)
          if (other !== undefined && other !== path)
            return {
              ok: false,
              problem: unknownLabel(path, `${other} has the label ${label.label} too`, {
                todo: 'use a manifest or apps, or exclude one of them',
              }),
            }
          places.set(label.label, path)
        }
      }
      return shipped.read([...places].map(([app, path]) => ({ app, path })))
    },
  }
}

/** The label of the app whose package is at `directory`. */
const labelAt = async (directory: string): Promise<Labelling> => {
  const sources: Record<string, Buffer> = {}
  for (const name of ['apps.py', '__init__.py'] as const) {
    const source = await readFile(join(directory, name)).catch((error: Error) => error)
    if (!(source instanceof Error)) {
      sources[name] = source.bytes
      continue
    }
    const code = codeOrUnknown(source)
    if (code !== 'ENOENT') return { ok: false, why: `${name} cannot be read (${code})` }
  }
  return readAppLabel(sources, basename(directory))
}

const missingRoot = (path: string): MigrationsProblem => ({
  status: 'fail',
  reason: 'MIGRATIONS_DIRECTORY_MISSING',
  message: `there is no directory ${path} to scan for migrations; complete the release, or correct scan`,
  evidence: { path },
})
