import { glob, readFile } from 'node:fs/promises'
import t from 'tap'
import { tablesOf } from './markdown.ts'

/** How the program names an event that it logs. */
const NAMED = /(?:event: |\b(?:complain|reportFailure)\()'([a-z]+\.[a-z_]+)'/g

t.test('docs/log-events.md › has every event that the program logs, and no other, in order', async t => {
  const logged = new Set<string>()
  for await (const path of glob('src/**/*.ts'))
    for (const [, event = ''] of (await readFile(path, 'utf8')).matchAll(NAMED)) logged.add(event)
  t.ok(logged.size > 40)
  const [table] = tablesOf(await readFile('docs/log-events.md', 'utf8'))
  const told =
    table?.rows.map(([cell = '']) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, name = '']) => name)) ?? []
  t.strictSame(told.flat().toSorted(), [...logged].toSorted())
  t.strictSame(
    told.map(([first = '']) => first),
    told.map(([first = '']) => first).toSorted(),
  )
})
