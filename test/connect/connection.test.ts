import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { LookupFunction } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { connectionFailure } from '../../src/connect/connection-failure.ts'
import {
  describeConnectionFailure,
  describeConnectionTimeout,
} from '../../src/connect/describe-connection.ts'
import { endpointPattern, parseEndpoint } from '../../src/connect/endpoint.ts'
import { openConnection } from '../../src/connect/open-connection.ts'

const tcp = { host: '127.0.0.1', port: 80 }
const unix = { path: '/run/app.sock' }

t.test('endpoint › a Unix socket or host:port, with no credentials and a port that exists', async t => {
  t.strictSame(parseEndpoint('unix:/run/a.sock'), { path: '/run/a.sock' })
  t.strictSame(parseEndpoint('[::1]:80'), { host: '::1', port: 80 })
  t.strictSame(parseEndpoint('db.internal:5432'), { host: 'db.internal', port: 5432 })
  t.strictSame(parseEndpoint('unix:@app'), { path: '\0app' }, 'an abstract socket')
  const isEndpoint = (text: string) => new RegExp(endpointPattern).test(text)
  for (const text of ['unix:/run/a.sock', 'unix:@app', 'localhost:1', 'a:65535']) t.ok(isEndpoint(text), text)
  for (const text of ['a', 'a:0', 'a:65536', 'a:99999', 'user@a:80', 'unix:a', 'unix:/run/a@b', '/run/a'])
    t.notOk(isEndpoint(text), text)
})

t.test('connection › a name is resolved before the connection is opened; an address is not', async t => {
  const server = createServer(socket => void socket.end())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0

  const asked: string[] = []
  let answer = () => {}
  const lookup: LookupFunction = (host, _options, done) => {
    asked.push(host)
    answer = () => done(null, [{ address: '127.0.0.1', family: 4 }])
  }
  const named = openConnection({ host: 'app.example', port }, { lookup })
  t.equal(named.stage(), 'resolving', 'while the DNS server is silent')
  answer()
  await new Promise(resolve => named.socket.once('connect', resolve))
  t.equal(named.stage(), 'connected')
  t.strictSame(asked, ['app.example'])
  named.socket.destroy()

  const plain = openConnection({ host: '127.0.0.1', port }, { lookup })
  t.equal(plain.stage(), 'connecting')
  await new Promise(resolve => plain.socket.once('connect', resolve))
  t.equal(asked.length, 1)
  plain.socket.destroy()
})

t.test('connection › a name that does not resolve, and a socket that is missing, have a code', async t => {
  const codeOf = (endpoint: Parameters<typeof openConnection>[0]) =>
    new Promise(resolve => {
      const { socket } = openConnection(endpoint)
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    })
  t.match(await codeOf({ host: 'nowhere.invalid', port: 80 }), /^(ENOTFOUND|EAI_AGAIN)$/)
  const directory = await mkdtemp(join(tmpdir(), 'connect-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  t.equal(await codeOf({ path: join(directory, 'no.sock') }), 'ENOENT')
})

t.test('connection failure › the kind follows from the errno and from what was connected to', async t => {
  const kindOf = (code: string, endpoint: typeof tcp | typeof unix = unix) =>
    connectionFailure(code, endpoint).kind
  t.equal(kindOf('ENOENT'), 'missing')
  t.equal(kindOf('ENOTDIR'), 'missing')
  t.equal(kindOf('ECONNREFUSED'), 'stale')
  t.equal(kindOf('ECONNREFUSED', tcp), 'refused')
  t.equal(kindOf('ECONNREFUSED', { path: '\0app' }), 'refused', 'an abstract socket has no file')
  t.equal(kindOf('EACCES'), 'forbidden')
  t.equal(kindOf('EAGAIN'), 'backlog-full')
  for (const code of ['EMFILE', 'ENETUNREACH', 'ENOTFOUND', 'UNKNOWN'])
    t.equal(kindOf(code, tcp), 'unreachable', code)
})

t.test('connection failure › only what is proved against the server is a failure', async t => {
  const statusOf = (code: string, endpoint: typeof tcp | typeof unix = unix) =>
    describeConnectionFailure(connectionFailure(code, endpoint), { endpoint, where: 'x' }).status
  for (const code of ['ENOENT', 'ECONNREFUSED', 'EAGAIN']) t.equal(statusOf(code), 'fail', code)
  for (const code of ['EACCES', 'EMFILE', 'ENOTFOUND']) t.equal(statusOf(code), 'unknown', code)
  const timeout = (stage: 'resolving' | 'connecting', endpoint: typeof tcp | typeof unix) =>
    describeConnectionTimeout(stage, { endpoint, where: 'x', elapsedMs: 2000 }).status
  t.equal(timeout('connecting', tcp), 'fail')
  t.equal(timeout('connecting', unix), 'unknown', 'this host is short of CPU')
  t.equal(timeout('resolving', tcp), 'unknown')
})

t.test('connection failure › a path that systemd may hide is told with the setting', async t => {
  const messageOf = (path: string, code = 'ENOENT') => {
    const endpoint = { path }
    return describeConnectionFailure(connectionFailure(code, endpoint), { endpoint, where: path }).message
  }
  t.match(messageOf('/tmp/uwsgi.sock'), /PrivateTmp=.*JoinsNamespaceOf=/)
  t.match(messageOf('/home/app/app.sock'), /ProtectHome=read-only/)
  t.match(messageOf('/home/app/app.sock', 'EACCES'), /ProtectHome=read-only/)
  t.match(
    messageOf('/run/app.sock', 'EACCES'),
    /add the group that has them .* as SupplementaryGroups=, and restart health-sidecar$/,
  )
  t.notMatch(messageOf('/run/app.sock'), /Private|Protect/)
})
