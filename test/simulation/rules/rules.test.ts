import t from 'tap'
import type { CheckPolicy } from '../../../src/core/check-state.ts'
import type { Finding } from '../../../src/core/finding.ts'
import { proven } from '../../../src/core/host-state.ts'
import { fail, FakeCheck, pass, unknown } from '../../monitor/fake-monitor.ts'
import { checkPolicy } from '../../support/check-policy.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { loadProgram } from './load-program.ts'
import type { RuleChange } from './load-program.ts'
import { changes } from './changes.ts'

/** A page, and the database that it depends on; by the program with or without a change. */
const hostBy = async (
  change: RuleChange | undefined,
  options: {
    readonly page?: Partial<CheckPolicy>
    readonly database?: Partial<CheckPolicy>
    readonly rounds?: number
    readonly random?: () => number
    readonly isNew?: boolean
  } = {},
) => {
  const { Monitor } = await loadProgram(change)
  const clock = new ManualClock()
  const page = new FakeCheck()
  const database = new FakeCheck()
  const looks: ('kept' | 'fresh')[] = []
  let answer: Finding = pass
  database.answerTo = ({ fresh = false }) => {
    looks.push(fresh ? 'fresh' : 'kept')
    return answer
  }
  const monitor = new Monitor({
    policy: {
      checks: [
        checkPolicy('page', { dependsOn: ['database'], ...options.page }),
        checkPolicy('database', {
          intervalMs: 15_000,
          freshForMs: 15_000,
          shared: true,
          // the rounds of a start are spaced by the longest `fresh_for` of those that are
          required: options.isNew ?? false,
          ...options.database,
        }),
      ],
      holdMs: { local: 900_000, shared: Infinity, busy: Infinity },
      startupHealthyThreshold: options.rounds ?? 5,
    },
    checks: new Map([
      ['page', page],
      ['database', database],
    ]),
    deadlineMs: 4000,
    clock,
    random: options.random ?? (() => 0),
    ...(!options.isNew && { host: proven(clock.now()) }),
  })
  monitor.start()
  await clock.advance(0)
  return { monitor, clock, page, looks, databaseSays: (finding: Finding) => void (answer = finding) }
}

const statusOf = async (host: Awaited<ReturnType<typeof hostBy>>): Promise<string> => {
  const { clock, monitor } = host
  const [verdict] = await Promise.all([monitor.verdict(), clock.advance(4000)])
  return verdict.status
}

/** The page fails so many seconds after the database has recovered from an outage of a minute. */
const afterOutage = async (
  change: RuleChange | undefined,
  seconds: number,
  failure: Finding = fail,
): Promise<string> => {
  const host = await hostBy(change)
  host.databaseSays(unknown)
  await host.clock.advance(60_000)
  host.databaseSays(pass)
  await host.clock.advance(15_000)
  await host.clock.advance(seconds * 1000)
  host.page.says(failure)
  return await statusOf(host)
}

t.test(
  'changed rules › the aftermath lasts as long as it is set to; the program’s own is a minute',
  async t => {
    t.equal(await afterOutage(undefined, 40), 'warn')
    t.equal(await afterOutage(undefined, 80), 'fail')
    t.equal(await afterOutage(changes.aftermath(0), 1), 'fail')
    t.equal(await afterOutage(changes.aftermath(2), 20), 'warn')
    t.equal(await afterOutage(changes.aftermath(2), 40), 'fail')
    t.equal(await afterOutage(changes.aftermath(8), 80), 'warn')
  },
)

t.test(
  'changed rules › an app that is silent since before the recovery is not excused for longer',
  async t => {
    const silent = { ...fail, silentForMs: 1_000_000 } as Finding
    t.equal(await afterOutage(undefined, 80, silent), 'warn')
    t.equal(await afterOutage(changes.noExcuse, 80, silent), 'fail')
    t.equal(await afterOutage(changes.noExcuse, 40, silent), 'warn')
  },
)

