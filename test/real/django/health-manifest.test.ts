import { execFile } from 'node:child_process'
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { verifyManifest } from '../../../src/checks/migrations/django/verify-manifest.ts'

const SCRIPT = join(import.meta.dirname, '../../../config/django/health_manifest.py')
const PYTHON = process.env['ORACLE_PYTHON'] ?? '/usr/bin/python3'

const migration = (body = '') =>
  `from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    ${body || 'pass'}\n`

/** A project of one app, with what a test adds to it. */
const project = async (t: Test, files: Record<string, string>) => {
  const dir = t.testdir()
  const all = {
    'settings.py': "INSTALLED_APPS = ['shop', 'django.contrib.contenttypes']\nSECRET_KEY = 'x'\n",
    'shop/__init__.py': '',
    'shop/migrations/__init__.py': '',
    'shop/migrations/0001_initial.py': migration(),
    ...files,
  }
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), text)
  }
  return dir
}

/** Runs the script as in the image of a release. */
const write = (cwd: string, args: readonly string[] = []) =>
  promisify(execFile)(PYTHON, ['-B', SCRIPT, '--settings', 'settings', ...args], { cwd }).then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
  )

const parent = (name: string) => `dependencies = [('shop', '${name}')]`

t.test('health_manifest.py › writes, without a database, what the sidecar verifies', async t => {
  const dir = await project(t, {
    'shop/migrations/0002_price.py': migration(parent('0001_initial')),
    'shop/migrations/0001_squashed.py': migration(
      "replaces = [('shop', '0001_initial'), ('shop', '0002_price')]",
    ),
  })
  t.strictSame(await write(dir), { code: 0, stderr: '' })
  const manifest = JSON.parse(await readFile(join(dir, 'migrations.json'), 'utf8'))
  t.strictSame(manifest.apps.shop, {
    directories: ['shop/migrations'],
    migrations: {
      '0001_initial': [],
      '0001_squashed': [
        ['shop', '0001_initial'],
        ['shop', '0002_price'],
      ],
      '0002_price': [],
    },
  })
  t.match(
    manifest.apps.contenttypes.directories,
    [/^\/.*contenttypes\/migrations$/],
    'another place is absolute',
  )
  t.match(await verifyManifest(join(dir, 'migrations.json')), { ok: true, apps: 2, migrations: 5 })

  await rename(join(dir, 'shop'), join(dir, 'moved'))
  t.match(await verifyManifest(join(dir, 'migrations.json')), {
    ok: false,
    problem: { reason: 'MIGRATIONS_MANIFEST_STALE' },
  })
})

t.test('health_manifest.py › can be moved together with the release', async t => {
  const dir = await project(t, {})
  await write(dir, ['--output', join(dir, 'migrations.json')])
  const moved = `${dir}-moved`
  await rename(dir, moved)
  t.match(await verifyManifest(join(moved, 'migrations.json')), { ok: true })
  await rm(moved, { recursive: true })
})

const broken: Record<string, [file: string, source: string, says: RegExp]> = {
  'a parent is missing': ['0002_price', migration(parent('0009_gone')), /NodeNotFoundError/],
  'migrations go round in a circle': [
    '0001_initial',
    migration(parent('0001_initial')),
    /CircularDependencyError|: /,
  ],
  'a migration cannot be imported': ['0002_price', 'import nothing_of_that_name', /nothing_of_that_name/],
  'a file holds no migration': ['0002_price', 'x = 1', /BadMigrationError/],
  'an app has two last migrations': [
    '0002_price',
    migration(),
    /Refused: .*shop\.0001_initial, shop\.0002_price/,
  ],
}
for (const [what, [file, source, says]] of Object.entries(broken))
  t.test(`health_manifest.py › fails and writes nothing where ${what}`, async t => {
    const dir = await project(t, { [`shop/migrations/${file}.py`]: source })
    const { code, stderr } = await write(dir)
    t.equal(code, 1)
    t.match(stderr, says)
    t.notOk((await readdir(dir)).some(name => name.startsWith('migrations.json')))
  })

t.test('health_manifest.py › says that it needs settings', async t => {
  const { code, stderr } = await promisify(execFile)(PYTHON, ['-B', SCRIPT], { env: {} }).then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => error,
  )
  t.equal(code, 2)
  t.match(stderr, /DJANGO_SETTINGS_MODULE/)
})
