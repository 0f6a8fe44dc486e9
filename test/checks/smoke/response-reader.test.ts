import t from 'tap'
import { createResponseReader } from '../../../src/checks/smoke/response-reader.ts'
import type { Outcome } from '../../../src/checks/smoke/exchange.ts'
import { recorded } from './recorded.ts'

const read = (
  text: string,
  {
    cuts = [],
    method = 'GET',
    maxBodyBytes = 1000,
  }: { cuts?: number[]; method?: 'GET' | 'HEAD'; maxBodyBytes?: number } = {},
): Outcome => {
  const reader = createResponseReader({ method, maxBodyBytes })
  const bytes = Buffer.from(text)
  const ends = [...cuts, bytes.length]
  for (const [i, end] of ends.entries()) {
    const outcome = reader.push(bytes.subarray(ends[i - 1] ?? 0, end))
    if (outcome) return outcome
  }
  return reader.end()
}

const gist = (outcome: Outcome) =>
  outcome.kind === 'answer' ? `${outcome.status} ${outcome.body.toString()}` : outcome.kind

t.test('response reader › reads what uWSGI sends, with a length and without', async t => {
  t.equal(gist(read(recorded.page)), '200 <h1>Welcome</h1>')
  t.equal(gist(read(recorded.streamed)), '200 <h1>Welcome</h1>')
  t.equal(gist(read(recorded.notLoaded)), '500 Internal Server Error')
  t.match(read(recorded.slash), { status: 301, headers: { location: '/about/' } })
})

t.test('response reader › reads the same however the bytes are cut', async t => {
  for (const text of [recorded.page, recorded.streamed, recorded.error]) {
    const whole = gist(read(text))
    const places = Array.from(text, (_, i) => i)
    const different = places.filter(i => gist(read(text, { cuts: [i] })) !== whole)
    t.strictSame(different, [])
    t.equal(gist(read(text, { cuts: places })), whole)
  }
})

t.test('response reader › an answer with a length is complete without the end of the connection', async t => {
  const reader = createResponseReader({ method: 'GET', maxBodyBytes: 1000 })
  t.match(reader.push(Buffer.from(recorded.page)), { kind: 'answer', status: 200, truncated: false })
})

t.test('response reader › any cut of an answer with a length is no answer', async t => {
  const { page } = recorded
  const kinds = new Set(Array.from(page.slice(1), (_, i) => read(page.slice(0, i + 1)).kind))
  t.strictSame([...kinds], ['cut-short'])
  t.equal(read('').kind, 'closed')
})

t.test('response reader › no more of the body is taken than asked for', async t => {
  t.match(read(recorded.page, { maxBodyBytes: 4 }), { body: Buffer.from('<h1>'), truncated: true })
  t.match(read(recorded.page, { maxBodyBytes: 16 }), { truncated: false })
})

t.test('response reader › a HEAD ends with its headers, even where a body follows', async t => {
  t.equal(gist(read(recorded.page, { method: 'HEAD' })), '200 ')
})

t.test('response reader › interim answers are passed over', async t => {
  t.equal(
    gist(read(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n${recorded.page}`)),
    '200 <h1>Welcome</h1>',
  )
  t.equal(read('HTTP/1.1 100 Continue\r\n\r\n').kind, 'cut-short')
  t.equal(
    gist(read(`HTTP/1.1 100 Continue\r\nContent-Length: 3\r\n\r\nabc${recorded.page}`)),
    '200 <h1>Welcome</h1>',
  )
})

t.test('response reader › headers that come twice are joined', async t => {
  t.match(read('HTTP/1.1 204 No Content\r\nVary: a\r\nvary: b\r\n\r\n'), { headers: { vary: 'a, b' } })
})

t.test('response reader › chunks are put together', async t => {
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nWel\r\n4\r\ncome\r\n0\r\n\r\n'
  t.equal(gist(read(chunked)), '200 Welcome')
  t.equal(read(chunked.slice(0, -7)).kind, 'cut-short')
})

t.test('response reader › nonsense is malformed', async t => {
  const nonsense = [
    'SSH-2.0-OpenSSH_9.2\r\n',
    'HTTP/1.1 abc OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`,
  ]
  t.strictSame([...new Set(nonsense.map(text => read(text, { cuts: [30] }).kind))], ['malformed'])
})

t.test('response reader › a status line is read whole, however it is cut', async t => {
  for (const line of ['HTTP/1.1 2000 OK', 'HTTP/2 200 OK', 'HTTP/1.1 20 OK and more'])
    for (let cut = 1; cut < line.length; cut += 1)
      t.equal(
        read(`${line}\r\nContent-Length: 0\r\n\r\n`, { cuts: [cut] }).kind,
        'malformed',
        `${line} ${cut}`,
      )
  const good = 'HTTP/1.0 204 No Content\r\n\r\n'
  for (let cut = 1; cut < good.length; cut += 1) t.equal(gist(read(good, { cuts: [cut] })), '204 ', `${cut}`)
  t.equal(gist(read('HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na')), '200 a', 'without a reason')
})

t.test('response reader › a length below zero sends the parser on no walk in circles', async t => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: -44\r\n\r\n'
  t.equal(read(`${head}${'x'.repeat(50)}`).kind, 'malformed')
  t.equal(read(`HTTP/1.1 100 Continue\r\nContent-Length: -49\r\n\r\n${'x'.repeat(50)}`).kind, 'malformed')
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n-5\r\n\r\n\r\n\r\n'
  t.equal(read(chunked).kind, 'cut-short')
  const broken = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\nHTTP/1.1 500\r\n\r\n'
  t.match(read(broken), { kind: 'cut-short', code: 'CHUNK_INVALID' }, 'the page breaks, and not its head')
  // what follows an answer that is complete is not even looked at
  t.equal(gist(read(`${recorded.page}${head}x`)), '200 <h1>Welcome</h1>')
})

t.test('response reader › an answer is what it was, whatever comes after it', async t => {
  const reader = createResponseReader({ method: 'GET', maxBodyBytes: 4 })
  t.match(reader.push(Buffer.from(recorded.streamed)), { truncated: true })
  t.match(reader.end(), { truncated: true }, 'the end of the connection completes no page that was truncated')
  t.match(read(recorded.page, { method: 'HEAD' }), { truncated: false })
})

t.test('response reader › headers are those that came, and each length is checked', async t => {
  t.strictSame(read('HTTP/1.1 204 No Content\r\nVary: a\r\n\r\n'), {
    kind: 'answer',
    status: 204,
    headers: { vary: 'a' },
    body: Buffer.alloc(0),
    truncated: false,
  })
  t.equal(read('HTTP/1.1 200 OK\r\nVary: a\r\nContent-Length: abc\r\n\r\n').kind, 'malformed')
  t.equal(gist(read('HTTP/1.1 204 No Content\r\nVary: content-length\r\nX: y\r\n\r\n')), '204 ')
})

t.test('response reader › a chunk that is longer than its size breaks the page', async t => {
  const chunk = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n'
  t.strictSame(read(chunk), { kind: 'cut-short', code: 'CHUNK_INVALID' })
})
