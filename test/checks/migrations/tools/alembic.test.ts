import t from 'tap'
import { readAlembicScript } from '../../../../src/checks/migrations/tools/alembic-script.ts'
import { startPostgres } from '../../../support/postgres.ts'
import { createHost } from './ask-tool.ts'

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())

const script = (revision: string, down: string, more = '') =>
  `"""m\n\nRevision ID: x\nRevises: y\n"""\nrevision = '${revision}'\ndown_revision = ${down}\n${more}\n`

const read = (text: string) => readAlembicScript(Buffer.from(text))
const scriptIn = (text: string) => {
  const reading = read(text)
  return reading.ok ? reading.script : undefined
}

t.test('alembic › what a script says of itself is read from literals', async t => {
  const parents = (down: string, more?: string) => scriptIn(script('b', down, more))?.parents
  t.strictSame(parents('None'), [])
  t.strictSame(parents(`'a'  # the first`), ['a'])
  t.strictSame(parents(`("a", 'c',)`), ['a', 'c'])
  t.strictSame(parents(`[\n    'a',  # one\n    # two\n    'c'\n]`), ['a', 'c'])
  t.strictSame(parents(`'a'`, `depends_on = ('d',)`), ['a', 'd'])
  t.strictSame(scriptIn(`revision: str = "b"\ndown_revision: Union[str, None] = None`)?.key, 'b')
  t.strictSame(parents(`('a')`), ['a'], 'in parentheses alone')
  t.strictSame(parents(`[]`), [])
  t.strictSame(parents(`'a'; branch_labels = None`), ['a'])
  t.strictSame(parents(`'a'`, `from sqlalchemy import *\nfrom alembic import op`), ['a'])
  t.strictSame(parents(`'\\x61'  # an escape`), ['a'])
  t.strictSame(parents(`'a'`, `"""revision = 'c'\n"""\nx.revision = f'{x!r:>{10}} revision = '`), ['a'])
  t.strictSame(parents(`'a'`, `def upgrade():\n    revision = 'c'\n    op.execute(f"{revision}")`), ['a'])
  t.strictSame(parents(`'a'`, `def upgrade():\n    op.execute("update t set revision = 1")`), ['a'])
})

t.test('alembic › anything else is not guessed at', async t => {
  for (const text of [
    '',
    `from base import revision, down_revision`,
    script('b', `BASE`),
    script('b', `'a' + SUFFIX`),
    script('b', `('a', *others)`),
    script('b', `"a" 'c'`),
    script('b', `f'a'`),
    script('b', `'a'`, `depends_on = DEPENDS`),
    script('b', `'a'`, `if True:\n    down_revision = 'c'`),
    script('b', `'a'`, `revision = 'c'`),
    script('b', `'a'`, `x = 1; revision = 'c'`),
    `revision = None\ndown_revision = None\n`,
    `revision = 'b'\n`,
    script('b', `'a'`, `globals()['revision'] = 'c'`),
    script('b', `'a'`, `x = f"{(revision := 'c')}"`),
    script('b', `'a'`, `def f():\n    global revision\n    revision = 'c'\nf()`),
    script('b', `'a'`, `from .base import *`),
    script('b', `'a'`, `for revision in 'cd': pass`),
  ])
    t.match(read(text), { ok: false, why: String }, text)
})

t.test('alembic › the ancestors of the heads are applied, by dependencies too', async t => {
  // alembic/runtime/migration.py: MigrationContext._version
  const host = await createHost(t, postgres)
  const ask = () => host.ask({ tool: 'alembic' })
  await host.write({
    'a.py': script('a', 'None'),
    'b.py': script('b', `'a'`),
    'c.py': script('c', 'None', `depends_on = 'b'`),
    '__init__.py': '',
    'notes.txt': '',
  })
  t.match(await ask(), { reason: 'MIGRATIONS_TABLE_MISSING' })
  await host.sql('create table alembic_version (version_num varchar(32) not null primary key)')
  t.match(await ask(), { status: 'fail', evidence: { pending: ['a', 'b', 'c'] } })
  await host.sql(`insert into alembic_version values ('b')`)
  t.match(await ask(), { status: 'fail', evidence: { pending: ['c'], applied: 2 } })
  await host.sql(`update alembic_version set version_num = 'c'`)
  t.match(await ask(), { status: 'pass', evidence: { applied: 3 } }, 'c alone is named, and stands for all')

  await host.write({ 'd.py': script('d', `'nowhere'`) })
  t.match(await ask(), { status: 'unknown', reason: 'MIGRATIONS_NOT_LITERAL', message: /d\.py/ })
})

t.test(
  'alembic › a head that is not shipped is unknown, unless all was applied when last looked',
  async t => {
    const host = await createHost(t, postgres)
    await host.write({ 'a.py': script('a', 'None'), 'b.py': script('b', `'a'`) })
    await host.sql(`create table alembic_version (version_num varchar(32) not null primary key);
    insert into alembic_version values ('newer')`)
    t.match(await host.ask({ tool: 'alembic' }), {
      status: 'unknown',
      cause: 'shared',
      reason: 'MIGRATIONS_AHEAD',
    })
    await host.keepAsking({ tool: 'alembic' }, async ask => {
      t.match(await ask(), { status: 'unknown', cause: 'shared', reason: 'MIGRATIONS_AHEAD' })
      await host.sql(`update alembic_version set version_num = 'b'`)
      t.match(await ask(), { status: 'pass' })
      await host.sql(`update alembic_version set version_num = 'newer'`)
      t.match(await ask(), { status: 'pass', evidence: { extra: ['newer'] } })
      await host.write({ 'c.py': script('c', `'b'`) })
      t.match(
        await ask(),
        { status: 'unknown', cause: 'shared', reason: 'MIGRATIONS_AHEAD' },
        'of another release it is not known',
      )
    })
  },
)

t.test('alembic › with accept_ahead, a revision that is not shipped is newer than all that is', async t => {
  const host = await createHost(t, postgres)
  const ask = () => host.ask({ tool: 'alembic', accept_ahead: true })
  await host.write({ 'a.py': script('a', 'None'), 'b.py': script('b', `'a'`) })
  await host.sql('create table alembic_version (version_num varchar(32) not null primary key)')
  t.match(await ask(), { status: 'fail', evidence: { pending: ['a', 'b'] } }, 'an empty table is not ahead')
  await host.sql(`insert into alembic_version values ('newer')`)
  t.match(await ask(), { status: 'pass', evidence: { applied: 2, extra: ['newer'] } })
  await host.sql(`insert into alembic_version values ('a')`)
  t.match(
    await ask(),
    { status: 'fail', evidence: { pending: ['b'] } },
    'b has certainly not run: a is a head',
  )
})

t.test('alembic › scripts in subfolders are read, as with recursive_version_locations', async t => {
  const host = await createHost(t, postgres)
  await host.write({
    'a.py': script('a', 'None'),
    '2024/b.py': script('b', `'a'`),
    'helpers/dates.py': 'x = 1',
  })
  await host.sql(`create table alembic_version (version_num varchar(32) not null primary key);
    insert into alembic_version values ('a')`)
  t.match(await host.ask({ tool: 'alembic' }), {
    status: 'fail',
    evidence: { pending: ['b (2024/b.py)'], applied: 1 },
  })
  await host.sql(`update alembic_version set version_num = 'b'`)
  t.match(await host.ask({ tool: 'alembic' }), { status: 'pass', evidence: { applied: 2 } })
})
