/** Each tool of the npm registry is run for real, and the check must say what the tool itself says. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import type { ToolConfig } from '../../../src/checks/migrations/tools/config.ts'
import { createHost } from '../../checks/migrations/tools/ask-tool.ts'
import type { Files } from '../../checks/migrations/tools/ask-tool.ts'
import { startPostgres } from '../../support/postgres.ts'

const run = promisify(execFile)
const here = import.meta.dirname
if (!existsSync(join(here, 'node_modules'))) await run('npm', ['ci', '--prefix', here], { timeout: 240_000 })

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())

interface RealTool {
  readonly tool: ToolConfig['tool']
  /** The files of a release that has the first `count` migrations. */
  readonly release: (count: number) => Files
  /** What the tool, and what the check, calls the n-th of them. */
  readonly called: (n: number) => { readonly tool: string; readonly check: string }
  readonly config?: (directory: string) => Partial<ToolConfig>
  /** It cannot undo. */
  readonly oneWay?: true
  /** It cannot tell what is pending. */
  readonly mute?: true
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
const each = (count: number, file: (n: number) => readonly [path: string, text: string]): Files =>
  Object.fromEntries(numbers(count).map(file))
const table = (n: number) => `create table t${n} (id int)`

const realTools: readonly RealTool[] = [
  {
    tool: 'knex',
    release: count =>
      each(count, n => [
        `2024010${n}_m.cjs`,
        `exports.up = knex => knex.raw('${table(n)}'); exports.down = knex => knex.raw('drop table t${n}')`,
      ]),
    called: n => ({ tool: `2024010${n}_m.cjs`, check: `2024010${n}_m.cjs` }),
  },
  {
    tool: 'node-pg-migrate',
    release: count => ({
      ...each(count, n =>
        n % 2 === 0
          ? [`170000000000${n}_m.sql`, `-- Up Migration\n${table(n)};\n-- Down Migration\ndrop table t${n};`]
          : [
              `170000000000${n}_m.cjs`,
              `exports.up = pgm => pgm.sql('${table(n)}'); exports.down = pgm => pgm.sql('drop table t${n}')`,
            ],
      ),
      '.hidden.js': '',
    }),
    called: n => ({
      tool: `170000000000${n}_m`,
      check: `170000000000${n}_m.${n % 2 === 0 ? 'sql' : 'cjs'}`,
    }),
  },
  {
    tool: 'umzug',
    release: count =>
      each(count, n => [
        `2024010${n}-m.cjs`,
        `exports.up = ({ context }) => context.sequelize.query('${table(n)}')
         exports.down = ({ context }) => context.sequelize.query('drop table t${n}')`,
      ]),
    called: n => ({ tool: `2024010${n}-m.cjs`, check: `2024010${n}-m.cjs` }),
  },
  {
    tool: 'typeorm',
    release: count => ({
      ...each(count, n => [
        `m${n}.cjs`,
        `exports.M${n} = class Price${n}170000000000${n} {
           up(runner) { return runner.query('${table(n)}') }
           down(runner) { return runner.query('drop table t${n}') }
         }`,
      ]),
      'migrations.txt': numbers(count)
        .map(n => `Price${n}170000000000${n}\n`)
        .join(''),
    }),
    called: n => ({ tool: `Price${n}170000000000${n}`, check: `Price${n}170000000000${n}` }),
    config: directory => ({ manifest: join(directory, 'migrations.txt') }),
  },
  {
    tool: 'prisma',
    oneWay: true,
    release: count => ({
      ...each(count, n => [`2024010${n}_m/migration.sql`, table(n)]),
      'migration_lock.toml': 'provider = "postgresql"',
    }),
    called: n => ({ tool: `2024010${n}_m`, check: `2024010${n}_m/migration.sql` }),
  },
  {
    tool: 'drizzle',
    oneWay: true,
    mute: true,
    release: count => ({
      ...each(count, n => [`000${n}_m.sql`, table(n)]),
      'meta/_journal.json': JSON.stringify({
        version: '7',
        dialect: 'postgresql',
        entries: numbers(count).map(n => ({
          idx: n,
          version: '7',
          when: 1700000000000 + n,
          tag: `000${n}_m`,
          breakpoints: true,
        })),
      }),
    }),
    called: n => ({ tool: `000${n}_m`, check: `000${n}_m` }),
  },
]

