import * as fc from 'fast-check'
import t from 'tap'
import { fold, neverRun } from '../../src/core/check-state.ts'
import type { CheckPolicy } from '../../src/core/check-state.ts'
import { attribute } from '../../src/core/dependency.ts'
import type { Cause, Finding, Problem } from '../../src/core/finding.ts'
import { starting } from '../../src/core/lifecycle.ts'
import type { Lifecycle } from '../../src/core/lifecycle.ts'
import { afterSweep, isAlone, mayBeShared, provedUnasked } from '../../src/core/peers.ts'
import type { PeerAnswer, PeerSweep, PeerView } from '../../src/core/peers.ts'
import { stuckChecks } from '../../src/core/seen-with-peers.ts'
import { decide, doubts } from '../../src/core/verdict.ts'
import type { Policy } from '../../src/core/verdict.ts'
import { checkPolicy } from '../support/check-policy.ts'

const NOW = 1_000_000
const page = checkPolicy('page')
const policy: Policy = {
  checks: [page],
  holdMs: { local: 900_000, shared: Infinity, busy: Infinity },
  startupHealthyThreshold: 1,
}

const sweep = (...answers: PeerAnswer[]): PeerSweep => ({
  known: answers.length,
  answers: answers.map((answer, i) => ({ peer: `10.0.0.${i}:80`, answer })),
  at: NOW,
})
const after = (...sweeps: PeerSweep[]): PeerView | undefined =>
  sweeps.reduce<PeerView | undefined>((view, each) => afterSweep(view, each), undefined)
const unknownBy = (cause?: Cause): Problem => ({
  status: 'unknown',
  reason: 'DATABASE_REFUSED',
  message: 'refused',
  ...(cause && { cause }),
})
const verdictWith = (finding: Finding, peers: PeerView | undefined, checks = policy) =>
  decide(
    [fold(neverRun('page'), finding, page, NOW)],
    checks,
    { phase: 'serving', since: 0, ...(peers && { peers }) },
    NOW,
  )

const allPass = sweep('pass', 'pass', 'pass')

t.test('alone › is a host whose peers all pass, in two sweeps running', async t => {
  t.equal(isAlone(undefined, NOW), false)
  t.equal(isAlone(after(allPass), NOW), false, 'one sweep is not enough')
  t.equal(isAlone(after(allPass, allPass), NOW), true)
  t.equal(isAlone(after(allPass, sweep('pass', 'pass'), allPass), NOW), true, 'whoever was asked')
})

t.test('alone › is no host of which one peer warns, fails or is silent', async t => {
  for (const other of ['warn', 'fail', 'silent'] as const) {
    const doubtful = sweep('pass', 'pass', other)
    t.equal(isAlone(after(doubtful, allPass), NOW), false, other)
    t.equal(isAlone(after(allPass, doubtful), NOW), false, other)
    t.equal(isAlone(after(allPass, allPass, doubtful), NOW), false, other)
    t.equal(isAlone(after(doubtful, allPass, allPass), NOW), true, `${other}, once`)
  }
})

t.test('alone › takes two witnesses where there are two, and at least one', async t => {
  const oneOf = (known: number): PeerSweep => ({ ...sweep('pass'), known })
  t.equal(isAlone(after(oneOf(1), oneOf(1)), NOW), true, 'of a pair, the other one')
  t.equal(isAlone(after(oneOf(2), oneOf(2)), NOW), false)
  const twoOf9 = { ...sweep('pass', 'pass'), known: 9 }
  t.equal(isAlone(after(twoOf9, twoOf9), NOW), true, 'two are enough, however many there are')
  t.equal(isAlone(after(sweep(), sweep()), NOW), false, 'nobody was asked')
})

t.test('alone › is a host that has not asked yet only after two sweeps, like any other', async t => {
  const unasked = provedUnasked(['page'], NOW)
  const once = afterSweep(unasked, allPass, ['page'])
  t.equal(isAlone(once, NOW), false)
  t.equal(isAlone(afterSweep(once, allPass, ['page']), NOW), true)
  const withNobody = afterSweep(unasked, sweep(), ['page'])
  t.equal(mayBeShared(withNobody, 'other', NOW), true)
  t.equal(mayBeShared(afterSweep(withNobody, sweep(), ['page']), 'other', NOW), false)
  for (const view of [unasked, once, withNobody]) t.equal(mayBeShared(view, 'page', NOW), false)
})

