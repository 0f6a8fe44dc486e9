import { alembicScripts } from './alembic-scripts.ts'
import { byFolder } from './drizzle-folders.ts'
import { drizzleJournal } from './drizzle-journal.ts'
import { flywayKey, flywayScripts, inFlywayOrder } from './flyway.ts'
import { byJournal, byMaximum, bySet, createByHeads } from './judge.ts'
import { changeSetInLine, changeSetKey, changeSetsAnnounced } from './liquibase.ts'
import { filesBy } from './shipped-files.ts'
import { linesOf } from './shipped-lines.ts'
import type { Tool } from './tool.ts'

/** Rows that only say that a migration is applied. */
const named = (column: string) => (table: string) =>
  `SELECT ${column}::text AS key, true AS applied, null AS flaw FROM ${table}`

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** sequelize-cli, and umzug with SequelizeStorage: names with their extension */
const sequelize: Tool = {
  table: '"SequelizeMeta"',
  rows: named('name'),
  createReader: filesBy({ pattern: /^(?!.*\.d\.[cm]?ts$).+\.[cm]?[jt]s$/ }),
  createJudge: () => bySet(),
  remedy: 'sequelize db:migrate',
}

/**
 * The tools with their defaults. The rule for file names comes from the tool's source. The meaning of a row comes from
 * the statements with which the tool writes and reads its table.
 */
export const fileTools = {
  /** activerecord: MigrationContext#pending_migration_versions, Migration::MigrationFilenameRegexp */
  rails: {
    table: 'schema_migrations',
    rows: table =>
      `SELECT regexp_replace(version, '^0+(?=\\d)', '') AS key, true AS applied, null AS flaw FROM ${table}`,
    createReader: filesBy({
      pattern: /^(?:.*\/)?(\d+)_[_a-z0-9]*\.?[_a-z0-9]*\.rb$/,
      depth: Infinity,
      numeric: true,
    }),
    createJudge: () => bySet(),
    remedy: 'rails db:migrate',
  },
  /** alembic/runtime/migration.py: the table holds the heads; alembic/script/base.py: what is a script */
  alembic: {
    table: 'alembic_version',
    rows: named('version_num'),
    createReader: alembicScripts,
    createJudge: createByHeads,
    remedy: 'alembic upgrade heads',
  },
  /** Flyway's documentation, "Schema history table", and its MigrationType and ResourceNameParser */
  flyway: {
    table: 'flyway_schema_history',
    rows: table => `SELECT DISTINCT ON (key) key, success AND type NOT LIKE 'UNDO%' AND type <> 'DELETE' AS applied,
      CASE WHEN NOT success THEN 'failed' END AS flaw, type IN ('BASELINE', 'SQL_BASELINE') AS baseline, checksum
      FROM (SELECT coalesce(version, 'R__' || description) AS key, * FROM ${table} WHERE type <> 'SCHEMA') AS ranked
      ORDER BY key, installed_rank DESC`,
    keyOf: flywayKey,
    createReader: flywayScripts,
    createJudge: () => bySet(inFlywayOrder),
    remedy: 'flyway migrate',
  },
  /** knex/lib/migrations: names with their extension, of DEFAULT_LOAD_EXTENSIONS; no app runs a declaration (`.d.ts`) */
  knex: {
    table: 'knex_migrations',
    rows: named('name'),
    createReader: filesBy({
      pattern: /^(?!.*\.d\.ts$).+\.(?:co|coffee|eg|iced|js|cjs|litcoffee|ls|ts)$/,
      doubtful: /^(?!.*\.d\.[cm]ts$).+\.(?:mjs|mts|cts)$/,
    }),
    createJudge: () => bySet(),
    remedy: 'knex migrate:latest',
  },
  /** prisma-engines: one directory a migration; a row that is neither finished nor rolled back is a failure (P3009) */
  prisma: {
    table: '_prisma_migrations',
    rows: table => `SELECT migration_name AS key,
      bool_or(finished_at IS NOT NULL AND rolled_back_at IS NULL) AS applied,
      CASE WHEN bool_or(finished_at IS NULL AND rolled_back_at IS NULL) THEN 'failed' END AS flaw
      FROM ${table} GROUP BY migration_name`,
    createReader: filesBy({ pattern: /^([^/]+)\/migration\.sql$/, depth: 1 }),
    createJudge: () => bySet(),
    remedy: 'prisma migrate deploy',
  },
  /** golang-migrate: source/parse.go and database/postgres: one row, with the version that was started last */
  'golang-migrate': {
    table: 'schema_migrations',
    rows: table =>
      `SELECT version::text AS key, true AS applied, CASE WHEN dirty THEN 'dirty' END AS flaw FROM ${table}`,
    createReader: filesBy({ pattern: /^(\d+)_.*\.up\..*$/, numeric: true }),
    createJudge: () => byMaximum,
    remedy: 'migrate up',
  },
  /** node-pg-migrate: names without extension; of a pair, without `.up` too */
  'node-pg-migrate': {
    table: 'pgmigrations',
    rows: named('name'),
    createReader: filesBy({ pattern: /^(?!\.|.*\.down\.sql$)(.+?)(?:\.up\.sql|\.[^.]+)$/ }),
    createJudge: () => bySet(),
    remedy: 'node-pg-migrate up',
  },
  sequelize,
  umzug: sequelize,
  /**
   * drizzle-orm/pg-core/dialect: with a journal, it runs migrations generated after the newest row, and never one before
   * it. Since 1.0 without a journal: it runs folders that no row names. Its table has names since then only.
   */
  drizzle: {
    table: 'drizzle.__drizzle_migrations',
    rows: table =>
      `SELECT created_at::text AS key, true AS applied, null AS flaw, hash, to_jsonb(m) ->> 'name' AS name FROM ${table} AS m`,
    createReader: drizzleJournal,
    createJudge: () => (shipped, rows) =>
      (shipped[0]?.time === undefined ? byJournal : byFolder)(shipped, rows),
    remedy: 'drizzle-kit migrate',
  },
  /** illuminate/database: Migrator::getMigrationFiles globs `*_*.php` */
  laravel: {
    table: 'migrations',
    rows: named('migration'),
    createReader: filesBy({ pattern: /^([^.].*_.*|_.*)\.php$/ }),
    createJudge: () => bySet(),
    remedy: 'php artisan migrate',
  },
  /** ecto_sql: Ecto.Migrator's migration_info */
  ecto: {
    table: 'schema_migrations',
    rows: named('version'),
    createReader: filesBy({ pattern: /^(?:.*\/)?(\d+)_[^/]*\.exs$/, depth: Infinity, numeric: true }),
    createJudge: () => bySet(),
    remedy: 'mix ecto.migrate',
  },
  /** ariga.io/atlas: migrate.Revision and migrate.LocalFile; migrations older than the oldest row predate Atlas */
  atlas: {
    table: 'atlas_schema_revisions.atlas_schema_revisions',
    rows: table => `SELECT version AS key, applied >= total AND coalesce(error, '') = '' AS applied,
      CASE WHEN coalesce(error, '') <> '' THEN 'error' WHEN applied < total THEN 'partially applied' END AS flaw,
      version COLLATE "C" = min(version COLLATE "C") OVER () AS baseline
      FROM ${table} WHERE version NOT LIKE '.%'`,
    createReader: filesBy({ pattern: /^([^_/]+?)(?:_.*)?\.sql$/ }),
    createJudge: () => bySet(byCodeUnit),
    remedy: 'atlas migrate apply',
  },
  /** sqlx-core: migrate/source.rs and the Postgres driver's migrate.rs */
  sqlx: {
    table: '_sqlx_migrations',
    rows: table =>
      `SELECT version::text AS key, success AS applied, CASE WHEN NOT success THEN 'dirty' END AS flaw FROM ${table}`,
    createReader: filesBy({ pattern: /^(\d+)_(?!.*\.down\.sql$).*\.sql$/, numeric: true }),
    createJudge: () => bySet(),
    remedy: 'sqlx migrate run',
  },
  /** goose: the newest row of a version counts; NumericComponent in its migrate.go; version 0 is the empty database */
  goose: {
    table: 'goose_db_version',
    rows: table => `SELECT DISTINCT ON (version_id) version_id::text AS key, is_applied AS applied, null AS flaw
      FROM ${table} WHERE version_id <> 0 ORDER BY version_id, id DESC`,
    createReader: filesBy({ pattern: /^(\d+)_(?!.*_test\.go$).*\.(?:sql|go)$/, numeric: true }),
    createJudge: () => bySet(),
    remedy: 'goose up',
  },
} as const satisfies Readonly<Record<string, Tool>>

