import { once } from 'node:events'
import { createConnection } from 'node:net'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import type { Verdict } from '../../src/core/verdict.ts'
import { createPublicListener } from '../../src/http/public.ts'
import { sendBytes } from '../support/send-bytes.ts'

const verdictOf = (status: Verdict['status']): Verdict => ({
  status,
  phase: 'serving',
  checks: [{ name: 'page', effect: status, finding: { status: 'pass' }, because: 'held' }],
})

/** A public listener on a port of its own, and how to send it bytes. */
const open = async (t: Test, verdict: () => Verdict | Promise<Verdict>, path = '/health') => {
  const probes: unknown[] = []
  const refused: unknown[] = []
  const gaveUp = new EventTarget()
  const server = createPublicListener({
    path,
    verdict,
    onProbe: (status, { socket, headers }) =>
      probes.push({ status, remoteAddress: socket.remoteAddress, userAgent: headers['user-agent'] }),
    onRefused: ({ status, refusedFor, error }) =>
      refused.push({ status, refusedFor, ...(error !== undefined && { error }) }),
    onGaveUp: ({ url }, waitedMs) =>
      gaveUp.dispatchEvent(new CustomEvent('gave up', { detail: { url, waitedMs } })),
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => server.close())
  const { port } = server.server.address() as AddressInfo

  const send = (bytes: string): Promise<string> => sendBytes(port, bytes)
  const get = (target: string, { method = 'GET', headers = '' } = {}) =>
    send(`${method} ${target} HTTP/1.1\r\nHost: 10.0.0.1\r\nConnection: close\r\n${headers}\r\n`)
  return { probes, refused, gaveUp, port, send, get, server }
}

const head = (answer: string) => answer.split('\r\n\r\n')[0] ?? ''
const body = (answer: string) => answer.split('\r\n\r\n')[1]
const statusLine = (answer: string) => answer.split('\r\n')[0]

t.test('probe › pass and warn are 200, fail is 503, with no detail', async t => {
  for (const [status, line] of [
    ['pass', 'HTTP/1.1 200 OK'],
    ['warn', 'HTTP/1.1 200 OK'],
    ['fail', 'HTTP/1.1 503 Service Unavailable'],
  ] as const) {
    const { get } = await open(t, () => verdictOf(status))
    const answer = await get('/health')
    t.equal(statusLine(answer), line)
    t.match(head(answer), /^content-type: application\/health\+json$/im)
    t.match(head(answer), /^cache-control: no-store$/im)
    t.match(head(answer), /^content-length: 17$/im)
    t.equal(body(answer), `{"status":"${status}"}`)
  }
})

t.test('probe › HEAD has the same head and no body', async t => {
  const { get } = await open(t, () => verdictOf('pass'))
  const answer = await get('/health', { method: 'HEAD' })
  t.equal(statusLine(answer), 'HTTP/1.1 200 OK')
  t.match(head(answer), /^content-length: 17$/im)
  t.equal(body(answer), '')
})

t.test('probe › HTTP/1.0 without a Host', async t => {
  const { send } = await open(t, () => verdictOf('pass'))
  const answer = await send('GET /health HTTP/1.0\r\n\r\n')
  t.equal(statusLine(answer), 'HTTP/1.1 200 OK')
  t.match(head(answer), /^content-length: 17$/im)
  t.match(head(answer), /^connection: close$/im)
})

t.test("probe › OPTIONS, which HAProxy's httpchk sends, is answered as GET", async t => {
  for (const [status, line] of [
    ['pass', 'HTTP/1.1 200 OK'],
    ['fail', 'HTTP/1.1 503 Service Unavailable'],
  ] as const) {
    const { send, get, probes } = await open(t, () => verdictOf(status))
    const answer = await send('OPTIONS /health HTTP/1.0\r\n\r\n')
    t.equal(statusLine(answer), line)
    t.equal(body(answer), `{"status":"${status}"}`)
    t.equal(statusLine(await get('/health/live', { method: 'OPTIONS' })), 'HTTP/1.1 200 OK')
    t.equal(statusLine(await get('/', { method: 'OPTIONS' })), 'HTTP/1.1 404 Not Found')
    t.equal(probes.length, 1)
  }
  const root = await open(t, () => verdictOf('pass'), '/')
  t.equal(statusLine(await root.send('OPTIONS / HTTP/1.0\r\n\r\n')), 'HTTP/1.1 200 OK')
})

t.test('probe › nothing in a request changes the answer', async t => {
  const { get } = await open(t, () => verdictOf('fail'))
  for (const target of ['/health?check=nope', '/health?status=pass', 'http://other.example/health?x'])
    t.equal(statusLine(await get(target)), 'HTTP/1.1 503 Service Unavailable', target)
  const headers =
    'X-Forwarded-For: 1.2.3.4\r\nX-HTTP-Method-Override: POST\r\nAuthorization: Basic s3cret\r\n'
  t.equal(statusLine(await get('/health', { headers })), 'HTTP/1.1 503 Service Unavailable')
})

t.test('live › 200 while the process lives, whatever the verdict', async t => {
  const { get, probes } = await open(t, () => verdictOf('fail'))
  t.equal(statusLine(await get('/health/live')), 'HTTP/1.1 200 OK')
  t.strictSame(probes, [], 'and is no probe')
})

t.test('path › may be / or end in a slash', async t => {
  const root = await open(t, () => verdictOf('fail'), '/')
  t.equal(statusLine(await root.get('/')), 'HTTP/1.1 503 Service Unavailable')
  t.equal(statusLine(await root.get('/live')), 'HTTP/1.1 200 OK')
  t.equal(statusLine(await root.get('/health')), 'HTTP/1.1 404 Not Found')
  const slash = await open(t, () => verdictOf('fail'), '/health/')
  t.equal(statusLine(await slash.get('/health/')), 'HTTP/1.1 503 Service Unavailable')
  t.equal(statusLine(await slash.get('/health/live')), 'HTTP/1.1 200 OK')
  t.equal(statusLine(await slash.get('/health')), 'HTTP/1.1 404 Not Found')
})

t.test('all else › is 404, with no word of what was asked for', async t => {
  const { get } = await open(t, () => verdictOf('pass'))
  for (const target of [
    '/',
    '/healthz',
    '/health/',
    '/Health',
    '/health/live/x',
    '/status',
    '/%2e%2e/etc/passwd',
    '*',
  ])
    t.match(await get(target), /^HTTP\/1\.1 404 Not Found\r\n(.+\r\n)*\r\n$/, target)
})

t.test('other methods › are 405, and say which are allowed, without reading a body', async t => {
  const { get, send } = await open(t, () => verdictOf('pass'))
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PURGE', 'PROPFIND', 'QUERY']) {
    const answer = await get('/health', { method })
    t.equal(statusLine(answer), 'HTTP/1.1 405 Method Not Allowed', method)
    t.match(head(answer), /^allow: GET, HEAD, OPTIONS$/im)
  }
  t.match(await get('/health/live', { method: 'POST' }), /405/)
  const endless =
    'POST /health HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{'
  t.equal(statusLine(await send(endless)), 'HTTP/1.1 405 Method Not Allowed')
})

