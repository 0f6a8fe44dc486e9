import { existsSync } from 'node:fs'
import t from 'tap'
import { postgresCheck } from '../../../src/checks/postgres/postgres-check.ts'
import { createDatabases } from '../../../src/postgres/databases.ts'
import { startPostgres } from '../../support/postgres.ts'
import { MAX_CLIENTS, PGBOUNCER, startPgbouncer } from './start-pgbouncer.ts'

t.test(
  'pgbouncer › answers, and its refusals are told in its own words',
  { skip: !existsSync(PGBOUNCER) },
  async t => {
    await using postgres = await startPostgres()
    await using pgbouncer = await startPgbouncer({
      databases: [
        `shop = host=127.0.0.1 port=${postgres.port} dbname=postgres user=postgres password=only-for-tests`,
        'down = host=127.0.0.1 port=1 dbname=postgres',
      ],
      users: { postgres: 'only-for-tests', stranger: 'pw' },
    })
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