/** Tools whose file names are not the keys of the table. A manifest names the keys, one a line. */
export const manifestTools = {
  /** path::id::author, as Liquibase itself writes it; a skipped change set is still pending */
  liquibase: {
    table: 'databasechangelog',
    rows: table => `SELECT filename || '::' || id || '::' || author AS key,
      exectype IN ('EXECUTED', 'RERAN', 'MARK_RAN') AS applied, CASE WHEN exectype = 'FAILED' THEN 'failed' END AS flaw
      FROM ${table}`,
    keyOf: changeSetKey,
    createReader: linesOf(changeSetInLine, changeSetsAnnounced),
    createJudge: () => bySet(),
    remedy: 'liquibase update',
  },
  /** typeorm: MigrationExecutor compares the names of classes */
  typeorm: {
    table: 'migrations',
    rows: named('name'),
    createReader: linesOf(),
    createJudge: () => bySet(),
    remedy: 'typeorm migration:run',
  },
} as const satisfies Readonly<Record<string, Tool>>

/** A tool that the user describes: a table with a row for each migration, and file names or a manifest with the keys. */
export const customTool = (table: {
  /** As SQL. */
  readonly column: string
  /** Undefined if a manifest names the keys. */
  readonly pattern: RegExp | undefined
}): Omit<Tool, 'table'> => ({
  rows: named(table.column),
  createReader: table.pattern ? filesBy({ pattern: table.pattern }) : linesOf(),
  createJudge: () => bySet(),
  remedy: 'the migrations',
})
