import { array, assert, constantFrom, property } from 'fast-check'
import t from 'tap'
import { firstLines } from '../../../src/checks/smoke/error-page.ts'
import { cpuMsOf } from '../../support/cpu-time.ts'

t.test('error page › is its first two lines of text, each once', async t => {
  const page =
    '<!doctype html><title>Not found</title><STYLE>a { }</Style><h1>Not found</h1><script>x<y</script><p>No such page</p><p>more</p>'
  t.strictSame(firstLines(Buffer.from(page)), ['Not found', 'No such page'])
  t.strictSame(firstLines(Buffer.from('a < b <')), ['a < b <'])
})

/** What is markup, in one expression. Its time is quadratic. */
const byExpression = (page: string): string[] => {
  const lines = page
    .replace(/<(style|script)\b.*?<\/\1>|<[^>]*>/gis, '\n')
    .split('\n')
    .map(line => line.trim().slice(0, 200))
    .filter(line => line !== '')
  return [...new Set(lines)].slice(0, 2)
}

t.test('error page › leaves out what one expression would', async t => {
  const piece = constantFrom(
    '<',
    '>',
    '/',
    'style',
    'script',
    '</style>',
    '</SCRIPT>',
    '<Style',
    '<script>',
    ' ',
    '\n',
    'a',
    'İ',
  )
  const pages = array(piece, { maxLength: 30 }).map(pieces => pieces.join(''))
  assert(
    property(pages, page => t.strictSame(firstLines(Buffer.from(page)), byExpression(page)) && true),
    { numRuns: 2000 },
  )
})

t.test('error page › one that is all markup, or none, holds nothing up', async t => {
  const BYTES = 1_000_000
  for (const piece of ['<', '<style', '<script>', '<style></script>', '<a', '>', '</', '<style></style>']) {
    const page = Buffer.from(piece.repeat(BYTES / piece.length))
    const cpuMs = cpuMsOf(() => firstLines(page))
    t.ok(cpuMs < 1000, `${piece}: ${cpuMs} ms for a megabyte, and a page is 64 KiB unless configured`)
  }
})
