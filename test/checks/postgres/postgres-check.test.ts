import t from 'tap'
import { postgresCheck } from '../../../src/checks/postgres/postgres-check.ts'
import { createDatabases } from '../../../src/postgres/databases.ts'
import { startPostgres } from '../../support/postgres.ts'

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())

t.test('postgres › passes where the login succeeds and a query is answered', async t => {
  await using databases = createDatabases()
  await using check = postgresCheck.create({ database: postgres.url() }, { databases })
  const finding = await check.run(AbortSignal.timeout(5000))
  t.match(finding, {
    status: 'pass',
    evidence: { serverVersion: /^18\./, standby: false, milliseconds: Number },
  })
})

t.test('postgres › a login that is refused is unknown, as is everything that all hosts share', async t => {
  await using databases = createDatabases()
  await using check = postgresCheck.create({ database: postgres.url({ password: 'other' }) }, { databases })
  const finding = await check.run(AbortSignal.timeout(5000))
  t.match(finding, { status: 'unknown', reason: 'DATABASE_AUTHENTICATION_FAILED' })
})

t.test('postgres › a server that does not answer is unknown as soon as the time is up', async t => {
  await using databases = createDatabases()
  await using check = postgresCheck.create({ database: postgres.url() }, { databases })
  t.match(await check.run(AbortSignal.abort()), { status: 'unknown', reason: 'DATABASE_TIMED_OUT' })
})

t.test('postgres › a standby passes, and is noted', async t => {
  await using standby = await startPostgres({ standby: true })
  await using databases = createDatabases()
  await using check = postgresCheck.create({ database: standby.url() }, { databases })
  t.match(await check.run(AbortSignal.timeout(5000)), { status: 'pass', evidence: { standby: true } })
})
