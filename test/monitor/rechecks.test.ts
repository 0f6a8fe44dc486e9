import t from 'tap'
import type { CheckPolicy } from '../../src/core/check-state.ts'
import type { Finding } from '../../src/core/finding.ts'
import { fail, FakeCheck, monitorOf, pass, unknown } from './fake-monitor.ts'

/** Pages that depend on a database, all of them passing; and how the database is looked at. */
const create = (
  pages: Record<string, Partial<CheckPolicy>>,
  {
    random = () => 0,
    database: policy = {},
    latched = true,
    first = pass,
  }: {
    random?: () => number
    database?: Partial<CheckPolicy>
    latched?: boolean
    first?: Finding
  } = {},
) => {
  const looks: ('kept' | 'fresh')[] = []
  let answer: Finding = pass
  const database = new FakeCheck()
  database.answerTo = ({ fresh = false }) => {
    looks.push(fresh ? 'fresh' : 'kept')
    return answer
  }
  const checks = Object.entries(pages).map(([name, page]) => {
    const check = new FakeCheck()
    check.says(first)
    return [name, { check, policy: { dependsOn: ['database'], freshForMs: 60_000, ...page } }] as const
  })
  const { monitor, clock } = monitorOf(
    {
      ...Object.fromEntries(checks),
      database: { check: database, policy: { freshForMs: 60_000, intervalMs: 1e6, ...policy } },
    },
    { latched, random },
  )
  monitor.start()
  return {
    monitor,
    clock,
    looks,
    database: { says: (finding: Finding) => void (answer = finding) },
    page: (name: string) => checks.find(([other]) => other === name)![1].check,
  }
}

t.test('rechecks › a pass asks no dependency, however stale', async t => {
  const { clock, looks } = create({ page: {} }, { database: { freshForMs: 1000 } })
  await clock.advance(60_000)
  t.strictSame(looks, ['kept'], 'the look at the start')
})

t.test('rechecks › without dependencies a failure counts at once', async t => {
  const { monitor, clock, page } = create({ page: { dependsOn: [] } }, { random: () => 0.5 })
  await clock.advance(0)
  page('page').says(fail)
  await clock.advance(10_500)
  t.match(monitor.current(), { status: 'fail' })
})

t.test(
  'rechecks › a dependency that passes is looked at freshly, after a random part of a second',
  async t => {
    for (const [random, afterMs] of [
      [0.5, 500],
      [0.25, 250],
      [0.001, 1],
    ] as const) {
      const { monitor, clock, looks, page } = create({ page: {} }, { random: () => random })
      const intervalMs = 10_000 * (1 + 0.1 * random)
      await clock.advance(intervalMs - 1)
      page('page').says(fail)
      await clock.advance(afterMs)
      t.strictSame(looks, ['kept'], `${afterMs} ms`)
      t.match(monitor.current(), { status: 'pass' }, 'it does not count before')
      await clock.advance(1)
      t.strictSame(looks, ['kept', 'fresh'])
      t.match(monitor.current(), { status: 'fail' })
    }
  },
)

t.test('rechecks › a stale dependency is looked at first as ever; only a fresh look acquits it', async t => {
  const { monitor, clock, looks, page } = create({ page: {} }, { database: { freshForMs: 1000 } })
  await clock.advance(5000)
  page('page').says(fail)
  await clock.advance(5000)
  t.strictSame(looks, ['kept', 'kept'])
  await clock.advance(999)
  t.strictSame(looks, ['kept', 'kept'])
  t.match(monitor.current(), { status: 'pass' })
  await clock.advance(1)
  t.strictSame(looks, ['kept', 'kept', 'fresh'], 'a second after the one before')
  t.match(monitor.current(), { status: 'fail' })
})

t.test('rechecks › a stale dependency that is in trouble needs no second look', async t => {
  const { monitor, clock, looks, page, database } = create({ page: {} }, { database: { freshForMs: 1000 } })
  await clock.advance(5000)
  page('page').says(fail)
  database.says(unknown)
  await clock.advance(9000)
  t.strictSame(looks, ['kept', 'kept'])
  t.match(monitor.current(), { status: 'warn' })
})

for (const laterMs of [300, 999])
  t.test(`rechecks › two fresh looks are a second apart (${laterMs} ms)`, async t => {
    const { clock, looks, page } = create({
      one: { intervalMs: 5000 },
      two: { intervalMs: 5000 + laterMs },
    })
    await clock.advance(0)
    page('one').says(fail)
    page('two').says(fail)
    await clock.advance(5999)
    t.strictSame(looks, ['kept', 'fresh'])
    await clock.advance(1)
    t.strictSame(looks, ['kept', 'fresh', 'fresh'])
  })

t.test('rechecks › only trouble that a fresh look found asks for fresh looks', async t => {
  const { clock, looks, database } = create({ page: {} }, { database: { intervalMs: 10_000 } })
  database.says(unknown)
  await clock.advance(25_000)
  database.says(fail)
  await clock.advance(20_000)
  t.strictSame(
    looks,
    Array.from({ length: 5 }, () => 'kept'),
  )
})

t.test('rechecks › the rounds of a start look as ever', async t => {
  const check = new FakeCheck()
  const looks: unknown[] = []
  check.answerTo = request => {
    looks.push(request.fresh ?? false)
    return pass
  }
  const { monitor, clock } = monitorOf({ page: { check } }, { rounds: 3 })
  monitor.start()
  await clock.advance(10_000)
  t.strictSame(looks, [false, false, false])
})

t.test('rechecks › a new host whose page has not passed yet makes no login to explain it', async t => {
  for (const [latched, wanted] of [
    [false, ['kept']],
    [true, ['kept', 'fresh']],
  ] as const) {
    const { monitor, clock, looks } = create({ page: { intervalMs: 1e6 } }, { latched, first: fail })
    await clock.advance(1500)
    t.match(monitor.current(), { status: 'fail' })
    t.strictSame(looks, wanted, latched ? 'a host that served may be held' : 'the verdict is 503 either way')
  }
})

t.test('rechecks › a new host whose page has passed looks freshly before a relapse counts', async t => {
  const { clock, looks, page } = create({ page: {} }, { latched: false })
  await clock.advance(500)
  page('page').says(fail)
  await clock.advance(10_500)
  t.ok(looks.includes('fresh'))
})
