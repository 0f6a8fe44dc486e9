import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { createShippedByScan } from '../../../../src/checks/migrations/django/shipped-by-scan.ts'
import { oneAtATime } from '../../../../src/checks/migrations/django/shipped.ts'
import type { ShippedMigrationsAnswer } from '../../../../src/checks/migrations/django/shipped.ts'

const plain =
  'from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = []\n'
const app = (names: readonly string[], apps?: string) => ({
  '__init__.py': '',
  ...(apps !== undefined && { 'apps.py': apps }),
  migrations: { '__init__.py': '', ...Object.fromEntries(names.map(name => [`${name}.py`, plain])) },
})

const scan = async (t: Test, tree: Parameters<Test['testdir']>[0], roots = ['.']) => {
  const dir = t.testdir(tree)
  const answer = await createShippedByScan(roots.map(root => join(dir, root))).read()
  return answer.ok ? [...answer.shipped.keys()].sort() : answer.problem
}

const depending = (...pairs: readonly (readonly [string, string])[]) =>
  plain.replace('[]', `[${pairs.map(([app, name]) => `('${app}', '${name}')`).join(', ')}]`)

const config = (body: string) =>
  `from django.apps import AppConfig\n\n\nclass ShopConfig(AppConfig):\n${body}`

t.test('scan › finds every package called migrations, however deep', async t => {
  const tree = {
    shop: app(['0001']),
    libs: { deep: { blog: app(['0001', '0002']) } },
    other: { migrations: { '0001.py': plain } },
    '.venv': { hidden: app(['0001']) },
    node_modules: { hidden: app(['0001']) },
  }
  t.strictSame(await scan(t, tree), ['blog.0001', 'blog.0002', 'shop.0001'])
})

t.test('scan › takes an app by the label that its apps.py says literally', async t => {
  const tree = {
    a: app(['1'], config(`    name = 'project.a'\n    label = "shop"\n`)),
    b: app(['1'], config(`    name: str = 'project.' 'blog'\n`)),
    c: app(['1'], 'from django.apps import apps\n'),
    d: app(
      ['1'],
      `${config("    name = 'x.y'\n")}\n\nclass Other(AppConfig.Config):\n    name = 'x.z'\n    default = True\n`,
    ),
    e: app(
      ['1'],
      `${config("    name = 'django.contrib.admin'\n")}\n\nclass DefaultConfig(ShopConfig):\n    default = True\n`,
    ),
  }
  t.strictSame(await scan(t, tree), ['admin.1', 'blog.1', 'c.1', 'shop.1', 'z.1'])
})

t.test('scan › does not guess a label', async t => {
  const sources = [
    config('    label = LABEL\n'),
    config('    verbose_name = 1\n'),
    config("    name = 'x'\n    name = 'y'\n"),
    `${config("    name = 'x.y'\n")}\n\nclass OtherConfig(AppConfig):\n    name = 'x.z'\n`,
    'class (',
  ]
  for (const source of sources)
    t.match(
      await scan(t, { shop: app(['1'], source) }),
      { status: 'unknown', reason: 'MIGRATIONS_LABEL_UNKNOWN', message: /; use a manifest or apps$/ },
      source,
    )
  const twice = { a: { shop: app(['1']) }, b: { shop: app(['1']) } }
  t.match(await scan(t, twice), { reason: 'MIGRATIONS_LABEL_UNKNOWN' }, 'two apps of one label')
  t.strictSame(
    await scan(t, { shop: app(['1']) }, ['.', 'shop']),
    ['shop.1'],
    'one app that is found twice is one',
  )
})

t.test('scan › leaves out what is called migrations and holds none', async t => {
  const others = { '__init__.py': '', 'autodetector.py': 'x = 1\n' }
  t.strictSame(await scan(t, { shop: app(['1']), db: { migrations: others } }), ['shop.1'])
  const mixed = { db: { migrations: { ...others, '0001.py': plain } } }
  t.match(await scan(t, mixed), { status: 'unknown', reason: 'MIGRATIONS_NOT_LITERAL' })
})

t.test('scan › a directory that is absent is a failure', async t => {
  t.match(await scan(t, {}, ['absent']), { status: 'fail', reason: 'MIGRATIONS_DIRECTORY_MISSING' })
})

t.test('a release whose file system hangs › is asked once, however often the check is', async t => {
  let asked = 0
  const { promise, resolve } = Promise.withResolvers<ShippedMigrationsAnswer>()
  const reader = oneAtATime({
    read: () => {
      asked++
      return promise
    },
  })
  const both = [reader.read(), reader.read()]
  t.equal(asked, 1)
  resolve({ ok: true, shipped: new Map() })
  await Promise.all(both)
  await reader.read()
  t.equal(asked, 2, 'and again once it has answered')
})

