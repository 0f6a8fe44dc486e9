import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { migrations } from '../../../src/checks/migrations/migrations.ts'
import { createDatabases } from '../../../src/postgres/databases.ts'
import { startPostgres } from '../../support/postgres.ts'

const APP = join(import.meta.dirname, '../app')
const SCRIPT = join(import.meta.dirname, '../../../config/django/health_manifest.py')

/** Runs Debian's Django on the app, as a deployment would. */
const python = (args: readonly string[], env: Record<string, string>) =>
  promisify(execFile)('/usr/bin/python3', ['-B', ...args], { cwd: APP, env: { ...process.env, ...env } })

t.test(
  'migrate › the check follows a real migration from nothing to all, in the app’s own schema',
  async t => {
    await using postgres = await startPostgres()
    const database = await postgres.createDatabase()
    await postgres.query('CREATE SCHEMA shop; CREATE ROLE app LOGIN PASSWORD $$only-for-tests$$', {
      database,
    })
    await postgres.query('ALTER ROLE app SET search_path = shop; GRANT ALL ON SCHEMA shop TO app', {
      database,
    })
    const url = postgres.url({ user: 'app', password: 'only-for-tests', database })
    const dir = await mkdtemp(join(tmpdir(), 'migrate-'))
    t.teardown(() => rm(dir, { recursive: true }))
    const manifest = join(dir, 'migrations.json')
    await python([SCRIPT, '--settings', 'project.settings', '--output', manifest], {})

    await using databases = createDatabases()
    const sources = { manifest: { manifest }, apps: { apps: { catalog: join(APP, 'catalog/migrations') } } }
    const answers = async () => {
      const { signal } = new AbortController()
      const asked = Object.values(sources).map(source =>
        migrations.create({ tool: 'django', database: url, ...source }, { databases }).run(signal),
      )
      const [byManifest, byApps] = await Promise.all(asked)
      const named = (finding: typeof byApps) => (finding?.status === 'pass' ? 'pass' : finding?.message)
      t.equal(named(byManifest), named(byApps), 'both say the same')
      return byManifest
    }
    const manage = (...args: string[]) => python(['manage.py', ...args], { DATABASE_URL: url })

    t.match(await answers(), { status: 'fail', reason: 'MIGRATIONS_TABLE_MISSING' })
    await manage('migrate', 'catalog', '0001')
    t.match(await answers(), {
      status: 'fail',
      reason: 'MIGRATIONS_PENDING',
      evidence: { pending: ['catalog.0002_price'] },
    })
    await manage('migrate')
    t.match(await answers(), { status: 'pass', evidence: { applied: 2 } })
    await manage('migrate', 'catalog', 'zero')
    t.match(await answers(), {
      status: 'fail',
      evidence: { pending: ['catalog.0001_initial', 'catalog.0002_price'] },
    })

    await postgres.query('ALTER ROLE app SET search_path = public', { database })
    await using others = createDatabases()
    const check = migrations.create({ tool: 'django', database: url, manifest }, { databases: others })
    t.match(
      await check.run(new AbortController().signal),
      { status: 'fail', reason: 'MIGRATIONS_TABLE_MISSING' },
      'a table that the app would not see is none',
    )
  },
)
