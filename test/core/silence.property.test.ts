import * as fc from 'fast-check'
import t from 'tap'
import { fold, neverRun } from '../../src/core/check-state.ts'
import type { CheckPolicy, CheckState } from '../../src/core/check-state.ts'
import type { Finding } from '../../src/core/finding.ts'
import { checkPolicy } from '../support/check-policy.ts'

// the same findings in every run
fc.configureGlobal({ seed: 12 })

const busy: Finding = { status: 'unknown', cause: 'busy', reason: 'SMOKE_NO_ANSWER', message: 'late' }
const findings = {
  pass: { status: 'pass' },
  proof: { status: 'fail', reason: 'SMOKE_STATUS_UNEXPECTED', message: 'a 500 page' },
  silence: { status: 'fail', reason: 'SMOKE_NO_ANSWER', message: 'stuck', silentForMs: 30_000 },
  busy,
  progress: { ...busy, progress: true },
} as const satisfies Record<string, Finding>
type Kind = keyof typeof findings

const anyKinds = fc.array(fc.constantFrom<Kind[]>('pass', 'proof', 'silence', 'busy', 'progress'), {
  maxLength: 20,
})
const anyPolicy = (healthyThreshold: number) =>
  fc.integer({ min: 1, max: 4 }).map(unhealthyThreshold => ({
    ...checkPolicy('page', { unhealthyThreshold, healthyThreshold }),
  }))

const after = (kinds: readonly Kind[], policy: CheckPolicy): CheckState =>
  kinds.reduce((state, kind, i) => fold(state, findings[kind], policy, i * 1000), neverRun('page'))

const isFailing = ({ standing }: CheckState): boolean => standing === 'fail'
const withoutSilence = (kinds: readonly Kind[]) =>
  kinds.map(kind => (kind === 'silence' ? ('busy' as const) : kind))

t.test('progress › it is as if no failure for the lack of it had ever been found', async t => {
  let refuted = 0
  fc.assert(
    fc.property(anyKinds, anyPolicy(1), (kinds, policy) => {
      const real = after([...kinds, 'progress'], policy)
      const other = after([...withoutSilence(kinds), 'progress'], policy)
      if (isFailing(after(kinds, policy)) && !isFailing(real)) refuted += 1
      return isFailing(real) === isFailing(other) && real.failuresInARow === other.failuresInARow
    }),
    { numRuns: 5000 },
  )
  t.ok(refuted > 100, `${refuted} failures were refuted`)
})

t.test('progress › never makes a failure pass that stands without it', async t => {
  let failing = 0
  const healthy = fc.integer({ min: 1, max: 4 }).chain(anyPolicy)
  fc.assert(
    fc.property(anyKinds, healthy, (kinds, policy) => {
      const real = after([...kinds, 'progress'], policy)
      const other = after([...withoutSilence(kinds), 'progress'], policy)
      if (isFailing(other)) failing += 1
      return isFailing(real) || !isFailing(other)
    }),
    { numRuns: 5000 },
  )
  t.ok(failing > 100, `${failing} failures stand`)
})

t.test('proof › as often as unhealthy_threshold says, with no pass between, fails the check', async t => {
  const between = fc.array(fc.constantFrom<Kind[]>('silence', 'busy', 'progress'), { maxLength: 4 })
  fc.assert(
    fc.property(
      anyKinds,
      anyPolicy(1),
      fc.array(between, { minLength: 4, maxLength: 4 }),
      (kinds, policy, gaps) => {
        const proofs = gaps
          .slice(0, policy.unhealthyThreshold)
          .flatMap((gap): Kind[] => ['proof', ...gap, 'progress'])
        return isFailing(after([...kinds, ...proofs], policy))
      },
    ),
    { numRuns: 2000 },
  )
  t.pass('whatever is found between them')
})
