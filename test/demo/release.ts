import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What the app's release ships, as Django lays it out. */
const shipped = {
  accounts: ['0001_initial', '0002_email'],
  catalog: ['0001_initial', '0002_price', '0003_stock'],
} as const

/** The migration that the demo takes back: `app` and `name` as in django_migrations. */
export const latestMigration = { app: 'catalog', name: '0003_stock' } as const

/** `app, name` of each migration of the release. */
export const migrations: readonly (readonly [app: string, name: string])[] = Object.entries(shipped).flatMap(
  ([app, names]) => names.map(name => [app, name] as const),
)

const source = (app: string, previous: string | undefined) => `from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [${previous ? `("${app}", "${previous}")` : ''}]
    operations = []
`

/** Writes the migrations' files; answers each app's directory of them. */
export const writeMigrations = async (directory: string): Promise<Record<string, string>> => {
  const directories: Record<string, string> = {}
  for (const [app, names] of Object.entries(shipped)) {
    const path = join(directory, app, 'migrations')
    directories[app] = path
    await mkdir(path, { recursive: true })
    await writeFile(join(path, '__init__.py'), '')
    for (const [i, name] of names.entries())
      await writeFile(join(path, `${name}.py`), source(app, names[i - 1]))
  }
  return directories
}
