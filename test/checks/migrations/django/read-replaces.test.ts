import t from 'tap'
import { isPlainMigration } from '../../../../src/checks/migrations/django/plain-migration.ts'
import { readReplaces } from '../../../../src/checks/migrations/django/read-replaces.ts'

const read = (source: string) => readReplaces(Buffer.from(source))

/** A migration with `body` in its class, and lines before and after the class. */
const migration = (
  body: string,
  { before = '', after = '', head = 'class Migration(migrations.Migration):' } = {},
) =>
  `from django.db import migrations, models\n${before}\n\n${head}\n${body}\n\n    operations = []\n${after}`

const AB = [
  ['catalog', '0001_initial'],
  ['catalog', '0002_price'],
]

t.test('a migration that replaces nothing › is told with and without dividing it into tokens', async t => {
  const plain = migration('    dependencies = []')
  t.equal(isPlainMigration(Buffer.from(plain)), true)
  t.strictSame(read(plain), { ok: true, replaces: [] })
  const commented = migration('    # replaces nothing')
  t.equal(isPlainMigration(Buffer.from(commented)), false)
  t.strictSame(read(commented), { ok: true, replaces: [] })
  t.strictSame(read(migration('    replaces = []')), { ok: true, replaces: [] })
  t.strictSame(read(migration('    replaces = ()')), { ok: true, replaces: [] })
})

const literal: Record<string, string> = {
  'as squashmigrations writes it': `    replaces = [('catalog', '0001_initial'), ('catalog', '0002_price')]`,
  'over several lines with comments': `    replaces = [  # squashed\n        ('catalog',\n  '0001_initial'),\n# a comment, ('x', 'y')\n\n  ('catalog', '0002_price'),\n    ]`,
  'a tuple of tuples': `    replaces = (("catalog", "0001_initial"), ("catalog", "0002_price",),)`,
  'a tuple without a comma at its end': `    replaces = (("catalog", "0001_initial"), ("catalog", "0002_price"))`,
  'with prefixes and other quotes': `    replaces = [(u'catalog', r"0001_initial"), (U"""catalog""", R'''0002_price''')]`,
  'strings side by side': `    replaces = [('cata' "log", '0001' '_' \\\n 'initial'), ('catalog', '0002_price')]`,
  'with escapes': `    replaces = [('c\\x61talog', '0001_initi\\u0061l'), ('\\143atalog', '0002_pri\\\nce')]`,
  'lines that are continued': `    replaces \\\n = \\\n [('catalog', '0001_initial'), ('catalog', '0002_price')]`,
  'with a type': `    replaces: list[tuple[str, str]] = [('catalog', '0001_initial'), ('catalog', '0002_price')]`,
  'after a docstring and methods': `    """What this replaces = []"""\n    def apply(self, *args):\n        return super(Migration, self).apply(*args)\n\n    replaces = [('catalog', '0001_initial'), ('catalog', '0002_price')]`,
  'indented with tabs': `\treplaces = [('catalog', '0001_initial'), ('catalog', '0002_price')]\n\toperations = []\n#`,
}
t.test('replaces › is read from a literal, however it is written', async t => {
  for (const [how, body] of Object.entries(literal)) {
    const source =
      how === 'indented with tabs'
        ? migration(body).replace('    operations', '\toperations')
        : migration(body)
    t.strictSame(read(source), { ok: true, replaces: AB }, how)
    t.strictSame(read(source.replaceAll('\n', '\r\n')), { ok: true, replaces: AB }, `${how}, with CRLF`)
  }
})

t.test('replaces › is read whatever stands around it', async t => {
  const body = literal['as squashmigrations writes it'] ?? ''
  const surroundings = [
    { before: '# -*- coding: utf-8 -*-\nfrom __future__ import unicode_literals' },
    {
      before:
        'def forwards(apps, schema_editor):\n    """class Migration(x):\n    replaces"""\n    exec("1")',
    },
    { before: 'from catalog.models import *\nfrom django.db import (\n    migrations,\n    models,\n)' },
    { before: `f = f"{'replaces'!r:>{10}} {{ {f'{1}'} }}"\ng = rf'\\{1}'\nh = f"""\n{ f(x=':') }"""` },
    { after: 'if True:\n    Migration.operations.append(1)' },
    { after: 'x = "it\\\nreplaces"  # Migration = 1\ny = b"\\xff" + b\'\'\nz = 0x1F if 1else 2j' },
    { before: 'café = "é"  # ça' },
  ]
  for (const around of surroundings)
    t.strictSame(read(migration(body, around)), { ok: true, replaces: AB }, JSON.stringify(around))
  const aliased = migration(body, {
    head: 'class Migration(m.Migration):',
    before: 'from django.db import migrations as m',
  })
  t.strictSame(read(aliased), { ok: true, replaces: AB })
  t.strictSame(read(`\ufeff${migration(body)}`), { ok: true, replaces: AB }, 'a byte order mark')
})

