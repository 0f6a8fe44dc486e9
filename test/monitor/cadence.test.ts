import * as fc from 'fast-check'
import t from 'tap'
import { fold, neverRun } from '../../src/core/check-state.ts'
import type { CheckPolicy } from '../../src/core/check-state.ts'
import type { Check } from '../../src/core/check.ts'
import type { Finding } from '../../src/core/finding.ts'
import { proven } from '../../src/core/host-state.ts'
import type { Policy } from '../../src/core/verdict.ts'
import { longestQuietMs, overdueAfterMs, paceMs, roundSpacingMs } from '../../src/monitor/cadence.ts'
import type { Clock } from '../../src/monitor/clock.ts'
import { Monitor } from '../../src/monitor/monitor.ts'
import { createSdNotify } from '../../src/systemd/notify.ts'
import { watchdogMsFor } from '../../src/systemd/watchdog.ts'
import { checkPolicy } from '../support/check-policy.ts'
import { holdFor } from '../support/hold-for.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { createRandom } from '../support/random.ts'

// the same hosts in every run
fc.configureGlobal({ seed: 11 })

const policyOf = (...checks: readonly CheckPolicy[]): Policy => ({
  checks,
  holdMs: holdFor(900_000),
  startupHealthyThreshold: 3,
})

t.test('cadence › a check is overdue once its finding has expired, unless it may take longer', async t => {
  const env = checkPolicy('env')
  const migrations = checkPolicy('migrations', { intervalMs: 15_000, freshForMs: 15_000 })
  const policy = policyOf(env, migrations)
  t.equal(overdueAfterMs(env, { policy, phase: 'serving' }), 22_000)
  t.equal(overdueAfterMs(migrations, { policy, phase: 'serving' }), 32_000)
  const optional = checkPolicy('optional', { intervalMs: 1000, required: false })
  const withOptional = policyOf(migrations, optional)
  t.equal(overdueAfterMs(optional, { policy: withOptional, phase: 'serving' }), 5300)
  // two rounds of up to two runs each, 1.15 times 15 s between them, and one that began too early
  t.equal(overdueAfterMs(optional, { policy: withOptional, phase: 'starting' }), 5 * 2100 + 17_250)
})

t.test('cadence › it is quiet for no longer than the check that is asked most often', async t => {
  const seldom = checkPolicy('seldom', { intervalMs: 300_000 })
  const often = checkPolicy('often')
  t.equal(longestQuietMs(policyOf(seldom)), 332_100)
  t.equal(longestQuietMs(policyOf(seldom, often)), 13_100)
  const atStart = checkPolicy('at-start', { gate: 'startup' })
  t.equal(longestQuietMs(policyOf(seldom, atStart)), 332_100, 'what is asked at startup alone does not count')
})

t.test('cadence › serving, a check has its interval, stretched by a tenth at most', async t => {
  const check = checkPolicy('page')
  const serving = { policy: policyOf(check), phase: 'serving' } as const
  t.equal(paceMs(check, { ...serving, random: 0 }), 10_000)
  t.equal(paceMs(check, { ...serving, random: 1 }), 11_000)
  t.equal(paceMs(checkPolicy('table', { gate: 'startup' }), { ...serving, random: 0 }), undefined)
})

const refused: Finding = {
  status: 'unknown',
  reason: 'DATABASE_REFUSED',
  cause: 'shared',
  message: 'refused',
}

t.test(
  'cadence › the run after the first one of shared trouble comes at random within the interval',
  async t => {
    const check = checkPolicy('page')
    const serving = { policy: policyOf(check), phase: 'serving' } as const
    const first = fold(neverRun('page'), refused, check, 5000)
    t.equal(paceMs(check, { ...serving, random: 0, state: first }), 1000)
    t.equal(paceMs(check, { ...serving, random: 1, state: first }), 10_000)
    const second = fold(first, refused, check, 9000)
    t.equal(paceMs(check, { ...serving, random: 0, state: second }), 10_000)
    const local = fold(neverRun('page'), { ...refused, cause: 'local' }, check, 5000)
    t.equal(paceMs(check, { ...serving, random: 0, state: local }), 10_000)
  },
)

