import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import t from 'tap'
import { pathOf, readExample } from './example.ts'

const entries = await readdir(pathOf('.'), { recursive: true, withFileTypes: true })
const files = entries
  .filter(entry => entry.isFile() && !entry.parentPath.includes('__pycache__'))
  .map(({ parentPath, name }) => relative(pathOf('.'), join(parentPath, name)))
  .filter(name => name !== 'README.md')

const rows = Array.from(
  (await readExample('README.md')).matchAll(/^\| `([^`]+)` \| (.+) \| (.+) \|$/gm),
  ([, file = '', when = '', test = '']) => ({ file, when, test }),
)

t.test('examples › each has a row in the table, and each row its file', async t => {
  t.strictSame(rows.map(({ file }) => file).sort(), files.sort())
})

t.test('examples › each begins with when to use it', async t => {
  const own = files.filter(file => file.includes('/') && !file.startsWith('django/'))
  t.ok(own.length > 15)
  for (const file of own) {
    const head = (await readExample(file)).split('\n').slice(0, 3).join('\n')
    t.match(head, /when to use it:|^# Use /i, file)
  }
})
