import * as fc from 'fast-check'
import t from 'tap'
import { expiresAfterMs, fold, neverRun } from '../../src/core/check-state.ts'
import type { CheckPolicy, CheckState } from '../../src/core/check-state.ts'
import type { Finding } from '../../src/core/finding.ts'
import { afterRound, starting } from '../../src/core/lifecycle.ts'
import type { Lifecycle } from '../../src/core/lifecycle.ts'
import { decide, roundPasses } from '../../src/core/verdict.ts'
import type { Policy, Verdict } from '../../src/core/verdict.ts'
import { checkPolicy as policyOfCheck } from '../support/check-policy.ts'
import { holdFor } from '../support/hold-for.ts'

// the same policies and histories in every run
fc.configureGlobal({ seed: 11 })

/** When each history begins; not 0, which would hide a wrong sign. */
const START = 1_000_000

const findings = {
  pass: { status: 'pass' },
  warn: { status: 'warn', reason: 'ENV_VARIABLE_INVALID', message: 'odd' },
  fail: { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed' },
  unknown: { status: 'unknown', reason: 'CHECK_TIMED_OUT', message: 'late' },
} as const satisfies Record<string, Finding>
type Status = keyof typeof findings

const statuses: readonly Status[] = ['pass', 'warn', 'fail', 'unknown']
const anyStatus = fc.constantFrom(...statuses)
const mostlyPass = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Status>('pass') },
  { weight: 2, arbitrary: anyStatus },
)

const checkPolicy = (name: string): fc.Arbitrary<CheckPolicy> =>
  fc.record({
    name: fc.constant(name),
    intervalMs: fc.integer({ min: 1, max: 60_000 }),
    freshForMs: fc.integer({ min: 1, max: 30_000 }),
    timeoutMs: fc.integer({ min: 1, max: 10_000 }),
    healthyThreshold: fc.integer({ min: 1, max: 4 }),
    unhealthyThreshold: fc.integer({ min: 1, max: 4 }),
    required: fc.boolean(),
    gate: fc.constantFrom<CheckPolicy['gate'][]>('always', 'always', 'startup'),
    dependsOn: fc.constant([]),
    shared: fc.boolean(),
  })

/** One to four checks, at least one of which counts. */
const anyPolicy: fc.Arbitrary<Policy> = fc
  .integer({ min: 1, max: 4 })
  .chain(count => fc.tuple(...Array.from({ length: count }, (_, i) => checkPolicy(`c${i}`))))
  .filter(checks => checks.some(({ required, gate }) => required && gate === 'always'))
  .chain(checks =>
    fc.record({
      checks: fc.constant(checks),
      holdMs: fc.integer({ min: 1000, max: 3_600_000 }).map(holdFor),
      startupHealthyThreshold: fc.integer({ min: 1, max: 6 }),
    }),
  )

/** What every check of a policy finds in one round. */
const roundOf = ({ checks }: Policy) => fc.tuple(...checks.map(() => mostlyPass))

const foldAll = (
  states: readonly CheckState[],
  policy: Policy,
  { round, now }: { round: readonly Status[]; now: number },
): CheckState[] =>
  policy.checks.map((check, i) =>
    fold(states[i] ?? neverRun(check.name), findings[round[i] ?? 'unknown'], check, now),
  )

/** How many verdicts have each status. */
const tally = (verdicts: readonly Verdict[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { status } of verdicts) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}

t.test('a 200 before healthy_threshold full rounds never happens', async t => {
  const traces = anyPolicy.chain(policy =>
    fc.record({
      policy: fc.constant(policy),
      rounds: fc.array(fc.record({ found: roundOf(policy), gapMs: fc.integer({ min: 0, max: 60_000 }) }), {
        maxLength: 40,
      }),
    }),
  )
  let served = 0
  fc.assert(
    fc.property(traces, ({ policy, rounds }) => {
      let life: Lifecycle = starting(policy.startupHealthyThreshold)
      let states: CheckState[] = []
      let now = START
      // the oracle: rounds in a row in which nothing required failed or was unknown, counted by itself
      let inARow = 0
      for (const { found, gapMs } of rounds) {
        now += gapMs
        const startedAt = now
        if (decide(states, policy, life, now).status !== 'fail') throw new Error('a 200 between rounds')
        now += 5
        states = foldAll(states, policy, { round: found, now })
        const clean = policy.checks.every(
          ({ required }, i) => !required || found[i] === 'pass' || found[i] === 'warn',
        )
        inARow = clean ? inARow + 1 : 0
        const passed = roundPasses(states, policy, { startedAt, now })
        if (passed && !clean) throw new Error('a round passed that was not clean')
        life = afterRound(life, { passed, healthyThreshold: policy.startupHealthyThreshold, now })
        const verdict = decide(states, policy, life, now)
        if (life.phase === 'starting' && verdict.status !== 'fail') throw new Error('a 200 while starting')
        if (life.phase === 'serving') {
          if (inARow < policy.startupHealthyThreshold) throw new Error('served too early')
          served += 1
          return
        }
      }
    }),
    { numRuns: 2000 },
  )
  t.ok(served > 100, `${served} of the traces came into service, so the property was put to the test`)
})

