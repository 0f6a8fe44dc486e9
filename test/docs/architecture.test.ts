import { globSync, readFileSync } from 'node:fs'
import t from 'tap'
import { tablesOf } from './markdown.ts'

t.test('docs/architecture.md › has every room of src/, and no other', async t => {
  const rooms = globSync('src/*/').map(room => `\`${room.replace(/\/?$/, '/')}\``)
  const table = tablesOf(readFileSync('docs/architecture.md', 'utf8')).find(
    ({ columns }) => columns[0] === 'room',
  )
  t.ok(rooms.length > 10)
  t.strictSame(table?.rows.map(([room]) => room).sort(), rooms.sort())
})
