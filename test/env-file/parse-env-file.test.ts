import t from 'tap'
import { parseEnvFile } from '../../src/env-file/parse-env-file.ts'
import type { Dialect } from '../../src/env-file/dialect.ts'

const valuesOf = (text: string, dialect: Dialect) =>
  Object.fromEntries(
    [...parseEnvFile(text, dialect).variables].map(([name, v]) => [
      name,
      v.kind === 'known' ? v.value : null,
    ]),
  )
const problemsOf = (text: string, dialect: Dialect) =>
  parseEnvFile(text, dialect).problems.map(({ line, code, lost }) => `${line} ${code} ${lost}`)

t.test('systemd › takes a comment only at the start of a line', async t => {
  t.strictSame(valuesOf('# c\n;c\nA=x # c\nB="x" # c\nC=#x\n', 'systemd'), { A: 'x # c', B: 'x# c', C: '#x' })
})

t.test('systemd › unescapes, joins and quotes as systemd does', async t => {
  t.strictSame(
    valuesOf('A=one \\\ntwo\nB="a\\"b\\n"\nC=\'a\\b\nc\'\nD="a""b"\nE=a"b"\nF = v \n', 'systemd'),
    {
      A: 'one two',
      B: 'a"b\\n',
      C: 'a\\b\nc',
      D: 'ab',
      E: 'a"b"',
      F: 'v',
    },
  )
})

t.test('systemd › drops export, names that are none, and lines without =', async t => {
  const text = 'export A=b\n1A=x\nA-B=x\nfoo\nB=<no value>\n'
  t.strictSame(valuesOf(text, 'systemd'), { B: '<no value>' })
  t.strictSame(problemsOf(text, 'systemd'), [
    '1 export-dropped line',
    '2 name-invalid line',
    '3 name-invalid line',
    '4 no-assignment line',
  ])
})

t.test('systemd › a quote that never closes swallows the rest of the file', async t => {
  t.strictSame(valuesOf('A=1\nB="x\nC=2\n', 'systemd'), { A: '1', B: 'x\nC=2\n' })
  t.strictSame(problemsOf('A=1\nB="x\nC=2\n', 'systemd'), ['2 quote-unclosed rest'])
})

t.test('systemd › a comment that ends in a backslash hides the next line from some versions', async t => {
  const file = parseEnvFile('# c \\\nA=1\nB=2\n', 'systemd')
  t.match(file.variables.get('A'), { kind: 'unknown', line: 2 })
  t.match(file.variables.get('B'), { kind: 'known', value: '2' })
  t.strictSame(problemsOf('# c \\\nA=1\nB=2\n', 'systemd'), ['1 comment-continued line'])
})

t.test('systemd › refuses a file with a zero byte or what is not UTF-8', async t => {
  t.strictSame(problemsOf('A=1\nB=\0\n', 'systemd'), ['1 file-refused file'])
  t.strictSame(problemsOf('A=1\nB=\udcff\n', 'systemd'), ['2 file-refused file'])
  t.strictSame(valuesOf('A=1\nB=\udcff\n', 'systemd'), {})
})

t.test('every dialect › the last assignment of a name wins, and is a problem', async t => {
  for (const dialect of ['systemd', 'dotenv', 'docker'] as const) {
    t.strictSame(valuesOf('A=1\nA=2\n', dialect), { A: '2' })
    t.strictSame(problemsOf('A=1\nA=2\n', dialect), ['2 duplicate line'])
    t.strictSame(problemsOf('A=1\nA=1\n', dialect), ['2 duplicate nothing'])
  }
})

t.test('dotenv › reads as the package does', async t => {
  const text = 'A=x # c\nexport B=1\nC: 2\nD="a\\nb"\nE=#x\nF=\'a\nb\'\nG-H=3\n'
  t.strictSame(valuesOf(text, 'dotenv'), { A: 'x', B: '1', C: '2', D: 'a\nb', E: '', F: 'a\nb', 'G-H': '3' })
})

t.test('dotenv › says which lines it passes over, by their number', async t => {
  t.strictSame(problemsOf('A=1\n\n;c\nB="x\ny"\nfoo\n# c\nC="half\n', 'dotenv'), [
    '3 no-assignment line',
    '6 no-assignment line',
    '8 quote-unclosed line',
  ])
})

t.test('docker › takes everything literally', async t => {
  t.strictSame(valuesOf('  A=x # c\nB="x"\nC=$H\r\n;c=1\nD\n#E=1\n', 'docker'), {
    A: 'x # c',
    B: '"x"',
    C: '$H',
    ';c': '1',
    D: null,
  })
  t.strictSame(problemsOf('A="x"\n', 'docker'), ['1 value-taken-literally nothing'])
})

t.test('docker › refuses a file with a name that has a blank, or none', async t => {
  t.strictSame(problemsOf('A=1\nB = v\n', 'docker'), ['2 file-refused file'])
  t.strictSame(problemsOf('export A=1\n', 'docker'), ['1 file-refused file'])
  t.strictSame(problemsOf('=1\n', 'docker'), ['1 file-refused file'])
})

t.test('systemd, docker › a comment behind a value is a part of it, and is told', async t => {
  const message = (text: string, dialect: Dialect) =>
    parseEnvFile(text, dialect).problems.map(problem => problem.message)
  for (const dialect of ['systemd', 'docker'] as const) {
    t.strictSame(problemsOf('PORT=8000 # web port\n', dialect), ['1 value-taken-literally nothing'])
    t.match(message('PORT=8000 # web port\n', dialect), [
      /keeps the # and what follows as part of the value; move/,
    ])
    t.strictSame(problemsOf('# c\nA=a#b\nB=#fff\n', dialect), [])
  }
  t.strictSame(problemsOf('A="x" # c\nB="x # y"\nC=x\\ #y\n', 'systemd'), [
    '1 value-taken-literally nothing',
    '3 value-taken-literally nothing',
  ])
  t.match(message('A="x" # c\n', 'docker'), [/keeps the quotes/])
})
