import { once } from 'node:events'
import { createConnection } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { parseProxyHeader } from '../../src/http/parse-proxy-header.ts'
import { createPublicListener } from '../../src/http/public.ts'
import { clientAddressOf } from '../../src/lib/client-address.ts'
import { askPeer } from '../../src/peers/ask-peer.ts'

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n'
const second = (command: number, family: number, rest: Buffer, length = rest.length) =>
  Buffer.concat([
    Buffer.from(SIGNATURE, 'latin1'),
    Buffer.from([command, family, length >> 8, length & 255]),
    rest,
  ])
const ipv4 = Buffer.from([192, 0, 2, 7, 10, 0, 0, 1, 0x9c, 0x40, 0, 80])
const ipv6 = Buffer.concat([Buffer.from('20010db8000000000000000000000007', 'hex'), Buffer.alloc(20)])

const headers: readonly (readonly [what: string, header: string | Buffer, source: string | undefined])[] = [
  ['version 1, IPv4', 'PROXY TCP4 192.0.2.7 10.0.0.1 40000 80\r\n', '192.0.2.7'],
  ['version 1, IPv6', 'PROXY TCP6 2001:db8::7 2001:db8::1 40000 80\r\n', '2001:db8::7'],
  ['version 1, UNKNOWN', 'PROXY UNKNOWN\r\n', undefined],
  ['version 1, UNKNOWN with more', 'PROXY UNKNOWN ffff:: ffff:: 1 2\r\n', undefined],
  ['version 2, LOCAL', second(0x20, 0, Buffer.alloc(0)), undefined],
  ['version 2, LOCAL with addresses', second(0x20, 0x11, ipv4), undefined],
  ['version 2, IPv4', second(0x21, 0x11, ipv4), '192.0.2.7'],
  ['version 2, IPv6', second(0x21, 0x21, ipv6), '2001:db8:0:0:0:0:0:7'],
  ['version 2, a Unix socket', second(0x21, 0x31, Buffer.alloc(216)), undefined],
  ['version 2, with extensions', second(0x21, 0x11, Buffer.concat([ipv4, Buffer.alloc(100)])), '192.0.2.7'],
]

for (const [what, text, source] of headers)
  t.test(`PROXY header › ${what}`, async t => {
    const header = Buffer.from(text as string, 'latin1')
    const request = Buffer.concat([header, Buffer.from('GET')])
    t.strictSame(parseProxyHeader(request), { kind: 'complete', bytes: header.length, source })
    for (let length = 0; length < header.length; length++)
      t.equal(parseProxyHeader(header.subarray(0, length)).kind, 'incomplete', `${length} bytes`)
  })

const invalid: readonly (readonly [what: string, header: string | Buffer])[] = [
  ['a request', 'G'],
  ['a request that begins alike', 'PRI * HTTP/2.0'],
  ['TLS', Buffer.from([0x16, 3, 1])],
  ['lower case', 'proxy TCP4'],
  ['a wrong family', 'PROXY TCP6 192.0.2.7 10.0.0.1 40000 80\r\n'],
  ['another family', 'PROXY UDP4 192.0.2.7 10.0.0.1 40000 80\r\n'],
  ['a port beyond the last', 'PROXY TCP4 192.0.2.7 10.0.0.1 65536 80\r\n'],
  ['a port with a zero before', 'PROXY TCP4 192.0.2.7 10.0.0.1 01 80\r\n'],
  ['two blanks', 'PROXY TCP4  192.0.2.7 10.0.0.1 1 80\r\n'],
  ['one word more', 'PROXY TCP4 192.0.2.7 10.0.0.1 1 80 x\r\n'],
  ['no end of the line', `PROXY TCP4 ${'1'.repeat(120)}`],
  ['another version', second(0x11, 0x11, ipv4)],
  ['another command', second(0x22, 0x11, ipv4)],
  ['an unknown family', second(0x21, 0x41, ipv4)],
  ['an unknown transport', second(0x21, 0x13, ipv4)],
  ['addresses that are too short', second(0x21, 0x11, ipv4.subarray(1))],
  ['more than 4,096 bytes', second(0x21, 0x11, ipv4, 65_535)],
]

