import t from 'tap'
import { fold, neverRun } from '../../src/core/check-state.ts'
import type { CheckState } from '../../src/core/check-state.ts'
import type { Cause, Finding } from '../../src/core/finding.ts'
import { againstNow, proven, underNewPolicy, unproven } from '../../src/core/host-state.ts'
import type { HostState } from '../../src/core/host-state.ts'
import { starting } from '../../src/core/lifecycle.ts'
import { afterSweep } from '../../src/core/peers.ts'
import type { PeerSweep } from '../../src/core/peers.ts'
import { decide } from '../../src/core/verdict.ts'
import type { Policy } from '../../src/core/verdict.ts'
import { checkPolicy } from '../support/check-policy.ts'
import { holdFor } from '../support/hold-for.ts'

const HOLD_MS = 60_000

const policy: Policy = {
  checks: [checkPolicy('page'), checkPolicy('env')],
  holdMs: holdFor(HOLD_MS),
  startupHealthyThreshold: 3,
}

const passing = (name: string): CheckState => ({
  name,
  last: { finding: { status: 'pass' }, at: 900 },
  standing: 'pass',
  passesInARow: 9,
  failuresInARow: 0,
})
const failing = (name: string): CheckState => ({
  name,
  last: { finding: { status: 'fail', reason: 'ENV_VARIABLE_MISSING', message: 'A is missing' }, at: 900 },
  standing: 'fail',
  passesInARow: 0,
  failuresInARow: 2,
})
const unknown = (name: string): CheckState => ({
  ...failing(name),
  last: { finding: { status: 'unknown', reason: 'ENV_FILE_UNREADABLE', message: 'not readable' }, at: 950 },
  unknown: { cause: 'local', since: 950 },
})

const serving = (...states: readonly CheckState[]) => ({ ...proven(100), states })
const now = 1000
const unchanged = { before: policy, isUnchanged: () => true, now }
const changed = { before: policy, isUnchanged: () => false, now }

t.test(
  'new policy › a host that serves goes on, with what is known of the checks that are as they were',
  async t => {
    const host = underNewPolicy(serving(passing('page'), failing('env')), policy, {
      before: policy,
      isUnchanged: name => name === 'page',
      now,
    })
    t.strictSame(host.life, { phase: 'serving', since: now })
    t.strictSame(host.states[0], passing('page'))
    t.match(decide(host.states, policy, host.life, now), { status: 'fail' })
  },
)

t.test('new policy › a finding of a check that has changed counts no more', async t => {
  const host = underNewPolicy(serving(passing('page'), passing('env')), policy, changed)
  for (const state of host.states) t.equal(state.last, undefined)
  t.match(decide(host.states, policy, host.life, now), {
    status: 'warn',
    checks: [
      { because: 'held', finding: { reason: 'CHECK_NEVER_RAN' } },
      { because: 'held', finding: { reason: 'CHECK_NEVER_RAN' } },
    ],
  })
  t.match(
    decide(host.states, policy, host.life, now + HOLD_MS),
    { status: 'fail' },
    'for no longer than the hold',
  )
})

t.test('new policy › what holds with its peers goes on to hold, though the check has changed', async t => {
  const stuck: CheckState = { ...failing('page'), isStuck: true, unknown: { cause: 'busy', since: 950 } }
  const asks = { ...policy, asksPeers: true }
  const peers = afterSweep(undefined, { known: 1, answers: [{ peer: 'a', answer: 'warn' }], at: 990 }, [
    'page',
  ])
  const known = serving(stuck, passing('env'))
  const host = { ...known, life: { ...known.life, peers } }
  for (const change of [changed, unchanged]) {
    const { life, states } = underNewPolicy(host, asks, { ...change, before: asks })
    t.match(decide(states, asks, life, now), { status: 'warn' })
    t.match(decide(states, policy, life, now), { status: 'fail' }, 'but not without peers')
  }
})

