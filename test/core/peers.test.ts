import * as fc from 'fast-check'
import t from 'tap'
import { fold, neverRun } from '../../src/core/check-state.ts'
import type { Cause, Finding } from '../../src/core/finding.ts'
import { starting } from '../../src/core/lifecycle.ts'
import type { Lifecycle } from '../../src/core/lifecycle.ts'
import { afterSweep, isAlone } from '../../src/core/peers.ts'
import type { PeerAnswer, PeerSweep, PeerView } from '../../src/core/peers.ts'
import { decide, doubts } from '../../src/core/verdict.ts'
import { checkPolicy } from '../support/check-policy.ts'

const NOW = 1_000_000
const page = checkPolicy('page')
const policy = {
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
  sweeps.reduce<PeerView | undefined>(afterSweep, undefined)
const unknownBy = (cause?: Cause): Finding => ({
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

t.test('alone › is forgotten when nobody has been asked for a minute', async t => {
  t.equal(isAlone(after(allPass, allPass), NOW + 60_000), true)
  t.equal(isAlone(after(allPass, allPass), NOW + 60_001), false)
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

t.test('whatever peers say, it never makes a 200 of what is a 503 without them', async t => {
  const anyFinding = fc.constantFrom<Finding[]>(
    { status: 'pass' },
    { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed' },
    unknownBy('shared'),
    unknownBy('busy'),
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
        const peers = after(...sweeps.map(answers => sweep(...answers)))
        const without = decide(states, policy, life, NOW).status
        const withPeers = decide(states, policy, { ...life, ...(peers && { peers }) }, NOW).status
        return without === 'fail' ? withPeers === 'fail' : true
      },
    ),
    { numRuns: 2000 },
  )
  t.match(
    decide([], policy, { ...starting(1), peers: after(allPass, allPass) } as Lifecycle, NOW),
    { status: 'fail' },
    'nor one of a host that has proved nothing',
  )
})
