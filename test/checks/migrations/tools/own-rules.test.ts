/** What a user configures where a tool's own settings differ from its defaults. */
import { rm } from 'node:fs/promises'
import t from 'tap'
import { startPostgres } from '../../../support/postgres.ts'
import { createHost } from './ask-tool.ts'

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())

t.test('knex › a declaration is no migration, and extensions can be chosen', async t => {
  const host = await createHost(t, postgres)
  await host.sql(`create table knex_migrations (id serial primary key, name varchar(255));
    insert into knex_migrations (name) values ('1_a.js')`)
  await host.write({ '1_a.js': '', '1_a.d.ts': '', '1_a.js.map': '' })
  t.match(await host.ask({ tool: 'knex' }), { status: 'pass', evidence: { applied: 1 } })
  await host.write({ '1_a.ts': '' })
  t.match(await host.ask({ tool: 'knex' }), { status: 'fail', evidence: { pending: ['1_a.ts'] } })
  t.match(await host.ask({ tool: 'knex', pattern: '^.+\\.js$' }), {
    status: 'pass',
    evidence: { applied: 1 },
  })
  await host.write({ '2_b.js': '' })
  t.match(await host.ask({ tool: 'knex', pattern: '^.+\\.js$' }), { evidence: { pending: ['2_b.js'] } })
})

t.test('umzug › names without their extension', async t => {
  const host = await createHost(t, postgres)
  await host.sql(`create table "SequelizeMeta" (name varchar(255) primary key);
    insert into "SequelizeMeta" values ('1-a')`)
  await host.write({ '1-a.ts': '', '2-b.ts': '', '2-b.d.ts': '' })
  const pattern = '^([^.]+)\\.ts$'
  t.match(await host.ask({ tool: 'umzug', pattern }), {
    status: 'fail',
    evidence: { pending: ['2-b.ts'], applied: 1 },
  })
  await host.sql(`insert into "SequelizeMeta" values ('2-b')`)
  t.match(await host.ask({ tool: 'umzug', pattern }), { status: 'pass', evidence: { applied: 2 } })
})

t.test('custom › Doctrine names its migrations by their classes', async t => {
  const host = await createHost(t, postgres)
  const config = {
    tool: 'custom',
    table: 'doctrine_migration_versions',
    column: 'version',
    pattern: '^(Version\\d+)\\.php$',
    key: 'DoctrineMigrations\\$1',
  } as const
  await host.sql(`create table doctrine_migration_versions (version varchar(191) primary key, executed_at timestamp);
    insert into doctrine_migration_versions values ('DoctrineMigrations\\Version20240101')`)
  await host.write({ 'Version20240101.php': '', 'Version20240102.php': '' })
  t.match(await host.ask(config), { evidence: { pending: ['Version20240102.php'], applied: 1 } })
  await host.sql(`insert into doctrine_migration_versions values ('DoctrineMigrations\\Version20240102')`)
  t.match(await host.ask(config), { status: 'pass', evidence: { applied: 2 } })
  t.match(await host.ask({ ...config, key: 'Other\\$1' }), { status: 'fail', evidence: { applied: 0 } })
})

t.test('custom › db-migrate begins its names with a slash', async t => {
  const host = await createHost(t, postgres)
  const config = { tool: 'custom', table: 'migrations', column: 'name', key: '/$1' } as const
  await host.sql(
    `create table migrations (id serial, name varchar(255)); insert into migrations (name) values ('/1-init')`,
  )
  await host.write({ '1-init.js': '', 'sqls/1-init-up.sql': '' })
  t.match(await host.ask({ ...config, pattern: '^(.+)\\.js$' }), { status: 'pass', evidence: { applied: 1 } })
})

t.test('custom › a manifest names the migrations', async t => {
  const host = await createHost(t, postgres)
  const manifest = `${host.directory}/migrations.txt`
  const config = { tool: 'custom', table: 'done', column: 'name', manifest } as const
  await host.sql(`create table done (name text); insert into done values ('one')`)
  t.match(await host.ask(config), { status: 'fail', reason: 'MIGRATIONS_MANIFEST_MISSING' })
  await host.write({ 'migrations.txt': 'one\ntwo\n' })
  t.match(await host.ask(config), { status: 'fail', evidence: { pending: ['two'], applied: 1 } })
})

t.test('laravel › a release whose migrations are pruned relies on the table', async t => {
  const host = await createHost(t, postgres)
  const config = { tool: 'laravel', allow_release_without_migrations: true } as const
  t.match(await host.ask({ tool: 'laravel' }), { status: 'fail', reason: 'MIGRATIONS_NONE_FOUND' })
  t.match(await host.ask(config), { status: 'fail', reason: 'MIGRATIONS_TABLE_MISSING' })
  await host.sql('create table migrations (id serial primary key, migration varchar(255), batch integer)')
  t.match(await host.ask(config), { status: 'fail', reason: 'MIGRATIONS_TABLE_EMPTY' })
  await host.sql(`insert into migrations (migration, batch) values ('2024_a', 1)`)
  t.match(await host.ask(config), { status: 'pass', evidence: { applied: 0, extra: ['2024_a'] } })
  await host.write({ '2025_b.php': '' })
  t.match(
    await host.ask(config),
    { status: 'fail', evidence: { pending: ['2025_b.php'] } },
    'what is there counts',
  )

  const absent = `${host.directory}/absent`
  const several = { ...config, directories: [absent, host.directory] }
  t.match(await host.ask(several), { status: 'fail', reason: 'MIGRATIONS_DIRECTORY_MISSING' })
  await rm(`${host.directory}/2025_b.php`)
  t.match(
    await host.ask({ ...config, directories: [absent] }),
    { status: 'pass' },
    'schema:dump --prune removes it',
  )
})

t.test('knex, flyway › a name that only other settings take is unknown', async t => {
  const host = await createHost(t, postgres)
  await host.sql(`create table knex_migrations (id serial primary key, name varchar(255));
    insert into knex_migrations (name) values ('1_a.js'), ('2_b.mjs')`)
  await host.write({ 'knex/1_a.js': '', 'knex/1_a.d.mts': '', 'knex/2_b.mjs': '' })
  const knex = { tool: 'knex', directories: [`${host.directory}/knex`] } as const
  t.match(await host.ask(knex), {
    status: 'unknown',
    reason: 'MIGRATIONS_NOT_READ',
    message: /^2_b\.mjs in /,
  })
  t.match(await host.ask({ ...knex, pattern: '^[^.]+\\.m?js$' }), {
    status: 'pass',
    evidence: { applied: 2 },
  })

  await host.sql(`create table flyway_schema_history (installed_rank int, version text, description text, type text,
      checksum int, success boolean);
    insert into flyway_schema_history values (1, '1', 'a', 'SQL', 1, true)`)
  for (const name of ['V2__b.pgsql', 'v2__b.sql', 'V2_b.sql', '2__b.sql', 'sub/V2.1_b.sql']) {
    const folder = `flyway-${name.replaceAll('/', '-')}`
    await host.write({
      [`${folder}/V1__a.sql`]: '',
      [`${folder}/V1__a.sql.conf`]: '',
      [`${folder}/U1__a.sql`]: '',
      [`${folder}/afterMigrate.sql`]: '',
    })
    const flyway = { tool: 'flyway', directories: [`${host.directory}/${folder}`] } as const
    t.match(await host.ask(flyway), { status: 'pass' }, name)
    await host.write({ [`${folder}/${name}`]: '' })
    t.match(await host.ask(flyway), { status: 'unknown', reason: 'MIGRATIONS_NOT_READ' }, name)
  }
})
