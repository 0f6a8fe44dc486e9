import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { migrations } from '../../../src/checks/migrations/migrations.ts'
import type { MigrationsConfig } from '../../../src/checks/migrations/config.ts'
import { createDatabases } from '../../../src/postgres/databases.ts'
import { startPostgres } from '../../support/postgres.ts'

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())
await postgres.query(`
  create table public.django_migrations (app text, name text);
  insert into public.django_migrations values ('shop', '0001_initial');
  create schema staging;
  create table staging.django_migrations (app text, name text);
  create table staging.moved (version bigint, dirty boolean);
  insert into staging.moved values (1, false)`)

const { signal } = new AbortController()

const directory = t.testdir()
const shop = join(directory, 'shop')
await mkdir(shop)
await writeFile(join(shop, '__init__.py'), '')
await writeFile(
  join(shop, '0001_initial.py'),
  'from django.db import migrations\nclass Migration(migrations.Migration):\n    operations = []\n',
)
const up = join(directory, 'up')
await mkdir(up)
await writeFile(join(up, '1_first.up.sql'), '')

const django = (database: MigrationsConfig['database']) =>
  migrations.create({ tool: 'django', database, apps: { shop } }, { databases })
const databases = createDatabases()
t.teardown(() => databases[Symbol.asyncDispose]())

t.test('migrations › evidence names host, database, schema and table', async t => {
  t.match(await django(postgres.url()).run(signal), {
    status: 'pass',
    evidence: {
      host: `127.0.0.1:${postgres.port}`,
      database: 'postgres',
      schema: 'public',
      table: 'django_migrations',
    },
  })
})

t.test('migrations › the schema that the app sees is the one that counts', async t => {
  const queries = [
    'schema=staging',
    'search_path=staging',
    'currentSchema=staging',
    'schema_search_path=staging',
    'searchPath=staging',
    'options[search_path]=staging',
    'options%5Bsearch_path%5D=staging',
    'options=-c%20search_path%3Dstaging',
    'options=--search_path%3Dstaging',
  ]
  for (const query of queries)
    t.match(
      await django(`${postgres.url()}?${query}`).run(signal),
      { status: 'fail', reason: 'MIGRATIONS_PENDING', evidence: { schema: 'staging' } },
      query,
    )
})

t.test('migrations › a parameter that is not known is no pass', async t => {
  t.match(await django(`${postgres.url()}?color=red`).run(signal), {
    status: 'warn',
    reason: 'DATABASE_PARAMETER_UNKNOWN',
    evidence: { applied: 1, unknownParameters: ['color'] },
  })
  t.match(await django(`${postgres.url()}?default_schema=staging`).run(signal), {
    status: 'unknown',
    reason: 'DATABASE_URL_UNKNOWN',
  })
})

t.test('migrations › a kept connection that was cut is told', async t => {
  const check = django(postgres.url())
  await check.run(signal)
  await postgres.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'health-sidecar'`,
  )
  t.match(await check.run(signal), { status: 'pass', interrupted: true, evidence: { reconnected: true } })
  t.notMatch(await check.run(signal), { interrupted: true })
})

t.test('migrations › a table that the URL names is not taken for the default one', async t => {
  const database = `${postgres.url()}?search_path=staging&x-migrations-table=moved`
  const run = (table?: string) =>
    migrations
      .create(
        { tool: 'golang-migrate', database, directory: up, ...(table !== undefined && { table }) },
        { databases },
      )
      .run(signal)
  t.match(await run(), { status: 'unknown', message: /x-migrations-table; set the key table/ })
  t.match(await run('moved'), { status: 'pass', evidence: { table: 'moved' } })
})
