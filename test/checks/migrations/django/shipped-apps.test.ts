import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { createShippedApps } from '../../../../src/checks/migrations/django/shipped-apps.ts'

const plain =
  'from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = []\n'

type Tree = Exclude<Parameters<Test['testdir']>[0], string | undefined>

const read = async (t: Test, tree: Tree, { areApps = true } = {}) => {
  const path = join(t.testdir({ app: tree }), 'app')
  const answer = await createShippedApps({ areApps }).read([{ app: 'shop', path }])
  return answer.ok ? [...answer.shipped.keys()] : answer.problem
}

t.test('shipped apps › one that is listed and cannot be opened is unknown, not left out', async t => {
  const broken = t.fixture('symlink', '/nonexistent/0002.py')
  t.match(await read(t, { '__init__.py': '', '0001_a.py': plain, '0002_b.py': broken }), {
    status: 'unknown',
    reason: 'MIGRATIONS_UNREADABLE',
    message: /0002_b\.py is listed in its directory but cannot be opened; check whether it is a broken link/,
    evidence: { path: /0002_b\.py$/ },
  })
})

t.test('shipped apps › a directory that is gone, or is no package, is a failure', async t => {
  const gone = { status: 'fail', reason: 'MIGRATIONS_DIRECTORY_MISSING', evidence: { app: 'shop' } }
  const path = join(t.testdir(), 'gone')
  const answer = await createShippedApps({ areApps: true }).read([{ app: 'shop', path }])
  t.match(answer, { ok: false, problem: gone })
  t.match(await read(t, { '0001_a.py': plain }), gone)
})

t.test('shipped apps › bytecode alone does not tell what it replaces', async t => {
  t.match(await read(t, { '__init__.py': '', '0001_a.pyc': '' }), {
    status: 'unknown',
    reason: 'MIGRATIONS_NOT_LITERAL',
    message: /there is only bytecode, no source; use a manifest/,
  })
})

t.test('shipped apps › a module without a Migration is none of Django only where it is guessed', async t => {
  const tree = { '__init__.py': '', 'helpers.py': 'A = 1\n' }
  t.match(await read(t, tree), { status: 'unknown', reason: 'MIGRATIONS_NOT_LITERAL' })
  t.strictSame(await read(t, tree, { areApps: false }), [])
  t.match(
    await read(t, { ...tree, '0001_a.py': plain }, { areApps: false }),
    { status: 'unknown' },
    'not beside one that has one',
  )
})
