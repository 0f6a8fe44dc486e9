import { once } from 'node:events'
import { createConnection } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { Verdict } from '../../src/core/verdict.ts'
import { createPublicListener } from '../../src/http/public.ts'
import type { Refusal } from '../../src/log/probe-log.ts'
import { longestTurnOf } from '../support/longest-turn.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

const passing: Verdict = { status: 'pass', phase: 'serving', checks: [] }
const GET = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n'

/** A public listener, with what it told its log, and clients that never close their side. */
const open = async (
  t: Test,
  verdict: () => Verdict | Promise<Verdict> = () => passing,
  { proxyProtocol = false } = {},
) => {
  const probes: number[] = []
  const refusals: Pick<Refusal, 'status'>[] = []
  const server = createPublicListener({
    path: '/health',
    verdict,
    onProbe: status => probes.push(status),
    onRefused: ({ status }) => refusals.push({ status }),
    proxyProtocol,
  })
  const accepted: Socket[] = []
  server.server.on('connection', socket => accepted.push(socket))
  await server.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => server.close())
  const { port } = server.server.address() as AddressInfo

  const connect = async (localAddress = '127.0.0.1'): Promise<Socket> => {
    const socket = createConnection({ host: '127.0.0.1', port, localAddress, allowHalfOpen: true })
    t.teardown(() => socket.destroy())
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }
  const connectMany = async (count: number, localAddress?: string): Promise<Socket[]> => {
    const sockets: Socket[] = []
    for (let i = 0; i < count; i += 1) sockets.push(await connect(localAddress))
    return sockets
  }
  return { server: server.server, accepted, connect, connectMany, probes, refusals }
}

/** As `open`, with a verdict that the test resolves. `isAsked` resolves once it is asked for. */
const openUndecided = async (t: Test) => {
  const verdict = Promise.withResolvers<Verdict>()
  const asked = Promise.withResolvers<void>()
  const opened = await open(t, () => {
    asked.resolve()
    return verdict.promise
  })
  return { ...opened, isAsked: asked.promise, resolve: verdict.resolve }
}

const untilClosed = async (socket: Socket | undefined): Promise<void> => {
  if (socket && !socket.closed) await once(socket, 'close')
}

/** Everything that arrives until the server closes the connection. */
const readAll = async (socket: Socket): Promise<string> => {
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.once('end', resolve)
  socket.once('close', resolve)
  await promise
  return Buffer.concat(chunks).toString()
}

const answerOf = async (socket: Socket): Promise<string> => {
  socket.write(GET)
  const [chunk] = await once(socket, 'data')
  return String(chunk).split('\r\n')[0] ?? ''
}

const openCount = (accepted: readonly Socket[]) => accepted.filter(socket => !socket.destroyed).length

t.test('connections › 1,100 silent ones of one client leave a place for every other client', async t => {
  const { accepted, connect, connectMany } = await open(t)
  await connectMany(1100)
  t.equal(openCount(accepted), 1023)
  t.equal(await answerOf(await connect('127.0.0.2')), 'HTTP/1.1 200 OK')
  t.equal(await answerOf(await connect()), 'HTTP/1.1 200 OK', 'and for itself')
})

/** A header that names another client each time. */
const proxied = (i: number) => `PROXY TCP4 192.0.${i >> 8}.${i & 255} 10.0.0.1 40000 80\r\n`

t.test('proxy_protocol › 1,100 that send no header, or nothing after it, leave a place', async t => {
  const { accepted, connect, connectMany } = await open(t, undefined, { proxyProtocol: true })
  const silence = ['', 'PROXY TCP4 ', proxied(1)]
  for (const [i, socket] of (await connectMany(1100)).entries())
    if (!socket.destroyed) socket.write(silence[i % silence.length] ?? '')
  // a header may be late by now, and its connection closed for that
  t.ok(openCount(accepted) <= 1023, `${openCount(accepted)}`)
  for (const address of ['127.0.0.2', '127.0.0.1']) {
    const socket = await connect(address)
    socket.write(proxied(2))
    t.equal(await answerOf(socket), 'HTTP/1.1 200 OK', address)
  }
})

