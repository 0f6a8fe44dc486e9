/**
 * Tables built from the statements with which the tools create them, as their documentation or source gives them, and
 * filled as they would. Those of the npm registry, and Alembic, are run for real in test/real/tools.
 */
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { ToolConfig } from '../../../../src/checks/migrations/tools/config.ts'
import { startPostgres } from '../../../support/postgres.ts'
import { createHost } from './ask-tool.ts'
import type { Files } from './ask-tool.ts'

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())

interface Described {
  readonly tool: ToolConfig['tool']
  /** CREATE TABLE, as `source` has it. */
  readonly table: string
  readonly source: string
  readonly files: Files
  /** Rows by which all files are applied, and rows that no file explains. */
  readonly applied: string
  /** Undoes one of them. */
  readonly undo: string
  readonly pending: readonly string[]
  readonly extra: readonly string[]
}

const empty = (...names: readonly string[]): Files => Object.fromEntries(names.map(name => [name, '']))

const described: readonly Described[] = [
  {
    tool: 'rails',
    table: `create table schema_migrations (version character varying not null primary key)`,
    source: 'activerecord/lib/active_record/schema_migration.rb, create_table',
    files: empty(
      '20240101000000_create_users.rb',
      '0002_add_price.rb',
      'extra/20240103000000_x.blog.rb',
      'README.md',
    ),
    applied: `insert into schema_migrations values ('20240101000000'), ('2'), ('20240103000000'), ('20990101000000')`,
    undo: `delete from schema_migrations where version = '2'`,
    pending: ['0002_add_price.rb'],
    extra: ['20990101000000'],
  },
  {
    tool: 'flyway',
    table: `create table flyway_schema_history (installed_rank int not null primary key, version varchar(50),
      description varchar(200) not null, type varchar(20) not null, script varchar(1000) not null, checksum int,
      installed_by varchar(100) not null, installed_on timestamp not null default now(), execution_time int not null,
      success boolean not null)`,
    source:
      'flyway-core, org/flywaydb/core/internal/database/postgresql/PostgreSQLDatabase.java, getRawCreateScript',
    files: {
      ...empty(
        'V1__before_flyway.sql',
        'V1_01__b.sql',
        'sub/V2.0__c.sql',
        'V3__undone.sql',
        'afterMigrate.sql',
      ),
      'R__Price_view.sql': 'create view prices\r\nas select 1;\n',
    },
    applied: `insert into flyway_schema_history
      select rank, version, description, type, '', checksum, 'me', now(), 1, true from (values
        (1, null, '<< Flyway Schema Creation >>', 'SCHEMA', null),
        (2, '1', '<< Flyway Baseline >>', 'BASELINE', null),
        (3, '1.1', 'b', 'SQL', 5), (4, '2', 'c', 'SQL', 6), (5, '3', 'undone', 'SQL', 7),
        (6, '3', 'undone', 'UNDO_SQL', 7), (7, '3', 'undone', 'SQL', 7), (8, null, 'Price view', 'SQL', 1),
        (9, null, 'Price view', 'SQL', -1708333614), (10, '9', 'newer', 'SQL', 8)
      ) as rows (rank, version, description, type, checksum)`,
    undo: `insert into flyway_schema_history values (20, '3', '', 'UNDO_SQL', '', 7, 'me', now(), 1, true)`,
    pending: ['V3__undone.sql'],
    extra: ['9'],
  },
  {
    tool: 'golang-migrate',
    table: `create table schema_migrations (version bigint not null primary key, dirty boolean not null)`,
    source: 'golang-migrate/migrate, database/postgres/postgres.go, ensureVersionTable',
    files: empty('1_a.up.sql', '1_a.down.sql', '000002_b.up.sql', '10_c.up.sql'),
    applied: `insert into schema_migrations values (11, false)`,
    undo: `update schema_migrations set version = 1`,
    pending: ['000002_b.up.sql', '10_c.up.sql'],
    extra: ['11'],
  },
  {
    tool: 'prisma',
    table: `create table _prisma_migrations (id varchar(36) primary key not null, checksum varchar(64) not null,
      finished_at timestamptz, migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
      started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`,
    source: 'prisma-engines, schema-engine/connectors/sql-schema-connector, create_migrations_table',
    files: empty('20240101_init/migration.sql', '20240102_price/migration.sql', 'migration_lock.toml'),
    applied: `insert into _prisma_migrations (id, checksum, finished_at, rolled_back_at, migration_name) values
      ('1', '', now(), null, '20240101_init'), ('2', '', null, now(), '20240102_price'),
      ('3', '', now(), null, '20240102_price'), ('4', '', now(), null, '20990101_newer')`,
    undo: `delete from _prisma_migrations where id = '3'`,
    pending: ['20240102_price/migration.sql'],
    extra: ['20990101_newer'],
  },
  {
    tool: 'knex',
    table: `create table knex_migrations (id serial primary key, name varchar(255), batch int, migration_time timestamptz)`,
    source: 'knex/lib/migrations/migrate/table-creator.js',
    files: empty('001_a.js', '002_b.ts', '003_c.cjs', 'notes.md'),
    applied: `insert into knex_migrations (name) values ('001_a.js'), ('002_b.ts'), ('003_c.cjs'), ('999_newer.js')`,
    undo: `update knex_migrations set name = '002_b.js' where name = '002_b.ts'; delete from knex_migrations where id > 3`,
    pending: ['002_b.ts'],
    extra: ['999_newer.js'],
  },
  {
    tool: 'node-pg-migrate',
    table: `create table pgmigrations (id serial primary key, name varchar(255) not null, run_on timestamp not null)`,
    source: 'node-pg-migrate, src/runner.ts, ensureMigrationsTable',
    files: empty('1_a.js', '2_b.sql', '3_c.up.sql', '3_c.down.sql', '.gitkeep'),
    applied: `insert into pgmigrations (name, run_on) select name, now()
      from (values ('1_a'), ('2_b'), ('3_c'), ('9_newer')) as rows (name)`,
    undo: `delete from pgmigrations where name = '3_c'`,
    pending: ['3_c.up.sql'],
    extra: ['9_newer'],
  },
  {
    tool: 'sequelize',
    table: `create table "SequelizeMeta" (name varchar(255) not null unique primary key)`,
    source: 'umzug/src/storage/sequelize.ts',
    files: empty('20240101-a.js', '20240102-b.cjs', '20240103-c.ts', '20240103-c.d.ts'),
    applied: `insert into "SequelizeMeta" values ('20240101-a.js'), ('20240102-b.cjs'), ('20240103-c.ts'), ('9.js')`,
    undo: `delete from "SequelizeMeta" where name = '20240103-c.ts'`,
    pending: ['20240103-c.ts'],
    extra: ['9.js'],
  },
  {
    tool: 'laravel',
    table: `create table migrations (id serial primary key, migration varchar(255) not null, batch integer not null)`,
    source: 'illuminate/database, Migrations/DatabaseMigrationRepository.php, createRepository',
    files: empty('2024_01_01_000000_create_users_table.php', '2024_01_02_000000_price.php', 'readme.php'),
    applied: `insert into migrations (migration, batch) values ('2024_01_01_000000_create_users_table', 1),
      ('2024_01_02_000000_price', 2), ('2019_12_14_000001_of_a_package', 1)`,
    undo: `delete from migrations where batch = 2`,
    pending: ['2024_01_02_000000_price.php'],
    extra: ['2019_12_14_000001_of_a_package'],
  },
  {
    tool: 'ecto',
    table: `create table schema_migrations (version bigint primary key, inserted_at timestamp(0))`,
    source: 'ecto_sql, lib/ecto/migration/schema_migration.ex',
    files: empty('20240101000000_create_users.exs', 'sub/20240102000000_price.exs', '.formatter.exs'),
    applied: `insert into schema_migrations values (20240101000000), (20240102000000), (20990101000000)`,
    undo: `delete from schema_migrations where version = 20240102000000`,
    pending: ['sub/20240102000000_price.exs'],
    extra: ['20990101000000'],
  },
  {
    tool: 'atlas',
    table: `drop schema if exists atlas_schema_revisions cascade;
      create schema atlas_schema_revisions; create table atlas_schema_revisions.atlas_schema_revisions (
      version varchar not null primary key, description varchar not null, type bigint not null default 2,
      applied bigint not null default 0, total bigint not null default 0, executed_at timestamptz not null,
      execution_time bigint not null, error text, error_stmt text, hash varchar not null, partial_hashes jsonb,
      operator_version varchar not null)`,
    source: 'ariga/atlas, cmd/atlas/internal/migrate/ent/schema/revision.go',
    files: empty('20230101_before_atlas.sql', '20240101_init.sql', '20240102.sql', 'atlas.sum'),
    applied: `insert into atlas_schema_revisions.atlas_schema_revisions
      select version, '', type, n, n, now(), 1, null, null, '', null, '' from (values
        ('.atlas_cloud_identifier', 0, 0), ('20240101', 1, 0), ('20240102', 2, 3), ('20990101', 2, 1)
      ) as rows (version, type, n)`,
    undo: `delete from atlas_schema_revisions.atlas_schema_revisions where version = '20240102'`,
    pending: ['20240102.sql'],
    extra: ['20990101'],
  },
  {
    tool: 'sqlx',
    table: `create table _sqlx_migrations (version bigint primary key, description text not null,
      installed_on timestamptz not null default now(), success boolean not null, checksum bytea not null,
      execution_time bigint not null)`,
    source: 'launchbadge/sqlx, sqlx-postgres/src/migrate.rs, ensure_migrations_table',
    files: empty('20240101_init.sql', '20240102_price.up.sql', '20240102_price.down.sql', 'seed.sql'),
    applied: `insert into _sqlx_migrations select version, '', now(), true, '', 1
      from (values (20240101), (20240102), (20990101)) as rows (version)`,
    undo: `delete from _sqlx_migrations where version = 20240102`,
    pending: ['20240102_price.up.sql'],
    extra: ['20990101'],
  },
  {
    tool: 'goose',
    table: `create table goose_db_version (id integer primary key generated by default as identity,
      version_id bigint not null, is_applied boolean not null, tstamp timestamp not null default now())`,
    source: 'pressly/goose, internal/dialects/postgres.go, CreateTable',
    files: empty('00001_init.sql', '00002_price.go', '00002_price_test.go', 'main.go'),
    applied: `insert into goose_db_version (version_id, is_applied) values (0, true), (1, true), (2, true), (2, false),
      (2, true), (99, true)`,
    undo: `insert into goose_db_version (version_id, is_applied) values (2, false)`,
    pending: ['00002_price.go'],
    extra: ['99'],
  },
]

