import t from 'tap'
import { readFollowingImports } from '../../../../src/checks/migrations/django/follow-imports.ts'
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

const SQUASH = literal['as squashmigrations writes it'] ?? ''

t.test('replaces › is read under any name of the base class', async t => {
  const heads = [
    'from django.db.migrations import Migration as Base\n\nclass Migration(Base):',
    'from django.db.migrations import Migration\n\nclass Migration(Migration):',
    'from django.db.migrations.migration import Migration as M\n\nclass Migration(M):',
    'import django.db.migrations as m\n\nclass Migration(m.Migration):',
    'import django.db.migrations\n\nclass Migration(django.db.migrations.Migration):',
    'import django\nimport django.db.migrations\n\nclass Migration(django.db.migrations.Migration):',
    'from django import db\n\nclass Migration(db.migrations.Migration):',
    'from django.db import models, migrations as m\n\nclass Migration(m.Migration,):',
    'from django.db import migrations\n\nclass Other(migrations.Migration):\n    atomic = False\n\nclass Migration(Other):',
    'from django.db import migrations\n\nclass Mixin:\n    pass\n\nclass Migration(Mixin, migrations.Migration):',
  ]
  for (const head of heads) {
    t.strictSame(read(`${head}\n    pass\n`), { ok: true, replaces: [] }, head)
    t.strictSame(read(`${head} pass\n`), { ok: true, replaces: [] }, `${head} pass`)
    t.strictSame(read(`${head}\n${SQUASH}\n`), { ok: true, replaces: AB }, `${head} with replaces`)
    t.strictSame(read(`${head} ${SQUASH.trim()}\n`), { ok: true, replaces: AB }, `${head} in one line`)
  }
})

t.test('replaces › what cannot change it is understood', async t => {
  const surroundings = [
    { before: 'from ...shop.fields import migrations_path' },
    { before: 'from ...migrations import helper' },
    { before: 'from ....shop.migrations.Migration import helper' },
    { before: 'import surprise\nx = surprise.Migration\ny = [surprise.Migration, surprise.Migration.name]' },
    { before: 'for op in surprise.Migration.operations: print(op)' },
    {
      before:
        'def f(apps, editor):\n    Migration = apps.get_model("x", "Migration")\n    Migration.objects.create()',
    },
    { before: 'def f(apps, editor):\n    from x import Migration\n    return Migration()' },
    { before: 'def f(Migration=None):\n    return Migration' },
    { before: 'def f(rows):\n    for Migration in rows:\n        print(Migration)' },
    { before: `def f(x):\n    y = f"a := {x!r} := {{x := 1}}"` },
    { before: `z = f"{1:=>3} := {'a'}"` },
    { before: 'def f(apps):\n    replaces = 1\n    return replaces' },
    { before: 'def f(replaces=()):\n    return [replaces for replaces in replaces]' },
    { before: 'replaces = None' },
    { before: 'class Other:\n    replaces = []' },
    { before: '"""eval, exec and globals() of what replaces Migration"""' },
    { before: 'cursor.exec("replaces")\nframe.eval("replaces")' },
    { before: 'from old import Migration as Old' },
    { before: 'from old import Migration' },
    { after: 'class Later(Migration):\n    pass' },
  ]
  for (const around of surroundings)
    t.strictSame(read(migration(SQUASH, around)), { ok: true, replaces: AB }, JSON.stringify(around))
})

t.test('replaces › what could change it is not understood', async t => {
  const surroundings = [
    { after: 'surprise.Migration = 1' },
    { after: 'x, surprise.Migration = 1, 2' },
    { after: '[surprise.Migration] = [1]' },
    { after: 'for surprise.Migration in [1]: pass' },
    { after: 'with x as surprise.Migration: pass' },
    { after: 'del surprise.Migration' },
    { after: 'surprise.Migration.replaces = []' },
    { after: 'change(Migration)' },
    { after: 'x = Migration' },
    { after: 'def f():\n    change(Migration)' },
    { after: 'def f():\n    class C:\n        Migration = 1\n    change(Migration)' },
    { after: 'def f():\n    Migration = 1\ndef g():\n    change(Migration)' },
    { after: 'def f():\n    global Migration\n    Migration = 1' },
    { after: 'def f() -> g(Migration):\n    change(Migration)' },
    { after: `x = f"{change(Migration)}"` },
    { after: `x = f'{x:{change(Migration)}}'` },
    { after: `x = f"{(Migration := 1)}"` },
    { after: `globals()['Migration'] = 1` },
    { after: `globals()['Migr' 'ation'] = 1` },
    { after: `x = f"{exec('Migration = 1')}"` },
    { after: `def f():\n    globals()['Migration'] = 1\nf()` },
    { after: 'configure(replaces=[])' },
    { after: 'from surprise import *' },
    { after: 'if True: from surprise import *' },
    { after: 'x = 1; from surprise import *' },
    { after: 'try:\n    from surprise import Migration\nexcept ImportError: pass' },
  ]
  for (const around of surroundings)
    t.match(read(migration(SQUASH, around)), { ok: false }, JSON.stringify(around))
  for (const body of [
    `    vars()['re' 'places'] = []`,
    `    x = locals()`,
    `    x = [replaces for replaces in [1]]`,
    `    x = f"{(replaces := 1)}"`,
    `\\\n    replaces = [('a', 'b')]`,
  ])
    t.match(read(migration(body)), { ok: false }, body)
})

