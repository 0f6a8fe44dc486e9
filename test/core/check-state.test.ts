import t from 'tap'
import { currentFinding, fold, isFresh, unasked, unknownSince } from '../../src/core/check-state.ts'
import type { Finding } from '../../src/core/finding.ts'
import { checkPolicy } from '../support/check-policy.ts'

const policy = checkPolicy('homepage', { healthyThreshold: 2, unhealthyThreshold: 3 })
const pass: Finding = { status: 'pass' }
const fail: Finding = { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed' }
const unknown: Finding = { status: 'unknown', reason: 'CHECK_THREW', message: 'threw' }

const after = (...findings: Finding[]) =>
  findings.reduce((state, finding, i) => fold(state, finding, policy, i * 1000), unasked('homepage'))

t.test('fold › settles on pass once healthy_threshold findings in a row pass', async t => {
  t.equal(after(pass).standing, undefined)
  t.equal(after(pass, pass).standing, 'pass')
  t.equal(after(pass, fail, pass).standing, undefined)
})

t.test('fold › below unhealthy_threshold leaves the standing as it was', async t => {
  t.equal(after(pass, pass, fail, fail).standing, 'pass')
  t.equal(after(pass, pass, fail, fail, fail).standing, 'fail')
})

t.test('fold › an unknown breaks no row and moves no threshold', async t => {
  t.equal(after(pass, unknown, pass).standing, 'pass')
  t.equal(after(pass, pass, fail, unknown, fail, unknown, fail).standing, 'fail')
  t.equal(after(pass, pass, unknown, unknown, unknown, unknown).standing, 'pass')
})

t.test('unknownSince › is the first unknown in a row, and ends with a known finding', async t => {
  t.equal(unknownSince(after(pass, unknown, unknown), policy, 2000), 1000)
  t.equal(unknownSince(after(pass, unknown, pass), policy, 2000), undefined)
  t.equal(unknownSince(after(unknown), policy, 0), 0)
})

t.test('currentFinding › expires after twice the interval plus the timeout', async t => {
  const state = after(pass)
  t.match(currentFinding(state, policy, 22_000), pass)
  t.match(currentFinding(state, policy, 22_001), { status: 'unknown', reason: 'FINDING_EXPIRED' })
  t.equal(unknownSince(state, policy, 30_000), 22_000, 'and is unknown from that moment on')
  t.match(currentFinding(unasked('homepage'), policy, 0), { status: 'unknown', reason: 'CHECK_NEVER_RAN' })
})

t.test('isFresh › for fresh_for, inclusive', async t => {
  t.equal(isFresh(after(pass), policy, 1000), true)
  t.equal(isFresh(after(pass), policy, 1001), false)
  t.equal(isFresh(unasked('homepage'), policy, 0), false)
})
