import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { migrations } from '../../../src/checks/migrations/migrations.ts'
import type { MigrationsConfig } from '../../../src/checks/migrations/config.ts'
import { createDatabases } from '../../../src/postgres/databases.ts'
import type { Databases } from '../../../src/postgres/databases.ts'
import { startPostgres } from '../../support/postgres.ts'

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())

const plain = 'from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    pass\n'

const shop = async (t: Test, ...names: readonly string[]): Promise<string> => {
  const directory = join(t.testdir(), 'shop')
  await mkdir(directory)
  for (const name of ['__init__', ...names]) await writeFile(join(directory, `${name}.py`), plain)
  return directory
}

/** A database with a table of migrations in each schema. */
const tenants = async (schemas: Readonly<Record<string, readonly string[] | 'no table'>>) => {
  const database = await postgres.createDatabase()
  const statements = Object.entries(schemas).map(([schema, rows]) => {
    const name = `"${schema.replaceAll('"', '""')}"`
    const table = `create table ${name}.django_migrations (id serial, app varchar, name varchar)`
    const inserted =
      rows === 'no table'
        ? []
        : rows.map(row => `insert into ${name}.django_migrations (app, name) values ('shop', '${row}')`)
    return [`create schema if not exists ${name}`, ...(rows === 'no table' ? [] : [table]), ...inserted].join(
      ';',
    )
  })
  await postgres.query(statements.join(';'), { database })
  return { url: postgres.url({ database }), sql: (text: string) => postgres.query(text, { database }) }
}

/** Counts the queries. */
const counting = (databases: Databases) => {
  const asked: string[] = []
  const counted: Databases = {
    query: (source, query) => {
      asked.push(query.text)
      return databases.query(source, query)
    },
    [Symbol.asyncDispose]: () => databases[Symbol.asyncDispose](),
  }
  return { asked, counted }
}

const ask = async (config: Partial<MigrationsConfig>, timeoutMs = 60_000) => {
  const { asked, counted } = counting(createDatabases())
  await using databases = counted
  await using check = migrations.create({ tool: 'django', ...config } as MigrationsConfig, { databases })
  return { finding: await check.run(AbortSignal.timeout(timeoutMs)), asked }
}

t.test('schema › is where the table is, whatever the search_path says', async t => {
  const { url } = await tenants({ public: ['0001'], 'Odd "schema"': ['0001', '0002'], bare: 'no table' })
  const apps = { shop: await shop(t, '0001', '0002') }
  t.match((await ask({ database: url, apps })).finding, {
    status: 'fail',
    evidence: { pending: ['shop.0002'] },
  })
  t.match((await ask({ database: url, apps, schema: 'Odd "schema"' })).finding, {
    status: 'pass',
    evidence: { applied: 2, table: '"Odd ""schema""".django_migrations' },
  })
  t.match((await ask({ database: url, apps, schema: 'bare' })).finding, {
    status: 'fail',
    reason: 'MIGRATIONS_TABLE_MISSING',
  })
})

t.test('schemas › one finding names those that are behind', async t => {
  const { url, sql } = await tenants({
    public: ['0001', '0002', '0003'],
    ann: ['0001', '0002', '0003'],
    bob: ['0001'],
    cay: ['0001'],
    dan: 'no table',
  })
  const apps = { shop: await shop(t, '0001', '0002', '0003') }
  const config = { database: url, apps }
  t.match((await ask({ ...config, schema: ['public', 'ann'] })).finding, {
    status: 'pass',
    evidence: { applied: 3, schemaCount: 2, table: 'django_migrations' },
  })
  const some = await ask({ ...config, schema: ['public', 'ann', 'bob', 'cay', 'dan'] })
  t.match(some.finding, {
    status: 'fail',
    reason: 'MIGRATIONS_PENDING',
    message:
      '3 of 5 schemas are behind: bob, cay (shop.0002, shop.0003 not applied); dan (no table django_migrations); run manage.py migrate for them',
    evidence: { behind: ['bob', 'cay', 'dan'], pending: ['shop.0002', 'shop.0003'], schemaCount: 5 },
  })
  t.match((await ask({ ...config, schema: ['ann', 'dan', 'nowhere'] })).finding, {
    status: 'fail',
    reason: 'MIGRATIONS_TABLE_MISSING',
    evidence: { behind: ['dan', 'nowhere'] },
  })

  await sql(`create table public.tenants (id int, schema_name text);
    insert into public.tenants values (1, 'public'), (2, 'ann'), (3, 'bob')`)
  const schema = { query: 'SELECT schema_name FROM public.tenants;' }
  t.match((await ask({ ...config, schema })).finding, {
    status: 'fail',
    evidence: { behind: ['bob'], schemaCount: 3 },
  })
  await sql(`delete from public.tenants where id = 3`)
  t.match((await ask({ ...config, schema })).finding, { status: 'pass', evidence: { schemaCount: 2 } })
})

