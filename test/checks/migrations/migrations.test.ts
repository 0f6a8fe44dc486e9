import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { migrations } from '../../../src/checks/migrations/migrations.ts'
import { fakeDatabases } from './fake-databases.ts'
import type { Contents } from './fake-databases.ts'

const plain =
  'from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = []\n'

/** A directory of migrations, with an `__init__.py` unless told otherwise. */
const app = (t: Test, names: readonly string[], init: Record<string, string> = { '__init__.py': '' }) =>
  t.testdir({ ...init, ...Object.fromEntries(names.map(name => [`${name}.py`, plain])) })

const ask = async (
  config: { apps: Record<string, string> } | { manifest: string },
  contents: Contents,
  signal = new AbortController().signal,
) => {
  const databases = fakeDatabases(contents)
  const check = migrations.create({ tool: 'django', database: 'postgres://x', ...config }, { databases })
  return check.run(signal)
}

t.test('migrations › all applied is a pass that says how many', async t => {
  const apps = { catalog: app(t, ['0001_initial', '0002_price']) }
  const rows = [
    ['catalog', '0001_initial'],
    ['catalog', '0002_price'],
    ['catalog', '0002_price'],
  ] as const
  const finding = await ask({ apps }, { rows })
  t.match(finding, { status: 'pass', evidence: { applied: 2, tookMs: Number } })
  t.notHas(finding.evidence, { extra: [] })
})

t.test('migrations › what is pending is a failure that names it', async t => {
  const apps = { catalog: app(t, ['0001_initial', '0002_price']) }
  t.match(await ask({ apps }, { rows: [['catalog', '0001_initial']] }), {
    status: 'fail',
    reason: 'MIGRATIONS_PENDING',
    message: '1 migration is not applied: catalog.0002_price; run manage.py migrate',
    evidence: { pending: ['catalog.0002_price'], applied: 1 },
  })
})

t.test('migrations › of many, the first 20 are named, and how many more', async t => {
  const names = Array.from({ length: 23 }, (_, i) => `${String(i).padStart(4, '0')}_x`)
  const finding = await ask({ apps: { a: app(t, names) } }, { rows: [] })
  t.match(finding, { reason: 'MIGRATIONS_PENDING', evidence: { pendingCount: 23 } })
  t.match(finding, { message: /^23 migrations are not applied: a\.0000_x, .* a\.0019_x and 3 more; / })
})

t.test('migrations › rows that nothing explains are listed, and pass', async t => {
  const rows = [
    ['a', '0001'],
    ['a', '0002_newer'],
    ['gone', '0001'],
  ] as const
  t.match(await ask({ apps: { a: app(t, ['0001']) } }, { rows }), {
    status: 'pass',
    evidence: { applied: 1, extra: ['a.0002_newer', 'gone.0001'] },
  })
})

t.test('migrations › a standby is told, as it may lag behind', async t => {
  const contents = { rows: [['a', '0001']] as const, standby: true }
  t.match(await ask({ apps: { a: app(t, ['0001', '0002']) } }, contents), {
    status: 'fail',
    reason: 'MIGRATIONS_PENDING',
    message: /standby/,
    evidence: { standby: true },
  })
})

t.test('migrations › no table is a failure of its own', async t => {
  t.match(await ask({ apps: { a: app(t, ['0001']) } }, { table: 'absent' }), {
    status: 'fail',
    reason: 'MIGRATIONS_TABLE_MISSING',
    message: /search_path/,
  })
})

t.test(
  'migrations › a table that goes away is noticed, and costs one query a run while it is there',
  async t => {
    const databases = fakeDatabases({ rows: [['a', '0001']] })
    const config = { tool: 'django' as const, database: 'postgres://x', apps: { a: app(t, ['0001']) } }
    const check = migrations.create(config, { databases })
    const { signal } = new AbortController()
    t.match(await check.run(signal), { status: 'pass' })
    t.match(await check.run(signal), { status: 'pass' })
    t.equal(databases.asked.length, 3, 'whether there is a table is asked once')
    databases.contents = { table: 'absent' }
    t.match(await check.run(signal), { reason: 'MIGRATIONS_TABLE_MISSING' })
    databases.contents = { rows: [] }
    t.match(await check.run(signal), { reason: 'MIGRATIONS_PENDING' })
  },
)

t.test('migrations › a database that does not answer is its own finding', async t => {
  const problem = { status: 'unknown', reason: 'DATABASE_REFUSED', message: 'refused' } as const
  t.match(await ask({ apps: { a: app(t, ['0001']) } }, { problem }), problem)
  const timeout = new AbortController()
  const hanging = { hangs: () => timeout.abort() }
  t.match(await ask({ apps: { a: app(t, ['0001']) } }, hanging, timeout.signal), {
    status: 'unknown',
    reason: 'DATABASE_TIMED_OUT',
  })
})