t.test('bad requests › 400 for what is no HTTP, 431 for too much of it', async t => {
  const { send, get } = await open(t, () => verdictOf('pass'))
  t.match(await send('GARBAGE\r\n\r\n'), /^HTTP\/1\.1 400 Bad Request\r\n/)
  t.match(await send('GET /health HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 /, 'HTTP/1.1 without a Host')
  t.match(await get('/%zz'), /^HTTP\/1\.1 400 /)
  const long = 'a'.repeat(9000)
  t.match(
    await get('/health', { headers: `X: ${long}\r\n` }),
    /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/,
  )
  t.match(await get(`/health?${long}`), /^HTTP\/1\.1 431 /)
  const smuggled =
    'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
  t.match(await send(smuggled), /^HTTP\/1\.1 400 /)
})

t.test('bad requests › another protocol and a wrong Host are told as such', async t => {
  const { send, refused } = await open(t, () => verdictOf('pass'))
  const rows = [
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'HTTP/2'],
    ['\x16\x03\x01\0\x05hello', 'TLS'],
    ['PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n', 'the PROXY protocol'],
    ['\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c', 'the PROXY protocol'],
    ['GET /health HTTP/1.1\r\n\r\n', 'no Host header'],
    ['GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 'several Host headers'],
    ['GARBAGE\r\n\r\n', undefined],
  ] as const
  for (const [bytes, refusedFor] of rows) {
    t.match(await send(bytes), /^HTTP\/1\.1 400 Bad Request\r\n/)
    t.strictSame(refused.splice(0), [{ status: 400, refusedFor }])
  }
})

t.test(
  'limits › a client that opens a connection and sends nothing is let go; so is one that dawdles',
  async t => {
    const { server } = await open(t, () => verdictOf('pass'))
    t.match(server.server, {
      headersTimeout: 5000,
      requestTimeout: 5000,
      maxConnections: 1024,
      keepAliveTimeout: 65_000,
    })
  },
)

t.test('limits › one that hangs up without a request harms nobody', async t => {
  const { port, get } = await open(t, () => verdictOf('pass'))
  for (let i = 0; i < 20; i += 1) {
    const socket = createConnection({ host: '127.0.0.1', port })
    await once(socket, 'connect')
    if (i % 2) socket.resetAndDestroy()
    else socket.destroy()
  }
  t.equal(statusLine(await get('/health')), 'HTTP/1.1 200 OK')
})

t.test('probe › each that was answered is told of', async t => {
  const { get, probes } = await open(t, () => verdictOf('fail'))
  await get('/health', { headers: 'User-Agent: ELB-HealthChecker/2.0\r\n' })
  t.strictSame(probes, [{ status: 503, remoteAddress: '127.0.0.1', userAgent: 'ELB-HealthChecker/2.0' }])
})

t.test('probe › a verdict that cannot be had is a 500, never a 200', async t => {
  const error = new Error('s3cret')
  const { get, refused } = await open(t, () => Promise.reject(error))
  const answer = await get('/health')
  t.equal(statusLine(answer), 'HTTP/1.1 500 Internal Server Error')
  t.equal(body(answer), '')
  t.match(refused, [{ status: 500, error }])
})

t.test('probe › a client that closes before its answer is told of, with how long it waited', async t => {
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  const { port, gaveUp, probes } = await open(t, () => promise)
  const client = createConnection({ host: '127.0.0.1', port })
  client.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(client, 'connect')
  const told = once(gaveUp, 'gave up')
  client.destroy()
  t.match((await told)[0]?.detail, { url: '/health', waitedMs: Number })
  resolve(verdictOf('pass'))
  await promise
  t.strictSame(probes, [], 'it got no answer')
})

t.test('probe › a client that closes its own side is told of, and gets its answer', async t => {
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  const { port, gaveUp } = await open(t, () => promise)
  const client = createConnection({ host: '127.0.0.1', port, allowHalfOpen: true })
  const told = once(gaveUp, 'gave up')
  client.end('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  await told
  resolve(verdictOf('pass'))
  const [answer] = await once(client, 'data')
  t.match(String(answer), /^HTTP\/1.1 200 /)
  client.destroy()
})

t.test('probe › a client that is answered is never told of, however it closes', async t => {
  const { get, gaveUp, probes } = await open(t, async () => verdictOf('pass'))
  gaveUp.addEventListener('gave up', () => t.fail('told of'))
  for (let i = 0; i < 5; i += 1) await get('/health')
  t.equal(probes.length, 5)
})