const theOne = (tool: string): Described => {
  const found = described.find(known => known.tool === tool)
  if (!found) throw new TypeError(`nothing is described for ${tool}`)
  return found
}

for (const { tool, table, source, files, applied, undo, pending, extra } of described)
  t.test(`${tool} › on its table as in ${source}`, async t => {
    const host = await createHost(t, postgres)
    t.match(
      await host.ask({ tool }),
      { status: 'fail', reason: 'MIGRATIONS_NONE_FOUND' },
      'no file is no pass',
    )
    await host.write(files)
    t.match(await host.ask({ tool }), { status: 'fail', reason: 'MIGRATIONS_TABLE_MISSING' })
    await host.sql(table)
    t.match(await host.ask({ tool }), { status: 'fail', reason: 'MIGRATIONS_PENDING' }, 'an empty table')
    await host.sql(applied)
    const passed = await host.ask({ tool })
    t.match(passed, { status: 'pass' })
    t.strictSame(passed.evidence?.['extra'], extra)
    await host.sql(undo)
    const failed = await host.ask({ tool })
    t.match(failed, { status: 'fail', reason: 'MIGRATIONS_PENDING' })
    t.strictSame(failed.evidence?.['pending'], pending)
  })

interface Flawed {
  readonly tool: ToolConfig['tool']
  readonly word: string
  /** Marks a migration that is shipped, or one that is not. */
  readonly mark: (key: 'shipped' | 'newer') => string
}