t.test('proxy_protocol › the limits count the other end, whatever client it names', async t => {
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  const { connect, accepted } = await open(t, () => promise, { proxyProtocol: true })
  const waiting: Socket[] = []
  for (let i = 0; i < 1023; i += 1) {
    const socket = await connect()
    waiting.push(socket)
    socket.write(proxied(i) + GET)
    while (!accepted[i]?.bytesRead) await turn()
  }
  for (let i = 0; i < 10; i += 1) await turn()
  const balancer = await connect('127.0.0.2')
  balancer.write(proxied(1) + GET)
  while ((accepted[1023]?.bytesRead ?? 0) === 0) await turn()
  t.equal(openCount(accepted), 1023)
  t.equal(accepted[1022]?.destroyed, true, 'one with more than its share gives up a place')
  const answers = [...waiting.slice(0, 1022), balancer].map(
    async socket => String((await once(socket, 'data'))[0]).split('\r\n')[0],
  )
  resolve(passing)
  t.strictSame(new Set(await Promise.all(answers)), new Set(['HTTP/1.1 200 OK']))
})

t.test('proxy_protocol › a client that closes its own side with its request gets its answer', async t => {
  const { connect } = await open(t, undefined, { proxyProtocol: true })
  for (const pieces of [[proxied(1) + GET], [proxied(1), GET], [...proxied(1).split(''), GET]]) {
    const socket = await connect()
    const answer = readAll(socket)
    for (const piece of pieces) {
      socket.write(piece)
      await turn()
    }
    socket.end()
    t.match(await answer, /^HTTP\/1\.1 200 OK/)
  }
})

t.test('connections › of many clients, the longest idle one is closed for a new one', async t => {
  const { accepted, connect, connectMany } = await open(t)
  const first = await connect('127.0.0.9')
  t.equal(await answerOf(first), 'HTTP/1.1 200 OK')
  const balancer = await connect('127.0.0.10')
  for (let i = 1; i < 5; i += 1) {
    await connectMany(254, `127.0.1.${i}`)
    t.equal(await answerOf(balancer), 'HTTP/1.1 200 OK')
  }
  const kept = openCount(accepted)
  await connectMany(10, '127.0.1.6')
  t.ok(kept <= 1023 && openCount(accepted) === 1023, `${kept}, then ${openCount(accepted)}`)
  t.equal(accepted[0]?.destroyed, true, 'the first one has been idle for longest')
  t.equal(await answerOf(balancer), 'HTTP/1.1 200 OK', 'one that is used is kept')
})

t.test(
  'connections › 1,000 requests of one address at once are answered, and others keep a place',
  async t => {
    const { promise, resolve } = Promise.withResolvers<Verdict>()
    const { connect, accepted } = await open(t, () => promise)
    const waiting: Socket[] = []
    for (let i = 0; i < 1023; i += 1) {
      const socket = await connect()
      waiting.push(socket)
      socket.write(GET)
      while (!accepted[i]?.bytesRead) await turn()
    }
    const refused = await connect()
    await untilClosed(accepted[1023])
    t.equal(openCount(accepted), 1023, 'with none idle, one more of the same address is closed')
    const balancer = await connect('127.0.0.2')
    balancer.write(GET)
    t.equal(openCount(accepted), 1023)
    t.equal(accepted[1022]?.destroyed, true, 'but one of another address takes a place')
    const answers = [...waiting.slice(0, 1022), balancer].map(
      async socket => String((await once(socket, 'data'))[0]).split('\r\n')[0],
    )
    while ((accepted[1024]?.bytesRead ?? 0) === 0) await turn()
    resolve(passing)
    t.strictSame(new Set(await Promise.all(answers)), new Set(['HTTP/1.1 200 OK']))
    refused.destroy()
  },
)

