import { readFile } from 'node:fs/promises'
import t from 'tap'
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

t.test('man › the synopsis has each command with all of its options', async t => {
  const source = await page('health-sidecar.1')
  const uses = section(source, 'SYNOPSIS')
    .split(/^\.br\n/m)
    .map(use => use.replaceAll('\\-', '-'))
  for (const { command, options, commands } of await commandHelps()) {
    if (command === '' || commands.length > 0) continue
    const use = uses.find(text => text.includes(`health-sidecar ${command}`)) ?? uses[0] ?? ''
    const words = use.match(/--[-a-z]+/g) ?? []
    t.strictSame(words.sort(), options.filter(option => option !== '--help').sort(), command)
  }
})
