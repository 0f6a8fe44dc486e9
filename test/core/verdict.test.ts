import t from 'tap'
import { fold, neverRun } from '../../src/core/check-state.ts'
import type { CheckPolicy } from '../../src/core/check-state.ts'
import { attribute } from '../../src/core/dependency.ts'
import type { Finding } from '../../src/core/finding.ts'
import { afterRound, phaseAt, starting } from '../../src/core/lifecycle.ts'
import type { Lifecycle, Serving, Starting } from '../../src/core/lifecycle.ts'
import { mostSevere } from '../../src/core/status.ts'
import { decide, roundPasses } from '../../src/core/verdict.ts'
import { checkPolicy as check } from '../support/check-policy.ts'
import { holdFor } from '../support/hold-for.ts'

const pass: Finding = { status: 'pass' }
const warn: Finding = { status: 'warn', reason: 'ENV_VARIABLE_INVALID', message: 'odd' }
const fail: Finding = { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed without an answer' }
const unknown: Finding = { status: 'unknown', reason: 'DATABASE_REFUSED', message: 'refused' }

const serving: Lifecycle = { phase: 'serving', since: 0 }
const policyOf = (...checks: CheckPolicy[]) => ({
  checks,
  holdMs: holdFor(60_000),
  startupHealthyThreshold: 2,
})

/** A check's state after findings at 0 ms, 1 ms and so on. */
const stateOf = (policy: CheckPolicy, ...findings: Finding[]) =>
  findings.reduce((state, finding, at) => fold(state, finding, policy, at), neverRun(policy.name))

const verdictOn = (
  policy: CheckPolicy,
  findings: Finding[],
  { life = serving, now = 10 }: { life?: Lifecycle; now?: number } = {},
) => decide([stateOf(policy, ...findings)], policyOf(policy), life, now)

t.test('serving › passes when every check passes, and warns when one warns', async t => {
  t.match(verdictOn(check('page'), [pass]), { status: 'pass', phase: 'serving', output: undefined })
  t.match(verdictOn(check('page'), [warn]), { status: 'warn', output: 'page: odd' })
})

t.test('serving › a required failure fails; one that is not required only warns', async t => {
  t.match(verdictOn(check('page'), [pass, fail]), {
    status: 'fail',
    output: 'page: closed without an answer',
  })
  t.match(verdictOn(check('page', { required: false }), [pass, fail]).checks, [
    { effect: 'warn', because: 'optional' },
  ])
})

t.test('serving › failures below unhealthy_threshold warn', async t => {
  const patient = check('page', { unhealthyThreshold: 2 })
  t.match(verdictOn(patient, [pass, fail]), {
    status: 'warn',
    checks: [{ because: 'below-unhealthy-threshold' }],
  })
  t.match(verdictOn(patient, [pass, fail, fail]), { status: 'fail' })
})

t.test('serving › passes below healthy_threshold leave a failing check failing', async t => {
  const wary = check('page', { healthyThreshold: 2 })
  t.match(verdictOn(wary, [fail, pass]), { status: 'fail', checks: [{ because: 'below-healthy-threshold' }] })
  t.match(verdictOn(wary, [fail, pass, pass]), { status: 'pass' })
})

t.test('serving › a check that passes too seldom says so, required or not', async t => {
  const wary = { healthyThreshold: 2 }
  const output = 'page: passes, but not yet often enough in a row'
  t.match(verdictOn(check('page', wary), [fail, pass]), { status: 'fail', output })
  const optional = check('page', { ...wary, required: false })
  const other = check('other')
  const states = [stateOf(optional, fail, pass), stateOf(other, pass)]
  t.match(decide(states, policyOf(optional, other), serving, 10), { status: 'warn', output })
})

t.test('serving › a check of the start counts no more, whatever it found', async t => {
  const [page, migrations] = [check('page'), check('migrations', { gate: 'startup' })]
  const verdict = (...findings: Finding[]) =>
    decide([stateOf(page, pass), stateOf(migrations, ...findings)], policyOf(page, migrations), serving, 10)
  t.match(verdict(fail), {
    status: 'pass',
    checks: [{}, { effect: 'pass', finding: fail, at: 0, because: 'asked-at-startup-only' }],
  })
  t.strictSame(verdict().checks[1], {
    name: 'migrations',
    effect: 'pass',
    finding: { status: 'pass' },
    because: 'asked-at-startup-only',
  })
  const life = starting(1)
  t.match(
    decide([stateOf(page, pass), stateOf(migrations, fail)], policyOf(page, migrations), life, 10).checks[1],
    { effect: 'fail' },
    'and does before',
  )
})

t.test('serving › an optional unknown whose hold is over still says what held', async t => {
  const optional = check('page', { required: false, intervalMs: 1e6 })
  t.match(verdictOn(optional, [unknown], { now: 60_000 }).checks, [
    { effect: 'warn', because: 'optional', hold: { cause: 'local', since: 0, until: 60_000 } },
  ])
})

t.test('serving › unknown holds a pass, and holds a fail', async t => {
  t.match(verdictOn(check('page'), [pass, unknown]), { status: 'warn', checks: [{ because: 'held' }] })
  t.match(verdictOn(check('page'), [fail, unknown]), { status: 'fail', checks: [{ because: 'held' }] })
})

t.test('serving › a hold ends, for a check that was asked and for one that never answered', async t => {
  t.match(verdictOn(check('page', { intervalMs: 1e6 }), [pass, unknown], { now: 60_000 }), { status: 'warn' })
  t.match(verdictOn(check('page', { intervalMs: 1e6 }), [pass, unknown], { now: 60_001 }), {
    status: 'fail',
    checks: [{ because: 'hold-expired' }],
  })
  t.match(verdictOn(check('page'), [], { now: 59_999 }), { status: 'warn', checks: [{ because: 'held' }] })
  t.match(verdictOn(check('page'), [], { now: 60_000 }), { status: 'fail' })
})

t.test('serving › a finding that has expired is unknown, and the hold counts from then', async t => {
  t.match(verdictOn(check('page'), [pass], { now: 22_001 }).checks, [
    { finding: { reason: 'FINDING_EXPIRED' }, because: 'held' },
  ])
  t.match(verdictOn(check('page'), [pass], { now: 81_999 }), { status: 'warn' })
  t.match(verdictOn(check('page'), [pass], { now: 82_000 }), { status: 'fail' })
})

t.test('starting › is never a pass, and says how far it has come', async t => {
  const life = starting(2)
  t.match(verdictOn(check('page'), [pass], { life }), {
    status: 'fail',
    phase: 'starting',
    output: 'starting: 0 of 2 rounds have passed',
  })
  t.match(verdictOn(check('page'), [unknown], { life }).checks, [{ effect: 'fail', because: 'unproven' }])
  const [failed] = verdictOn(check('page'), [fail], { life }).checks
  t.match(failed, { effect: 'fail' })
  t.equal(failed?.because, undefined, 'a failure needs no other reason')
})

t.test('mostSevere › of nothing is a pass', async t => {
  t.equal(mostSevere([]), 'pass')
  t.equal(mostSevere(['pass', 'fail', 'warn', 'unknown']), 'fail')
  t.equal(mostSevere(['pass', 'warn', 'unknown']), 'unknown')
})

t.test('starting › a check must reach its healthy_threshold in the round', async t => {
  const wary = check('page', { healthyThreshold: 2 })
  const round = { startedAt: 0, now: 10 }
  t.equal(roundPasses([stateOf(wary, pass)], policyOf(wary), round), false)
  t.equal(roundPasses([stateOf(wary, pass, pass)], policyOf(wary), round), true)
})

t.test('round › passes only by findings of its own', async t => {
  const page = check('page')
  t.equal(roundPasses([stateOf(page, pass)], policyOf(page), { startedAt: 0, now: 1 }), true)
  t.equal(roundPasses([stateOf(page, pass)], policyOf(page), { startedAt: 1, now: 1 }), false)
  t.equal(roundPasses([], policyOf(page), { startedAt: 0, now: 1 }), false, 'a check that never ran')
})

t.test('round › what is not required does not hold it back', async t => {
  const [page, database] = [check('page'), check('database', { required: false })]
  const states = [stateOf(page, pass), stateOf(database, fail)]
  t.equal(roundPasses(states, policyOf(page, database), { startedAt: 0, now: 1 }), true)
})

t.test('vacuous › nothing required is never a pass', async t => {
  const optional = check('page', { required: false })
  t.match(verdictOn(optional, [pass]), { status: 'fail', output: 'no check is required' })
  t.match(decide([], policyOf(), serving, 0), { status: 'fail', output: 'no check is required' })
  t.equal(roundPasses([stateOf(optional, pass)], policyOf(optional), { startedAt: 0, now: 1 }), false)
  t.match(verdictOn(check('page', { gate: 'startup' }), [pass]), { status: 'fail' })
})

t.test('rounds › a relapse doubles what is asked for, to four times as much', async t => {
  const round = (life: Starting | Serving, passed: boolean) =>
    life.phase === 'starting' ? afterRound(life, { passed, healthyThreshold: 2, now: 0 }) : life
  let life: Starting | Serving = starting(2)
  t.match((life = round(life, false)), { rounds: 0, needed: 2 }, 'a failure before any pass is no relapse')
  t.match((life = round(round(life, true), false)), { rounds: 0, needed: 4 })
  t.match((life = round(round(life, true), false)), { rounds: 0, needed: 8 })
  t.match((life = round(round(life, true), false)), { rounds: 0, needed: 8 })
  for (let i = 0; i < 7; i += 1) life = round(life, true)
  t.match(life, { phase: 'starting', rounds: 7 })
  t.match(round(life, true), { phase: 'serving' })
})

t.test('drain › lies over the phase until it ends', async t => {
  const life: Lifecycle = { ...serving, drain: { reason: 'kernel', until: 100 } }
  t.equal(phaseAt(life, 99), 'draining')
  t.equal(phaseAt(life, 100), 'serving')
  t.match(verdictOn(check('page'), [pass], { life }), { status: 'fail', output: 'draining: kernel' })
  t.equal(phaseAt({ ...serving, drain: { reason: 'SIGTERM' } }, 1e12), 'draining', 'for good, without an end')
})

t.test('depends_on › the trouble of a dependency shows for a minute after it has passed again', async t => {
  const database = { ...check('database'), intervalMs: 15_000, freshForMs: 15_000 }
  const back = (at: number) => [
    {
      policy: database,
      state: fold(
        fold(fold(neverRun('database'), unknown, database, 1000), pass, database, 2000),
        pass,
        database,
        at,
      ),
    },
  ]
  t.match(attribute(fail, back(50_000), 62_000), {
    status: 'unknown',
    reason: 'DEPENDENCY_NOT_PASSING',
    message: 'closed without an answer; it depends on database, which has passed again for only 60 s',
    evidence: { failure: 'SMOKE_CLOSED', dependency: 'database' },
  })
  t.equal(attribute(fail, back(50_000), 62_001), fail)
  t.equal(
    attribute(fail, [{ policy: database, state: stateOf(database, pass, pass) }], 10),
    fail,
    'none, where it always passed',
  )
})

t.test(
  'depends_on › an app that was silent before that, and still is, is excused for five minutes',
  async t => {
    const database = { ...check('database'), intervalMs: 15_000, freshForMs: 15_000 }
    const recovered = fold(fold(neverRun('database'), unknown, database, 1000), pass, database, 2000)
    const at = (now: number, silentSince: number) =>
      attribute(
        { ...fail, silentForMs: now - silentSince },
        [{ policy: database, state: fold(recovered, pass, database, now) }],
        now,
      ).status
    t.equal(at(302_000, 2000), 'unknown')
    t.equal(at(302_001, 2000), 'fail')
    t.equal(at(62_000, 2001), 'unknown', 'in the minute that is for all')
    t.equal(at(62_001, 2001), 'fail', 'it has answered since: its own trouble')
  },
)

t.test('depends_on › what all hosts use and is slow explains a silent app, and no other failure', async t => {
  const database = check('database', { shared: true })
  const slow: Finding = { status: 'warn', reason: 'DATABASE_SLOW', cause: 'shared', message: 'takes 900 ms' }
  const silent: Finding = { ...fail, silentForMs: 3_600_000 }
  const by = (finding: Finding, failure: Finding, policy = database) =>
    attribute(failure, [{ state: stateOf(policy, finding), policy }], 1)
  t.match(by(slow, silent), {
    status: 'unknown',
    reason: 'DEPENDENCY_NOT_PASSING',
    cause: 'shared',
    message: 'closed without an answer; it depends on database, which warns: takes 900 ms',
    evidence: { dependency: 'database', dependencyReason: 'DATABASE_SLOW' },
  })
  t.equal(by(slow, fail), fail)
  t.equal(by(warn, silent), silent, 'a remark on this host alone')
  t.equal(by(slow, silent, check('disk')), silent, 'its own')
})

t.test('depends_on › once it is no longer slow, that explains a silent app for a while', async t => {
  const policy = check('database', { shared: true, intervalMs: 15_000 })
  const slow: Finding = { status: 'warn', reason: 'DATABASE_SLOW', cause: 'shared', message: 'takes 900 ms' }
  const eased = fold(fold(neverRun('database'), slow, policy, 1000), pass, policy, 2000)
  const at = (now: number, failure: Finding, state = fold(eased, pass, policy, now)) =>
    attribute(failure, [{ state, policy }], now)
  const silentSince = (since: number, now: number): Finding => ({ ...fail, silentForMs: now - since })
  t.match(at(62_000, silentSince(2001, 62_000)), {
    status: 'unknown',
    message: /, which has passed without a warning for only 60 s$/,
  })
  t.equal(at(62_001, silentSince(2001, 62_001)).status, 'fail')
  t.equal(at(302_000, silentSince(2000, 302_000)).status, 'unknown')
  t.equal(at(302_001, silentSince(2000, 302_001)).status, 'fail')
  t.equal(at(3000, fail), fail, 'an error page was no fault of it before either')
  const slowAgain = fold(eased, slow, policy, 3000)
  t.equal(at(3000, fail, slowAgain), fail, 'however often it is slow')
  const recovered = fold(fold(eased, unknown, policy, 3000), pass, policy, 4000)
  t.match(at(5000, fail, recovered), { message: /, which has passed again for only 1 s$/ })
})

t.test('depends_on › the cause is the one of the dependency; a failure of it is shared', async t => {
  const database = check('database', { shared: true })
  const causeWith = (...findings: Finding[]) =>
    attribute(fail, [{ state: stateOf(database, ...findings), policy: database }], 1)
  t.match(causeWith(fail), { cause: 'shared' })
  t.match(causeWith(unknown), { cause: 'local' })
  t.match(causeWith({ ...unknown, cause: 'busy' }), { cause: 'busy' })
  t.match(causeWith({ ...unknown, cause: 'shared' }), { cause: 'shared' })
  t.match(causeWith(unknown, pass), { cause: 'shared' }, 'the aftermath is shared too')
})

t.test(
  'depends_on › what may be over proves nothing, as what all hosts use may have been in trouble unseen',
  async t => {
    const disk = check('disk')
    const database = check('database', { shared: true })
    const cache = check('cache', { shared: true })
    const passing = (policy: CheckPolicy) => ({ state: stateOf(policy, pass), policy })
    const late: Finding = { ...fail, mayBeOver: true }
    t.match(attribute(late, [passing(disk), passing(database)], 1), {
      status: 'unknown',
      reason: 'DEPENDENCY_NOT_PASSING',
      cause: 'shared',
      message: /^closed without an answer; it depends on database, which may have been in trouble since/,
      evidence: { failure: 'SMOKE_CLOSED', dependency: 'database', dependencyReason: undefined },
    })
    const down = { state: stateOf(cache, unknown), policy: cache }
    t.match(
      attribute(late, [passing(database), down], 1),
      { evidence: { dependency: 'cache', dependencyReason: 'DATABASE_REFUSED' } },
      'what is seen comes first',
    )
    t.equal(attribute(late, [passing(disk)], 1), late, 'its own disk is no excuse')
    t.equal(attribute(late, [], 1), late, 'without dependencies it is proof')
    const { mayBeOver: _, ...now } = late
    t.equal(attribute(now, [passing(database)], 1), now)
  },
)

t.test('depends_on › the evidence of the failure stays', async t => {
  const database = check('database')
  const found = { ...fail, evidence: { status: 502 } }
  t.match(attribute(found, [{ state: stateOf(database, unknown), policy: database }], 1), {
    evidence: { status: 502, failure: 'SMOKE_CLOSED' },
  })
})

t.test('depends_on › only a failure is attributed, and only to what is not passing', async t => {
  const database = check('database')
  const down = [{ state: stateOf(database, unknown), policy: database }]
  const up = [{ state: stateOf(database, warn), policy: database }]
  t.equal(attribute(fail, up, 1), fail)
  t.equal(attribute(pass, down, 1), pass)
  t.equal(attribute(unknown, down, 1), unknown)
  t.match(attribute(fail, down, 1), {
    status: 'unknown',
    reason: 'DEPENDENCY_NOT_PASSING',
    message: 'closed without an answer; it depends on database, which is not passing: refused',
    evidence: { failure: 'SMOKE_CLOSED', dependency: 'database', dependencyReason: 'DATABASE_REFUSED' },
  })
  t.match(attribute(fail, [{ state: neverRun('database'), policy: database }], 1), { status: 'unknown' })
})

t.test('depends_on › what proves this host wrong is no excuse; what all hosts use is one', async t => {
  const disk = check('disk')
  const cache = check('cache', { shared: true })
  const failing = (policy: CheckPolicy) => ({ state: stateOf(policy, pass, fail), policy })
  t.equal(attribute(fail, [failing(disk)], 1), fail)
  t.match(attribute(fail, [failing(cache)], 1), { status: 'unknown', cause: 'shared' })
  t.match(
    attribute(fail, [failing(disk), failing(cache)], 1),
    { status: 'unknown', cause: 'shared', evidence: { dependency: 'cache' } },
    'in doubt, it is shared',
  )
  const back = (policy: CheckPolicy) => ({ state: stateOf(policy, pass, fail, pass), policy })
  t.equal(attribute(fail, [back(disk)], 3), fail, 'nor is it one when it has just ended')
  t.match(attribute(fail, [back(cache)], 3), { status: 'unknown', cause: 'shared' })
  const notSeen = { state: stateOf(disk, pass, unknown), policy: disk }
  t.match(attribute(fail, [notSeen], 1), { status: 'unknown', cause: 'local' }, 'and proves nothing unseen')
})