t.test('while serving, no sequence of only pass and unknown shorter than hold ever gives 503', async t => {
  const traces = anyPolicy.chain(policy =>
    fc.record({
      policy: fc.constant(policy),
      found: fc.array(
        fc.record({
          check: fc.integer({ min: 0, max: policy.checks.length - 1 }),
          status: fc.constantFrom<Status[]>('pass', 'unknown'),
          gapMs: fc.integer({ min: 0, max: policy.holdMs.local }),
        }),
        { maxLength: 40 },
      ),
    }),
  )
  let held = 0
  fc.assert(
    fc.property(traces, ({ policy, found }) => {
      const life: Lifecycle = { phase: 'serving', since: START }
      const states = policy.checks.map(({ name }) => neverRun(name))
      let now = START
      for (const { check, status, gapMs } of found) {
        now += gapMs
        if (now - START >= policy.holdMs.local) return
        const checkPolicyAt = policy.checks[check]
        const state = states[check]
        if (!checkPolicyAt || !state) return
        states[check] = fold(state, findings[status], checkPolicyAt, now)
        const verdict = decide(states, policy, life, now)
        if (verdict.status === 'fail') throw new Error(`503 after ${now - START} ms: ${verdict.output}`)
        if (verdict.status === 'warn') held += 1
      }
    }),
    { numRuns: 2000 },
  )
  t.ok(held > 100, `${held} verdicts were held`)
})

t.test(
  'while serving, no sequence of passes and of unknowns that are shared or busy ever gives 503',
  async t => {
    /** Passes are rare, or else no unknown would ever last for long. */
    const mostly = (...kinds: readonly ('shared' | 'busy')[]) =>
      fc.oneof(
        { weight: 1, arbitrary: fc.constant('pass' as const) },
        { weight: 200, arbitrary: fc.constantFrom(...kinds) },
      )
    const found = {
      pass: findings.pass,
      shared: { ...findings.unknown, cause: 'shared' },
      busy: { ...findings.unknown, cause: 'busy' },
    } as const satisfies Record<string, Finding>
    const checks = [policyOfCheck('page'), policyOfCheck('database')]
    const policy: Policy = {
      checks,
      holdMs: { local: 900_000, shared: Infinity, busy: Infinity },
      startupHealthyThreshold: 1,
    }
    const steps = fc.constantFrom('any', 'shared', 'busy').chain(kind =>
      fc.array(
        fc.record({
          found:
            kind === 'any'
              ? fc.tuple(mostly('shared', 'busy'), mostly('shared', 'busy'))
              : fc.tuple(mostly(kind), mostly(kind)),
          gapMs: fc.integer({ min: 0, max: 20_000 }),
        }),
        { minLength: 100, maxLength: 300 },
      ),
    )
    let longestMs = 0
    fc.assert(
      fc.property(steps, trace => {
        let now = START
        let states = checks.map(({ name }) => neverRun(name))
        for (const { found: round, gapMs } of trace) {
          now += gapMs
          const at = now
          states = checks.map((check, i) =>
            fold(states[i] ?? neverRun(check.name), found[round[i] ?? 'pass'], check, at),
          )
          const { status, output } = decide(states, policy, { phase: 'serving', since: START }, now)
          if (status === 'fail') throw new Error(`503 after ${now - START} ms: ${output}`)
          for (const { unknown } of states) longestMs = Math.max(longestMs, now - (unknown?.since ?? now))
        }
        const at = now
        const failed = states.map((state, i) =>
          fold(state, findings.fail, checks[i] ?? policyOfCheck('page'), at),
        )
        return decide(failed, policy, { phase: 'serving', since: START }, now).status === 'fail'
      }),
      { numRuns: 200 },
    )
    t.ok(longestMs > 2 * policy.holdMs.local, `an unknown of one cause lasted for ${longestMs} ms`)
    t.match(
      decide(
        [fold(neverRun('page'), findings.unknown, policyOfCheck('page', { intervalMs: 1e9 }), START)],
        { ...policy, checks: [policyOfCheck('page', { intervalMs: 1e9 })] },
        { phase: 'serving', since: START },
        START + 900_000,
      ),
      { status: 'fail' },
      'a local unknown is not held for ever',
    )
  },
)