t.test('cadence › hosts that found shared trouble at the same moment do not go on in step', async t => {
  const HOSTS = 300
  const random = createRandom(3)
  const clock = new ManualClock()
  const startedAt = clock.now()
  const perSecond = Array.from({ length: 60 }, () => 0)
  const check = checkPolicy('database', { intervalMs: 15_000 })
  const database: Check = {
    run: async () => {
      perSecond[Math.floor((clock.now() - startedAt) / 1000)]! += 1
      return refused
    },
    async [Symbol.asyncDispose]() {},
  }
  for (let host = 0; host < HOSTS; host += 1)
    new Monitor({
      policy: policyOf(check),
      checks: new Map([['database', database]]),
      deadlineMs: 4000,
      clock,
      random: () => random.next(),
      host: proven(clock.now()),
    }).start()
  await clock.advance(59_999)
  const [first, ...later] = perSecond
  t.equal(first, HOSTS, 'all in the same moment')
  const mean = later.reduce((sum, count) => sum + count, 0) / later.length
  t.ok(Math.max(...later) <= 3 * mean, `${Math.max(...later)} in a second, ${mean} on average`)
})

t.test('cadence › starting, a required check that may run more often than the rounds does so', async t => {
  const pace = (overrides: Partial<CheckPolicy>, random: number) => {
    const check = checkPolicy('page', overrides)
    const policy = policyOf(check, checkPolicy('table', { freshForMs: 15_000 }))
    return paceMs(check, { policy, phase: 'starting', random })
  }
  t.equal(pace({ freshForMs: 2000 }, 0), 2000)
  t.equal(pace({ freshForMs: 2000 }, 1), 3000)
  t.equal(pace({ freshForMs: 10 }, 0), 100)
  t.equal(pace({ freshForMs: 10 }, 1), 150)
  t.equal(pace({ freshForMs: 14_999 }, 0), 14_999)
  t.equal(pace({ freshForMs: 15_000 }, 0), undefined)
  t.equal(pace({ freshForMs: 2000, required: false }, 0), undefined)
})

t.test('cadence › rounds are apart by the longest fresh_for of what is required, and a bit', async t => {
  const policy = policyOf(
    checkPolicy('page'),
    checkPolicy('table', { freshForMs: 20_000 }),
    checkPolicy('extra', { freshForMs: 60_000, required: false }),
  )
  t.equal(roundSpacingMs(policy, 0), 20_000)
  t.equal(roundSpacingMs(policy, 1), 23_000)
})

t.test('cadence › a check that waits for others may take longer', async t => {
  const often = { intervalMs: 1000 }
  const database = checkPolicy('database')
  const page = checkPolicy('page', { ...often, dependsOn: ['database'] })
  const other = checkPolicy('other', { ...often, dependsOn: ['database', 'page'] })
  const serving = (...checks: readonly CheckPolicy[]) =>
    ({ policy: policyOf(...checks), phase: 'serving' }) as const
  // its own run, three of the longest dependency, and a second before each fresh one
  const pageMs = 2100 + 3 * 2100 + 2000
  const otherMs = 2100 + 3 * pageMs + 2000
  for (const checks of [
    [database, page, other],
    [other, page, database],
  ]) {
    t.equal(overdueAfterMs(page, serving(...checks)), 1100 + 2 * pageMs)
    t.equal(overdueAfterMs(other, serving(...checks)), 1100 + 2 * otherMs)
  }
  const orphan = checkPolicy('orphan', { ...often, dependsOn: ['gone'] })
  t.equal(overdueAfterMs(orphan, serving(orphan)), 1100 + 2 * (2100 + 2000))
})