t.test('new policy › silence that was proof stays it, though there are peers to ask now', async t => {
  const silent: Finding = {
    status: 'fail',
    reason: 'SMOKE_NO_ANSWER',
    silentForMs: 30_000,
    message: 'silent',
  }
  const late: Finding = {
    status: 'unknown',
    reason: 'SMOKE_NO_ANSWER',
    cause: 'busy',
    progress: true,
    message: '',
  }
  const [check = checkPolicy('page')] = policy.checks
  const asks = { ...policy, asksPeers: true }
  const host = serving(fold(passing('page'), silent, check, 950), passing('env'))
  t.match(decide(host.states, policy, host.life, now), { status: 'fail' })
  const pageChanged = { ...unchanged, isUnchanged: (name: string) => name !== 'page' }
  for (const change of [pageChanged, unchanged]) {
    const { life, states } = underNewPolicy(host, asks, change)
    t.match(decide(states, asks, life, now), { status: 'fail' })
    const [page = passing('page'), env = passing('env')] = states
    t.match(decide([fold(page, silent, check, now), env], asks, life, now), { status: 'fail' })
    t.match(decide([fold(page, late, check, now), env], asks, life, now), { status: 'warn' }, 'it answers')
  }
  t.notOk('peers' in underNewPolicy(host, policy, unchanged).life, 'there are none')
})

t.test('new policy › a check that was failing fails until it passes, though it is unknown now', async t => {
  for (const change of [changed, unchanged])
    for (const before of [failing('env'), unknown('env')]) {
      const host = underNewPolicy(serving(passing('page'), before), policy, change)
      t.match(decide(host.states, policy, host.life, now), { status: 'fail' })
    }
})

t.test(
  'new policy › where the host was failing, what is asked anew fails until it passes, whatever its name',
  async t => {
    const renamed = { ...policy, checks: [checkPolicy('page'), checkPolicy('environment')] }
    const change = { before: policy, isUnchanged: (name: string) => name === 'page', now }
    const drain = { reason: 'kernel upgrade', until: 5000 }
    const draining = { ...serving(passing('page'), passing('env')), life: { ...proven(100).life, drain } }
    const verdictOf = (host: HostState) => decide(host.states, renamed, host.life, now)
    for (const before of [failing('env'), unknown('env')])
      t.match(verdictOf(underNewPolicy(serving(passing('page'), before), renamed, change)), {
        status: 'fail',
      })
    t.match(verdictOf(underNewPolicy(serving(passing('page'), passing('env')), renamed, change)), {
      status: 'warn',
    })
    const { life, states } = underNewPolicy(draining, renamed, change)
    t.match(decide(states, renamed, life, drain.until), { status: 'warn' }, 'a drain is no failure')
  },
)

t.test('new policy › an unknown of a check that has changed has been unknown all along', async t => {
  const held: CheckState = { ...unknown('env'), standing: 'pass', failuresInARow: 0 }
  const host = underNewPolicy(serving(passing('page'), held), policy, {
    before: policy,
    isUnchanged: name => name === 'page',
    now,
  })
  const page = {
    ...passing('page'),
    last: { finding: { status: 'pass' as const }, at: now + HOLD_MS - 60 },
  }
  const statusAt = (at: number) => decide([page, ...host.states.slice(1)], policy, host.life, at).status
  t.equal(statusAt(950 + HOLD_MS - 1), 'warn')
  t.equal(statusAt(950 + HOLD_MS), 'fail')
})

t.test('new policy › checks that are gone are forgotten', async t => {
  const page = { ...policy, checks: [checkPolicy('page')] }
  const host = underNewPolicy(serving(passing('page'), failing('gone')), page, unchanged)
  t.strictSame(host.states, [passing('page')])
})

t.test('new policy › a host that has not proved itself begins anew', async t => {
  const before = { life: { phase: 'starting' as const, rounds: 2, needed: 3 }, states: [passing('page')] }
  t.strictSame(underNewPolicy(before, policy, unchanged).life, starting(3))
})

t.test('new policy › a drain goes on', async t => {
  const drain = { reason: 'kernel upgrade', until: 5000 }
  for (const { life } of [proven(0), unproven(policy)])
    t.match(underNewPolicy({ life: { ...life, drain }, states: [] }, policy, unchanged).life, {
      phase: life.phase,
      drain,
    })
})

t.test('new policy › what the peers said goes on to count, then and now', async t => {
  const shared: CheckState = {
    ...passing('env'),
    last: {
      finding: { status: 'unknown', cause: 'shared', reason: 'DATABASE_REFUSED', message: 'refused' },
      at: 950,
    },
    unknown: { cause: 'shared', since: 950 },
  }
  const sweep: PeerSweep = { known: 1, answers: [{ peer: '10.0.0.1:80', answer: 'pass' }], at: 950 }
  const peers = afterSweep(afterSweep(undefined, sweep), sweep)
  const alone = { ...serving(passing('page'), shared), life: { ...proven(100).life, peers } }
  const host = underNewPolicy(alone, policy, { before: policy, isUnchanged: name => name === 'env', now })
  t.strictSame(host.life.peers, peers)
  t.equal(host.states[0]?.standing, 'fail', 'a host that was failing, as it was alone, fails on')
  const { life } = underNewPolicy({ ...alone, life: proven(100).life }, policy, unchanged)
  t.notOk('peers' in life)
})

