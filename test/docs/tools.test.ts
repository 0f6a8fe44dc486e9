import { readFile } from 'node:fs/promises'
import t from 'tap'
import { fileToolNames, manifestToolNames } from '../../src/checks/migrations/tools/config.ts'
import { tablesOf } from './markdown.ts'

const others = [...fileToolNames, ...manifestToolNames]
const all = ['django', ...others, 'custom']
const tables = tablesOf(await readFile('docs/checks/migrations.md', 'utf8'))

t.test('docs/checks/migrations.md › has a row for each tool, and none for any other', async t => {
  const rows = tables.find(({ heading }) => heading === 'The other tools')?.rows ?? []
  t.strictSame(rows.flatMap(([tools = '']) => tools.split(', ')).sort(), others.sort())
})

t.test(
  'the key tool › is said to take each tool, and no other, in the manual and in its man page',
  async t => {
    const row = tables.flatMap(({ rows }) => rows).find(([key]) => key === '`tool`')
    t.strictSame(
      Array.from(row?.[2]?.matchAll(/`([^`]+)`/g) ?? [], ([, tool = '']) => tool).sort(),
      all.sort(),
    )
    const man = await readFile('packaging/man/health-sidecar.yaml.5', 'utf8')
    const item = man.split(/^\.TP\n/m).find(part => part.startsWith('.BR tool ')) ?? ''
    const tools = Array.from(item.matchAll(/^\.BR? ([\w-]+)(?: [,.])?$/gm), ([, tool = '']) => tool)
    t.strictSame(tools.sort(), all.sort())
  },
)
