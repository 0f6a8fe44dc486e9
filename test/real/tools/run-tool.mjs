/**
 * `node run-tool.mjs TOOL up|down|pending URL DIRECTORY`: has the real tool apply what is pending or undo the last
 * migration, and prints what is pending then, by the tool's own account, as JSON.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const [, , name, action, url, directory] = process.argv

const tools = {
  async knex() {
    const { default: knex } = await import('knex')
    const db = knex({ client: 'pg', connection: url, migrations: { directory } })
    return {
      up: () => db.migrate.latest(),
      down: () => db.migrate.down(),
      pending: async () => (await db.migrate.list())[1].map(({ file }) => file),
      close: () => db.destroy(),
    }
  },
  async 'node-pg-migrate'() {
    const { runner } = await import('node-pg-migrate')
    const run = options =>
      runner({ databaseUrl: url, dir: directory, migrationsTable: 'pgmigrations', log() {}, ...options })
    return {
      up: () => run({ direction: 'up' }),
      down: () => run({ direction: 'down', count: 1 }),
      pending: async () => (await run({ direction: 'up', dryRun: true })).map(migration => migration.name),
      close() {},
    }
  },
  async umzug() {
    const { Sequelize } = await import('sequelize')
    const { Umzug, SequelizeStorage } = await import('umzug')
    const sequelize = new Sequelize(url, { logging: false })
    const umzug = new Umzug({
      migrations: { glob: `${directory}/*.cjs` },
      context: sequelize.getQueryInterface(),
      storage: new SequelizeStorage({ sequelize }),
      logger: undefined,
    })
    return {
      up: () => umzug.up(),
      down: () => umzug.down(),
      pending: async () => (await umzug.pending()).map(migration => migration.name),
      close: () => sequelize.close(),
    }
  },
  async typeorm() {
    const { DataSource, MigrationExecutor } = await import('typeorm')
    const source = new DataSource({ type: 'postgres', url, migrations: [`${directory}/*.cjs`] })
    await source.initialize()
    return {
      up: () => source.runMigrations(),
      down: () => source.undoLastMigration(),
      pending: async () =>
        (await new MigrationExecutor(source).getPendingMigrations()).map(migration => migration.name),
      close: () => source.destroy(),
    }
  },
  /** What `prisma migrate deploy` and `prisma migrate status` ask of the schema engine, here as WebAssembly. */
  async prisma() {
    const { SchemaEngine } = await import('@prisma/schema-engine-wasm')
    const { PrismaPg } = await import('@prisma/adapter-pg')
    const { bindMigrationAwareSqlAdapterFactory } = await import('@prisma/driver-adapter-utils')
    const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url }))
    const datamodels = [['schema.prisma', 'datasource db { provider = "postgresql" }']]
    const engine = await SchemaEngine.new({ datamodels }, () => {}, adapter)
    const names = readdirSync(directory, { withFileTypes: true }).filter(entry => entry.isDirectory())
    const migrationDirectories = names
      .map(({ name: path }) => path)
      .sort()
      .map(path => {
        const value = readFileSync(join(directory, path, 'migration.sql'), 'utf8')
        return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } } }
      })
    const lockfile = { path: 'migration_lock.toml', content: 'provider = "postgresql"' }
    const input = {
      migrationsList: { baseDir: directory, lockfile, shadowDbInitScript: '', migrationDirectories },
      filters: { externalTables: [], externalEnums: [] },
    }
    const diagnose = () => engine.diagnoseMigrationHistory({ ...input, optInToShadowDatabase: false })
    return {
      up: () => engine.applyMigrations(input).catch(error => console.error(String(error))),
      async down() {
        const [migrationName] = (await diagnose()).failedMigrationNames
        await engine.markMigrationRolledBack({ migrationName })
      },
      async pending() {
        const { history, failedMigrationNames } = await diagnose()
        return [
          ...(history?.unappliedMigrationNames ?? []),
          ...failedMigrationNames.map(name => `${name} failed`),
        ]
      },
      close: () => process.exit(0),
    }
  },
  async drizzle() {
    const { drizzle } = await import('drizzle-orm/node-postgres')
    const { migrate } = await import('drizzle-orm/node-postgres/migrator')
    const db = drizzle(url)
    return {
      up: () => migrate(db, { migrationsFolder: directory }),
      pending: () => [],
      close: () => db.$client.end(),
    }
  },
}

const tool = await tools[name]()
if (action !== 'pending') await tool[action]()
console.log(JSON.stringify(await tool.pending()))
await tool.close()
