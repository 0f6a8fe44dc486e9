import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { migrations } from '../../../src/checks/migrations/migrations.ts'
import { fakeDatabases } from '../../checks/migrations/fake-databases.ts'

const ROWS = [
  ['shop', '0001_squashed'],
  ['shop', '0003_later'],
] as const

/** Records the rows in a new database, migrates, and says what Django says. */
const MIGRATE = `
import django
from django.conf import settings
settings.configure(INSTALLED_APPS=['shop'], USE_TZ=True, DATABASES={
    'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}})
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
recorder = MigrationRecorder(connection)
recorder.ensure_schema()
for app, name in ${JSON.stringify(ROWS)}:
    recorder.record_applied(app, name)
call_command('migrate', check_unapplied=True)
call_command('migrate')
`

const migration = (body: string) =>
  `from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    ${body}\n`

t.test('a squash whose rows are gone › Django has nothing to do, and the check says what to do', async t => {
  const directory = t.testdir()
  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true })
      await writeFile(join(directory, path), text)
    }
  }
  const apps = { shop: join(directory, 'shop/migrations') }
  const ask = () =>
    migrations
      .create(
        { tool: 'django', database: 'postgres://x', apps },
        { databases: fakeDatabases({ rows: ROWS }) },
      )
      .run(new AbortController().signal)
  const migrate = async () =>
    (await promisify(execFile)('/usr/bin/python3', ['-B', '-W', 'ignore', '-c', MIGRATE], { cwd: directory }))
      .stdout

  await write({
    'shop/__init__.py': '',
    'shop/migrations/__init__.py': '',
    'shop/migrations/0001_squashed.py': migration(`replaces = [('shop', '0001_a'), ('shop', '0002_b')]`),
    'shop/migrations/0003_later.py': migration(`dependencies = [('shop', '0001_squashed')]`),
  })
  t.match(await migrate(), /No migrations to apply/)
  t.match(await ask(), { status: 'fail', reason: 'MIGRATIONS_SQUASH_ROWS_GONE' })

  await write({ 'shop/migrations/0001_squashed.py': migration('initial = True') })
  t.match(await migrate(), /No migrations to apply/)
  t.match(await ask(), { status: 'pass', evidence: { applied: 2 } }, 'without replaces')
})
