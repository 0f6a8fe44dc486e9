import { existsSync } from 'node:fs'
import t from 'tap'
import { parseEnvFile } from '../../src/env-file/parse-env-file.ts'
import { compare } from './support/compare.ts'
import {
  createRandom,
  generatedNames,
  generateEnvFile,
  generateLiteralFile,
} from './support/generate-env-file.ts'
import { sourceAll } from './support/run-shell.ts'
import { table } from './support/table.ts'

const show = (text: string) => {
  const { variables, openFrom } = parseEnvFile(text, 'shell')
  const values = [...variables].map(([name, variable]) => [
    name,
    variable.kind === 'known' ? variable.value : null,
  ])
  return { ...Object.fromEntries(values), ...(openFrom && { open: openFrom.line }) }
}
const problemsOf = (text: string) =>
  parseEnvFile(text, 'shell').problems.map(({ line, code, lost }) => `${line} ${code} ${lost}`)

const inherited = (text: string) =>
  [...parseEnvFile(text, 'shell').variables].flatMap(([name, variable]) =>
    variable.kind === 'known' && variable.exported ? [name] : [],
  )

t.test('shell › takes literals, quotes, escapes and names that are known', async t => {
  t.strictSame(show('A=x # c\nB="a \\"b\\" $A"\nC=\'$A\'\nD=a\\ b"c"\'d\'\nE=${A}y\nF=a#b\n'), {
    A: 'x',
    B: 'a "b" x',
    C: '$A',
    D: 'a bcd',
    E: 'xy',
    F: 'a#b',
  })
})

t.test('shell › what a command, an expansion or another file decides makes that name unknown', async t => {
  t.strictSame(show('A=$(cat /run/key | tr -d "a")\nB=`id -u`\nC=$HOME\nD=${A:-x}\nE=~/x\nF=1\n'), {
    A: null,
    B: null,
    C: null,
    D: null,
    E: null,
    F: '1',
  })
})

t.test('shell › a command of the shell leaves everything open', async t => {
  t.strictSame(show('A=1\n. /etc/other\nB=1\n'), { A: null, open: 2 })
  t.strictSame(show('A=1\nunset A\n'), { A: null, open: 2 })
  t.strictSame(show('if true; then A=1; fi\n'), { open: 1 })
  t.strictSame(show('A=(1 2)\n'), { open: 1 })
  t.strictSame(show('A=1; B=2 && exit\n'), { open: 1 })
})

t.test('shell › runs nothing', async t => {
  const path = `${t.testdir()}/ran`
  parseEnvFile(`A=$(touch ${path})\ntouch ${path}\n`, 'shell')
  t.notOk(existsSync(path))
})

t.test('shell › what no shell can read loses the line and the rest', async t => {
  for (const line of ['B=<no value>', ';c', 'B="x', "B='x", 'B=1; C=<nil>', 'B=1;; C=2']) {
    t.strictSame(show(`A=1\n${line}\nD=1\n`), { A: '1' }, line)
    t.match(problemsOf(`A=1\n${line}\nD=1\n`), [/^2 (syntax-error|quote-unclosed) rest$/], line)
  }
})

t.test('shell › what looks like an assignment and is a command is said so', async t => {
  t.strictSame(problemsOf('A=two words\nB = v\nC=a&b=c\nD-E=1\n'), [
    '1 command line',
    '2 command line',
    '3 command line',
    '4 command line',
  ])
  t.strictSame(problemsOf('\ufeffA=1\nB=1\r\n\r\n'), [
    '1 byte-order-mark line',
    '2 carriage-return line',
    '3 carriage-return line',
  ])
})

t.test('shell › tells what a child inherits', async t => {
  t.strictSame(inherited('A=1\nexport B=1\n'), ['B'])
  t.strictSame(inherited('A=1\nexport A\n'), ['A'])
  t.strictSame(inherited('set -a\nA=1\nset +a\nB=1\n'), ['A'])
  t.strictSame(inherited('set -o allexport\nA=1\n'), ['A'])
  t.strictSame(inherited('export A=1\nA=2\n'), ['A'])
})

for (const shell of ['/bin/dash', '/bin/bash'] as const)
  t.test(`shell › claims nothing that ${shell} denies`, { skip: !existsSync(shell) }, async t => {
    const options = shell === '/bin/bash' ? ['--norc', '--noprofile'] : []
    const generated = Array.from({ length: 100 }, (_, seed) =>
      (seed % 2 ? generateLiteralFile : generateEnvFile)(createRandom(seed)),
    )
    const texts = [...table, ...generated]
    const sourced = sourceAll([shell, ...options], texts, generatedNames)
    t.equal(sourced.length, texts.length)
    const comparisons = texts.map((text, i) => {
      const held = sourced[i] ?? { values: new Map() }
      return compare(text, parseEnvFile(text, 'shell'), { names: generatedNames, held })
    })
    t.strictSame(
      comparisons.flatMap(({ differences }) => differences),
      [],
    )
    t.ok(comparisons.reduce((sum, { claims }) => sum + claims, 0) > texts.length * 4, 'and claims enough')
  })

t.test('shell › a pattern in an unquoted export matches no file and stays as it is', async t => {
  const url = 'postgres://u@h/db?sslmode=require'
  t.strictSame(show(`export A=${url}\nexport B=a*b[c]\nexport C={x}\nD=${url}\n`), {
    A: url,
    B: 'a*b[c]',
    C: '{x}',
    D: url,
  })
  t.strictSame(inherited(`export A=${url}\n`), ['A'])
  t.strictSame(show('export A={x,y}\nexport B={1..3}\nexport C={x,"y"}\n'), { A: null, B: null, C: null })
})

t.test('shell › an unquoted & cuts an exported value as it cuts any other', async t => {
  for (const lead of ['', 'export ']) {
    const { problems } = parseEnvFile(`A=1\n${lead}URL=http://h/?a=1&b=2\n`, 'shell')
    t.match(problems, [
      { line: 2, code: 'command', lost: 'line', variable: 'URL', message: /an unquoted & cuts the value/ },
    ])
    t.strictSame(show(`A=1\n${lead}URL=http://h/?a=1&b=2\n`), { A: '1', b: '2' })
  }
})

t.test('shell › a blank that cuts the value of an export is told', t => {
  const told = (text: string) =>
    parseEnvFile(text, 'shell').problems.map(({ variable, message }) => `${variable}: ${message}`)
  const cut = 'an unquoted blank cuts the value; quote the value'
  t.strictSame(told('export A=correct horse battery\n'), [`A: ${cut}`])
  t.strictSame(told('export A=1 B=two words\n'), [`B: ${cut}`])
  t.strictSame(told('C=1\nexport A=1 C\nexport A B\nexport D="two words"\n'), [])
  t.end()
})
