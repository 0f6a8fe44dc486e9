import { readFile } from 'node:fs/promises'
import t from 'tap'
import { checkTypes, reasonCodes } from '../../src/checks/registry.ts'
import { generalReasons } from '../../src/core/reason.ts'
import { tablesOf } from './markdown.ts'

const STATUS = /^(?:fail|warn|unknown)(?:; (?:fail|warn|unknown))*$/

const tables = tablesOf(await readFile('docs/reasons.md', 'utf8'))

t.test('docs/reasons.md › has one row for each reason code, and none for any other', async t => {
  const codes = tables.flatMap(({ rows }) => rows).map(([code = '']) => code)
  t.strictSame(codes.sort(), reasonCodes.map(code => `\`${code}\``).sort())
})

t.test('docs/reasons.md › has each code below a check type that can give it', async t => {
  const reasonsOf = new Map<string, readonly string[]>([
    ['General', generalReasons],
    ...checkTypes.map(({ type, reasons }) => [`${type[0]?.toUpperCase()}${type.slice(1)}`, reasons] as const),
  ])
  t.strictSame(
    tables.map(({ heading }) => heading).sort(),
    [...reasonsOf.keys()].sort(),
    'a table for each check type',
  )
  const elsewhere = tables.flatMap(({ heading, rows }) =>
    rows.filter(([code = '']) => !reasonsOf.get(heading)?.includes(code.replaceAll('`', ''))),
  )
  t.strictSame(elsewhere, [])
})

t.test('docs/reasons.md › says of each code its status, what it means and what to do', async t => {
  for (const { columns } of tables) t.strictSame(columns, ['code', 'status', 'what it means', 'what to do'])
  const isComplete = ([, status = '', ...sentences]: readonly string[]) =>
    STATUS.test(status) && sentences.length === 2 && sentences.every(sentence => sentence.endsWith('.'))
  t.strictSame(
    tables.flatMap(({ rows }) => rows).filter(row => !isComplete(row)),
    [],
  )
})