t.test('alone › is forgotten when nobody has been asked for a minute', async t => {
  t.equal(isAlone(after(allPass, allPass), NOW + 60_000), true)
  t.equal(isAlone(after(allPass, allPass), NOW + 60_001), false)
  const fiveMinutesLater = { ...allPass, at: NOW + 300_000 }
  const seldom = after(allPass, fiveMinutesLater)
  t.equal(isAlone(seldom, NOW + 900_000), true, 'a long `fresh_for` takes the sweeps far apart')
  t.equal(isAlone(seldom, NOW + 900_001), false)
})

t.test('alone › makes proof of a shared or a busy unknown, and says who was asked', async t => {
  for (const cause of ['shared', 'busy'] as const) {
    t.match(verdictWith(unknownBy(cause), after(allPass)), { status: 'warn' })
    t.match(verdictWith(unknownBy(cause), after(allPass, allPass)), {
      status: 'fail',
      output: "page: refused; but 10.0.0.0:80, 10.0.0.1:80, 10.0.0.2:80 pass: the trouble is this host's own",
      checks: [
        {
          because: 'alone',
          finding: {
            status: 'fail',
            reason: 'PEERS_DO_NOT_SEE_IT',
            evidence: { unknown: 'DATABASE_REFUSED', peers: ['10.0.0.0:80', '10.0.0.1:80', '10.0.0.2:80'] },
          },
        },
      ],
    })
  }
  t.match(verdictWith(unknownBy('local'), after(allPass, allPass)), { status: 'warn' }, 'a local one holds')
  t.match(verdictWith(unknownBy(), after(allPass, allPass)), { status: 'warn' })
  t.match(verdictWith({ status: 'pass' }, after(allPass, allPass)), { status: 'pass' })
  const optional = { ...policy, checks: [{ ...page, required: false }, checkPolicy('other')] }
  t.match(verdictWith(unknownBy('shared'), after(allPass, allPass), optional).checks[0], {
    effect: 'warn',
    because: 'optional',
  })
})

t.test('alone › keeps the evidence of the unknown, and names a single witness as one', async t => {
  const one = { ...sweep('pass'), known: 1 }
  const found: Finding = { ...unknownBy('shared'), evidence: { sqlState: '53300' } }
  t.match(verdictWith(found, after(one, one)), {
    output: "page: refused; but 10.0.0.0:80 passes: the trouble is this host's own",
    checks: [{ finding: { evidence: { sqlState: '53300', unknown: 'DATABASE_REFUSED' } } }],
  })
})

t.test('alone › makes no proof of what the database itself says of everybody', async t => {
  const full: Finding = { ...unknownBy('shared'), isEverybodys: true }
  const peers = after(allPass, allPass)
  t.match(verdictWith(full, peers), { status: 'warn', checks: [{ because: 'held', finding: full }] })
  const serving: Lifecycle = { phase: 'serving', since: 0 }
  const states = [fold(neverRun('page'), full, page, NOW)]
  t.strictSame(doubts(states, policy, { life: serving, now: NOW }), [], 'peers are not asked')
  const database = { state: fold(neverRun('database'), full, page, NOW), policy: checkPolicy('database') }
  const failure: Finding = { status: 'fail', reason: 'SMOKE_STATUS_UNEXPECTED', message: '500' }
  const excused = attribute(failure, [database], NOW)
  t.match(excused, { status: 'unknown', reason: 'DEPENDENCY_NOT_PASSING', isEverybodys: true })
  t.match(verdictWith(excused, peers), { status: 'warn', checks: [{ because: 'held' }] })
})

t.test('alone › makes no proof of an app that is busy while its database has room for nobody', async t => {
  const database = checkPolicy('database', { shared: true, required: false })
  const depending = { ...policy, checks: [{ ...page, dependsOn: ['database'] }, database] }
  const life: Lifecycle = { phase: 'serving', since: 0 }
  const busy = fold(neverRun('page'), unknownBy('busy'), page, NOW)
  for (const [found, status, asksAbout] of [
    [{ ...unknownBy('shared'), isEverybodys: true }, 'warn', []],
    [unknownBy('shared'), 'fail', ['page']],
    [{ status: 'pass' }, 'fail', ['page']],
  ] as const) {
    const states = [busy, fold(neverRun('database'), found, database, NOW)]
    t.strictSame(doubts(states, depending, { life, now: NOW }), asksAbout)
    const peers = after(allPass, allPass)
    t.match(decide(states, depending, { ...life, ...(peers && { peers }) }, NOW), { status })
  }
  const full: Finding = { ...unknownBy('shared'), isEverybodys: true }
  const states = [
    fold(neverRun('page'), unknownBy('shared'), page, NOW),
    fold(neverRun('database'), full, database, NOW),
  ]
  t.strictSame(doubts(states, depending, { life, now: NOW }), ['page'], 'what a page says is its own matter')
})

