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
