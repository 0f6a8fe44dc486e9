import { readFile } from 'node:fs/promises'
import t from 'tap'
import { configSchema } from '../../src/config/schema.ts'
import { commandHelps } from '../support/command-help.ts'

const page = (name: string): Promise<string> => readFile(`packaging/man/${name}`, 'utf8')

/** One of a page's sections. */
const section = (source: string, name: string): string =>
  source.split(/^\.SH /m).find(part => part.startsWith(`${name}\n`)) ?? ''

/** The lines of a page that are set in bold, in whole or in part, as they are read. */
const boldLines = (source: string): readonly string[] =>
  Array.from(source.matchAll(/^\.B[IR]? (.*)$/gm), ([, line = '']) =>
    line.replaceAll(/\\f[BIR]|"/g, '').replaceAll('\\-', '-'),
  )

/** What a section explains: the lines that are followed by an indented text. */
const terms = (source: string): readonly string[] =>
  source
    .split(/^\.TP\n/m)
    .slice(1)
    .map(item => boldLines(item.split('\n')[0] ?? '')[0] ?? '')

t.test(
  'man › health-sidecar(1) explains the commands and options that --help knows, and no others',
  async t => {
    const source = await page('health-sidecar.1')
    const helps = await commandHelps()
    const leaves = helps.filter(({ commands }) => commands.length === 0).map(({ command }) => command)
    const explained = terms(section(source, 'COMMANDS')).map(term => term.replace(/ +(?:\[|[A-Z]).*/, ''))
    t.strictSame(explained.sort(), [...leaves, 'help'].sort())
    const options = new Set(helps.flatMap(help => [...help.options, ...help.shortOptions]))
    const words = terms(section(source, 'OPTIONS')).flatMap(term => term.match(/-[-\w]+/g) ?? [])
    t.strictSame(words.sort(), [...options].sort())
  },
)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** The names of all keys that a schema knows, at any depth. */
const keysIn = (schema: unknown): readonly string[] => {
  if (!isRecord(schema)) return []
  const { properties } = schema
  return [...(isRecord(properties) ? Object.keys(properties) : []), ...Object.values(schema).flatMap(keysIn)]
}

t.test('man › health-sidecar.yaml(5) explains every key that the schema knows, and no other', async t => {
  const source = await page('health-sidecar.yaml.5')
  const known = new Set(keysIn(configSchema))
  const bold = new Set(boldLines(source).flatMap(line => line.match(/\w+/g) ?? []))
  t.strictSame(
    [...known].filter(key => !bold.has(key)),
    [],
    'is not explained',
  )
  const explained = terms(source).flatMap(term => term.replace(/ +\(.*/, '').split(/[, .]+/))
  t.ok(explained.length > 40)
  t.strictSame(
    explained.filter(key => !known.has(key)),
    [],
    'is not known',
  )
})
