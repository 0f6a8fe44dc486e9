import type { ReleaseReader } from './release.ts'
import { createShippedApps } from './shipped-apps.ts'

/** The release as `apps` describes it: each app's label, and the directory of its migrations. */
export const createAppsRelease = (apps: Readonly<Record<string, string>>): ReleaseReader => {
  const places = Object.entries(apps).map(([app, path]) => ({ app, path }))
  const shipped = createShippedApps()
  return { read: () => shipped.read(places, { areApps: true }) }
}
