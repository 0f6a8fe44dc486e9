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

t.test('examples › each begins with a comment that says when to use it', async t => {
  const examples = files.filter(file => file.includes('/') && !file.startsWith('django/'))
  t.ok(examples.includes('nginx/in-front.conf'))
  for (const file of examples) {
    const text = await readExample(file)
    // JSON has no comments
    const head = file.endsWith('.json')
      ? String(JSON.parse(text).description)
      : text.split('\n').slice(0, 4).join('\n')
    t.match(head, /When to use it: |For hosts that |, where it has any/, file)
  }
})