t.test('migrations › nothing found is never a pass', async t => {
  t.match(await ask({ apps: { a: app(t, []) } }, { rows: [] }), {
    status: 'fail',
    reason: 'MIGRATIONS_NONE_FOUND',
  })
})

t.test('migrations › an app without migrations beside one with some is as Django has it', async t => {
  const dir = t.testdir({ a: { '__init__.py': '' }, b: { '__init__.py': '', '0001.py': plain } })
  const apps = { a: join(dir, 'a'), b: join(dir, 'b') }
  t.match(await ask({ apps }, { rows: [['b', '0001']] }), { status: 'pass', evidence: { applied: 1 } })
})

t.test('migrations › a release without the directory of an app is proof against it', async t => {
  const dir = app(t, ['0001'])
  for (const missing of [join(dir, 'absent'), join(dir, '0001.py')])
    t.match(await ask({ apps: { a: dir, b: missing } }, { rows: [['a', '0001']] }), {
      status: 'fail',
      reason: 'MIGRATIONS_DIRECTORY_MISSING',
      evidence: { app: 'b', path: missing },
    })
})

t.test('migrations › a directory without __init__.py, which Django ignores, is a failure', async t => {
  t.match(await ask({ apps: { a: app(t, ['0001'], {}) } }, { rows: [] }), {
    status: 'fail',
    reason: 'MIGRATIONS_DIRECTORY_MISSING',
  })
})

t.test('migrations › what cannot be read is unknown', async t => {
  const dir = t.testdir({ '__init__.py': '', '0001.py': t.fixture('symlink', '0001.py') })
  t.match(await ask({ apps: { a: dir } }, { rows: [] }), {
    status: 'unknown',
    reason: 'MIGRATIONS_UNREADABLE',
    evidence: { code: 'ELOOP' },
  })
})

t.test('migrations › a file that is added later is seen', async t => {
  const dir = app(t, ['0001'])
  const databases = fakeDatabases({ rows: [['a', '0001']] })
  const check = migrations.create(
    { tool: 'django', database: 'postgres://x', apps: { a: dir } },
    { databases },
  )
  const { signal } = new AbortController()
  t.match(await check.run(signal), { status: 'pass' })
  await writeFile(join(dir, '0002.py'), plain)
  t.match(await check.run(signal), { status: 'fail', evidence: { pending: ['a.0002'] } })
})

const manifest = async (
  t: Test,
  apps: Record<string, { directories: string[]; migrations: Record<string, string[][]> }>,
  files: Record<string, string> = {},
) => {
  const dir = t.testdir()
  const path = join(dir, 'migrations.json')
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, file)), { recursive: true })
    await writeFile(join(dir, file), text)
  }
  await writeFile(
    path,
    JSON.stringify({ format: 'health-sidecar/django-migrations/1', django: '5.2.1', apps }),
  )
  return path
}

t.test('manifest › knows what is shipped, and what replaces what', async t => {
  const apps = { a: { directories: ['a'], migrations: { '0001': [], '0003_squashed': [['a', '0002']] } } }
  const path = await manifest(t, apps, { 'a/__init__.py': '', 'a/0001.py': '', 'a/0003_squashed.py': '' })
  const rows = [
    ['a', '0001'],
    ['a', '0002'],
  ] as const
  const finding = await ask({ manifest: path }, { rows })
  t.match(finding, { status: 'pass', evidence: { applied: 2 } })
  t.notOk(finding.evidence?.['extra'], 'a replaced row is explained')
})

t.test('manifest › that disagrees with the disk is stale, which is a failure', async t => {
  const apps = { a: { directories: ['a'], migrations: { '0001': [] } } }
  const path = await manifest(t, apps, { 'a/__init__.py': '', 'a/0002.py': '' })
  t.match(await ask({ manifest: path }, { rows: [['a', '0001']] }), {
    status: 'fail',
    reason: 'MIGRATIONS_MANIFEST_STALE',
    evidence: { differences: ['+a.0002', '-a.0001'] },
  })
})

t.test('manifest › whose directories are not on this host is stale, and says which', async t => {
  const directories = ['absent', '/opt/of/the/build/site-packages/a/migrations']
  const path = await manifest(t, { a: { directories, migrations: { '0001': [] } } })
  t.match(await ask({ manifest: path }, { rows: [['a', '0001']] }), {
    reason: 'MIGRATIONS_MANIFEST_STALE',
    message:
      /not on this host \(.*\/absent, \/opt\/of\/the\/build\/site-packages\/a\/migrations\) in the release, and write the manifest again$/,
    evidence: { absent: [/\/absent$/, '/opt/of/the/build/site-packages/a/migrations'] },
  })
})

