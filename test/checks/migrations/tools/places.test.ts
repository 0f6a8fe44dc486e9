/** Files that a tool would run, in a place that the check does not read: never passed over. */
import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { customTool, fileTools } from '../../../../src/checks/migrations/tools/tools.ts'
import type { ReaderOptions, Tool } from '../../../../src/checks/migrations/tools/tool.ts'
import { createHost } from './ask-tool.ts'
import { startPostgres } from '../../../support/postgres.ts'

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())

const options: ReaderOptions = { exclude: [], mayBeMissing: false }
const script = (revision: string, down: string) => `revision = '${revision}'\ndown_revision = ${down}\n`
const journal = (...tags: readonly string[]) =>
  JSON.stringify({ entries: tags.map((tag, i) => ({ when: 1700000000001 + i, tag })) })

interface Placed {
  /** Files of a release, relative to its directory. */
  readonly files: Readonly<Record<string, string>>
  /** The same migrations in a folder below: read, or not. */
  readonly below: Readonly<Record<string, string>>
  readonly reads: boolean
  readonly keys: readonly string[]
}

const one = (path: string, reads: boolean, keys: readonly string[] = ['1']): Placed => ({
  files: { [path]: '' },
  below: { [path.replace('1', '2')]: '' },
  reads,
  keys: reads ? [...keys, ...keys.map(key => key.replace('1', '2'))] : keys,
})

const placed: Readonly<Record<keyof typeof fileTools | 'custom', Placed>> = {
  rails: one('1_a.rb', true),
  alembic: {
    files: { 'a1.py': script('a1', 'None') },
    below: { 'a2.py': script('a2', `'a1'`), 'helper.py': 'x = 1\n' },
    reads: true,
    keys: ['a1', 'a2'],
  },
  flyway: one('V1__a.sql', true),
  knex: one('1_a.js', false, ['1_a.js']),
  prisma: one('1_a/migration.sql', false, ['1_a']),
  'golang-migrate': one('1_a.up.sql', false),
  'node-pg-migrate': one('1_a.js', false, ['1_a']),
  sequelize: one('1-a.js', false, ['1-a.js']),
  umzug: one('1-a.js', false, ['1-a.js']),
  drizzle: {
    files: { 'meta/_journal.json': journal('0000_a'), '0000_a.sql': '' },
    below: { 'meta/_journal.json': journal('0000_b'), '0000_b.sql': '' },
    reads: false,
    keys: ['1700000000001'],
  },
  laravel: one('1_a.php', false, ['1_a']),
  ecto: one('1_a.exs', true),
  atlas: one('1_a.sql', false),
  sqlx: one('1_a.sql', false),
  goose: one('1_a.sql', false),
  custom: one('1-a.sql', false),
}

const custom = { table: 'done', ...customTool({ column: 'name', pattern: /^(\d+)-.*\.sql$/ }) }
const toolOf = (name: string): Tool => ({ ...fileTools, custom })[name as keyof typeof fileTools | 'custom']

for (const [name, { files, below, reads, keys }] of Object.entries(placed)) {
  const under = (folder: string, some: typeof files) =>
    Object.fromEntries(Object.entries(some).map(([path, text]) => [`${folder}/${path}`, text]))

  t.test(`${name} › files in a subfolder are ${reads ? 'read' : 'unknown'}, never passed over`, async t => {
    const host = await createHost(t, postgres)
    const { createReader } = toolOf(name)
    const read = (more: Partial<ReaderOptions> = {}) =>
      createReader([host.directory], { ...options, ...more })()
    await host.write(files)
    const plain = await read()
    const [first] = keys
    t.match(plain, { ok: true, shipped: [{ key: first }] })

    await host.write(under('sub', below))
    const found = await read()
    if (reads) t.strictSame(found.ok && found.shipped.map(({ key }) => key).sort(), keys)
    else {
      const path = Object.keys(below).find(file => !file.startsWith('0000_'))
      t.match(found, {
        ok: false,
        problem: { status: 'unknown', reason: 'MIGRATIONS_NOT_READ', evidence: { path: `sub/${path}` } },
      })
      t.match(
        found.ok || found.problem.message,
        /; add \S+\/sub\S* to directories, or sub\S* to exclude if the tool/,
      )
    }
    t.strictSame(await read({ exclude: ['sub'] }), plain, 'unless the folder is excluded')

    await host.write(under('deep/er/still', below))
    t.match(
      await read({ exclude: ['sub'] }),
      reads ? { ok: true } : { problem: { reason: 'MIGRATIONS_NOT_READ' } },
    )
    t.strictSame(await read({ exclude: ['sub', 'deep/er'] }), plain, 'a folder can be excluded by its path')
    t.strictSame(await read({ exclude: ['sub', 'still'] }), plain, 'or by its name, however deep')
  })

  t.test(`${name} › a link to a folder with migrations is unknown`, async t => {
    const host = await createHost(t, postgres)
    const elsewhere = t.testdir()
    const { createReader } = toolOf(name)
    const read = createReader([host.directory], options)
    await host.write(files)
    const plain = await read()
    await symlink(elsewhere, join(host.directory, 'linked'))
    t.strictSame(await read(), plain, 'an empty one is not')
    for (const [path, text] of Object.entries(below)) {
      await mkdir(join(elsewhere, path, '..'), { recursive: true })
      await host.write({ [`linked/${path}`]: text })
    }
    t.match(await read(), { ok: false, problem: { status: 'unknown', reason: 'MIGRATIONS_NOT_READ' } })
    await rm(join(host.directory, 'linked'))
    await symlink(elsewhere, join(host.directory, '..data'))
    t.strictSame(await read(), plain, 'a hidden one is not: the mounts of Kubernetes have such')
    await rm(join(host.directory, '..data'))
  })
}

t.test('a folder of too many folders › is not searched for ever', async t => {
  const host = await createHost(t, postgres)
  await host.write({ '1_a.up.sql': '' })
  for (let i = 0; i < 2000; i++) await mkdir(join(host.directory, `folder${i}`))
  t.match(await host.ask({ tool: 'golang-migrate' }), {
    status: 'unknown',
    reason: 'MIGRATIONS_NOT_READ',
    message: /more than 2000 folders/,
  })
})

t.test('alembic › bytecode without its source is unknown', async t => {
  const host = await createHost(t, postgres)
  const read = fileTools.alembic.createReader([host.directory], options)
  await host.write({ 'a.py': script('a', 'None'), 'a.pyc': '', '__pycache__/gone.cpython-311.pyc': '' })
  t.match(await read(), { ok: true, shipped: [{ key: 'a' }] })
  await host.write({ 'b.pyc': '' })
  t.match(await read(), { problem: { reason: 'MIGRATIONS_NOT_LITERAL', message: /there is no b\.py;/ } })
})

t.test(
  'flyway › a class of a versioned migration counts, one of a repeatable migration is unknown',
  async t => {
    const host = await createHost(t, postgres)
    const read = fileTools.flyway.createReader([host.directory], options)
    await host.write({ 'V1__a.sql': '', 'V1_2__Price.class': '', 'V1_2__Price$Row.class': '' })
    const found = await read()
    t.strictSame(found.ok && found.shipped.map(({ key }) => key).sort(), ['1', '1.2'])
    await host.write({ 'R__View.class': '' })
    t.match(await read(), { problem: { status: 'unknown', reason: 'MIGRATIONS_NOT_LITERAL' } })
  },
)
