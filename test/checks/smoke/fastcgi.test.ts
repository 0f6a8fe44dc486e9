import t from 'tap'
import { createFastcgiReader } from '../../../src/checks/smoke/fastcgi-exchange.ts'
import { bytes, serve } from './fake-server.ts'
import { endRecord, fastcgiAnswer, fastcgiRecord } from './fastcgi-answer.ts'
import { gist, messageOf, runSmoke } from './run-smoke.ts'

const script = '/srv/app/public/index.php'

const judged = async (test: Parameters<typeof serve>[0], answer: Buffer, keys = {}) => {
  const app = await serve(test, socket => void socket.end(answer))
  const finding = await runSmoke({ target: `fastcgi+unix:${app.path}`, script, ...keys })
  return { finding, request: app.requests[0] ?? Buffer.alloc(0) }
}

const readAll = (...pieces: readonly Buffer[]) => {
  const reader = createFastcgiReader({ method: 'GET', maxBodyBytes: 100 })
  let outcome
  for (const piece of pieces) outcome ??= reader.push(piece)
  return outcome
}

t.test('smoke over FastCGI › sends one request to the script, and reads the page', async t => {
  const keys = { path: '/about?a=b', host: 'octopus.energy', expect: { body: 'Welcome' } }
  const { finding, request } = await judged(t, fastcgiAnswer('Content-Type: text/html\r\n\r\nWelcome'), keys)
  t.match(finding, { status: 'pass', evidence: { httpStatus: 200, bodyBytes: 7 } })
  t.strictSame([...request.subarray(0, 16)], [1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
  const text = request.toString('latin1')
  t.match(text, `\u000f\u0019SCRIPT_FILENAME${script}`)
  t.match(text, '\u000b\u000aSCRIPT_NAME/index.php')
  t.match(text, '\u000d\u000fDOCUMENT_ROOT/srv/app/public')
  t.match(text, '\u000b\u000aREQUEST_URI/about?a=b')
  t.match(text, '\u0009\u000eHTTP_HOSToctopus.energy')
  t.notMatch(text, 'PATH_INFO')
})

t.test('smoke over FastCGI › a name or value above 127 bytes has a length of four bytes', async t => {
  const answer = fastcgiAnswer('Content-Type: text/html\r\n\r\n')
  const { request } = await judged(t, answer, { headers: { 'X-Long': 'x'.repeat(300) } })
  t.ok(request.includes(Buffer.concat([Buffer.from([11, 0x80, 0, 1, 44]), Buffer.from('HTTP_X_LONGxxx')])))
})

t.test('smoke over FastCGI › each answer has the reason that it stands for', async t => {
  const gistFor = async (answer: Buffer) => gist((await judged(t, answer)).finding)
  const head = 'Content-Type: text/html\r\n'
  t.equal(
    await gistFor(fastcgiAnswer(`Status: 500 Internal Server Error\r\n${head}\r\n`)),
    'fail SMOKE_STATUS_UNEXPECTED',
  )
  t.equal(await gistFor(fastcgiAnswer(`Location: /about/\r\n${head}\r\n`)), 'fail SMOKE_STATUS_UNEXPECTED')
  t.equal(await gistFor(fastcgiAnswer(`Status: 2000\r\n\r\n`)), 'fail SMOKE_RESPONSE_MALFORMED')
  t.equal(
    await gistFor(fastcgiAnswer('Status: 200\r\nStatus: 500\r\n\r\n')),
    'fail SMOKE_RESPONSE_MALFORMED',
    'two of them',
  )
  t.equal(await gistFor(fastcgiAnswer('no header')), 'fail SMOKE_RESPONSE_MALFORMED')
  t.equal(await gistFor(fastcgiAnswer(`Content-Length: 9\r\n\r\nWelcome`)), 'fail SMOKE_RESPONSE_CUT_SHORT')
  t.equal(await gistFor(fastcgiRecord(6, `${head}\r\nWelcome`)), 'fail SMOKE_RESPONSE_CUT_SHORT', 'no end')
  t.equal(await gistFor(endRecord(0)), 'fail SMOKE_CLOSED')
  t.equal(await gistFor(endRecord(2)), 'fail SMOKE_CLOSED', 'overloaded')
  t.equal(await gistFor(Buffer.alloc(0)), 'fail SMOKE_CLOSED')
  t.equal(await gistFor(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')), 'fail SMOKE_PROTOCOL_MISMATCH')
})

t.test('smoke over FastCGI › a script that php-fpm does not find is named', async t => {
  const answer = fastcgiAnswer('Status: 404 Not Found\r\nContent-type: text/html\r\n\r\nFile not found.\n')
  const { finding } = await judged(t, answer)
  t.equal(gist(finding), 'fail SMOKE_STATUS_UNEXPECTED')
  t.match(messageOf(finding), /by php-fpm itself, which does not run \/srv\/app\/public\/index\.php/)
})

t.test('smoke over FastCGI › without a script, nothing is sent', async t => {
  const app = await serve(t, bytes(''))
  const finding = await runSmoke({ target: `fastcgi+unix:${app.path}` })
  t.equal(gist(finding), 'unknown SMOKE_SCRIPT_UNKNOWN')
  t.equal(app.requests.length, 0)
})

t.test('FastCGI reader › pieces, padding and the error output change nothing', async t => {
  const answer = Buffer.concat([
    fastcgiRecord(7, 'PHP Warning'),
    fastcgiRecord(6, 'X: a\r\nx: b\r\n\r', 5),
    fastcgiRecord(6, '\nWel', 255),
    fastcgiRecord(6, 'come'),
    endRecord(0),
  ])
  const expected = { kind: 'answer', status: 200, headers: { x: 'a, b' }, body: Buffer.from('Welcome') }
  t.match(readAll(answer), expected)
  t.match(readAll(...Array.from(answer, byte => Buffer.from([byte]))), expected)
})

t.test('FastCGI reader › a large page is read up to the limit, and headers are bounded', async t => {
  t.match(readAll(fastcgiRecord(6, `X: a\r\n\r\n${'.'.repeat(5000)}`)), { kind: 'answer', truncated: true })
  const flood = Array.from({ length: 20 }, () => fastcgiRecord(6, 'x'.repeat(5000)))
  t.match(readAll(...flood), { kind: 'malformed', code: 'HEADERS_TOO_LARGE' })
})