t.test('alone › says nothing of a host that is starting: its own reason stays', async t => {
  const peers = after(allPass, allPass)
  const life: Lifecycle = { ...starting(1), ...(peers && { peers }) }
  const states = [fold(neverRun('page'), unknownBy('shared'), page, NOW)]
  t.match(decide(states, policy, life, NOW).checks, [
    { finding: { status: 'unknown', reason: 'DATABASE_REFUSED' } },
  ])
})

t.test('doubts › are the required checks that hold on what may be shared, while serving', async t => {
  const stateOf = (finding: Finding) => [fold(neverRun('page'), finding, page, NOW)]
  const serving: Lifecycle = { phase: 'serving', since: 0 }
  const named = (finding: Finding, life: Lifecycle = serving, checks = [page]) =>
    doubts(stateOf(finding), { ...policy, checks }, { life, now: NOW })
  t.strictSame(named(unknownBy('shared')), ['page'])
  t.strictSame(named(unknownBy('busy')), ['page'])
  t.strictSame(named(unknownBy('local')), [])
  t.strictSame(named({ status: 'pass' }), [])
  t.strictSame(named(unknownBy('shared'), starting(1)), [])
  t.strictSame(doubts([], policy, { life: serving, now: NOW }), [], 'nor one that never ran')
  t.strictSame(named(unknownBy('shared'), serving, [{ ...page, required: false }]), [])
  t.strictSame(named(unknownBy('shared'), serving, [{ ...page, gate: 'startup' }]), [])
})

const silence = (silentForMs = 30_000): Problem => ({
  status: 'fail',
  reason: 'SMOKE_NO_ANSWER',
  silentForMs,
  message: 'not answered',
})
const busy: Problem = { ...unknownBy('busy'), reason: 'SMOKE_NO_ANSWER' }
const withPeers: Policy = { ...policy, asksPeers: true }

/** A host of which these checks are known, after these sweeps; each while the checks were as they are. */
const silentWith = (
  sweeps: readonly PeerSweep[],
  {
    found = [busy, silence()],
    check = page,
    rules = withPeers,
  }: { readonly found?: readonly Finding[]; readonly check?: CheckPolicy; readonly rules?: Policy } = {},
) => {
  const state = found.reduce(
    (before, finding, i) => fold(before, finding, check, NOW + i),
    neverRun(check.name),
  )
  const peers = sweeps.reduce<PeerView | undefined>(
    (view, each) => afterSweep(view, each, stuckChecks([state])),
    undefined,
  )
  return decide(
    [state],
    { ...rules, checks: [check] },
    { phase: 'serving', since: 0, ...(peers && { peers }) },
    NOW,
  )
}

t.test('silence › holds as busy, until peers that are asked pass in two sweeps running', async t => {
  t.match(silentWith([]), {
    status: 'warn',
    output: 'page: not answered; but its peers are asked first whether they are in trouble too',
    checks: [
      {
        effect: 'warn',
        because: 'not-alone',
        hold: { cause: 'busy', since: NOW, until: Infinity },
        finding: {
          status: 'unknown',
          cause: 'busy',
          reason: 'PEERS_MAY_SEE_IT',
          evidence: { failure: 'SMOKE_NO_ANSWER' },
        },
      },
    ],
  })
  t.match(silentWith([allPass]), {
    status: 'warn',
    output: 'page: not answered; but its peers have not passed in two sweeps running yet',
  })
  t.match(silentWith([allPass, allPass]), { status: 'fail', checks: [{ finding: silence() }] })
})

t.test('silence › holds while a peer warns, fails or does not answer, and says which', async t => {
  for (const [answer, says] of [
    ['warn', 'warns'],
    ['fail', 'fails'],
    ['silent', 'does not answer'],
  ] as const)
    t.match(silentWith([allPass, sweep('pass', answer, 'pass')]), {
      status: 'warn',
      output: `page: not answered; but 10.0.0.1:80 ${says}, so the trouble may be everybody's; if it is this host's own, drain it`,
    })
  t.match(silentWith([sweep('warn', 'pass'), allPass, allPass]), { status: 'fail' }, 'once is no more')
})