t.test('new policy › a check that has changed keeps nothing but its standing and its unknown', async t => {
  const host = underNewPolicy(serving(failing('page'), unknown('env')), policy, changed)
  t.strictSame(host.states, [
    { ...neverRun('page'), standing: 'fail' },
    { ...neverRun('env'), standing: 'fail', unknown: { cause: 'local', since: 950 } },
  ])
})

t.test('restart › what counted against the host does until it passes', async t => {
  const { life, states } = serving(passing('page'), failing('env'))
  const kept = againstNow(decide(states, policy, life, now), states, now)
  t.strictSame(kept, { failing: [{ name: 'env' }], silent: [], held: [] })
  const after = proven(now, kept)
  t.match(decide(after.states, policy, after.life, now), { status: 'fail', phase: 'serving' })
  const [env] = after.states
  const verdictOf = (finding: Finding) =>
    decide([fold(env!, finding, policy.checks[1]!, now), passing('page')], policy, after.life, now)
  t.match(verdictOf({ status: 'unknown', reason: 'ENV_FILE_UNREADABLE', message: 'x' }), { status: 'fail' })
  t.match(verdictOf({ status: 'pass' }), { status: 'pass' })
  t.match(decide([], policy, proven(now).life, now), { status: 'warn' }, 'nothing counted, so that all holds')
})

t.test('restart › a hold that is over stays over', async t => {
  const states = [
    passing('page'),
    {
      ...unknown('env'),
      standing: 'pass' as const,
      unknown: { cause: 'local' as const, since: now - HOLD_MS },
    },
  ]
  const verdict = decide(states, policy, serving().life, now)
  t.match(verdict, { status: 'fail' })
  t.strictSame(againstNow(verdict, states, now).failing, [{ name: 'env' }])
})

t.test('restart › a hold with an end goes on, under the cause that it had', t => {
  const held = (name: string, cause: Cause, since: number): CheckState => ({
    ...passing(name),
    last: { finding: { status: 'unknown', cause, reason: 'ENV_FILE_UNREADABLE', message: 'x' }, at: now },
    unknown: { cause, since },
  })
  for (const cause of ['local', 'shared', 'busy'] as const) {
    const holdMs = { ...holdFor(Infinity), [cause]: HOLD_MS }
    const limited = { ...policy, holdMs }
    const states = [passing('page'), held('env', cause, now - 40_000)]
    const against = (rules: Policy) => againstNow(decide(states, rules, serving().life, now), states, now)
    const kept = against(limited)
    t.strictSame(kept, { failing: [], silent: [], held: [{ name: 'env', cause, heldForMs: 40_000 }] })
    const later = now + 600_000
    const host = proven(later, kept)
    const statusAt = (at: number) => decide(host.states, limited, host.life, at).status
    t.strictSame([statusAt(later + 19_999), statusAt(later + 20_000)], ['warn', 'fail'], 'before an answer')
    const [env] = host.states
    const again = fold(env!, states[1]!.last!.finding, policy.checks[1]!, later)
    t.strictSame(again.unknown, { cause, since: later - 40_000 }, 'it is still so')
    t.notOk(fold(env!, { status: 'pass' }, policy.checks[1]!, later).unknown)
    t.strictSame(against({ ...policy, holdMs: holdFor(Infinity) }).held, [], 'it has no end')
  }
  t.end()
})

t.test('restart › what was never known since the start goes on from there', t => {
  const { life } = proven(now)
  const kept = againstNow(decide([], policy, life, now + 7000), [], now + 7000)
  const heldForMs = 7000
  t.strictSame(kept.held, [
    { name: 'page', cause: 'local', heldForMs },
    { name: 'env', cause: 'local', heldForMs },
  ])
  t.strictSame(againstNow(decide([], policy, life, now), [], now).held, [], 'not at once')
  t.end()
})

