import { readFile } from 'node:fs/promises'
import t from 'tap'
import { commandHelps } from '../support/command-help.ts'
import { tablesOf } from './markdown.ts'

const helps = await commandHelps()
const leaves = helps.filter(({ commands }) => commands.length === 0)
const tables = tablesOf(await readFile('docs/operating.md', 'utf8')).filter(
  ({ heading }) => heading === 'Commands',
)
const rowsOf = (column: string) => tables.find(({ columns }) => columns[0] === column)?.rows ?? []
const inCode = (cell: string | undefined) =>
  Array.from((cell ?? '').matchAll(/`([^`]+)`/g), ([, text = '']) => text)

t.test('docs/operating.md › has every command that --help knows, and no other', async t => {
  const rows = rowsOf('command').map(([cell]) => inCode(cell).join())
  const words = rows.map(row => row.replaceAll(/ +(?:\[|[A-Z]).*/g, ''))
  t.strictSame(words.sort(), [...leaves.map(({ command }) => command), 'help'].sort())
})

t.test('docs/operating.md › has every option with the commands that take it, and no other', async t => {
  const taking = (option: string): string => {
    const takes = (help: (typeof helps)[number]) => [...help.options, ...help.shortOptions].includes(option)
    if (leaves.every(takes)) return 'all'
    const commands = leaves.filter(takes).map(({ command }) => command)
    return commands.length === 0 ? 'the program' : commands.sort().join()
  }
  const known = new Set(helps.flatMap(help => [...help.options, ...help.shortOptions]))
  const expected = Array.from(known, option => `${option}: ${taking(option)}`)
  const documented = rowsOf('option').flatMap(([options, of = '']) => {
    const commands = inCode(of)
    return inCode(options).map(
      option => `${option.split(' ')[0]}: ${commands.length > 0 ? commands.sort().join() : of}`,
    )
  })
  t.strictSame(documented.sort(), expected.sort())
})