for (const { tool, release, called, config, oneWay, mute } of realTools)
  t.test(`${tool} › the check agrees with the tool itself at every step`, async t => {
    const host = await createHost(t, postgres, { ownDatabase: true })
    const ask = () => host.ask({ tool, ...config?.(host.directory) })
    const have = async (action: 'up' | 'down' | 'pending') => {
      const script = join(here, 'run-tool.mjs')
      const { stdout } = await run(process.execPath, [script, tool, action, host.url, host.directory])
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as string[]
    }
    await host.write(release(2))
    t.match(await ask(), { status: 'fail', reason: 'MIGRATIONS_TABLE_MISSING' }, 'before the first run')
    t.strictSame(await have('up'), [])
    t.match(await ask(), { status: 'pass', evidence: { applied: 2 } }, 'after it')

    await host.write(release(4))
    if (!mute) t.strictSame(await have('pending'), [called(3).tool, called(4).tool])
    const newer = await ask()
    t.match(
      newer,
      { status: 'fail', reason: 'MIGRATIONS_PENDING', evidence: { applied: 2 } },
      'a newer release',
    )
    t.strictSame(newer.evidence?.['pending'], [called(3).check, called(4).check])

    t.strictSame(await have('up'), [])
    t.match(await ask(), { status: 'pass', evidence: { applied: 4 } }, 'once that is migrated')

    const entries = (count: number) => Object.keys(release(count)).map(path => path.split('/')[0] ?? '')
    for (const entry of entries(4))
      if (!entries(3).includes(entry)) await rm(join(host.directory, entry), { recursive: true })
    await host.write(release(3))
    const older = await ask()
    t.match(older, { status: 'pass', evidence: { applied: 3 } }, 'the older release, which is still running')
    t.equal(Array.from(Object(older.evidence?.['extra'])).length, 1)

    if (oneWay) return
    await host.write(release(4))
    t.strictSame(await have('down'), [called(4).tool])
    t.match(
      await ask(),
      { status: 'fail', evidence: { pending: [called(4).check], applied: 3 } },
      'the last undone',
    )
  })

t.test('prisma › a migration that fails is a failure until it is marked as rolled back', async t => {
  const host = await createHost(t, postgres, { ownDatabase: true })
  const have = async (action: 'up' | 'down') => {
    const script = join(here, 'run-tool.mjs')
    const { stdout } = await run(process.execPath, [script, 'prisma', action, host.url, host.directory])
    return JSON.parse(stdout) as string[]
  }
  await host.write({ '1_a/migration.sql': 'select 1', '2_b/migration.sql': 'selekt 2' })
  t.strictSame(await have('up'), ['2_b failed'])
  t.match(await host.ask({ tool: 'prisma' }), {
    status: 'fail',
    reason: 'MIGRATIONS_FAILED',
    evidence: { failed: ['2_b (failed)'] },
  })
  t.strictSame(await have('down'), ['2_b'])
  t.match(await host.ask({ tool: 'prisma' }), { reason: 'MIGRATIONS_PENDING', evidence: { applied: 1 } })
})

t.test('drizzle › a migration that Drizzle itself skips is pending for ever', async t => {
  const host = await createHost(t, postgres, { ownDatabase: true })
  const up = async (...numbers: readonly number[]) => {
    const entries = numbers.map(n => ({
      idx: n,
      version: '7',
      when: 1700000000000 + n,
      tag: `000${n}_m`,
      breakpoints: true,
    }))
    await host.write({
      'meta/_journal.json': JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
    })
    for (const n of numbers) await host.write({ [`000${n}_m.sql`]: table(n) })
    await run(process.execPath, [join(here, 'run-tool.mjs'), 'drizzle', 'up', host.url, host.directory])
  }
  await up(1, 3)
  t.match(await host.ask({ tool: 'drizzle' }), { status: 'pass', evidence: { applied: 2 } })
  await up(1, 2, 3)
  await t.rejects(host.sql('select * from t2'), 'Drizzle has not run it')
  t.match(await host.ask({ tool: 'drizzle' }), {
    status: 'fail',
    evidence: { pending: ['0002_m'], applied: 2 },
  })
  await up(1, 2, 3, 4)
  t.match(await host.ask({ tool: 'drizzle' }), {
    status: 'fail',
    evidence: { pending: ['0002_m'], applied: 3 },
  })
})