const rankOf = { shipped: `version = '2'`, newer: `version = '9'` }
const flawed: readonly Flawed[] = [
  {
    tool: 'flyway',
    word: '2 (failed)',
    mark: key => `update flyway_schema_history set success = false where ${rankOf[key]}`,
  },
  {
    tool: 'golang-migrate',
    word: '10 (dirty)',
    mark: key => `update schema_migrations set dirty = true, version = ${key === 'newer' ? 11 : 10}`,
  },
  {
    tool: 'prisma',
    word: '20240102_price (failed)',
    mark: key => `update _prisma_migrations set finished_at = null where id = '${key === 'newer' ? 4 : 3}'`,
  },
  {
    tool: 'atlas',
    word: '20240102 (partially applied)',
    mark: key =>
      `update atlas_schema_revisions.atlas_schema_revisions set applied = 0 where version = '${
        key === 'newer' ? 20990101 : 20240102
      }'`,
  },
  {
    tool: 'sqlx',
    word: '20240102 (dirty)',
    mark: key =>
      `update _sqlx_migrations set success = false where version = ${key === 'newer' ? 20990101 : 20240102}`,
  },
]

for (const { tool, word, mark } of flawed) {
  const { table, files, applied } = theOne(tool)
  t.test(`${tool} › what did not complete is a failure, in the tool's own word`, async t => {
    const host = await createHost(t, postgres)
    await host.write(files)
    await host.sql(`${table}; ${applied}; ${mark('shipped')}`)
    const finding = await host.ask({ tool })
    t.match(finding, { status: 'fail', reason: 'MIGRATIONS_FAILED', evidence: { failed: [word] } })
  })
  t.test(`${tool} › of a newer release, it is a warning: this host has all that it ships`, async t => {
    const host = await createHost(t, postgres)
    await host.write(files)
    await host.sql(`${table}; ${applied}; ${mark('newer')}`)
    t.match(await host.ask({ tool }), { status: 'warn', reason: 'MIGRATIONS_FAILED' })
  })
}