t.test('manifest › that is absent is a failure, and one that is not understood is unknown', async t => {
  const dir = t.testdir({ 'broken.json': '{', 'other.json': '{"format":"x"}' })
  t.match(await ask({ manifest: join(dir, 'absent.json') }, { rows: [] }), {
    status: 'fail',
    reason: 'MIGRATIONS_MANIFEST_MISSING',
  })
  for (const file of ['broken.json', 'other.json'])
    t.match(await ask({ manifest: join(dir, file) }, { rows: [] }), {
      status: 'unknown',
      reason: 'MIGRATIONS_MANIFEST_INVALID',
    })
})

const squash = (replaces: string) =>
  `from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    replaces = [${replaces}]\n`

t.test('squashed migrations › that replace squashed ones need a Django that resolves them', async t => {
  const dir = t.testdir({
    '__init__.py': '',
    '0001_s.py': squash("('a', '0001'), ('a', '0002')"),
    '0001_t.py': squash("('a', '0001_s'), ('a', '0003')"),
  })
  const rows = [
    ['a', '0001'],
    ['a', '0002'],
    ['a', '0003'],
  ] as const
  const versions = [undefined, 5.2, '5.2.17', 6, '6.0']
  const findings = versions.map(version => {
    const config = { tool: 'django' as const, database: 'postgres://x', apps: { a: dir } }
    return migrations
      .create(
        { ...config, ...(version !== undefined && { django_version: version }) },
        { databases: fakeDatabases({ rows }) },
      )
      .run(new AbortController().signal)
  })
  const [unsaid, before, long, since, text] = await Promise.all(findings)
  t.match(unsaid, { status: 'unknown', reason: 'MIGRATIONS_SQUASH_NESTED', message: /set django_version/ })
  t.match(before, { status: 'unknown', reason: 'MIGRATIONS_SQUASH_NESTED', message: /Django 5\.2 / })
  t.match(long, { status: 'unknown' })
  t.match([since, text], [{ status: 'pass' }, { status: 'pass' }])
})

t.test(
  'squashed migrations › applied in part, with the rest not shipped, are a failure of their own',
  async t => {
    const dir = t.testdir({ '__init__.py': '', '0001_s.py': squash("('a', '0001'), ('a', '0002')") })
    t.match(await ask({ apps: { a: dir } }, { rows: [['a', '0001']] }), {
      status: 'fail',
      reason: 'MIGRATIONS_SQUASH_INCOMPLETE',
      message: /a\.0001_s is partly applied, .*: a\.0002; /,
      evidence: { squashed: 'a.0001_s', missing: ['a.0002'] },
    })
  },
)

t.test(
  'squashed migrations › with a row, but none of what they replace, are a failure of their own',
  async t => {
    const dir = t.testdir({
      '__init__.py': '',
      '0001_s.py': squash("('a', '0001'), ('a', '0002')"),
      '0003.py': plain,
    })
    const rows = [
      ['a', '0001_s'],
      ['a', '0003'],
    ] as const
    t.match(await ask({ apps: { a: dir } }, { rows }), {
      status: 'fail',
      reason: 'MIGRATIONS_SQUASH_ROWS_GONE',
      message: /^no migration that a\.0001_s replaces has a row, .*; delete replaces from its source/,
      evidence: { pending: ['a.0001_s'] },
    })
    t.match(await ask({ apps: { a: dir } }, { rows: [['a', '0001_s']] }), {
      reason: 'MIGRATIONS_PENDING',
      evidence: { pending: ['a.0001_s', 'a.0003'] },
    })
  },
)

t.test('squashed migrations › whose targets cannot be read are unknown, with where and why', async t => {
  const dir = t.testdir({ '__init__.py': '', '0001_s.py': squash('OLD') })
  t.match(await ask({ apps: { a: dir } }, { rows: [] }), {
    status: 'unknown',
    reason: 'MIGRATIONS_NOT_LITERAL',
    message:
      /cannot tell from its source what .*0001_s\.py replaces: line 5: it is not a literal; use a manifest$/,
  })
  const bytecode = t.testdir({ '__init__.py': '', '0001.pyc': '' })
  t.match(await ask({ apps: { a: bytecode } }, { rows: [] }), { reason: 'MIGRATIONS_NOT_LITERAL' })
})

t.test('migrations › a pipe in the place of a manifest is refused, and is not waited for', async t => {
  const dir = await mkdtemp(join(tmpdir(), 'hang-'))
  const pipe = join(dir, 'migrations.json')
  await promisify(execFile)('mkfifo', [pipe])
  const databases = fakeDatabases({ rows: [] })
  const check = migrations.create({ tool: 'django', database: 'postgres://x', manifest: pipe }, { databases })
  const signal = new AbortController().signal
  t.match(await check.run(signal), {
    status: 'unknown',
    reason: 'MIGRATIONS_UNREADABLE',
    message: `${pipe} is not a file`,
  })
  await rm(dir, { recursive: true })
  t.match(await check.run(signal), { reason: 'MIGRATIONS_MANIFEST_MISSING' })
})