t.test('connections › clients of a Unix socket have no limit for each address', async t => {
  const scratch = await createScratchDirectory('health-sidecar-connections-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const path = join(scratch.path, 'public.sock')
  const server = createPublicListener({ path: '/health', verdict: () => passing, onProbe() {} })
  const accepted: Socket[] = []
  server.server.on('connection', socket => accepted.push(socket))
  await server.listen({ path })
  t.teardown(() => server.close())
  for (let i = 0; i < 300; i += 1) {
    const socket = createConnection({ path })
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
  }
  t.equal(openCount(accepted), 300)
})

for (const [what, proxyProtocol, header] of [
  ['pipelining › at most four requests of a connection are in progress', false, ''],
  [
    'proxy_protocol › at most four requests of a connection are in progress behind a header',
    true,
    proxied(1),
  ],
] as const)
  t.test(what, async t => {
    const { promise, resolve } = Promise.withResolvers<Verdict>()
    let asked = 0
    const verdict = () => {
      asked += 1
      return promise
    }
    const { connect, accepted } = await open(t, verdict, { proxyProtocol })
    const socket = await connect()
    socket.write(header + GET.repeat(1_000_000))
    const answers = readAll(socket)
    while (!accepted[0]?.isPaused()) await turn()
    for (let i = 0; i < 100; i += 1) await turn()
    t.equal(asked, 4)
    t.ok(accepted[0].bytesRead < 8 * 1024 * 1024, `${accepted[0].bytesRead} of 33 MB are read`)
    resolve(passing)
    t.equal((await answers).split('HTTP/1.1 200 OK').length - 1, 4)
    await untilClosed(accepted[0])
    t.equal(asked, 4)
  })

t.test('pipelining › 20,000 requests hold up nothing else', async t => {
  const { connect, accepted, probes } = await open(t)
  const bytes = Buffer.from(GET.repeat(20_000))
  // the code is compiled as it runs for the first time
  for (let i = 0; i < 3; i += 1) {
    const socket = await connect()
    const stallMs = await longestTurnOf(async () => {
      socket.write(bytes)
      await untilClosed(accepted[i])
    })
    if (i === 2) t.ok(stallMs <= 100, `${stallMs} ms of CPU`)
  }
  t.strictSame(
    probes,
    Array.from({ length: 12 }, () => 200),
  )
})

t.test('pipelining › four requests at once are all answered, and the connection is kept', async t => {
  const { connect, probes } = await open(t)
  const socket = await connect()
  socket.write(GET.repeat(4))
  let text = ''
  while (text.split('{"status":"pass"}').length < 5) text += String((await once(socket, 'data'))[0])
  t.equal(await answerOf(socket), 'HTTP/1.1 200 OK')
  t.strictSame(probes.slice(0, 4), [200, 200, 200, 200])
})

t.test('half-closed › a client that closes its side after the request gets its answer', async t => {
  const { connect, probes, accepted, isAsked, resolve } = await openUndecided(t)
  const socket = await connect()
  socket.end(GET)
  await isAsked
  if (!accepted[0]?.readableEnded) await once(accepted[0] ?? socket, 'end')
  t.strictSame(probes, [], 'it is not logged before it is sent')
  resolve(passing)
  t.match(await readAll(socket), /^HTTP\/1\.1 200 OK\r\n/)
  await untilClosed(accepted[0])
  t.strictSame(probes, [200])
})

t.test('answered › a probe whose client has gone is not logged as answered', async t => {
  const { connect, probes, accepted, isAsked, resolve } = await openUndecided(t)
  const socket = await connect()
  socket.write(GET)
  await isAsked
  accepted[0]?.on('error', () => {})
  const closed = new Promise(done => accepted[0]?.once('close', done))
  socket.resetAndDestroy()
  await closed
  resolve(passing)
  await turn()
  t.strictSame(probes, [])
})

t.test('refused › the connection is closed although the client never closes it', async t => {
  const { connect, accepted, server, refusals } = await open(t)
  server.headersTimeout = 50
  server.requestTimeout = 50
  const garbage = await connect()
  garbage.write('GARBAGE\r\n\r\n')
  t.match(await readAll(garbage), /^HTTP\/1\.1 400 /)
  const silent = await connect()
  t.match(await readAll(silent), /^HTTP\/1\.1 408 /)
  const slow = await connect()
  slow.write('GET /hea')
  t.match(await readAll(slow), /^HTTP\/1\.1 408 /)
  for (const socket of accepted) await untilClosed(socket)
  t.equal(openCount(accepted), 0)
  t.strictSame(refusals, [{ status: 400 }, { status: 408 }, { status: 408 }])
})

t.test('refused › each is told of with its status', async t => {
  const { connect, refusals } = await open(t)
  const close = 'Connection: close\r\n\r\n'
  for (const [request, status] of [
    [`GET /nope HTTP/1.1\r\nHost: x\r\n${close}`, 404],
    [`POST /health HTTP/1.1\r\nHost: x\r\n${close}`, 405],
    [`QUERY /health HTTP/1.1\r\nHost: x\r\n${close}`, 405],
    [`QUERY /nope HTTP/1.1\r\nHost: x\r\n${close}`, 404],
    [`GET /health HTTP/1.1\r\n${close}`, 400],
    [`GET /health HTTP/1.1\r\nHost: x\r\nHost: x\r\n${close}`, 400],
    [`GET /health HTTP/1.1\r\nHost: x\r\nhost: y\r\n${close}`, 400],
    [`GET /health HTTP/1.0\r\nHost: x\r\nHost: y\r\n${close}`, 400],
    [`GET /%zz HTTP/1.1\r\nHost: x\r\n${close}`, 400],
  ] as const) {
    const socket = await connect()
    socket.write(request)
    const answer = await readAll(socket)
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), request)
    t.equal(answer.includes('{'), false)
    t.strictSame(refusals.splice(0), [{ status }], request)
  }
})
