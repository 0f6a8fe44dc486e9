import type { ShippedMigrationsReader } from './shipped.ts'
import { createShippedApps } from './shipped-apps.ts'

/** What the release ships by `apps`: each app's label, and the directory of its migrations. */
export const createShippedByApps = (apps: Readonly<Record<string, string>>): ShippedMigrationsReader => {
  const places = Object.entries(apps).map(([app, path]) => ({ app, path }))
  const shipped = createShippedApps({ areApps: true })
  return { read: () => shipped.read(places) }
}
