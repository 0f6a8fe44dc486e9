import t from 'tap'
import { postgresCheck } from '../../src/checks/postgres/postgres-check.ts'
import type { Check } from '../../src/core/check.ts'
import { proven } from '../../src/core/host-state.ts'
import { Monitor } from '../../src/monitor/monitor.ts'
import { createDatabases } from '../../src/postgres/databases.ts'
import { checkPolicy } from '../support/check-policy.ts'
import { holdFor } from '../support/hold-for.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { startPostgres } from '../support/postgres.ts'

const MINUTES = 5
const PROBES_PER_SECOND = 1000
const STEP_MS = 500

t.test('cost › after a pass the database is asked four times a minute, however many probes come', async t => {
  await using postgres = await startPostgres()
  const database = await postgres.createDatabase()
  const transactions = async () => {
    const [row] = await postgres.query<{ n: number }>(
      'select xact_commit::int as n from pg_stat_database where datname = $1',
      { values: [database] },
    )
    return row?.n ?? NaN
  }
  const before = await transactions()
  const clock = new ManualClock()
  const { intervalMs = NaN, freshForMs = NaN } = postgresCheck.defaults ?? {}
  const databases = createDatabases()
  const check = postgresCheck.create({ database: postgres.url({ database }) }, { databases })
  // the server's time is not the clock's: a run ends before the clock goes on
  let running: Promise<unknown> = Promise.resolve()
  const watched: Check = {
    run: signal => {
      const finding = check.run(signal)
      running = finding
      return finding
    },
    [Symbol.asyncDispose]: async () => {},
  }
  const monitor = new Monitor({
    policy: {
      checks: [checkPolicy('database', { intervalMs, freshForMs })],
      holdMs: holdFor(900_000),
      startupHealthyThreshold: 1,
    },
    checks: new Map([['database', watched]]),
    deadlineMs: 4000,
    clock,
    random: () => 0,
    host: proven(clock.now()),
  })
  monitor.start()
  const verdicts = new Set<string>()
  const endsAt = clock.now() + MINUTES * 60_000 - STEP_MS
  while (clock.now() < endsAt) {
    const probes = Array.from({ length: (PROBES_PER_SECOND * STEP_MS) / 1000 }, async () => monitor.verdict())
    for (const { status } of await Promise.all(probes)) verdicts.add(status)
    await clock.advance(STEP_MS)
    await running
  }
  await monitor[Symbol.asyncDispose]()
  await databases[Symbol.asyncDispose]()
  t.strictSame([...verdicts], ['pass'])

  // What a session did is counted when it has ended; its login is a transaction as well.
  let asked = 0
  for (let tries = 0; tries < 100 && asked < MINUTES * 3; tries += 1)
    asked = (await transactions()) - before - 1
  t.ok(asked >= MINUTES * 3 && asked <= MINUTES * 4, `${asked} transactions in ${MINUTES} minutes`)
})