for (const [what, text] of invalid)
  t.test(`PROXY header › ${what} is refused`, async t => {
    t.equal(parseProxyHeader(Buffer.from(text as string, 'latin1')).kind, 'invalid')
  })

const listen = async (t: Test) => {
  const clients: (string | undefined)[] = []
  const refused: (number | undefined)[] = []
  const server = createPublicListener({
    path: '/health',
    verdict: () => ({ status: 'pass', phase: 'serving', checks: [] }),
    onProbe: (_status, { socket }) => void clients.push(clientAddressOf(socket)),
    onRefused: ({ status }) => void refused.push(status),
    proxyProtocol: true,
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => server.close())
  const address = server.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  /** All that is answered to these pieces. */
  const send = async (...pieces: readonly (string | Buffer)[]) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    let answer = ''
    socket.on('data', chunk => (answer += String(chunk)))
    socket.on('error', () => {})
    const closed = once(socket, 'close').catch(() => {})
    for (const piece of pieces) {
      socket.write(piece, 'latin1')
      await turn()
    }
    await closed
    return answer
  }
  return { port, send, clients, refused, server }
}

const request = 'GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const first = 'PROXY TCP4 192.0.2.7 10.0.0.1 40000 80\r\n'

t.test(
  'proxy_protocol › a probe behind a header is answered, with the client that the header names',
  async t => {
    const { send, clients, refused } = await listen(t)
    t.match(await send(first + request), /^HTTP\/1\.1 200 /, 'in one packet')
    t.match(await send(first, request), /^HTTP\/1\.1 200 /)
    t.match(await send(...first.split(''), request), /^HTTP\/1\.1 200 /, 'byte by byte')
    t.match(await send(second(0x21, 0x11, ipv4), request), /^HTTP\/1\.1 200 /)
    t.match(await send(second(0x20, 0, Buffer.alloc(0)), request), /^HTTP\/1\.1 200 /)
    const pipelined = request.replace('close', 'keep-alive')
    t.equal((await send(first + pipelined + request)).match(/HTTP\/1\.1 200 /g)?.length, 2)
    t.strictSame(clients.slice(0, 5), ['192.0.2.7', '192.0.2.7', '192.0.2.7', '192.0.2.7', '127.0.0.1'])
    t.strictSame(refused, [])
  },
)

t.test('proxy_protocol › a connection without a header gets no byte, and is told of', async t => {
  const { send, refused } = await listen(t)
  t.equal(await send(request), '')
  t.equal(await send('PROXY TCP4 nonsense\r\n', request), '')
  t.strictSame(refused, [undefined, undefined])
})

t.test('proxy_protocol › a second header is no request', async t => {
  const { send } = await listen(t)
  t.match(await send(first + first + request), /^HTTP\/1\.1 400 /)
})

t.test('proxy_protocol › a connection that waits for its header does not hold up the end', async t => {
  const { port, server } = await listen(t)
  const socket = createConnection({ host: '127.0.0.1', port })
  socket.on('error', () => {})
  const closed = new Promise(resolve => socket.once('close', resolve))
  await once(socket, 'connect')
  socket.write('PROXY ')
  await turn()
  await Promise.all([server.close(), closed])
  t.ok(socket.destroyed)
})

t.test('proxy_protocol › a peer is asked with a header', async t => {
  const { port } = await listen(t)
  const ask = (proxyProtocol: boolean) =>
    askPeer({ host: '127.0.0.1', port }, { path: '/health', timeoutMs: 10_000, proxyProtocol })
  t.equal(await ask(true), 'pass')
  t.equal(await ask(false), 'silent')
})
