import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { run } from '../../../../src/cli/run.ts'

const migration = (body = '') =>
  `from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = []\n${body}`

const release = (t: Test, migrations: Record<string, string[][]>, files: Record<string, string>) =>
  join(
    t.testdir({
      'migrations.json': JSON.stringify({
        format: 'health-sidecar/django-migrations/1',
        django: '5.2.1',
        apps: { shop: { directories: ['shop/migrations'], migrations } },
      }),
      shop: { migrations: { '__init__.py': '', ...files } },
    }),
    'migrations.json',
  )

const verify = async (file: string | undefined) => {
  const said = { out: '', err: '' }
  const code = await run(['manifest', ...(file === undefined ? [] : ['--verify', file])], {
    out: text => (said.out += text),
    err: text => (said.err += text),
    env: {},
  })
  return { code, ...said }
}

const squash = { '0001': [], '0002_squashed': [['shop', '0000']] }

t.test('manifest --verify › agrees with the release that it was written in', async t => {
  const body = `    replaces = [('shop', '0000')]\n`
  const file = release(t, squash, { '0001.py': migration(), '0002_squashed.py': migration(body) })
  t.match(await verify(file), {
    code: 0,
    out: /: 2 migrations of 1 apps, as Django 5\.2\.1 found them\n$/,
    err: '',
  })
  t.match(await verify(join(file, '..', 'shop', '..', 'migrations.json')), { code: 0 })
})

t.test('manifest --verify › fails where the names differ', async t => {
  const file = release(t, { '0001': [] }, { '0001.py': migration(), '0002.py': migration() })
  t.match(await verify(file), { code: 2, out: '', err: /^MIGRATIONS_MANIFEST_STALE: .*\+shop\.0002;/ })
})

t.test('manifest --verify › fails where a source replaces something else', async t => {
  const body = `    replaces = [('shop', '0009')]\n`
  const file = release(t, squash, { '0001.py': migration(), '0002_squashed.py': migration(body) })
  t.match(await verify(file), { code: 2, err: /^MIGRATIONS_MANIFEST_STALE: .*~shop\.0002_squashed;/ })
})

t.test('manifest --verify › leaves to the manifest what cannot be told from a source', async t => {
  const file = release(t, squash, { '0001.py': 'from x import Migration', '0002_squashed.pyc': 'x' })
  t.match(await verify(file), { code: 0 })
})

t.test('manifest --verify › one that names nothing, is absent or is none is not verified', async t => {
  const file = release(t, {}, {})
  t.match(await verify(file), { code: 2, err: /^MIGRATIONS_NONE_FOUND: / })
  t.match(await verify(`${file}.absent`), { code: 2, err: /^MIGRATIONS_MANIFEST_MISSING: / })
  await writeFile(file, '[]')
  t.match(await verify(file), { code: 3, err: /^MIGRATIONS_MANIFEST_INVALID: / })
})

t.test('manifest › without a file is wrong usage', async t => {
  t.match(await verify(undefined), {
    code: 64,
    out: '',
    err: /^health-sidecar: manifest needs --verify FILE/,
  })
})