t.test('what nobody has confirmed for longer than it may be relied on and held is never a 200', async t => {
  const verdicts: Verdict[] = []
  fc.assert(
    fc.property(anyPolicy, fc.integer({ min: 0, max: 1e9 }), (policy, beyondMs) => {
      const states = policy.checks.map(check =>
        [1, 2, 3, 4].reduce(state => fold(state, findings.pass, check, START), neverRun(check.name)),
      )
      const life: Lifecycle = { phase: 'serving', since: START }
      const after = policy.checks.map(expiresAfterMs)
      const confirmed = decide(states, policy, life, START + Math.min(...after) - 1)
      const forgotten = decide(
        states,
        policy,
        life,
        START + Math.max(...after) + policy.holdMs.local + beyondMs,
      )
      verdicts.push(confirmed, forgotten)
      return confirmed.status === 'pass' && forgotten.status === 'fail'
    }),
    { numRuns: 500 },
  )
  t.strictSame(tally(verdicts), { pass: 500, fail: 500 })
})

t.test(
  'a required check whose latest findings fail, as often as its threshold says, is never a 200',
  async t => {
    const verdicts: Verdict[] = []
    fc.assert(
      fc.property(anyPolicy, fc.array(anyStatus, { maxLength: 20 }), (policy, history) => {
        const target = policy.checks.find(({ required, gate }) => required && gate === 'always')
        if (!target) return false
        const failures = Array.from({ length: target.unhealthyThreshold }, (): Status => 'fail')
        const states = policy.checks.map(check =>
          [...history, ...(check === target ? failures : [])].reduce(
            (state, status, at) => fold(state, findings[status], check, START + at),
            neverRun(check.name),
          ),
        )
        const verdict = decide(states, policy, { phase: 'serving', since: START }, START + 30)
        verdicts.push(verdict)
        return verdict.status === 'fail'
      }),
      { numRuns: 1000 },
    )
    t.strictSame(tally(verdicts), { fail: 1000 })
  },
)

t.test('the order of the checks never matters', async t => {
  const cases = anyPolicy.chain(policy =>
    fc.record({
      policy: fc.constant(policy),
      shuffled: fc.shuffledSubarray([...policy.checks], { minLength: policy.checks.length }),
      rounds: fc.array(roundOf(policy), { maxLength: 10 }),
      life: fc.constantFrom<Lifecycle[]>(starting(2), { phase: 'serving', since: START }),
    }),
  )
  const verdicts: Verdict[] = []
  fc.assert(
    fc.property(cases, ({ policy, shuffled, rounds, life }) => {
      const states = rounds.reduce<CheckState[]>(
        (before, round, i) => foldAll(before, policy, { round, now: START + i * 1000 }),
        [],
      )
      const now = START + rounds.length * 1000
      const a = decide(states, policy, life, now)
      const b = decide(states.toReversed(), { ...policy, checks: shuffled }, life, now)
      verdicts.push(a)
      const byName = ({ checks }: typeof a) =>
        JSON.stringify(checks.toSorted((x, y) => (x.name < y.name ? -1 : 1)))
      return a.status === b.status && a.phase === b.phase && byName(a) === byName(b)
    }),
    { numRuns: 1000 },
  )
  t.strictSame(Object.keys(tally(verdicts)).toSorted(), ['fail', 'pass', 'warn'], 'every verdict was given')
})

t.test('the same trace gives the same verdicts, and changes nothing that it is given', async t => {
  const traces = anyPolicy.chain(policy =>
    fc.record({ policy: fc.constant(policy), rounds: fc.array(roundOf(policy), { maxLength: 20 }) }),
  )
  const replay = (policy: Policy, rounds: readonly (readonly Status[])[]): Verdict[] => {
    let life: Lifecycle = starting(policy.startupHealthyThreshold)
    let states: CheckState[] = []
    return rounds.map((round, i) => {
      const now = START + i * 1000
      states = deepFreeze(foldAll(states, policy, { round, now }))
      const passed = roundPasses(states, policy, { startedAt: now, now })
      if (life.phase === 'starting')
        life = deepFreeze(afterRound(life, { passed, healthyThreshold: policy.startupHealthyThreshold, now }))
      return decide(states, policy, life, now)
    })
  }
  const verdicts: Verdict[] = []
  fc.assert(
    fc.property(traces, ({ policy, rounds }) => {
      const told = replay(deepFreeze(policy), rounds)
      verdicts.push(...told)
      return JSON.stringify(told) === JSON.stringify(replay(policy, rounds))
    }),
    { numRuns: 500 },
  )
  t.strictSame(Object.keys(tally(verdicts)).toSorted(), ['fail', 'pass', 'warn'], 'every verdict was given')
})
