import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { ConfigError } from '../../../src/config/config-error.ts'
import { loadConfig } from '../../../src/config/load.ts'

/** What is wrong with a check of migrations that has these keys, in the words of the error. */
const mistakesOf = async (t: Test, keys: Readonly<Record<string, unknown>>): Promise<string> => {
  const file = join(t.testdir(), 'config.yaml')
  const check = { name: 'migrations', type: 'migrations', database: 'postgres://app:s3cret@db/app', ...keys }
  await writeFile(file, JSON.stringify({ checks: [check] }))
  const outcome = await loadConfig(file, {}).catch((error: unknown) => error)
  return outcome instanceof ConfigError ? outcome.message : ''
}

t.test('migrations config › each tool takes the keys that it needs', async t => {
  t.equal(await mistakesOf(t, { tool: 'django', manifest: '/m.json' }), '')
  t.equal(await mistakesOf(t, { tool: 'rails', directory: 'db/migrate' }), '')
  t.equal(await mistakesOf(t, { tool: 'laravel', directories: ['a', 'b'], table: 'ops.migrations' }), '')
  t.equal(await mistakesOf(t, { tool: 'typeorm', manifest: 'migrations.txt' }), '')
  const custom = { tool: 'custom', directory: 'sql', table: 'done', column: 'name', pattern: '^(\\d+)' }
  t.equal(await mistakesOf(t, custom), '')
  t.equal(await mistakesOf(t, { ...custom, key: 'A\\$1', exclude: ['old'] }), '')
  t.equal(await mistakesOf(t, { tool: 'custom', manifest: 'm', table: 'done', column: 'name' }), '')
  t.equal(await mistakesOf(t, { tool: 'knex', directory: 'a', pattern: '^.+\\.js$' }), '')
  t.equal(await mistakesOf(t, { tool: 'alembic', directory: 'a', accept_ahead: true }), '')
  t.equal(await mistakesOf(t, { tool: 'django', scan: ['a'], exclude: ['tests'] }), '')
  for (const schema of ['shop', ['a', 'b'], { query: 'SELECT 1' }])
    t.equal(await mistakesOf(t, { tool: 'rails', directory: 'a', schema }), '')
})

t.test('migrations config › what is missing, of another tool or no regular expression is said', async t => {
  const directory = 'sql'
  t.match(
    await mistakesOf(t, { tool: 'maven', directory }),
    /tool: found "maven"; expected one of django, rails, /,
  )
  t.match(await mistakesOf(t, { tool: 'rails' }), /exactly one of the keys directory or directories/)
  t.match(await mistakesOf(t, { tool: 'django' }), /exactly one of the keys manifest, apps or scan/)
  t.match(await mistakesOf(t, { tool: 'typeorm' }), /the key manifest is missing/)
  t.match(
    await mistakesOf(t, { tool: 'rails', directory, apps: { a: 'b' } }),
    /apps: .*the tool does not take it/,
  )
  t.match(await mistakesOf(t, { tool: 'custom', directory }), /the key table is missing/)
  const custom = { tool: 'custom', directory, table: 'done', column: 'name' }
  t.match(await mistakesOf(t, { ...custom, pattern: '(' }), /pattern: .*expected a regular expression/)
  t.match(
    await mistakesOf(t, { ...custom, directory: undefined }),
    /exactly one of the keys directory, directories or manifest/,
  )
  t.match(await mistakesOf(t, custom), /the key pattern is missing/)
  t.match(await mistakesOf(t, { ...custom, pattern: 'a', key: 'b' }), /key: found "b"; /)
  t.match(
    await mistakesOf(t, { tool: 'rails', directory, accept_ahead: true }),
    /accept_ahead: .*the tool does not take it/,
  )
  t.match(await mistakesOf(t, { tool: 'drizzle', directory, schema: 'a' }), /tool: found "drizzle"; /)
  t.match(
    await mistakesOf(t, { tool: 'rails', directory, schema: 'a', table: 'b.c' }),
    /table: found "b.c"; /,
  )
  t.match(await mistakesOf(t, { tool: 'rails', directory, schema: [] }), /schema: /)
  t.match(await mistakesOf(t, { tool: 'django', manifest: 'm', exclude: ['a'] }), /exclude/)
  t.notMatch(await mistakesOf(t, { tool: 'rails' }), /s3cret/)
})
