import t from 'tap'
import { parseEnvFile } from '../../src/env-file/parse-env-file.ts'

const show = (text: string) => {
  const { variables, openFrom } = parseEnvFile(text, 'compose')
  const values = [...variables].map(([name, v]) => [name, v.kind === 'known' ? v.value : null] as const)
  return { ...Object.fromEntries(values), ...(openFrom && { open: openFrom.line }) }
}

t.test('compose › expands ${NAME} of names that the file sets before', async t => {
  const text =
    'USER_=app\nPASSWORD="p w"\nexport URL=postgres://${USER_}:${PASSWORD}@db/shop?sslmode=require # c\nNAME="${USER_}-${USER_:-x}"\n'
  t.strictSame(show(text), {
    USER_: 'app',
    PASSWORD: 'p w',
    URL: 'postgres://app:p w@db/shop?sslmode=require',
    NAME: 'app-app',
  })
})

t.test('compose › takes quotes, comments, escapes and blanks as both readers do', async t => {
  t.strictSame(
    show(`A=x # c\nB = 'a b' # c\nC="a\\n\\"b\\""\nD="one\ntwo"\n\n# c\nE=\nF=a#b\n  G=1\r\nH=2`),
    {
      A: 'x',
      B: 'a b',
      C: 'a\n"b"',
      D: 'one\ntwo',
      E: '',
      F: 'a#b',
      G: '1',
      H: '2',
    },
  )
})

t.test('compose › where the readers differ, or their environment decides, a value is unknown', async t => {
  for (const line of [
    'A=$B',
    "A='${B}'",
    'A=${NOT_SET}',
    'A=${NOT_SET:-x}',
    'A=${B-x}',
    'A=${B:?x}',
    'A=$$',
    'A=a\\b',
    'A="\\x"',
    'A',
    'A # c',
    'A=#x',
    'A="x"y',
  ])
    t.strictSame(show(`B=1\n${line}\nC=2\n`), { B: '1', A: null, C: '2' }, line)
})

t.test('compose › a quote that never closes, or a foreign line with one, leaves everything open', async t => {
  for (const line of ['A="x', "A='x", 'A: "x', "it's", 'A="x"\'y'])
    t.strictSame(show(`B=1\n${line}\nC=2\n`), { B: null, open: 2 }, line)
  t.strictSame(show('B=1\n<html>\nC=2\n'), { B: '1', C: '2' })
  t.match(parseEnvFile('B=1\n<html>\n', 'compose').problems, [
    { line: 2, code: 'no-assignment', lost: 'line' },
  ])
})