t.test(
  'flyway › a repeatable migration is pending when its text has changed, and unknown with placeholders',
  async t => {
    const { table, files, applied } = theOne('flyway')
    const host = await createHost(t, postgres)
    await host.write({ ...files, 'R__Price_view.sql': 'create view prices as select 2;' })
    await host.sql(`${table}; ${applied}`)
    t.match(await host.ask({ tool: 'flyway' }), {
      status: 'fail',
      evidence: { pending: ['R__Price_view.sql'] },
    })
    await host.write({ 'R__Price_view.sql': 'create view prices as select ${two};' })
    t.match(await host.ask({ tool: 'flyway' }), { status: 'unknown', reason: 'MIGRATIONS_NOT_LITERAL' })
  },
)

t.test('liquibase › a manifest names the change sets as Liquibase does', async t => {
  // liquibase-core, CreateDatabaseChangeLogTableStatement
  const host = await createHost(t, postgres)
  const manifest = `${host.directory}/changesets.txt`
  const ask = () => host.ask({ tool: 'liquibase', manifest })
  await host.sql(`create table databasechangelog (id varchar(255) not null, author varchar(255) not null,
    filename varchar(255) not null, dateexecuted timestamp not null, orderexecuted int not null,
    exectype varchar(10) not null, md5sum varchar(35))`)
  t.match(await ask(), { status: 'fail', reason: 'MIGRATIONS_MANIFEST_MISSING' })
  await host.write({ 'changesets.txt': '\n' })
  t.match(await ask(), { status: 'fail', reason: 'MIGRATIONS_NONE_FOUND' })
  await host.write({ 'changesets.txt': 'db/changelog.xml::1::ann\ndb/changelog.xml::2::bob\n' })
  await host.sql(`insert into databasechangelog values
    ('1', 'ann', 'db/changelog.xml', now(), 1, 'EXECUTED', ''), ('2', 'bob', 'db/changelog.xml', now(), 2, 'SKIPPED', '')`)
  t.match(await ask(), { status: 'fail', evidence: { pending: ['db/changelog.xml::2::bob'] } })
  await host.sql(`update databasechangelog set exectype = 'MARK_RAN' where id = '2'`)
  t.match(await ask(), { status: 'pass', evidence: { applied: 2 } })
})

t.test('drizzle › what the journal says was generated after the newest row is pending', async t => {
  // drizzle-orm/pg-core/dialect.js, migrate
  const host = await createHost(t, postgres)
  const ask = () => host.ask({ tool: 'drizzle' })
  const journal = (...entries: readonly unknown[]) => ({ 'meta/_journal.json': JSON.stringify({ entries }) })
  const [first, second] = [
    { when: 1700000000001, tag: '0000_a' },
    { when: 1700000000002, tag: '0001_b' },
  ]
  t.match(await ask(), { status: 'fail', reason: 'MIGRATIONS_DIRECTORY_MISSING' })
  await host.write(journal())
  t.match(await ask(), { status: 'fail', reason: 'MIGRATIONS_NONE_FOUND' })
  await host.write({ ...journal(first, second), '0000_a.sql': '' })
  t.match(await ask(), { status: 'unknown', reason: 'MIGRATIONS_MANIFEST_INVALID', message: /0001_b\.sql/ })
  await host.write({ '0001_b.sql': '' })
  t.match(await ask(), { status: 'fail', reason: 'MIGRATIONS_TABLE_MISSING' })
  await host.sql(`drop schema if exists drizzle cascade; create schema drizzle;
    create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint);
    insert into drizzle.__drizzle_migrations (hash, created_at) values ('', 1700000000001)`)
  t.match(await ask(), { status: 'fail', evidence: { pending: ['0001_b'], applied: 1 } })
  await host.sql(`insert into drizzle.__drizzle_migrations (hash, created_at) values ('', 1700000000002)`)
  t.match(await ask(), { status: 'pass', evidence: { applied: 2 } })
  for (const text of ['{', '[]', '{"entries":[{"tag":"0000_a"}]}']) {
    await host.write({ 'meta/_journal.json': text })
    t.match(await ask(), { status: 'unknown', reason: 'MIGRATIONS_MANIFEST_INVALID' }, text)
  }
})