t.test('cadence › nobody waits longer than an hour to find that the program is stuck', async t => {
  const database = checkPolicy('database', { timeoutMs: 3_000_000 })
  const page = checkPolicy('page', { intervalMs: 1000, timeoutMs: 3_000_000, dependsOn: ['database'] })
  const policy = policyOf(database, page)
  t.equal(overdueAfterMs(page, { policy, phase: 'serving' }), 1100 + 2 * 3_600_000)
})

t.test('cadence › however checks depend on each other, each is looked at once', async t => {
  const names = (layer: number) => (layer < 0 ? [] : [`a${layer}`, `b${layer}`])
  const checks = Array.from({ length: 60 }, (_, layer) =>
    names(layer).map(name => checkPolicy(name, { dependsOn: names(layer - 1) })),
  ).flat()
  const policy = policyOf(...checks.toReversed())
  t.ok(Number.isFinite(longestQuietMs(policy)), 'and not once for each of 2^60 ways')
})

/** How a check takes a run: at once, in a part of its time, with all of it, or never. */
type Manner = 'pass' | 'fail' | 'slow' | 'slow-fail' | 'hangs'
const manners = ['pass', 'fail', 'slow', 'slow-fail', 'hangs'] as const

const failing: Finding = { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed' }

interface Host {
  readonly policy: Policy
  readonly latched: boolean
  /** For each check, how it takes its runs, one after the other, over and over. */
  readonly manners: readonly (readonly Manner[])[]
}

const duration = fc.constantFrom(200, 1000, 2000, 5000, 10_000, 15_000, 60_000)

const check = (i: number): fc.Arbitrary<CheckPolicy> =>
  fc.record({
    name: fc.constant(`check-${i}`),
    intervalMs: duration,
    freshForMs: duration,
    timeoutMs: fc.constantFrom(100, 1000, 2000, 10_000),
    healthyThreshold: fc.constant(1),
    unhealthyThreshold: fc.constantFrom(1, 3),
    required: i === 0 ? fc.constant(true) : fc.boolean(),
    gate: i === 0 ? fc.constant('always') : fc.constantFrom('always', 'startup'),
    // of those that come later: no circle
    dependsOn: fc.subarray(Array.from({ length: 3 - i }, (_, k) => `check-${i + 1 + k}`)),
    shared: fc.boolean(),
  })

const host: fc.Arbitrary<Host> = fc.record({
  policy: fc.tuple(check(0), check(1), check(2), check(3)).map(checks => policyOf(...checks)),
  latched: fc.boolean(),
  manners: fc.array(fc.array(fc.constantFrom(...manners), { minLength: 1, maxLength: 4 }), {
    minLength: 4,
    maxLength: 4,
  }),
})

const UNIT_MS = 5000

/** Starts a monitor of such a host, with the watchdog behind it. Answers when that is fed, and which manners were met. */
const watch = (
  { policy, latched, manners: all }: Host,
  { clock, asked = clock }: { readonly clock: ManualClock; readonly asked?: Clock },
) => {
  const fedAt: number[] = []
  const met = new Set<Manner>()
  let seed = 11
  const checks = policy.checks.map(({ name, timeoutMs }, i): [string, Check] => {
    const turns = all[i] ?? ['pass']
    let runs = 0
    return [
      name,
      {
        async run() {
          const manner = turns[runs++ % turns.length] ?? 'pass'
          met.add(manner)
          if (manner === 'hangs') return new Promise<Finding>(() => {})
          if (manner === 'slow' || manner === 'slow-fail')
            await new Promise<void>(resolve => void clock.after(timeoutMs * 0.9, resolve))
          return manner === 'fail' || manner === 'slow-fail' ? failing : { status: 'pass' }
        },
        async [Symbol.asyncDispose]() {},
      },
    ]
  })
  const monitor = new Monitor({
    policy,
    checks: new Map(checks),
    deadlineMs: 4000,
    clock: asked,
    random: () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647,
    ...(latched && { host: proven(clock.now()) }),
    listeners: [{ checkAnswered: () => systemd.answered(), verdictChanged: () => systemd.changed() }],
  })
  const systemd = createSdNotify({
    env: { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: String(UNIT_MS * 1000) },
    clock,
    logger: { log() {} },
    monitor: () => monitor,
    notes: () => [],
    messenger: {
      send: message => void (('READY' in message || 'WATCHDOG' in message) && fedAt.push(clock.now())),
      [Symbol.dispose]() {},
    },
  })
  monitor.start()
  systemd.ready()
  return { monitor, fedAt, met, watchdogMs: watchdogMsFor(UNIT_MS, monitor.longestQuietMs) }
}

t.test('cadence › whatever the checks do, none is overdue and the watchdog is fed in time', async t => {
  const met = new Set<Manner>()
  let closest = 0
  await fc.assert(
    fc.asyncProperty(host, fc.boolean(), async (drawn, restarts) => {
      const clock = new ManualClock()
      const startedAt = clock.now()
      const { monitor, fedAt, watchdogMs, ...watched } = watch(drawn, { clock })
      const overdue = new Set<string>()
      for (let step = 0; step < 60; step += 1) {
        await clock.advance(watchdogMs / 10)
        for (const name of monitor.overdue()) overdue.add(name)
        if (restarts && step === 30) monitor.restart()
      }
      void monitor[Symbol.asyncDispose]()
      if (overdue.size > 0) throw new Error(`overdue: ${[...overdue].join()}`)
      const gaps = [...fedAt, clock.now()].map((at, i) => at - (fedAt[i - 1] ?? startedAt))
      const longest = Math.max(...gaps)
      if (longest > watchdogMs) throw new Error(`unfed for ${longest} of ${watchdogMs} ms`)
      closest = Math.max(closest, longest / watchdogMs)
      for (const manner of watched.met) met.add(manner)
    }),
    { numRuns: 30 },
  )
  t.strictSame(met, new Set(manners), 'checks took their runs in every manner')
  t.ok(closest > 0.5, `the watchdog was at most ${closest} of its time unfed, so it was put to the test`)
})

for (const latched of [true, false])
  t.test(
    `cadence › a check that never answers again starves the watchdog, however many others do (${latched ? 'serving' : 'starting'})`,
    async t => {
      const clock = new ManualClock()
      const page = checkPolicy('page')
      const env = checkPolicy('env', { timeoutMs: 777, freshForMs: 5000 })
      const ofEnv: Manner[] = ['pass']
      // its run does not end, and the timers come to nothing that would answer for it
      const asked: Clock = {
        now: () => clock.now(),
        date: () => clock.date(),
        after: (delayMs, callback) =>
          clock.after(
            delayMs,
            () => (ofEnv[0] === 'hangs' && (delayMs === 777 || delayMs === 877)) || callback(),
          ),
      }
      const policy = { ...policyOf(page, env), startupHealthyThreshold: 1000 }
      const host: Host = { policy, latched, manners: [['pass'], ofEnv] }
      const { monitor, fedAt, watchdogMs } = watch(host, { clock, asked })
      await clock.advance(60_000)
      const hungAt = clock.now()
      const fedBefore = fedAt.length
      t.ok(fedBefore > 5)
      ofEnv[0] = 'hangs'
      await clock.advance(15_000)
      t.ok(fedAt.length > fedBefore, 'it is patient for as long as the finding may be used')
      await clock.advance(10 * watchdogMs)
      t.strictSame(monitor.overdue(), ['env'])
      const fedForMs = (fedAt.at(-1) ?? Infinity) - hungAt
      t.ok(fedForMs < 25_000, `last fed ${fedForMs} ms after it hung`)
      void monitor[Symbol.asyncDispose]()
    },
  )