t.test('restart › an app can be silent and hold', t => {
  const { states } = proven(now, {
    silent: [{ name: 'page', silentForMs: 5000 }],
    held: [{ name: 'page', cause: 'busy', heldForMs: 400 }],
  })
  t.strictSame(states, [
    { ...neverRun('page'), silentForMs: 5000, unknown: { cause: 'busy', since: now - 400 } },
  ])
  t.end()
})

t.test('restart › a stuck app stays out until there is progress, whatever peers say', async t => {
  const stuck: CheckState = { ...failing('page'), isStuck: true }
  for (const asksPeers of [false, true]) {
    const asking = { ...policy, asksPeers }
    const proved = { ...proven(100, { failing: [{ name: 'page', isStuck: true }] }).life }
    const kept = againstNow(decide([stuck, passing('env')], asking, proved, now), [stuck], now)
    t.strictSame(kept.failing, [{ name: 'page', isStuck: true }])
    const { life, states } = proven(now, kept)
    const verdictOf = (finding: Finding) =>
      decide([fold(states[0]!, finding, policy.checks[0]!, now), passing('env')], asking, life, now)
    const busy = { status: 'unknown', cause: 'busy', reason: 'SMOKE_NO_ANSWER', message: 'late' } as const
    t.match(verdictOf(busy), { status: 'fail' }, 'before the first answer')
    t.match(verdictOf({ ...busy, progress: true }), { status: 'warn' })
    t.match(verdictOf({ status: 'pass' }), { status: 'pass' })
  }
})

t.test('restart › for how long an app has been silent outlasts it, until it passes', async t => {
  const busy = { status: 'unknown', cause: 'busy', reason: 'SMOKE_NO_ANSWER', message: 'late' } as const
  const [page] = policy.checks
  const stuck: Finding = { status: 'fail', reason: 'SMOKE_NO_ANSWER', silentForMs: 30_000, message: 'stuck' }
  const silentFor = (...findings: readonly Finding[]) => {
    const states = [findings.reduce((state, next) => fold(state, next, page!, now), passing('page'))]
    return againstNow(decide(states, { ...policy, asksPeers: true }, serving().life, now), states, now).silent
  }
  const silent = [{ name: 'page', silentForMs: 20_000 }]
  t.strictSame(silentFor({ ...busy, silentForMs: 2000 }, { ...busy, silentForMs: 20_000 }), silent)
  t.strictSame(silentFor({ ...busy, silentForMs: 20_000 }, stuck, stuck), silent, 'written no more')
  t.strictSame(silentFor({ ...busy, silentForMs: 20_000 }, busy), silent, 'it does not say')
  t.strictSame(silentFor({ ...busy, silentForMs: 20_000 }, { ...busy, silentForMs: 0 }), [])
  t.strictSame(silentFor({ ...busy, silentForMs: 20_000 }, { status: 'pass' }), [])
  t.match(proven(now, { silent }).states, [{ ...neverRun('page'), silentForMs: 20_000, standing: undefined }])
  const failed = decide([failing('page')], policy, serving().life, now)
  t.strictSame(
    againstNow(failed, [{ ...failing('page'), silentForMs: 1 }], now).silent,
    [],
    'it fails anyway',
  )
  const both = proven(now, { silent, failing: [{ name: 'page' }] })
  t.match(decide(both.states, policy, both.life, now), { status: 'fail' }, 'a failure counts more')
})

t.test(
  'new policy › for how long an app has been silent is kept, also of a check that has changed',
  async t => {
    const { states } = underNewPolicy(serving({ ...passing('page'), silentForMs: 5 }), policy, changed)
    t.match(states, [{ name: 'page', silentForMs: 5 }, {}])
  },
)

t.test('restart › what only warns, or holds because of peers, counts against nobody', async t => {
  const optional = { ...policy, checks: [checkPolicy('page', { required: false }), checkPolicy('env')] }
  const failed = [failing('page'), passing('env')]
  t.strictSame(againstNow(decide(failed, optional, serving().life, now), failed, now).failing, [])
  const silent: Finding = { status: 'fail', reason: 'SMOKE_NO_ANSWER', silentForMs: 30_000, message: 'stuck' }
  const stuck = [fold(passing('page'), silent, policy.checks[0]!, now), passing('env')]
  const verdict = decide(stuck, { ...policy, asksPeers: true }, serving().life, now)
  t.match(verdict, { status: 'warn' })
  t.strictSame(againstNow(verdict, stuck, now).failing, [])
})
