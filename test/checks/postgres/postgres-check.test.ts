import t from 'tap'
import { postgresCheck } from '../../../src/checks/postgres/postgres-check.ts'
import type { QueryResultRow } from 'pg'
import type { DatabaseSource } from '../../../src/postgres/database-source.ts'
import { createDatabases } from '../../../src/postgres/databases.ts'
import type { Databases } from '../../../src/postgres/databases.ts'
import type { Query, QueryAnswer } from '../../../src/postgres/query.ts'
import { DatabaseProxy } from '../../gauntlet/database-proxy.ts'
import { freePort } from '../../support/free-port.ts'
import { startPostgres } from '../../support/postgres.ts'

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())

t.test('postgres › passes where the login succeeds and a query is answered', async t => {
  await using databases = createDatabases()
  await using check = postgresCheck.create({ database: postgres.url() }, { databases })
  const finding = await check.run(AbortSignal.timeout(60_000))
  t.match(finding, {
    status: 'pass',
    evidence: { serverVersion: /^18\./, standby: false, milliseconds: Number },
  })
})

t.test('postgres › a login that is refused is unknown, as is everything that all hosts share', async t => {
  await using databases = createDatabases()
  await using check = postgresCheck.create({ database: postgres.url({ password: 'other' }) }, { databases })
  const finding = await check.run(AbortSignal.timeout(60_000))
  t.match(finding, { status: 'unknown', reason: 'DATABASE_AUTHENTICATION_FAILED' })
})

t.test('postgres › a server that does not answer is unknown as soon as the time is up', async t => {
  await using databases = createDatabases()
  await using check = postgresCheck.create({ database: postgres.url() }, { databases })
  t.match(await check.run(AbortSignal.abort()), { status: 'unknown', reason: 'DATABASE_TIMED_OUT' })
})

t.test('postgres › a query that takes half a second is a warning that all hosts may have', async t => {
  const own = { host: '127.0.0.1', port: await freePort() }
  await using proxy = new DatabaseProxy([own], { host: postgres.host, port: postgres.port })
  await proxy.accept()
  const database = postgres.url().replace(`:${postgres.port}/`, `:${own.port}/`)
  await using databases = createDatabases()
  await using check = postgresCheck.create({ database }, { databases })
  t.match(await check.run(AbortSignal.timeout(60_000)), { status: 'pass' })
  proxy.delay(500)
  t.match(await check.run(AbortSignal.timeout(60_000)), {
    status: 'warn',
    reason: 'DATABASE_SLOW',
    cause: 'shared',
    message: /^the database answers, but takes \d{3,} ms for a query that reads no table; look at its load/,
    evidence: { serverVersion: /^18\./, milliseconds: Number },
  })
})

t.test('postgres › a query is slow from half a second on', async t => {
  const database = postgres.url()
  const judged = async (tookMs: number) => {
    const databases = createDatabases()
    await using slow: Databases = {
      async query<Row extends QueryResultRow>(
        source: DatabaseSource,
        query: Query,
      ): Promise<QueryAnswer<Row>> {
        const answer = await databases.query<Row>(source, query)
        return answer.ok ? { ...answer, tookMs } : answer
      },
      [Symbol.asyncDispose]: () => databases[Symbol.asyncDispose](),
    }
    await using check = postgresCheck.create({ database }, { databases: slow })
    return (await check.run(AbortSignal.timeout(60_000))).status
  }
  t.equal(await judged(499), 'pass')
  t.equal(await judged(500), 'warn')
})

t.test('postgres › a standby passes, and is noted', async t => {
  await using standby = await startPostgres({ standby: true })
  await using databases = createDatabases()
  await using check = postgresCheck.create({ database: standby.url() }, { databases })
  t.match(await check.run(AbortSignal.timeout(60_000)), { status: 'pass', evidence: { standby: true } })
})
