import t from 'tap'
import { loadPolicies } from './policies.ts'
import { loadOurConfig } from './our-config.ts'
import { answer, FakeHost, probe } from './fake-host.ts'
import { ours } from './ours.ts'
import type { Policy } from './policy.ts'
import { withoutRules } from './without-rules.ts'

const config = await loadOurConfig()

const database = {
  isAway: false,
  async query() {
    return this.isAway
      ? {
          ok: false as const,
          problem: {
            status: 'unknown' as const,
            cause: 'shared' as const,
            reason: 'DATABASE_REFUSED' as const,
            message: 'refused',
          },
        }
      : {
          ok: true as const,
          rows: [{ version: '17.0', standby: false }],
          cuts: 0,
          unknownParameters: [],
          place: { host: 'db', database: 'app', schema: 'public' },
        }
  },
  async [Symbol.asyncDispose]() {},
}

const policyOf = async (name?: string): Promise<Policy> =>
  (await withoutRules.find(rule => rule.name === name)?.create(config)) ?? ours('default', config)

/** A serving host with a database that is or was away, and what it answers then. */
const serving = async (name?: string) => {
  const host = new FakeHost({ database: database as never })
  database.isAway = false
  const judge = (await policyOf(name)).start(host.view, 'serving')
  await host.clock.advance(1000)
  return { host, judge, answers: () => probe(host, judge, 5000) }
}

/** The page fails while the database is away. */
const inOutage = async (name?: string, minutes = 1) => {
  const { host, answers } = await serving(name)
  database.isAway = true
  host.page = answer(500)
  await host.clock.advance(minutes * 60_000)
  return await answers()
}

/** The app answers late, and in the end as expected. */
const whenBusy = async (name?: string) => {
  const { host, answers } = await serving(name)
  host.afterMs = 6000
  await host.clock.advance(20_000)
  return await answers()
}

/** The app answers late, and then later still, as in a growing queue. */
const whenQueueGrows = async (name?: string) => {
  const { host, answers } = await serving(name)
  host.afterMs = 20_000
  await host.clock.advance(60_000)
  host.afterMs = 70_000
  await host.clock.advance(65_000)
  return await answers()
}

/** The sidecar restarts while the database is away. */
const afterRestart = async (name?: string) => {
  const host = new FakeHost({ database: database as never })
  database.isAway = false
  const policy = await policyOf(name)
  policy.start(host.view, 'serving').end()
  database.isAway = true
  const judge = policy.start(host.view, 'again')
  await host.clock.advance(5000)
  return await probe(host, judge, 5000)
}

const secondsToAdmit = async (name?: string) => {
  const host = new FakeHost({ database: database as never })
  database.isAway = false
  const judge = (await policyOf(name)).start(host.view, 'new')
  let seconds = 0
  while ((await probe(host, judge, 1000)) !== 200 && seconds < 200) seconds += 1
  return seconds
}

t.test(
  'without a rule › the program itself holds, is patient, keeps its latch and takes five rounds',
  async t => {
    t.equal(await inOutage(), 200)
    t.equal(await inOutage(undefined, 30), 200)
    t.equal(await whenBusy(), 200)
    t.equal(await whenQueueGrows(), 200)
    t.equal(await afterRestart(), 200)
    const seconds = await secondsToAdmit()
    t.ok(seconds >= 60 && seconds <= 90, `${seconds} s`)
  },
)

t.test('without a rule › each that is switched off shows', async t => {
  t.equal(await inOutage('no-hold'), 503)
  t.equal(await inOutage('hold-15m'), 200)
  t.equal(await inOutage('hold-15m', 30), 503)
  t.equal(await inOutage('no-attribution'), 503)
  t.equal(await whenBusy('no-patience'), 503)
  t.equal(await whenBusy('no-growth'), 200)
  t.equal(await whenQueueGrows('no-growth'), 503)
  t.equal(await afterRestart('no-latch'), 503)
  t.ok((await secondsToAdmit('one-round')) < 5)
})

t.test('policies › each has a name of its own', async t => {
  const names = [...(await loadPolicies()).keys()]
  t.equal(names.length, 11 + withoutRules.length)
  t.equal(new Set(names).size, names.length)
})
