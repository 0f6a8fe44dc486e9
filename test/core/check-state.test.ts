import t from 'tap'
import { currentFinding, currentUnknown, fold, isFresh, neverRun } from '../../src/core/check-state.ts'
import type { Finding } from '../../src/core/finding.ts'
import { checkPolicy } from '../support/check-policy.ts'

const policy = checkPolicy('homepage', { healthyThreshold: 2, unhealthyThreshold: 3 })
const pass: Finding = { status: 'pass' }
const fail: Finding = { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed' }
const unknown: Finding = { status: 'unknown', reason: 'CHECK_BROKE', message: 'broke' }

const after = (...findings: Finding[]) =>
  findings.reduce((state, finding, i) => fold(state, finding, policy, i * 1000), neverRun('homepage'))

t.test('fold › settles on pass once healthy_threshold findings in a row pass', async t => {
  t.equal(after(pass).standing, undefined)
  t.equal(after(pass, pass).standing, 'pass')
  t.equal(after(pass, fail, pass).standing, undefined)
})

t.test('fold › below unhealthy_threshold leaves the standing as it was', async t => {
  t.equal(after(pass, pass, fail, fail).standing, 'pass')
  t.equal(after(pass, pass, fail, fail, fail).standing, 'fail')
})

t.test('fold › a check that never ran has failed and passed no time', async t => {
  t.equal(after(fail, fail).standing, undefined)
  t.equal(after(fail, fail, fail).standing, 'fail')
})

t.test('fold › an unknown breaks no row and moves no threshold', async t => {
  t.equal(after(pass, unknown, pass).standing, 'pass')
  t.equal(after(pass, pass, fail, unknown, fail, unknown, fail).standing, 'fail')
  t.equal(after(pass, pass, unknown, unknown, unknown, unknown).standing, 'pass')
})

t.test('fold › progress ends a failure that rests on the lack of it, and no other', async t => {
  const stuck: Finding = { ...fail, reason: 'SMOKE_NO_ANSWER', silentForMs: 30_000 }
  const busy: Finding = { ...unknown, cause: 'busy' }
  const progress: Finding = { ...busy, progress: true }
  const once = checkPolicy('homepage')
  const standing = (...findings: Finding[]) =>
    findings.reduce((state, finding, i) => fold(state, finding, once, i * 1000), neverRun('homepage'))
      .standing
  t.equal(standing(pass, stuck, progress), 'pass')
  t.equal(standing(pass, stuck, unknown, stuck, progress), 'pass')
  t.equal(standing(pass, stuck, busy), 'fail', 'a busy app that has shown no progress')
  t.equal(standing(pass, fail, progress), 'fail', 'a page that was wrong')
  t.equal(standing(pass, fail, stuck, progress), 'fail', 'wrong before it was stuck')
  t.equal(standing(pass, stuck, fail, progress), 'fail', 'wrong after it was stuck')
})

t.test('fold › progress takes back failures for the lack of it; those with proof go on counting', async t => {
  const stuck: Finding = { ...fail, reason: 'SMOKE_NO_ANSWER', silentForMs: 30_000 }
  const progress: Finding = { ...unknown, cause: 'busy', progress: true }
  const twice = checkPolicy('homepage', { unhealthyThreshold: 2 })
  const state = (...findings: Finding[]) =>
    findings.reduce((known, finding, i) => fold(known, finding, twice, i * 1000), neverRun('homepage'))
  t.match(state(pass, fail, stuck), { standing: 'fail', failuresInARow: 2 })
  t.match(state(pass, fail, stuck, progress), { standing: 'pass', failuresInARow: 1 })
  t.match(state(pass, fail, stuck, progress, fail), { standing: 'fail', failuresInARow: 2 })
  t.equal(state(pass, fail, stuck, progress, fail, progress).standing, 'fail', 'two with proof')
  t.equal(state(pass, stuck, progress, fail).standing, 'pass', 'one with proof')
  t.equal(state(pass, fail, stuck, fail, progress).standing, 'fail', 'two with proof')
  t.equal(state(pass, fail, stuck, pass, fail).standing, 'pass', 'a pass ends the row')
})

t.test('fold › a failure that rests on a lack of progress rests on it until it is settled', async t => {
  const stuck: Finding = { ...fail, reason: 'SMOKE_NO_ANSWER', silentForMs: 30_000 }
  const impatient = { ...policy, unhealthyThreshold: 1 }
  const stateAfter = (...findings: Finding[]) =>
    findings.reduce((state, finding, i) => fold(state, finding, impatient, i * 1000), neverRun('homepage'))
  const { standing, isStuck } = stateAfter(stuck, pass)
  t.strictSame({ standing, isStuck }, { standing: 'fail', isStuck: true }, 'one pass is too few')
  t.strictSame(stateAfter(stuck, pass, pass).isStuck, undefined)
  t.strictSame(stateAfter(stuck, pass, fail).isStuck, undefined)
})

t.test('fold › a lack of progress may be everybody’s, as the busy unknown before it', async t => {
  const stuck: Finding = { ...fail, reason: 'SMOKE_NO_ANSWER', silentForMs: 30_000 }
  const busy: Finding = { ...unknown, cause: 'busy' }
  t.strictSame(after(busy, stuck, stuck).unknown, { cause: 'busy', since: 0 })
  t.strictSame(after(unknown, stuck, stuck).unknown, { cause: 'busy', since: 1000 })
  t.equal(after(busy, stuck, pass).unknown, undefined)
  t.equal(after(busy, stuck, fail).unknown, undefined)
})

t.test(
  'current unknown › starts with the first unknown of its cause, and ends with a known finding',
  async t => {
    const local = { cause: 'local', since: 1000 }
    t.strictSame(currentUnknown(after(pass, unknown, unknown), policy, 2000), local)
    t.equal(currentUnknown(after(pass, unknown, pass), policy, 2000), undefined)
    t.strictSame(currentUnknown(after(unknown), policy, 0), { cause: 'local', since: 0 })
    const shared: Finding = { ...unknown, cause: 'shared' }
    t.strictSame(currentUnknown(after(unknown, shared, shared), policy, 2000), {
      cause: 'shared',
      since: 1000,
    })
    t.strictSame(currentUnknown(after(shared, shared, unknown), policy, 2000), {
      cause: 'local',
      since: 2000,
    })
  },
)

t.test(
  'current unknown › of what has expired is local, whatever it was: the sidecar did not look',
  async t => {
    const shared: Finding = { ...unknown, cause: 'shared' }
    t.strictSame(currentUnknown(after(shared), policy, 30_000), { cause: 'local', since: 22_000 })
    t.strictSame(currentUnknown(after(shared), policy, 22_000), { cause: 'shared', since: 0 }, 'not yet')
    t.strictSame(currentUnknown(after(unknown), policy, 30_000), { cause: 'local', since: 0 })
  },
)

t.test('fold › a pass after an interruption begins the aftermath, as one after trouble does', async t => {
  t.equal(after(pass, pass).recoveredAt, undefined)
  t.equal(after(pass, { status: 'pass', interrupted: true }).recoveredAt, 1000)
  const remark: Finding = { status: 'warn', reason: 'DATABASE_PARAMETER_UNKNOWN', message: 'odd' }
  t.equal(after(pass, { ...remark, interrupted: true }).recoveredAt, 1000)
  t.equal(after(pass, remark).recoveredAt, undefined)
  t.equal(after(pass, unknown, pass).recoveredAt, 2000)
  t.equal(after(pass, fail, pass).recoveredAt, undefined, 'but not after trouble of its own')
})

t.test('currentFinding › expires after twice the interval plus the timeout', async t => {
  const state = after(pass)
  t.match(currentFinding(state, policy, 22_000), pass)
  t.match(currentFinding(state, policy, 22_001), { status: 'unknown', reason: 'FINDING_EXPIRED' })
  t.match(currentFinding(state, policy, 90_400), { message: 'the last finding is 90 s old' })
  t.match(currentUnknown(state, policy, 30_000), { since: 22_000 }, 'and is unknown from that moment on')
  t.match(currentFinding(neverRun('homepage'), policy, 0), { status: 'unknown', reason: 'CHECK_NEVER_RAN' })
})

t.test('isFresh › for fresh_for, inclusive', async t => {
  t.equal(isFresh(after(pass), policy, 1000), true)
  t.equal(isFresh(after(pass), policy, 1001), false)
  t.equal(isFresh(neverRun('homepage'), policy, 0), false)
})

t.test('fold › the aftermath of a failure is only that of what all hosts share', async t => {
  const slow: Finding = { status: 'warn', reason: 'DATABASE_SLOW', cause: 'shared', message: 'slow' }
  const after = (shared: boolean, ...findings: Finding[]) =>
    findings.reduce(
      (state, finding, i) => fold(state, finding, { ...policy, shared }, i * 1000),
      neverRun('homepage'),
    )
  t.equal(after(true, fail, pass).recoveredAt, 1000)
  t.equal(after(true, pass, pass).recoveredAt, undefined)
  t.equal(after(false, fail, pass).recoveredAt, undefined)
  t.equal(after(true, unknown, slow).recoveredAt, 1000)
  t.equal(after(false, unknown, pass).recoveredAt, 1000)
  t.equal(after(true, slow, pass).easedAt, 1000)
  t.equal(after(true, slow, pass).recoveredAt, undefined, 'a warning is no failure')
  t.equal(after(true, slow, slow).easedAt, undefined, 'it is still slow')
  t.equal(after(true, slow, fail).easedAt, undefined)
  t.match(after(true, unknown, slow, pass, pass), { recoveredAt: 1000, easedAt: 2000 })
  t.equal(after(true, slow, pass, unknown).easedAt, 1000)
  t.equal(after(false, slow, pass).easedAt, undefined)
})