t.test('what is no literal › is not understood', async t => {
  const bodies = [
    `    replaces = [('a', 'b')] + OLD`,
    `    replaces = OLD`,
    `    replaces = [*OLD]`,
    `    replaces = [['a', 'b']]`,
    `    replaces = [('a', 'b', 'c')]`,
    `    replaces = [('a',)]`,
    `    replaces = [('a' 'b')]`,
    `    replaces = (('a', 'b'))`,
    `    replaces = [('a', name)]`,
    `    replaces = [('a', f'b')]`,
    `    replaces = [('a', b'b')]`,
    `    replaces = [('a', 'b' f'c')]`,
    `    replaces = [('a', '\\N{BULLET}')]`,
    `    replaces = [('a', '\\ud83d')]`,
    `    replaces = [('a', 'b') for _ in x]`,
    `    replaces = [('a', 'b'),,]`,
    `    replaces = ('a', 'b'), ('c', 'd')`,
    `    replaces = None`,
    `    replaces = set()`,
    `    replaces = other = []`,
    `    replaces += [('a', 'b')]`,
    `    replaces = []; replaces = [('a', 'b')]`,
    `    replaces = []\n    replaces = [('a', 'b')]`,
    `    replaces = []\n    replaces.append(('a', 'b'))`,
    `    if True:\n        replaces = [('a', 'b')]`,
    `    if True: replaces = [('a', 'b')]`,
    `    for replaces in [[('a', 'b')]]: pass`,
    `    ｒeplaces = [('a', 'b')] + OLD`,
    `    locals()['replaces'] = [('a', 'b')]`,
    `    def __init__(self, *args):\n        self.replaces = [('a', 'b')]`,
    `    @property\n    def replaces(self):\n        return [('a', 'b')]`,
    `    replaces = [('a', 'b')`,
    `    replaces = [('a', 'b)]`,
    `        x = 1\n    replaces = [('a', 'b')]`,
  ]
  for (const body of bodies) t.match(read(migration(body)), { ok: false, why: String }, body)
})

t.test('a class that may be another › is not understood', async t => {
  const sources = [
    migration('    pass', { head: 'class Migration(Base):' }),
    migration('    pass', { head: 'class Migration(Mixin, migrations.Migration):' }),
    migration('    pass', { head: 'class Migration(migrations.Migration, metaclass=Meta):' }),
    migration('    pass', { head: '@decorated\nclass Migration(migrations.Migration):' }),
    migration('    pass', { head: 'if 1:\n  class Migration(migrations.Migration):' }),
    migration('    pass', { head: 'class Migration(other.Migration):' }),
    migration('    pass', { head: 'class Migration(migrations.Migration): replaces = [("a", "b")]' }),
    migration('    pass', { before: 'from other import migrations' }),
    migration('    pass', { before: 'import a, migrations.b' }),
    migration('    pass', { before: 'import other as migrations' }),
    migration('    pass', { before: 'from other import *' }),
    migration('    pass', { before: 'for migrations in []: pass' }),
    migration('    pass', { before: 'def f():\n    global migrations\n    migrations = 1\nf()' }),
    migration('    pass', { before: 'migrations.Migration = Other' }),
    migration('    pass', { before: 'x = f"{(migrations := 1)}"' }),
    migration('    pass', { after: 'Migration.replaces = [("a", "b")]' }),
    migration('    pass', { after: 'Migration = decorated(Migration)' }),
    migration('    pass', { after: 'from other import Migration' }),
    migration('    pass', { after: 'setattr(Migration, "re" "places", [])' }),
    migration('    pass', { after: 'class Migration(migrations.Migration):\n    replaces = [("a", "b")]' }),
    migration('    pass', { after: 'from other import *' }),
    migration('    pass', { before: 'x = "replaces"\nglobals()[x] = 1' }),
    migration('    pass').replace(
      'from django.db import migrations, models',
      'from django.db import migrations, x as migrations',
    ),
    migration('    pass').replace('from django.db import migrations, models', 'from south import migrations'),
    migration('    pass').replace('from django.db', 'try:\n  from django.db'),
    'from catalog.base import Migration\n',
    'from django.db.migrations import Migration as Base\n\nclass Migration(Base):\n    pass\n',
    '"""\nfrom django.db import migrations\nclass Migration(migrations.Migration):\n"""\n',
    '',
  ]
  for (const source of sources) t.match(read(source), { ok: false, why: String }, source)
})

t.test('a reading that failed › says why and where', async t => {
  t.match(read(migration(`    replaces = [\n        OLD]`)), {
    ok: false,
    why: 'line 6: it is not a literal',
  })
  t.match(read('x = 1\n'), {
    ok: false,
    why: 'it defines no class Migration of its own',
    hasMigration: false,
  })
})

t.test('a source in another encoding › is read, or not understood', async t => {
  const body = `    replaces = [('caf\u00e9', '1')]`
  const latin1 = Buffer.from(`# coding: latin-1\n${migration(body)}`, 'latin1')
  t.strictSame(readReplaces(latin1), { ok: true, replaces: [['caf\u00e9', '1']] })
  t.match(readReplaces(Buffer.from(migration(body), 'latin1')), { ok: false, why: 'it is not UTF-8' })
  t.match(read(`#!/usr/bin/python\n# vim: set fileencoding=utf-7 :\n${migration(body)}`), { ok: false })
  t.match(
    read(`\n\n# coding: utf-7\n${migration('    x = 1')}`),
    { ok: true },
    'a third line declares nothing',
  )
  t.match(read(`${migration('    x = 1')}\0`), { ok: false, why: 'it contains a null byte' })
})

t.test('a source that is hostile › takes no longer than its length', async t => {
  const deep = '('.repeat(200_000)
  const templates = `x = ${"f'{".repeat(50_000)}`
  const escapes = `x = "${'\\'.repeat(300_001)}"`
  for (const source of [deep, templates, escapes, '"'.repeat(300_001), '\\\n'.repeat(200_000)])
    t.match(read(source), { ok: false })
})
