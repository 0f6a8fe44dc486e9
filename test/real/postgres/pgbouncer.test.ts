import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { postgresCheck } from '../../../src/checks/postgres/postgres-check.ts'
import { createDatabases } from '../../../src/postgres/databases.ts'
import { freePort } from '../../support/free-port.ts'
import { startPostgres } from '../../support/postgres.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'

const MAX_CLIENTS = 8
const PGBOUNCER = '/usr/sbin/pgbouncer'

/** A pgbouncer before one database, in transaction mode. */
const startPgbouncer = async (postgresPort: number): Promise<{ readonly port: number } & AsyncDisposable> => {
  await using untilStarted = new AsyncDisposableStack()
  const scratch = untilStarted.use(await createScratchDirectory('hs-pgbouncer-'))
  await chmod(scratch.path, 0o755)
  const port = await freePort()
  const users = join(scratch.path, 'users')
  await writeFile(users, `"postgres" "only-for-tests"\n"stranger" "pw"\n`, { mode: 0o644 })
  const config = join(scratch.path, 'pgbouncer.ini')
  await writeFile(
    config,
    `[databases]
shop = host=127.0.0.1 port=${postgresPort} dbname=postgres user=postgres password=only-for-tests
down = host=127.0.0.1 port=1 dbname=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
max_client_conn = ${MAX_CLIENTS}
default_pool_size = 20
query_wait_timeout = 1
server_connect_timeout = 1
server_login_retry = 1
`,
    { mode: 0o644 },
  )
  const asUser = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const pgbouncer = spawn(PGBOUNCER, [config], { ...asUser, stdio: ['ignore', 'ignore', 'pipe'] })
  scratch.adopt(pgbouncer, 'SIGKILL')
  for await (const line of createInterface({ input: pgbouncer.stderr }))
    if (line.includes('process up')) break
  pgbouncer.stderr.resume()
  const owned = untilStarted.move()
  return {
    port,
    async [Symbol.asyncDispose]() {
      const exited = once(pgbouncer, 'exit')
      pgbouncer.kill('SIGTERM')
      pgbouncer.kill('SIGKILL')
      await exited
      await owned.disposeAsync()
    },
  }
}

t.test(
  'pgbouncer › answers, and its refusals are told in its own words',
  { skip: !existsSync(PGBOUNCER) },
  async t => {
    await using postgres = await startPostgres()
    await using pgbouncer = await startPgbouncer(postgres.port)
    await postgres.query('create schema tenant')
    const url = ({ user = 'postgres', password = 'only-for-tests', database = 'shop', query = '' } = {}) =>
      `postgres://${user}:${password}@127.0.0.1:${pgbouncer.port}/${database}${query}`
    const run = async (database: string) => {
      await using databases = createDatabases()
      return await postgresCheck.create({ database }, { databases }).run(AbortSignal.timeout(5000))
    }
    t.match(await run(url()), { status: 'pass', evidence: { database: 'shop', schema: 'public' } })
    t.match(await run(url({ query: '?pgbouncer=true&schema=tenant' })), {
      status: 'pass',
      evidence: { schema: 'tenant' },
    })
    t.match(await run(url()), { evidence: { schema: 'public' } }, 'a schema is not left behind in the pool')
    for (let runs = 0; runs < 3 * MAX_CLIENTS; runs += 1)
      t.match(await run(url()), { status: 'pass' }, 'nothing is left open')
    const refusals = [
      [
        url({ query: '?options=-csearch_path%3Dtenant' }),
        'DATABASE_ERROR',
        /unsupported startup parameter: options/,
      ],
      [url({ database: 'nowhere' }), 'DATABASE_DOES_NOT_EXIST', /no such database: nowhere/],
      [url({ password: 'wr0ng' }), 'DATABASE_AUTHENTICATION_FAILED', /the server says: /],
      [url({ user: 'nobody_knows' }), 'DATABASE_AUTHENTICATION_FAILED', /the server says: /],
      [
        url({ database: 'down' }),
        'DATABASE_TOO_MANY_CONNECTIONS',
        /its pool is full, or it cannot reach its server/,
      ],
    ] as const
    for (const [database, reason, message] of refusals) {
      const finding = await run(database)
      t.match(finding, { status: 'unknown', reason, message }, JSON.stringify(finding))
      t.notMatch(JSON.stringify(finding), /wr0ng|only-for-tests/)
    }

    await using full = createDatabases()
    const text = 'select 1'
    const signal = AbortSignal.timeout(5000)
    for (const name of 'abcdefgh')
      t.match(await full.query(url({ query: `?search_path=${name}` }), { text, signal }), { ok: true })
    t.match(await run(url()), {
      status: 'unknown',
      reason: 'DATABASE_TOO_MANY_CONNECTIONS',
      message: /the server says: no more connections allowed/,
    })
  },
)
