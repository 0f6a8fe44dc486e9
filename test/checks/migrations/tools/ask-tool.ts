import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { migrations } from '../../../../src/checks/migrations/migrations.ts'
import type { ToolConfig } from '../../../../src/checks/migrations/tools/config.ts'
import type { Check } from '../../../../src/core/check.ts'
import type { Finding } from '../../../../src/core/finding.ts'
import { createDatabases } from '../../../../src/postgres/databases.ts'
import type { TestPostgres } from '../../../support/postgres.ts'

/** Files by their path, with their text. */
export type Files = Readonly<Record<string, string>>

let hosts = 0

/** A release on disk, and a schema of its own in the database. */
export interface Host {
  readonly directory: string
  readonly url: string
  sql(text: string): Promise<void>
  write(files: Files): Promise<void>
  /** The finding of the check; `directory` is configured unless something else is. */
  ask(config: Partial<ToolConfig>): Promise<Finding>
  /** The same check, asked as often as `use` wants. */
  keepAsking(config: Partial<ToolConfig>, use: (ask: () => Promise<Finding>) => Promise<void>): Promise<void>
}

/** With `ownDatabase`, for tools that want one to themselves. */
export const createHost = async (
  t: Test,
  postgres: TestPostgres,
  options: { readonly ownDatabase?: boolean } = {},
): Promise<Host> => {
  const directory = await mkdtemp(join(tmpdir(), 'hs-tool-'))
  hosts += 1
  const schema = options.ownDatabase ? 'public' : `host_${hosts}`
  const database = options.ownDatabase ? await postgres.createDatabase() : 'postgres'
  const url = `${postgres.url({ database })}?options=-csearch_path%3D${schema},public`
  await postgres.query(`create schema if not exists ${schema}`, { database })
  const databases = createDatabases()
  t.teardown(async () => {
    await databases[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  })
  const create = (config: Partial<ToolConfig>): Check => {
    const where = 'manifest' in config || 'directories' in config ? {} : { directory }
    return migrations.create({ tool: 'rails', ...where, ...config, database: url }, { databases })
  }
  return {
    directory,
    url,
    sql: async text => void (await postgres.query(`set search_path = ${schema}; ${text}`, { database })),
    async write(files) {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(directory, path)), { recursive: true })
        await writeFile(join(directory, path), text)
      }
    },
    async ask(config) {
      await using check = create(config)
      return await check.run(AbortSignal.timeout(60_000))
    },
    async keepAsking(config, use) {
      await using check = create(config)
      await use(() => check.run(AbortSignal.timeout(60_000)))
    },
  }
}
