import dns from 'node:dns'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { createDatabases } from '../../src/postgres/databases.ts'
import { certificateFile, startPostgres } from '../support/postgres.ts'

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())
await postgres.query(`create role app login password 'kept secret'`)
await postgres.query(`create role barred nologin password 'only-for-tests'`)
await postgres.query(`create table public.closed (id int)`)

const { signal } = new AbortController()
const select1 = { text: 'select 1 as one', signal }

/** What the server knows of this program's sessions, but for those that are just ending. */
const sessions = () =>
  postgres.query<{ pid: number; usename: string; state: string; query: string }>(
    `select pid, usename, state, query from pg_stat_activity where application_name = 'health-sidecar'`,
  )

const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 3000; tries += 1) {
    if (await holds()) return
    await delay(20)
  }
  throw new Error(`not within a minute: ${what}`)
}

/** A port that takes connections and does not say a word. */
const startBlackHole = async (): Promise<{ port: number; sockets: Set<Socket> } & AsyncDisposable> => {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    socket.resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

t.test('databases › the session says who it is, and can write nothing', async t => {
  await using databases = createDatabases()
  const answer = await databases.query(postgres.url(), {
    text: `select current_setting('application_name') as name, current_setting('transaction_read_only') as read_only,
      current_setting('statement_timeout') as timeout where $1 = 1`,
    values: [1],
    signal,
  })
  t.match(answer, { ok: true, rows: [{ name: 'health-sidecar', read_only: 'on', timeout: '5s' }] })
  const write = await databases.query(postgres.url(), { text: 'create table written ()', signal })
  t.match(write, { ok: false, problem: { reason: 'DATABASE_ERROR', evidence: { code: '25006' } } })
  t.match(await databases.query(postgres.url(), select1), { ok: true, rows: [{ one: 1 }] })
  t.equal((await sessions()).length, 1, 'a query that fails does not cost the connection')
})

t.test('databases › one connection serves all that ask at once', async t => {
  await using databases = createDatabases()
  const ask = () => databases.query(postgres.url(), { text: 'select pg_backend_pid() as pid', signal })
  const answers = await Promise.all(Array.from({ length: 20 }, ask))
  const pids = answers.map(answer => (answer.ok ? answer.rows[0]?.['pid'] : answer.problem))
  const open = await sessions()
  t.strictSame([...new Set(pids)], [open[0]?.pid])
  t.equal(open.length, 1)
})

t.test('databases › a connection that nobody asks is closed, and opened again when asked', async t => {
  await using databases = createDatabases({ idleMs: 50 })
  t.match(await databases.query(postgres.url(), select1), { ok: true })
  await until('the connection is closed', async () => (await sessions()).length === 0)
  t.match(await databases.query(postgres.url(), select1), { ok: true })
})

t.test('databases › a connection is replaced once it is older than it may be', async t => {
  for (const [maxAgeMs, count] of [
    [0, 3],
    [Infinity, 1],
  ] as const) {
    await using databases = createDatabases({ maxAgeMs })
    const pids = new Set<unknown>()
    for (let query = 0; query < 3; query += 1) {
      const answer = await databases.query(postgres.url(), { text: 'select pg_backend_pid() as pid', signal })
      pids.add(answer.ok ? answer.rows[0]?.['pid'] : answer.problem)
    }
    t.equal(pids.size, count, `${maxAgeMs} ms`)
  }
})

t.test('databases › the search_path of the URL holds', async t => {
  await using databases = createDatabases()
  const answer = await databases.query(`${postgres.url()}?options=-csearch_path%3Dpg_catalog,tenant`, {
    text: 'show search_path',
    signal,
  })
  t.match(answer, { ok: true, rows: [{ search_path: 'pg_catalog,tenant' }] })
})

t.test('databases › a backend killed under a kept connection is no verdict', async t => {
  await using databases = createDatabases()
  await databases.query(postgres.url(), select1)
  const [first] = await sessions()
  await postgres.query('select pg_terminate_backend($1, 5000)', { values: [first?.pid] })
  t.match(await databases.query(postgres.url(), select1), { ok: true, rows: [{ one: 1 }] })
  const [second, ...more] = await sessions()
  t.not(second?.pid, first?.pid)
  t.strictSame(more, [])
})

t.test('databases › each way of not answering has a reason of its own, and no secret', async t => {
  await using databases = createDatabases()
  await using blackHole = await startBlackHole()
  const { port } = postgres
  const cases = [
    [postgres.url({ password: 'wr0ng' }), 'DATABASE_AUTHENTICATION_FAILED', `127.0.0.1:${port}/postgres`],
    [postgres.url({ user: 'barred' }), 'DATABASE_AUTHENTICATION_FAILED', 'what pg_hba.conf allows'],
    [
      `postgres://postgres@127.0.0.1:${port}/postgres`,
      'DATABASE_AUTHENTICATION_FAILED',
      'none is configured',
    ],
    [postgres.url({ database: 'nowhere' }), 'DATABASE_DOES_NOT_EXIST', `127.0.0.1:${port}/nowhere`],
    [`${postgres.url()}?sslmode=verify-full`, 'DATABASE_TLS_FAILED', 'sslmode'],
    [`${postgres.url()}?sslmode=verify-full&sslrootcert=/nowhere`, 'DATABASE_TLS_FAILED', 'certificate'],
    ['postgres://u:s3cret@127.0.0.1:1/app', 'DATABASE_REFUSED', '127.0.0.1:1/app'],
    ['postgres://u:s3cret@/app?host=/nowhere', 'DATABASE_REFUSED', '/nowhere:5432/app'],
    ['postgres://u:s3cret@db.invalid/app', 'DATABASE_UNREACHABLE', 'db.invalid:5432/app'],
    [
      `postgres://u:s3cret@127.0.0.1:${blackHole.port}/app`,
      'DATABASE_TIMED_OUT',
      'did not accept a login in time',
    ],
    ['postgres://u:s3cret@host:port/app', 'DATABASE_URL_UNKNOWN', 'not well formed'],
    ['postgres://u:s3cret/1@host/app', 'DATABASE_URL_UNKNOWN', 'holds an @ or # after its host'],
    ['postgres://u:1#s3cret@host/app', 'DATABASE_URL_UNKNOWN', 'holds an @ or # after its host'],
    ['postgres://u:s3cret%E0%A4@host/app', 'DATABASE_URL_UNKNOWN', 'not well formed'],
    ['mysql://u:s3cret@host/app', 'DATABASE_URL_UNKNOWN', 'must begin with postgres://'],
  ] as const
  for (const [url, reason, says] of cases) {
    const answer = await databases.query(url, {
      text: 'select 1',
      signal: AbortSignal.timeout(reason === 'DATABASE_TIMED_OUT' ? 1500 : 60_000),
    })
    const cause = reason === 'DATABASE_URL_UNKNOWN' ? {} : { cause: 'shared' }
    t.match(answer, { ok: false, problem: { status: 'unknown', reason, ...cause } }, reason)
    const told = JSON.stringify(answer)
    t.ok(told.includes(says), `${told} includes ${says}`)
    t.notMatch(told, /s3cret|wr0ng|only-for-tests/)
  }
  await until('nothing is connected any more', async () => blackHole.sockets.size === 0)
})

t.test('databases › no right to read, and none to connect', async t => {
  await using databases = createDatabases()
  const app = postgres.url({ user: 'app', password: 'kept secret' })
  const table = await databases.query(app, { text: 'select id from closed', signal })
  t.match(table, { ok: false, problem: { status: 'unknown', reason: 'DATABASE_PERMISSION_DENIED' } })
  const database = await postgres.createDatabase()
  await postgres.query(`revoke connect on database ${database} from public`)
  const url = postgres.url({ user: 'app', password: 'kept secret', database })
  t.match(await databases.query(url, select1), { problem: { reason: 'DATABASE_PERMISSION_DENIED' } })
})

t.test('databases › out of connections', async t => {
  await using databases = createDatabases()
  const database = await postgres.createDatabase()
  await postgres.query(`alter database ${database} connection limit 0`)
  const url = postgres.url({ user: 'app', password: 'kept secret', database })
  const answer = await databases.query(url, select1)
  t.match(answer, {
    problem: {
      status: 'unknown',
      cause: 'shared',
      isEverybodys: true,
      reason: 'DATABASE_TOO_MANY_CONNECTIONS',
    },
  })
})

t.test(
  'databases › a query is given up with its signal, at once, and does not go on in the server',
  async t => {
    await using databases = createDatabases()
    await databases.query(postgres.url(), select1)
    const controller = new AbortController()
    const slow = databases.query(postgres.url(), { text: 'select pg_sleep(30)', signal: controller.signal })
    const queued = databases.query(postgres.url(), { text: 'select 1', signal: AbortSignal.timeout(50) })
    t.match(await queued, {
      problem: { reason: 'DATABASE_TIMED_OUT', message: /busy with an earlier query/ },
    })
    await until('the query runs', async () => (await sessions())[0]?.query === 'select pg_sleep(30)')
    const abortedAt = performance.now()
    controller.abort()
    t.match(await slow, { problem: { status: 'unknown', reason: 'DATABASE_TIMED_OUT' } })
    t.ok(performance.now() - abortedAt < 10_000)
    t.match(await databases.query(postgres.url(), select1), { ok: true }, 'the next one is answered')
    await until('only the new session is left', async () => (await sessions()).length === 1)
  },
)

t.test('databases › a kept connection that has gone silent is replaced before a verdict', async t => {
  const database = await postgres.createDatabase()
  await using databases = createDatabases()
  const url = postgres.url({ database })
  await databases.query(url, select1)
  const [kept] = await sessions()
  if (!kept) throw new Error('no session')
  process.kill(kept.pid, 'SIGSTOP')
  t.match(await databases.query(url, select1), { ok: true, rows: [{ one: 1 }] })
  process.kill(kept.pid, 'SIGCONT')
})

t.test('databases › a stop and a start of the server are a refusal and then an answer', async t => {
  await using databases = createDatabases()
  await databases.query(postgres.url(), select1)
  await postgres.stop()
  t.match(await databases.query(postgres.url(), select1), { problem: { reason: 'DATABASE_REFUSED' } })
  await postgres.start()
  t.match(await databases.query(postgres.url(), select1), { ok: true })
})

t.test('databases › disposing ends what is under way, and leaves no session', async t => {
  const databases = createDatabases()
  const slow = databases.query(postgres.url(), { text: 'select pg_sleep(3)', signal })
  await until('the query runs', async () => (await sessions()).length === 1)
  await databases[Symbol.asyncDispose]()
  t.match(await slow, { ok: false })
  t.match(await databases.query(postgres.url(), select1), { ok: false }, 'and nothing is opened any more')
  await until('no session is left', async () => (await sessions()).length === 0)
})

t.test(
  'databases › a file is read anew: new credentials are a new connection, and the old one is closed',
  async t => {
    await using databases = createDatabases()
    const path = join(t.testdir(), 'env-vars')
    const source = { env_file: path, variable: 'DATABASE_URL' }
    const whoAmI = () => databases.query(source, { text: 'select current_user as name', signal })
    t.match(await whoAmI(), {
      problem: { status: 'unknown', reason: 'DATABASE_URL_UNKNOWN', message: /does not exist/ },
    })
    await writeFile(path, `DATABASE_URL=${postgres.url()}\n`)
    t.match(await whoAmI(), { rows: [{ name: 'postgres' }] })
    await writeFile(path, `DATABASE_URL=${postgres.url({ user: 'app', password: 'kept secret' })}\n`)
    t.match(await whoAmI(), { rows: [{ name: 'app' }] })
    await until('the old session is gone', async () => (await sessions()).length === 1)
    await writeFile(path, `export DATABASE_URL="${postgres.url()}"\n`)
    t.match(await whoAmI(), { problem: { message: /systemd drops a line that begins with export/ } })
    t.match(
      await databases.query({ ...source, format: 'shell' }, select1),
      { ok: true },
      'or what format says',
    )
    await writeFile(path, `DATABASE_URL=s3cret\n`)
    const answer = await whoAmI()
    t.match(answer, {
      problem: { reason: 'DATABASE_URL_UNKNOWN', message: /DATABASE_URL in .* is not a Postgres URL/ },
    })
    t.notMatch(JSON.stringify(answer), /s3cret/)
  },
)

t.test('databases › a password from a file of its own, read anew: what is rotated is followed', async t => {
  await using databases = createDatabases()
  const path = join(t.testdir(), 'password')
  const password = `k:e/p t@s?e#c%r&t'"\\`
  await postgres.query(`create role rotated login password '${password.replaceAll("'", "''")}'`)
  const url = `postgres://rotated@127.0.0.1:${postgres.port}/postgres`
  const ask = (of = url) =>
    databases.query(
      { url: of, password_file: path },
      { text: 'select current_user as name, pg_backend_pid() as pid', signal },
    )
  const reason = 'DATABASE_URL_UNKNOWN'
  t.match(await ask(), { problem: { status: 'unknown', reason, message: /password does not exist/ } })
  for (const nothing of ['', '\n', Buffer.from([0xff, 0xfe])]) {
    await writeFile(path, nothing)
    t.match(await ask(), { problem: { status: 'unknown', reason, message: /is empty or not UTF-8/ } })
  }
  for (const ending of ['\n', '\r\n', '']) {
    await writeFile(path, `${password}${ending}`)
    t.match(await ask(), { ok: true, rows: [{ name: 'rotated' }] })
  }
  const inSocket = `postgres://rotated@/postgres?host=${postgres.socketDirectory}&port=${postgres.port}`
  t.match(await ask(inSocket), { ok: true, rows: [{ name: 'rotated' }] })

  const rows = async () => {
    const answer = await ask()
    return answer.ok ? answer.rows : undefined
  }
  const before = await rows()
  t.match(before, [{ name: 'rotated' }])
  await postgres.query(`alter role rotated password 'another'`)
  t.strictSame(await rows(), before, 'the connection that is open goes on')
  await writeFile(path, 'another\n')
  const after = await rows()
  t.match(after, [{ name: 'rotated' }])
  t.notMatch(after, before)
  await writeFile(path, 'a wrong one')
  const refused = await ask()
  t.match(refused, { problem: { reason: 'DATABASE_AUTHENTICATION_FAILED' } })
  t.notMatch(JSON.stringify(refused), /wrong one/)
  t.match(await ask('mysql://rotated@127.0.0.1/postgres'), { problem: { reason, message: /postgres:\/\// } })
})

t.test(
  'databases › what the URL leaves out is taken from the PG* variables and the password file',
  async t => {
    const passwordFile = join(t.testdir(), 'pgpass')
    await writeFile(passwordFile, `127.0.0.1:${postgres.port}:*:app:kept secret\n`, { mode: 0o600 })
    const environment = {
      PGHOST: '127.0.0.1',
      PGPORT: String(postgres.port),
      PGUSER: 'app',
      PGDATABASE: 'postgres',
    }
    const before = { ...process.env }
    t.teardown(() => (process.env = before))
    process.env = { ...before, ...environment, PGPASSFILE: passwordFile }
    await using databases = createDatabases()
    const answer = await databases.query('postgres://', { text: 'select current_user as name', signal })
    t.match(answer, { ok: true, rows: [{ name: 'app' }] })
  },
)

t.test('databases › a Unix socket', async t => {
  await using databases = createDatabases()
  const url = `postgresql://app:kept%20secret@/postgres?host=${postgres.socketDirectory}&port=${postgres.port}`
  t.match(await databases.query(url, select1), { ok: true })
})

t.test('databases › a change in the DNS is followed once the connection is too old', async t => {
  const elsewhere = await startPostgres({
    settings: { port: String(postgres.port), listen_addresses: '127.0.0.2' },
  })
  t.teardown(() => elsewhere[Symbol.asyncDispose]())
  let address = '127.0.0.1'
  t.intercept(dns, 'lookup', {
    value: (_name: string, _options: object, answer: (...results: unknown[]) => void) =>
      setImmediate(() => answer(null, [{ address, family: 4 }])),
  })
  await using databases = createDatabases({ maxAgeMs: 0 })
  await using kept = createDatabases()
  const url = postgres.url().replace('127.0.0.1', 'db.example')
  const where = { text: 'select host(inet_server_addr()) as address', signal }
  t.match(await databases.query(url, where), { rows: [{ address: '127.0.0.1' }] })
  t.match(await kept.query(url, where), { rows: [{ address: '127.0.0.1' }] })
  address = '127.0.0.2'
  t.match(await databases.query(url, where), { rows: [{ address: '127.0.0.2' }] })
  t.match(await kept.query(url, where), { rows: [{ address: '127.0.0.1' }] }, 'and not before')
})

t.test('databases › TLS, verified with the certificate that the URL names', async t => {
  await using encrypted = await startPostgres({ tls: true })
  await using databases = createDatabases()
  const tls = { text: 'select ssl from pg_stat_ssl where pid = pg_backend_pid()', signal }
  const trusted = `${encrypted.url()}?sslmode=verify-full&sslrootcert=${encodeURIComponent(certificateFile)}`
  t.match(await databases.query(trusted, tls), { ok: true, rows: [{ ssl: true }] })
  t.match(await databases.query(`${encrypted.url()}?sslmode=no-verify`, tls), { rows: [{ ssl: true }] })
  const untrusted = await databases.query(`${encrypted.url()}?sslmode=verify-full`, tls)
  t.match(untrusted, {
    problem: { reason: 'DATABASE_TLS_FAILED', message: /not trusted here; name its authority/ },
  })
})

t.test('databases › a server that is not ready to be asked', async t => {
  await using standby = await startPostgres({ standby: true, settings: { hot_standby: 'off' } })
  await using databases = createDatabases()
  t.match(await databases.query(standby.url(), select1), { problem: { reason: 'DATABASE_NOT_READY' } })
})