t.test('drizzle › folders, as of 1.0: a migration has run if a row has its name', async t => {
  // drizzle-orm 1.0.0-rc.5: migrator.js, migrator.utils.js, up-migrations/pg.js
  const host = await createHost(t, postgres)
  const ask = () => host.ask({ tool: 'drizzle' })
  await host.write({
    '20240101000000_first/migration.sql': 'select 1',
    '20240101000000_first/snapshot.json': '{}',
    '20240102000000_second/migration.sql': 'select 2',
    'notes/readme.md': '',
  })
  await host.sql(`drop schema if exists drizzle cascade; create schema drizzle;
    create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint,
      name text, applied_at timestamptz default now());
    insert into drizzle.__drizzle_migrations (hash, created_at, name) values ('', 1704153600000, '20240102000000_second')`)
  t.match(await ask(), { status: 'fail', evidence: { pending: ['20240101000000_first'], applied: 1 } })
  await host.sql(`insert into drizzle.__drizzle_migrations (hash, created_at, name) values
    ('', 1704067200000, '20240101000000_first'), ('', 1, '19700101000000_old')`)
  t.match(await ask(), { status: 'pass', evidence: { applied: 2, extra: ['19700101000000_old'] } })

  // the table of 0.x, which the next migrate upgrades: rows are found by their second, or by the hash
  await host.sql(`alter table drizzle.__drizzle_migrations drop column name; delete from drizzle.__drizzle_migrations;
    insert into drizzle.__drizzle_migrations (hash, created_at) values ('', 1704067200123)`)
  t.match(await ask(), { status: 'fail', evidence: { pending: ['20240102000000_second'], applied: 1 } })
  const hash = createHash('sha256').update('select 2').digest('hex')
  await host.sql(`insert into drizzle.__drizzle_migrations (hash, created_at) values ('${hash}', 5)`)
  t.match(await ask(), { status: 'pass', evidence: { applied: 2 } })
})

t.test('drizzle › what neither migrator would run, or only the other one, is unknown', async t => {
  const host = await createHost(t, postgres)
  const ask = () => host.ask({ tool: 'drizzle' })
  await host.write({
    'meta/_journal.json': JSON.stringify({ entries: [{ when: 1, tag: '0000_a' }] }),
    '0000_a.sql': '',
    '0001_b.sql': '',
  })
  t.match(await ask(), {
    status: 'unknown',
    reason: 'MIGRATIONS_NOT_READ',
    message: /^0001_b\.sql in .* is not in/,
  })
  await rm(join(host.directory, '0001_b.sql'))
  await host.write({ '20240101000000_c/migration.sql': '' })
  t.match(await ask(), { status: 'unknown', reason: 'MIGRATIONS_NOT_READ', message: /run drizzle-kit up/ })
  await rm(join(host.directory, 'meta'), { recursive: true })
  await host.write({ 'd/migration.sql': '' })
  t.match(await ask(), {
    status: 'unknown',
    reason: 'MIGRATIONS_NOT_READ',
    message: /does not begin with a time/,
  })
})