t.test('a base class of another module › is followed, or the literal of the class itself counts', async t => {
  const files: Record<string, string> = {
    'shop/__init__.py': '',
    'shop/migrations/__init__.py': '',
    'shop/base.py':
      'from django.db import migrations\n\nclass Irreversible(migrations.Migration):\n    atomic = False\n',
    'shop/mixins.py': 'class Loud:\n    pass\n',
    'shop/again.py': 'from .base import Irreversible\nfrom shop.mixins import *\n',
    'shop/evil.py':
      'from django.db import migrations\n\nclass Irreversible(migrations.Migration):\n    replaces = [("a", "b")]\n',
    'shop/meddling.py': 'class Irreversible:\n    def __init_subclass__(cls):\n        change(cls)\n',
    'shop/rebound.py':
      'from .base import *\nfrom .base import Irreversible\nIrreversible = change(Irreversible)\n',
    'shop/choices.py': 'A = 1\n',
    'shop/deeper.py': 'from .choices import *\nfrom django.db.models import *\n',
    'shop/binding.py': 'from surprise import migrations\n',
    'shop/same.py': 'from django.db import migrations\n',
    'shop/naming.py': 'class Migration:\n    pass\n',
    'shop/hidden.py': "globals()['migr' 'ations'] = 1\n",
  }
  const path = 'shop/migrations/0001.py'
  const readIn = (source: string) =>
    readFollowingImports(Buffer.from(source), {
      path,
      readIfThere: async file => (file in files ? Buffer.from(files[file] ?? '') : undefined),
    })
  const deriving = (line: string, { bases = 'Irreversible', body = '    pass' } = {}) =>
    `${line}\nfrom django.db import migrations\n\nclass Migration(${bases}):\n${body}\n`
  for (const line of [
    'from shop.base import Irreversible',
    'from ..base import Irreversible',
    'from shop.again import Irreversible',
    'from shop.base import Irreversible as I',
  ])
    t.strictSame(
      await readIn(deriving(line, { bases: line.endsWith(' I') ? 'I' : 'Irreversible' })),
      { ok: true, replaces: [] },
      line,
    )
  for (const [line, bases] of [
    ['import shop.base', 'shop.base.Irreversible'],
    ['from shop import base', 'base.Irreversible'],
    ['from .. import base', 'base.Irreversible'],
    ['from shop.mixins import Loud', 'Loud, migrations.Migration'],
  ] as const)
    t.strictSame(await readIn(deriving(line, { bases })), { ok: true, replaces: [] }, line)
  for (const module of ['evil', 'meddling_', 'rebound', 'absent', 'choices'])
    t.match(await readIn(deriving(`from shop.${module} import Irreversible`)), { ok: false }, module)
  for (const module of ['evil', 'absent', 'base'])
    t.strictSame(
      await readIn(deriving(`from shop.${module} import Irreversible`, { body: SQUASH })),
      { ok: true, replaces: AB },
      `${module}, with a literal of its own`,
    )
  t.match(await readIn(deriving('from shop.meddling import Irreversible', { body: SQUASH })), { ok: false })

  const starred = (module: string, { body = '    pass', at = 'before' } = {}) => {
    const star = `from ${module} import *`
    return `from django.db import migrations\n${at === 'before' ? star : ''}\n\nclass Migration(migrations.Migration):\n${body}\n${at === 'after' ? star : ''}\n`
  }
  for (const module of [
    'shop.choices',
    '..choices',
    'shop.deeper',
    'shop.same',
    'shop.naming',
    'django.db.models',
  ])
    t.strictSame(await readIn(starred(module)), { ok: true, replaces: [] }, `import * of ${module}`)
  for (const module of ['shop.binding', 'absent', 'shop.hidden', 'django.db.migrations', 'shop.rebound_'])
    t.match(await readIn(starred(module)), { ok: false }, `import * of ${module}`)
  t.strictSame(await readIn(starred('absent', { body: SQUASH })), { ok: true, replaces: AB })
  for (const module of ['shop.naming', 'absent', 'django.db.migrations'])
    t.match(
      await readIn(starred(module, { body: SQUASH, at: 'after' })),
      { ok: false },
      `${module}, after the class`,
    )
  t.strictSame(await readIn(starred('shop.choices', { body: SQUASH, at: 'after' })), {
    ok: true,
    replaces: AB,
  })
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
