import t from 'tap'
import { fold, neverRun } from '../../src/core/check-state.ts'
import type { CheckPolicy } from '../../src/core/check-state.ts'
import type { Finding } from '../../src/core/finding.ts'
import { publicStatus } from '../../src/core/public-status.ts'
import { decide } from '../../src/core/verdict.ts'
import { checkPolicy } from '../support/check-policy.ts'

const NOW = 1000
const remark: Finding = { status: 'warn', reason: 'DATABASE_PARAMETER_UNKNOWN', message: 'odd' }
const slow: Finding = { status: 'warn', reason: 'SMOKE_LATENCY_HIGH', cause: 'busy', message: 'slow' }
const fail: Finding = { status: 'fail', reason: 'DISK_FULL', message: 'full' }
const unknown: Finding = {
  status: 'unknown',
  reason: 'DATABASE_REFUSED',
  cause: 'shared',
  message: 'refused',
}

/** The status of a host that serves, and what its public answer says. */
const said = (...found: readonly (readonly [Finding, Partial<CheckPolicy>?])[]) => {
  const checks = found.map(([, overrides], i) => checkPolicy(`check-${i}`, overrides))
  const states = checks.map((policy, i) =>
    [{ status: 'pass' } as const, found[i]?.[0] ?? unknown].reduce<ReturnType<typeof neverRun>>(
      (state, finding) => fold(state, finding, policy, NOW),
      neverRun(policy.name),
    ),
  )
  const holdMs = { local: 900_000, shared: Infinity, busy: Infinity }
  const policy = { checks, holdMs, startupHealthyThreshold: 1 }
  const verdict = decide(states, policy, { phase: 'serving', since: 0 }, NOW)
  return [verdict.status, publicStatus(verdict)]
}

const pass: readonly [Finding] = [{ status: 'pass' }]

t.test('public status › a remark on this host alone is a pass', async t => {
  t.strictSame(said(pass), ['pass', 'pass'])
  t.strictSame(said(pass, [remark]), ['warn', 'pass'])
  t.strictSame(said(pass, [remark, { required: false }]), ['warn', 'pass'])
})

t.test('public status › trouble that others may see too is a warning', async t => {
  t.strictSame(said(pass, [unknown]), ['warn', 'warn'], 'a host that holds')
  t.strictSame(
    said(pass, [unknown, { required: false }]),
    ['warn', 'warn'],
    'a database that is not required',
  )
  t.strictSame(said(pass, [fail, { required: false }]), ['warn', 'warn'])
  t.strictSame(said(pass, [fail, { unhealthyThreshold: 2 }]), ['warn', 'warn'])
  t.strictSame(said(pass, [slow]), ['warn', 'warn'], 'an app that is slow')
  t.strictSame(said(pass, [remark], [unknown]), ['warn', 'warn'], 'beside a remark')
})

t.test('public status › a failure stays one', async t => {
  t.strictSame(said(pass, [remark], [fail]), ['fail', 'fail'])
})