t.test('drizzle › what the tool skipped is pending, and nothing else', async t => {
  const host = await createHost(t, postgres)
  const ask = () => host.ask({ tool: 'drizzle' })
  const entry = (n: number) => ({ when: 1700000000000 + n, tag: `000${n}_m` })
  const entries = [1, 2, 3, 4].map(entry)
  await host.write({ 'meta/_journal.json': JSON.stringify({ entries }) })
  for (const { tag } of entries) await host.write({ [`${tag}.sql`]: `select '${tag}';` })
  await host.sql(`drop schema if exists drizzle cascade; create schema drizzle;
    create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint);
    insert into drizzle.__drizzle_migrations (hash, created_at) values ('', 1700000000002), ('', 1700000000004)`)
  t.match(await ask(), {
    status: 'fail',
    reason: 'MIGRATIONS_PENDING',
    message:
      '1 migration is not applied: 0003_m; run drizzle-kit migrate after a newer "when" for 0003_m in meta/_journal.json: it skips what is older than the newest row',
    evidence: { pending: ['0003_m'], applied: 3 },
  })
  // drizzle-orm/migrator.js: sha256 of the file's text
  const hash = createHash('sha256').update(`select '0003_m';`).digest('hex')
  await host.sql(`update drizzle.__drizzle_migrations set hash = '${hash}' where created_at = 1700000000004`)
  t.match(await ask(), { status: 'pass', evidence: { applied: 4 } }, 'its text is in a row')
  await host.sql(`update drizzle.__drizzle_migrations set created_at = null`)
  t.match(
    await ask(),
    { evidence: { pending: ['0001_m', '0002_m', '0003_m', '0004_m'] } },
    'rows without a time',
  )
})

t.test('typeorm › a manifest names the migrations', async t => {
  // typeorm, src/migration/MigrationExecutor.ts, createMigrationsTableIfNotExist
  const host = await createHost(t, postgres)
  await host.write({ 'migrations.txt': 'Init1700000000001\r\nPrice1700000000002\r\n' })
  const ask = () => host.ask({ tool: 'typeorm', manifest: `${host.directory}/migrations.txt`, table: 'Done' })
  await host.sql(`create table "Done" (id serial primary key, "timestamp" bigint not null, name varchar not null);
    insert into "Done" ("timestamp", name) values (1700000000001, 'Init1700000000001')`)
  t.match(await ask(), { status: 'fail', evidence: { pending: ['Price1700000000002'], applied: 1 } })
  await host.sql(`insert into "Done" ("timestamp", name) values (1700000000002, 'Price1700000000002')`)
  t.match(await ask(), { status: 'pass', evidence: { applied: 2 } })
})

t.test('custom › table, column and file pattern are the user’s', async t => {
  const host = await createHost(t, postgres)
  const config = {
    tool: 'custom',
    table: 'ops.Done',
    column: 'Script',
    pattern: '^(\\d+)-.*\\.sql$',
  } as const
  await host.write({ '1-a.sql': '', '2-b.sql': '', 'notes.txt': '' })
  t.match(await host.ask(config), { status: 'fail', reason: 'MIGRATIONS_TABLE_MISSING' })
  await host.sql(
    `create schema ops; create table ops."Done" ("Script" int); insert into ops."Done" values (1)`,
  )
  t.match(await host.ask(config), { status: 'fail', evidence: { pending: ['2-b.sql'], applied: 1 } })
  await host.sql(`insert into ops."Done" values (2), (3)`)
  t.match(await host.ask(config), { status: 'pass', evidence: { extra: ['3'], applied: 2 } })
  await host.write({ '2-again.sql': '' })
  t.match(await host.ask(config), { status: 'unknown', reason: 'MIGRATIONS_DUPLICATED' })
})

t.test('custom › a pattern that takes too long is unknown', async t => {
  const host = await createHost(t, postgres)
  const config = { tool: 'custom', table: 'done', column: 'script', pattern: '^(a+)+$' } as const
  await host.write({ [`${'a'.repeat(200)}.sql`]: '' })
  t.match(await host.ask(config), { status: 'unknown', message: /^the check's pattern takes too long on / })
})

t.test('any tool › a table of another shape, and a directory that is not there', async t => {
  const host = await createHost(t, postgres)
  await host.write({ '1_a.up.sql': '' })
  await host.sql('create table schema_migrations (version varchar primary key)')
  t.match(await host.ask({ tool: 'golang-migrate' }), { status: 'unknown', reason: 'DATABASE_ERROR' })
  const elsewhere = await host.ask({ tool: 'rails', directories: [host.directory, '/nowhere'] })
  t.match(elsewhere, {
    status: 'fail',
    reason: 'MIGRATIONS_DIRECTORY_MISSING',
    evidence: { path: '/nowhere' },
  })
})
