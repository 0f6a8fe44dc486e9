import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import { postgresCheck } from '../../src/checks/postgres/postgres-check.ts'
import { createDatabases } from '../../src/postgres/databases.ts'
import { startPostgres } from '../support/postgres.ts'

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())

const { signal } = new AbortController()
const pidOf = { text: 'select pg_backend_pid() as pid', signal }

const sessions = () =>
  postgres.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name = 'health-sidecar' order by pid`,
  )

const terminate = async (): Promise<void> => {
  for (const { pid } of await sessions())
    await postgres.query('select pg_terminate_backend($1, 5000)', { values: [pid] })
}

t.test(
  'interruptions › a kept connection that is cut is told once to each check, whoever asks first',
  async t => {
    await using databases = createDatabases()
    const [one, other] = [0, 1].map(() => postgresCheck.create({ database: postgres.url() }, { databases }))
    if (!one || !other) throw new Error('no checks')
    for (const check of [one, other]) t.notMatch(await check.run(signal), { interrupted: true })
    await terminate()
    for (const check of [one, other]) {
      t.match(await check.run(signal), { status: 'pass', interrupted: true, evidence: { reconnected: true } })
      t.notMatch(await check.run(signal), { interrupted: true }, 'and not again')
    }
  },
)

t.test('interruptions › one is told beside a warning too', async t => {
  await using databases = createDatabases()
  const database = `${postgres.url()}?tenant=x`
  const check = postgresCheck.create({ database }, { databases })
  t.notMatch(await check.run(signal), { interrupted: true })
  await terminate()
  t.match(await check.run(signal), {
    status: 'warn',
    reason: 'DATABASE_PARAMETER_UNKNOWN',
    interrupted: true,
    evidence: { reconnected: true },
  })
})

t.test('interruptions › a restart of the server, and a connection that is reset, are cuts too', async t => {
  const sockets = new Set<Socket>()
  const proxy = createServer(client => {
    const server = connect({ port: postgres.port, host: '127.0.0.1' })
    for (const socket of [client, server]) socket.on('error', () => {})
    sockets.add(client)
    client.pipe(server).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => proxy.close())
  const { port } = proxy.address() as AddressInfo
  await using databases = createDatabases()
  const database = postgres.url().replace(`:${postgres.port}/`, `:${port}/`)
  const check = postgresCheck.create({ database }, { databases })
  t.notMatch(await check.run(signal), { interrupted: true })
  for (const socket of sockets) socket.resetAndDestroy()
  t.match(await check.run(signal), { status: 'pass', interrupted: true })
  await postgres.stop()
  await postgres.start()
  t.match(await check.run(signal), { status: 'pass', interrupted: true })
})

t.test('interruptions › what this program closes itself is no cut', async t => {
  await using databases = createDatabases({ idleMs: 1, maxAgeMs: 0 })
  const check = postgresCheck.create({ database: postgres.url() }, { databases })
  for (let runs = 0; runs < 3; runs += 1) t.notMatch(await check.run(signal), { interrupted: true })
  t.match(await check.run(AbortSignal.abort()), { status: 'unknown' })
  t.notMatch(await check.run(signal), { interrupted: true })
})

t.test('fresh login › is a session of its own, and leaves the kept one alone', async t => {
  await using databases = createDatabases()
  const kept = await databases.query(postgres.url(), pidOf)
  const fresh = await databases.query(postgres.url(), { ...pidOf, fresh: true })
  const again = await databases.query(postgres.url(), pidOf)
  if (!kept.ok || !fresh.ok || !again.ok) throw new Error('no answer')
  t.strictSame(again.rows, kept.rows)
  t.notMatch(fresh.rows, kept.rows)
  for (let tries = 0; tries < 500 && (await sessions()).length > 1; tries += 1);
  t.strictSame(await sessions(), kept.rows, 'it is closed again')
})

t.test('fresh login › is refused where the app is refused, while the kept connection works', async t => {
  await using full = await startPostgres({
    settings: { max_connections: '4', superuser_reserved_connections: '1', reserved_connections: '0' },
  })
  await full.query(`create role app login password 'pw'`)
  await using databases = createDatabases()
  const database = full.url({ user: 'app', password: 'pw' })
  const check = postgresCheck.create({ database }, { databases })
  t.match(await check.run(signal), { status: 'pass' })
  await using others = createDatabases()
  const fill = (name: string) =>
    others.query(`${database}?application_name=${name}&search_path=${name}`, pidOf)
  t.match(await Promise.all([fill('a'), fill('b')]), [{ ok: true }, { ok: true }])
  t.match(await check.run(signal), { status: 'pass' }, 'the kept connection proves nothing')
  t.match(await check.run(signal, { fresh: true }), {
    status: 'unknown',
    reason: 'DATABASE_TOO_MANY_CONNECTIONS',
    cause: 'shared',
    message: /; the server says: /,
  })
})

t.test(
  'databases › a query whose source is still being read when they are disposed of opens nothing',
  async t => {
    const databases = createDatabases()
    const answer = databases.query(postgres.url(), pidOf)
    await databases[Symbol.asyncDispose]()
    t.match(await answer, { ok: false, problem: { status: 'unknown' } })
    t.strictSame(await sessions(), [])
  },
)