t.test('scan › takes a label from other places than a literal in apps.py', async t => {
  const withInit = (init: string, apps?: string) => ({ ...app(['1'], apps), '__init__.py': init })
  const tree = {
    a: withInit(config("    name = 'project.a'\n    label = 'in_init'\n")),
    b: app(['1'], "from x import PluginApp\n\n\nclass Shop(PluginApp):\n    label = 'store'\n"),
    c: app(['1'], config("    name = __name__.rpartition('.')[0]\n")),
    d: app(['1'], config("    name = __name__.rsplit('.', 1)[0]\n    verbose_name = 'd'\n")),
    e: app(['1'], `NAME = 'project.constant'\n${config('    name = NAME\n')}`),
    f: app(['1'], `LABEL = "labelled"\n${config("    name = 'project.f'\n    label = LABEL\n")}`),
    g: withInit(config('    name = __name__\n')),
    h: withInit(
      "default_app_config = 'project.h.apps.Two'\n",
      "class One(AppConfig):\n    label = 'one'\n\n\nclass Two(AppConfig):\n    label = 'two'\n",
    ),
    i: withInit('from .helpers import x\n\n\nclass Color(Enum):\n    name = 1\n'),
  }
  t.strictSame(await scan(t, tree), [
    'c.1',
    'constant.1',
    'd.1',
    'g.1',
    'i.1',
    'in_init.1',
    'labelled.1',
    'store.1',
    'two.1',
  ])
})

t.test('scan › does not guess a label that other places may set', async t => {
  const trees = {
    'of a constant of another module': app(['1'], `from x import NAME\n${config('    name = NAME\n')}`),
    'of a constant that is bound twice': app(
      ['1'],
      `NAME = 'a.b'\nNAME = 'a.c'\n${config('    name = NAME\n')}`,
    ),
    'of a constant in a block': app(['1'], `if x:\n    NAME = 'a.b'\n${config('    name = NAME\n')}`),
    'of a template': app(['1'], config(`    name = f"{x}.shop"\n`)),
    'of two files': {
      ...app(['1'], config("    label = 'a'\n")),
      '__init__.py': config("    label = 'b'\n"),
    },
    'of a configuration elsewhere': {
      ...app(['1']),
      '__init__.py': "default_app_config = 'project.conf.Shop'\n",
    },
    'of a default that is no literal': { ...app(['1']), '__init__.py': 'default_app_config = X\n' },
  }
  for (const [what, shop] of Object.entries(trees))
    t.match(await scan(t, { shop }), { status: 'unknown', reason: 'MIGRATIONS_LABEL_UNKNOWN' }, what)
})

t.test('scan › a label is not taken against the migrations’ own word', async t => {
  const shop = (second: string) => ({
    '__init__.py': '',
    migrations: { '__init__.py': '', '0001_initial.py': plain, '0002_price.py': second },
  })
  t.match(await scan(t, { shop: shop(depending(['store', '0001_initial'])) }), {
    status: 'unknown',
    reason: 'MIGRATIONS_LABEL_UNKNOWN',
    message: /it seems to be shop, but its migrations name each other under store; use a manifest or apps$/,
  })
  for (const second of [
    depending(['shop', '0001_initial']),
    depending(['auth', '0001_initial'], ['shop', '0001_initial']),
    depending(['auth', '0002_price']),
    plain,
  ])
    t.strictSame(await scan(t, { shop: shop(second) }), ['shop.0001_initial', 'shop.0002_price'], second)
  const both = { shop: shop(depending(['blog', '0001_initial'])), blog: app(['0001_initial']) }
  t.strictSame(
    await scan(t, both),
    ['blog.0001_initial', 'shop.0001_initial', 'shop.0002_price'],
    'another app has it',
  )
})

t.test('scan › leaves out what is excluded, by name or by path', async t => {
  const tree = {
    shop: { ...app(['1']), tests: { shop: app(['9']) } },
    blog: app(['1']),
    project_template: { shop: app(['9']) },
  }
  const dir = t.testdir(tree)
  const read = (exclude?: readonly string[]) => createShippedByScan([dir], exclude).read()
  const keys = async (exclude: readonly string[]) => {
    const answer = await read(exclude)
    return answer.ok ? [...answer.shipped.keys()].sort() : answer.problem.message
  }
  t.match(await read(), {
    problem: {
      reason: 'MIGRATIONS_LABEL_UNKNOWN',
      message: /has the label shop too; use a manifest or apps, or exclude one/,
    },
  })
  t.strictSame(await keys(['tests', 'project_template']), ['blog.1', 'shop.1'])
  t.strictSame(await keys(['shop/tests/', './project_template', 'blog/migrations']), ['shop.1'])
  t.match(await keys(['shop/test', 'template']), /label shop too/, 'no part of a name')
})

t.test('scan › only a Migration at the top level makes a package an app’s', async t => {
  const none = (text: string) =>
    scan(t, { shop: app(['1']), blocks: { migrations: { '__init__.py': '', 'utils.py': text } } })
  for (const text of [
    'from django.db import migrations\n\n\ndef f(operation):\n    return isinstance(operation, Migration)\n',
    'from django.db import migrations\nx = migrations.Migration\n',
    'def f():\n    from django.db.migrations import Migration\n    return Migration\n',
  ])
    t.strictSame(await none(text), ['shop.1'], text)
  for (const text of [
    'from django.db.migrations import Migration\n',
    'from .base import *\n',
    'class Migration: pass\n',
  ])
    t.match(await none(text), { reason: 'MIGRATIONS_NOT_LITERAL' }, text)
})