t.test('silence › that was proof stays it until the app answers, whatever peers say later', async t => {
  const trouble = sweep('warn', 'warn')
  t.match(silentWith([allPass, allPass, trouble, trouble]), { status: 'fail' }, 'its load is on them now')
  const progress: Finding = { ...busy, progress: true }
  t.match(silentWith([allPass, allPass, trouble], { found: [silence(), progress] }), { status: 'warn' })
  t.match(silentWith([allPass, allPass, trouble], { found: [silence(), { status: 'pass' }] }), {
    status: 'pass',
  })
  const before = afterSweep(afterSweep(undefined, allPass), allPass)
  t.strictSame(afterSweep(before, trouble, ['page']).proved, ['page'], 'it failed before this sweep')
  t.strictSame(
    afterSweep(afterSweep(before, trouble), trouble, ['page']).proved,
    [],
    'not from a time before',
  )
  t.strictSame(afterSweep(afterSweep(before, allPass, ['page']), trouble).proved, [], 'nor once it answered')
})

t.test('silence › is proof where there is nobody to ask', async t => {
  t.match(silentWith([], { rules: policy }), { status: 'fail' }, 'no peers are configured')
  t.match(silentWith([sweep()]), { status: 'warn' }, 'once may be a mistake of the DNS')
  t.match(silentWith([sweep(), sweep()]), { status: 'fail' })
  for (const later of ['fail', 'warn', 'silent'] as const)
    t.match(silentWith([sweep(), sweep(), sweep(later)]), { status: 'fail' }, 'and stays it, if one starts')
  t.match(silentWith([sweep(), sweep('silent'), sweep()]), { status: 'warn' }, 'there is one after all')
  const alone = afterSweep(afterSweep(undefined, sweep()), sweep())
  t.strictSame(afterSweep(alone, sweep('fail'), ['page']).proved, ['page'], 'it failed before this sweep')
  t.strictSame(afterSweep(afterSweep(alone, sweep(), ['page']), sweep('fail')).proved, [], 'until it answers')
})

t.test('silence › is proof where no peer has ever answered: nobody can be asked', async t => {
  const never: PeerSweep = { ...sweep('silent', 'silent'), neverAnswered: true }
  t.match(silentWith([never]), { status: 'warn' }, 'they may be starting')
  t.match(silentWith([never, never]), { status: 'fail', checks: [{ finding: silence() }] })
  const outage = sweep('silent', 'silent')
  t.match(silentWith([outage, outage, outage]), { status: 'warn' }, 'they have answered before')
  t.match(
    silentWith([never, never, sweep('warn', 'silent')]),
    { status: 'fail' },
    'and stays it, if one starts',
  )
  for (const cause of ['shared', 'busy'] as const)
    t.match(verdictWith(unknownBy(cause), after(never, never)), { status: 'warn' }, 'as without peers')
})

