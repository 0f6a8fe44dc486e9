import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { createShippedByScan } from '../../../src/checks/migrations/django/shipped-by-scan.ts'

const APPS = [
  'admin.apps.SimpleAdminConfig',
  'auth',
  'contenttypes',
  'flatpages',
  'redirects',
  'sessions',
  'sites',
]

const LOADER = `
import json, os, django
from django.conf import settings
apps = ["django.contrib." + name for name in ${JSON.stringify(APPS)}]
settings.configure(INSTALLED_APPS=apps, SECRET_KEY='x')
django.setup()
from django.db.migrations.loader import MigrationLoader
found = MigrationLoader(None).disk_migrations
replaces = {".".join(key): [".".join(target) for target in found[key].replaces] for key in found}
print(json.dumps([os.path.dirname(django.__file__), replaces]))
`

t.test('scan › finds in Django’s own apps what Django finds', async t => {
  const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-W', 'ignore', '-c', LOADER])
  const [path, replaces]: [string, Record<string, string[]>] = JSON.parse(stdout)
  const answer = await createShippedByScan([`${path}/contrib`]).read()
  t.strictSame(answer.ok ? Object.fromEntries(answer.shipped) : answer.problem, replaces)
  t.ok(Object.keys(replaces).length > 15)
})
