import { mkdir, rename, utimes, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { createDirectories } from '../../../../src/checks/migrations/django/directories.ts'
import { createSources } from '../../../../src/checks/migrations/django/sources.ts'

const replacing = (name: string) =>
  `from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    replaces = [('a', '${name}')]\n`

/** Nothing that a test can write is old enough to be relied on; this was installed long ago. */
const oldFile = createRequire(import.meta.url).resolve('tap/package.json')

t.test('sources › a file that has not changed is not read again', async t => {
  const sources = createSources()
  const [first] = await sources.read([oldFile])
  const [second] = await sources.read([oldFile])
  t.ok(first && 'reading' in first && second && 'reading' in second && first.reading === second.reading)
  await sources.read([])
  const [third] = await sources.read([oldFile])
  t.ok(
    first && 'reading' in first && third && 'reading' in third && first.reading !== third.reading,
    'and is forgotten',
  )
})

t.test('sources › a file edited in place is read again, though its size and time are the same', async t => {
  const path = join(t.testdir({ '0003.py': replacing('0001') }), '0003.py')
  const sources = createSources()
  const past = new Date(2020, 1, 1)
  await utimes(path, past, past)
  t.match(await sources.read([path]), [{ reading: { replaces: [['a', '0001']] } }])
  await writeFile(path, replacing('0002'))
  await utimes(path, past, past)
  t.match(await sources.read([path]), [{ reading: { replaces: [['a', '0002']] } }])
})

t.test('sources › answer in the order in which they were asked, one by one where one fails', async t => {
  const names = Array.from({ length: 200 }, (_, i) => String(i).padStart(4, '0'))
  const dir = t.testdir(Object.fromEntries(names.map(name => [`${name}.py`, replacing(name)])))
  await mkdir(join(dir, 'directory.py'))
  const paths = [
    ...names.map(name => join(dir, `${name}.py`)),
    join(dir, 'absent.py'),
    join(dir, 'directory.py'),
  ]
  const answers = await createSources().read(paths)
  t.strictSame(
    answers.map(({ path }) => path),
    paths,
  )
  t.match(answers[123], { reading: { replaces: [['a', '0123']] } })
  t.match(answers.slice(-2), [{ code: 'ENOENT' }, { code: 'EISDIR' }])
})

t.test('directories › one that has not changed is not listed again', async t => {
  const directories = createDirectories()
  const path = join(oldFile, '..', 'dist', 'esm')
  const [first, second] = [await directories.list(path), await directories.list(path)]
  t.ok(first.ok && second.ok && first.directory === second.directory)
})

t.test('directories › a release that a link switches to is listed', async t => {
  const dir = t.testdir({
    one: { '0001.py': '' },
    two: { '0002.py': '' },
    current: t.fixture('symlink', 'one'),
  })
  const directories = createDirectories()
  t.match(await directories.list(join(dir, 'current')), { directory: { files: ['0001.py'] } })
  await rename(join(dir, 'one'), join(dir, 'old'))
  await rename(join(dir, 'two'), join(dir, 'one'))
  t.match(await directories.list(join(dir, 'current')), { directory: { files: ['0002.py'] } })
})

t.test('directories › a subdirectory is a package once it holds an __init__.py', async t => {
  const dir = t.testdir({ '__init__.py': '', '0004': { 'x.txt': '' }, __pycache__: { '__init__.py': '' } })
  const directories = createDirectories()
  t.match(await directories.list(dir), { directory: { isPackage: true, packages: new Set() } })
  await writeFile(join(dir, '0004', '__init__.py'), '')
  const listing = await directories.list(dir)
  t.strictSame(listing.ok && [...listing.directory.packages], ['0004'])
})