t.test('changed rules › a slow database does not explain why an app is silent', async t => {
  const slow: Finding = { status: 'warn', reason: 'DATABASE_SLOW', cause: 'shared', message: 'slow' }
  const answer = async (change?: RuleChange): Promise<string> => {
    const host = await hostBy(change)
    host.databaseSays(slow)
    await host.clock.advance(65_000)
    host.page.says({ ...fail, silentForMs: 60_000 } as Finding)
    return await statusOf(host)
  }
  t.equal(await answer(), 'warn')
  t.equal(await answer(changes.noSlow), 'fail')
})

/** Rounds that are needed after a failure that follows a round that passed. */
const neededAfterRelapse = async (change?: RuleChange): Promise<unknown> => {
  const { monitor, clock, page } = await hostBy(change, { isNew: true })
  await clock.advance(1000)
  page.says(fail)
  await clock.advance(20_000)
  return monitor.host.life
}

t.test('changed rules › without the doubling a relapse needs no more rounds than at first', async t => {
  t.match(await neededAfterRelapse(), { needed: 10 })
  t.match(await neededAfterRelapse(changes.noRelapse), { needed: 5 })
})

/** Seconds from the start to the first pass, where all is well. */
const secondsToPass = async (change?: RuleChange, random?: () => number): Promise<number> => {
  const { monitor, clock } = await hostBy(change, { isNew: true, ...(random && { random }) })
  let seconds = 0
  for (; monitor.current().status === 'fail'; seconds += 1) await clock.advance(1000)
  return seconds
}

t.test('changed rules › rounds are so many times as far apart', async t => {
  t.equal(await secondsToPass(), 60)
  t.equal(await secondsToPass(changes.spacing(2)), 120)
  t.equal(await secondsToPass(changes.spacing(0.5)), 30)
})

t.test('changed rules › regular rounds do not depend on chance', async t => {
  t.not(await secondsToPass(undefined, () => 0), await secondsToPass(undefined, () => 0.99))
  t.equal(
    await secondsToPass(changes.regularRounds, () => 0),
    await secondsToPass(changes.regularRounds, () => 0.99),
  )
})

/** How often the page runs between two rounds. */
const runsBetweenRounds = async (change?: RuleChange): Promise<number> => {
  const { clock, page } = await hostBy(change, { isNew: true })
  const before = page.runs
  await clock.advance(14_000)
  return page.runs - before
}

t.test('changed rules › with rounds alone nothing runs between two of them', async t => {
  t.equal(await runsBetweenRounds(), 14)
  t.equal(await runsBetweenRounds(changes.onlyRounds), 0)
})

/** The page fails a second after the database passed for the last time, in an outage that a new login would show. */
const looksAfterFailure = async (change?: RuleChange) => {
  const { clock, page, looks, databaseSays } = await hostBy(change)
  await clock.advance(1000)
  databaseSays(unknown)
  page.says(fail)
  await clock.advance(12_000)
  return looks.slice(1)
}

t.test('changed rules › a dependency is not rechecked, or not freshly', async t => {
  t.match(await looksAfterFailure(), ['fresh'])
  t.strictSame(await looksAfterFailure(changes.noRecheck), [])
  t.match(await looksAfterFailure(changes.keptConnection), ['kept'])
})

t.test('changed rules › a probe does not rerun what is stale', async t => {
  const answer = async (change?: RuleChange): Promise<string> => {
    const host = await hostBy(change)
    await host.clock.advance(5000)
    host.page.says(fail)
    return await statusOf(host)
  }
  t.equal(await answer(), 'fail')
  t.equal(await answer(changes.neverStale), 'pass')
})

t.test('changed rules › a finding never expires', async t => {
  const afterStall = async (change?: RuleChange): Promise<string> => {
    const host = await hostBy(change)
    host.page.answer = () => new Promise(() => {})
    host.clock.jump(120_000)
    return host.monitor.current().status
  }
  t.equal(await afterStall(), 'warn')
  t.equal(await afterStall(changes.neverExpires), 'pass')
})

t.test('changed rules › the program beside them stays as it is', async t => {
  const [own, changed] = [await loadProgram(), await loadProgram(changes.noRelapse)]
  t.not(own.Monitor, changed.Monitor)
  t.equal(own.Monitor, (await import('../../../src/monitor/monitor.ts')).Monitor)
  t.match(await neededAfterRelapse(), { needed: 10 })
})
