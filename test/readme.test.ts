import { readFile } from 'node:fs/promises'
import t from 'tap'
import { reasonCodes } from '../src/checks/registry.ts'

t.test('README › says of each reason what it means and what to do', async t => {
  const readme = await readFile('README.md', 'utf8')
  const described = new Set(
    Array.from(readme.matchAll(/^\| `([A-Z_]+)` \| \S.* \| \S.* \|$/gm), ([, code]) => code),
  )
  t.strictSame(
    reasonCodes.filter(code => !described.has(code)),
    [],
    'has no row',
  )
})
