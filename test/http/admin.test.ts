import { createConnection } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { Verdict } from '../../src/core/verdict.ts'
import { createAdminListener } from '../../src/http/admin.ts'
import { statusDocument } from '../../src/status/status-document.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const verdict: Verdict = {
  status: 'fail',
  phase: 'serving',
  output: 'migrations: 1 migration is not applied: catalog.0002_price',
  checks: [
    {
      name: 'migrations',
      effect: 'fail',
      at: 1000,
      finding: {
        status: 'fail',
        reason: 'MIGRATIONS_PENDING',
        message: '1 migration is not applied: catalog.0002_price',
        evidence: { pending: ['catalog.0002_price'], applied: 21 },
      },
    },
    { name: 'page', effect: 'pass', at: 2000, finding: { status: 'pass' } },
    {
      name: 'database',
      effect: 'warn',
      because: 'held',
      finding: { status: 'unknown', reason: 'CHECK_NEVER_RAN', message: 'the check has not answered yet' },
    },
  ],
}

const document = (shown: Verdict) =>
  statusDocument(shown, {
    release: '2026.11.3',
    notes: [],
    componentTypeOf: name => (name === 'page' ? 'component' : 'datastore'),
    tookMsOf: name => (name === 'migrations' ? 12.4321 : undefined),
    dateOf: at => new Date(Date.UTC(2026, 10, 22) + at),
  })

const listener = (actions: boolean) =>
  createAdminListener(
    { current: () => verdict, refresh: async () => ({ ...verdict, status: 'pass' }), document },
    { actions },
  )

t.test('status › is the status document', async t => {
  const answer = await listener(true).inject({ url: '/status' })
  t.equal(answer.statusCode, 200)
  t.match(answer.headers, { 'content-type': /^application\/health\+json/, 'cache-control': 'no-store' })
  t.strictSame(answer.json(), {
    status: 'fail',
    phase: 'serving',
    releaseId: '2026.11.3',
    version: '1',
    output: 'migrations: 1 migration is not applied: catalog.0002_price',
    checks: {
      migrations: [
        {
          status: 'fail',
          componentType: 'datastore',
          time: '2026-11-22T00:00:01.000Z',
          observedValue: 12.4,
          observedUnit: 'ms',
          output: '1 migration is not applied: catalog.0002_price',
          reason: 'MIGRATIONS_PENDING',
          evidence: { pending: ['catalog.0002_price'], applied: 21 },
        },
      ],
      page: [{ status: 'pass', componentType: 'component', time: '2026-11-22T00:00:02.000Z' }],
      database: [
        {
          status: 'unknown',
          componentType: 'datastore',
          effect: 'warn',
          because: 'held',
          output: 'the check has not answered yet',
          reason: 'CHECK_NEVER_RAN',
        },
      ],
    },
  })
})

t.test('refresh › asks afresh, by POST alone, whatever is sent with it', async t => {
  const server = listener(true)
  t.match((await server.inject({ url: '/refresh', method: 'POST' })).json(), { status: 'pass' })
  const headers = { 'content-type': 'application/json' }
  t.match((await server.inject({ url: '/refresh', method: 'POST', headers, payload: '{' })).json(), {
    status: 'pass',
  })
  t.match(await server.inject({ url: '/refresh' }), { statusCode: 405, headers: { allow: 'POST' } })
})

t.test('read-only › has no actions', async t => {
  const server = listener(false)
  t.equal((await server.inject({ url: '/status' })).statusCode, 200)
  t.equal((await server.inject({ url: '/refresh', method: 'POST' })).statusCode, 404)
})

t.test('refresh › a body without an end is not kept, and ends with its connection', async t => {
  const server = listener(true)
  server.server.requestTimeout = 50
  server.server.headersTimeout = 50
  await server.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => server.close())
  const { port } = server.server.address() as AddressInfo
  const socket = createConnection({ host: '127.0.0.1', port })
  socket.on('error', () => {}).resume()
  socket.write('POST /refresh HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
  const chunk = Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`)
  let sent = 0
  while (!socket.closed) {
    if (socket.writableLength < chunk.length) {
      socket.write(chunk)
      sent += chunk.length
    }
    await turn()
  }
  t.ok(sent > 0)
  // Node lets go of what is in flight in its own time; tap's own limit ends a wait that is in vain
  while (process.memoryUsage().arrayBuffers >= 8 * 1024 * 1024) {
    collectGarbage()
    await turn()
  }
})

t.test('admin › an answer that cannot be made is a 500 that says so, and is told of', async t => {
  const broke: (readonly [path: string, error: unknown])[] = []
  const error = new TypeError('s3cret')
  const server = createAdminListener(
    {
      current: () => verdict,
      refresh: async () => verdict,
      document() {
        throw error
      },
      metrics: async () => ({ unavailable: 'no library; install it' }),
      log: { distrusted() {}, broke: (path, thrown) => void broke.push([path, thrown]) },
    },
    { actions: false },
  )
  const answer = await server.inject({ url: '/status?x' })
  t.equal(answer.statusCode, 500)
  t.strictSame(answer.json(), { error: 'the program itself broke; `admin.broke` in its log says where' })
  t.strictSame(broke, [['/status', error]])
  const scraped = await server.inject({ url: '/metrics' })
  t.strictSame([scraped.statusCode, scraped.json()], [500, { error: 'no library; install it' }])
  t.equal(broke.length, 1, 'that is no fault of the program')
})