t.test('silence › no other failure is in doubt', async t => {
  const closed: Finding = { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed' }
  const trouble = sweep('warn', 'warn')
  t.match(silentWith([trouble], { found: [closed] }), { status: 'fail' })
  t.match(silentWith([trouble], { found: [silence(), closed] }), { status: 'fail' })
  t.match(
    silentWith([trouble], { found: [closed, silence()] }),
    { status: 'fail' },
    'wrong before it was stuck',
  )
})

t.test('silence › that holds is not held against a host once less is known, or it answers', async t => {
  const trouble = sweep('warn', 'warn')
  const check = { ...page, healthyThreshold: 2 }
  const answers: Finding = { status: 'pass' }
  t.match(silentWith([trouble], { found: [silence(), answers], check }), { status: 'pass' })
  t.match(silentWith([allPass, allPass], { found: [silence(), answers], check }), {
    status: 'fail',
    checks: [{ because: 'below-healthy-threshold' }],
  })
  for (const found of [busy, unknownBy('shared'), unknownBy('local')]) {
    t.match(silentWith([trouble], { found: [silence(), found] }), {
      status: 'warn',
      checks: [{ because: 'held' }],
    })
    t.match(silentWith([allPass, allPass, trouble], { found: [silence(), found] }), { status: 'fail' })
    t.match(silentWith([trouble], { found: [silence(), found], rules: policy }), { status: 'fail' })
  }
})

t.test('silence › holds for no longer than a busy unknown may, from the first late answer on', async t => {
  const state = [busy, silence(), silence(60_000)].reduce(
    (before, finding, i) => fold(before, finding, page, NOW + i * 10_000),
    neverRun('page'),
  )
  const rules = { ...withPeers, holdMs: { ...policy.holdMs, busy: 25_000 } }
  const life: Lifecycle = { phase: 'serving', since: 0, peers: afterSweep(undefined, sweep('warn')) }
  t.match(decide([state], rules, life, NOW + 24_999), { status: 'warn' })
  t.match(decide([state], rules, life, NOW + 25_000), {
    status: 'fail',
    checks: [{ because: 'hold-expired', hold: { since: NOW } }],
  })
})

t.test('silence › of an optional check only warns, and nobody is asked', async t => {
  const check = { ...page, required: false }
  const state = fold(neverRun('page'), silence(), check, NOW)
  const rules = { ...withPeers, checks: [check, checkPolicy('other')] }
  t.match(decide([state], rules, { phase: 'serving', since: 0 }, NOW).checks[0], {
    because: 'optional',
    finding: silence(),
  })
})

t.test('silence › is a doubt for as long as the failure stands, also before it does', async t => {
  const serving = { life: { phase: 'serving', since: 0 } as const, now: NOW }
  const named = (found: readonly Finding[], check = page) => {
    const state = found.reduce((before, finding) => fold(before, finding, check, NOW), neverRun('page'))
    return doubts([state], { ...withPeers, checks: [check] }, serving)
  }
  t.strictSame(named([silence()]), ['page'])
  t.strictSame(named([busy, silence()], { ...page, unhealthyThreshold: 3 }), ['page'])
  t.strictSame(named([silence(), unknownBy('local')]), ['page'])
  t.strictSame(named([silence(), { status: 'pass' }], { ...page, healthyThreshold: 2 }), ['page'])
  t.strictSame(named([silence(), { status: 'pass' }]), [])
  t.strictSame(named([silence(), { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed' }]), [])
})

t.test('silence › a host that starts is not excused by its peers', async t => {
  const states = [fold(neverRun('page'), silence(), page, NOW)]
  const peers = afterSweep(undefined, sweep('warn'))
  t.match(decide(states, withPeers, { ...starting(1), peers }, NOW), {
    status: 'fail',
    checks: [{ finding: silence() }],
  })
  const drained: Lifecycle = { phase: 'serving', since: 0, peers, drain: { reason: 'kernel' } }
  t.match(decide(states, withPeers, drained, NOW), { status: 'fail', output: 'draining: kernel' })
})

t.test('whatever peers say, it makes a 200 of a 503 without them only if that rests on silence', async t => {
  let helped = 0
  const anyFinding = fc.constantFrom<Finding[]>(
    { status: 'pass' },
    { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed' },
    silence(),
    unknownBy('shared'),
    unknownBy('busy'),
    { ...unknownBy('busy'), progress: true },
    unknownBy('local'),
  )
  const anyLife = fc.constantFrom<Lifecycle[]>(starting(2), { phase: 'serving', since: 0 })
  const anySweep = fc.oneof(
    // often enough, this host is alone
    { weight: 3, arbitrary: fc.constant<PeerAnswer[]>(['pass', 'pass', 'pass']) },
    {
      weight: 1,
      arbitrary: fc.array(fc.constantFrom<PeerAnswer[]>('pass', 'warn', 'fail', 'silent'), { maxLength: 5 }),
    },
  )
  fc.assert(
    fc.property(
      fc.array(anyFinding, { maxLength: 5 }),
      anyLife,
      fc.array(anySweep, { maxLength: 4 }),
      (found, life, sweeps) => {
        const states = [found.reduce((state, finding) => fold(state, finding, page, NOW), neverRun('page'))]
        const peers = sweeps
          .map(answers => sweep(...answers))
          .reduce<PeerView | undefined>(
            (view, each) => afterSweep(view, each, stuckChecks(states)),
            undefined,
          )
        const without = decide(states, policy, life, NOW).status
        const { status } = decide(states, withPeers, { ...life, ...(peers && { peers }) }, NOW)
        if (without !== 'fail' || status === 'fail') return true
        helped += 1
        const isWell = sweeps
          .slice(-2)
          .every(answers => answers.length > 0 && answers.every(is => is === 'pass'))
        return life.phase === 'serving' && stuckChecks(states).length === 1 && !(sweeps.length > 1 && isWell)
      },
    ),
    { numRuns: 2000 },
  )
  t.ok(helped > 50, `${helped} hosts held`)
  t.match(
    decide([], policy, { ...starting(1), peers: after(allPass, allPass) } as Lifecycle, NOW),
    { status: 'fail' },
    'nor one of a host that has proved nothing',
  )
})