t.test('schemas › that cannot be told are unknown, never a pass', async t => {
  const { url } = await tenants({ public: ['0001'] })
  const config = { database: url, apps: { shop: await shop(t, '0001') } }
  const of = async (query: string) => (await ask({ ...config, schema: { query } })).finding
  for (const query of [
    `SELECT 'public' WHERE false`,
    `SELECT 1`,
    `SELECT NULL::text`,
    `SELECT ''`,
    `SELECT 'public' UNION ALL SELECT NULL`,
    `SELECT n::text FROM generate_series(1, 10001) AS n`,
  ])
    t.match(await of(query), { status: 'unknown', reason: 'MIGRATIONS_SCHEMAS_UNKNOWN' }, query)
  for (const query of ['SELECT nothing FROM nowhere', 'DELETE FROM django_migrations RETURNING app'])
    t.match(await of(query), { status: 'unknown', reason: 'DATABASE_ERROR' }, query)
  t.match(await of(`SELECT 'public' -- a comment`), { status: 'pass' })
})

t.test('schemas › a thousand are read over one connection in few statements', async t => {
  const names = Array.from({ length: 1000 }, (_, i) => `tenant_${i}`)
  const done = Array.from({ length: 100 }, (_, i) => `${String(i).padStart(4, '0')}_m`)
  const { url, sql } = await tenants({})
  for (let from = 0; from < names.length; from += 100)
    await sql(
      names
        .slice(from, from + 100)
        .map(
          name => `create schema ${name}; create table ${name}.django_migrations as
            select 'shop'::varchar as app, to_char(n, 'FM0000') || '_m' as name from generate_series(0, 99) as n`,
        )
        .join(';'),
    )
  const config = { database: url, apps: { shop: await shop(t, ...done) } }
  const schema = { query: `SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'tenant%'` }
  const all = await ask({ ...config, schema }, 60_000)
  t.match(all.finding, { status: 'pass', evidence: { applied: 100, schemaCount: 1000 } })
  t.ok(all.asked.length <= 13, `${all.asked.length} statements`)
  t.comment(JSON.stringify(all.finding.evidence))
  await sql(`delete from tenant_500.django_migrations where name = '0007_m'`)
  t.match((await ask({ ...config, schema }, 60_000)).finding, {
    status: 'fail',
    message: /^1 of 1000 schemas are behind: tenant_500 \(shop\.0007_m not applied\);/,
  })
})

t.test('schemas › what an earlier run saw of one counts for no other', async t => {
  const { url, sql } = await tenants({})
  const directory = t.testdir({
    'a.py': `revision = 'a'\ndown_revision = None\n`,
    'b.py': `revision = 'b'\ndown_revision = 'a'\n`,
  })
  for (const [name, head] of Object.entries({ ann: 'b', bob: 'newer' }))
    await sql(
      `create schema ${name}; create table ${name}.alembic_version (version_num text); insert into ${name}.alembic_version values ('${head}')`,
    )
  const config = { tool: 'alembic', database: url, directory } as const
  t.match((await ask({ ...config, schema: ['ann'] })).finding, { status: 'pass' })
  t.match((await ask({ ...config, schema: ['ann', 'bob'] })).finding, {
    status: 'unknown',
    reason: 'MIGRATIONS_AHEAD',
    message: /^1 of 2 schemas \(bob\): the database is at newer,/,
  })
  t.match((await ask({ ...config, schema: ['ann', 'bob'], accept_ahead: true })).finding, { status: 'pass' })
})
