import { readFile } from 'node:fs/promises'
import t from 'tap'
import { reasonCodes } from '../../src/core/reason.ts'
import { tablesOf } from './markdown.ts'

const STATUS = /^(?:fail|warn|unknown)(?:; (?:fail|warn|unknown))*$/

t.test('docs/reasons.md › has one row for each reason code, and none for any other', async t => {
  const rows = tablesOf(await readFile('docs/reasons.md', 'utf8')).flatMap(table => table.rows)
  t.strictSame(rows.map(([code]) => code).sort(), [...reasonCodes].map(code => `\`${code}\``).sort())
})

t.test('docs/reasons.md › says of each code its status, what it means and what to do', async t => {
  const tables = tablesOf(await readFile('docs/reasons.md', 'utf8'))
  for (const { columns } of tables) t.strictSame(columns, ['code', 'status', 'what it means', 'what to do'])
  const isComplete = ([, status = '', ...sentences]: readonly string[]) =>
    STATUS.test(status) && sentences.length === 2 && sentences.every(sentence => sentence.endsWith('.'))
  t.strictSame(
    tables.flatMap(({ rows }) => rows).filter(row => !isComplete(row)),
    [],
  )
})
