import t from 'tap'
import { fold, unasked } from '../../src/core/check-state.ts'
import type { Policy } from '../../src/core/verdict.ts'
import { createAnswerSince } from '../../src/status/answer-since.ts'
import { situationOf } from '../../src/status/situation.ts'
import { checkPolicy } from '../support/check-policy.ts'

const policy: Policy = {
  checks: [checkPolicy('a'), checkPolicy('b')],
  holdMs: 900_000,
  startupHealthyThreshold: 5,
}
const unknown = { status: 'unknown', reason: 'CHECK_THREW', message: '' } as const

t.test('situation › while serving: since when each unknown holds, and until when', async t => {
  const first = fold(unasked('a'), unknown, checkPolicy('a'), 1000)
  const states = [
    fold(first, unknown, checkPolicy('a'), 5000),
    fold(unasked('b'), { status: 'pass' }, checkPolicy('b'), 5000),
  ]
  const host = { life: { phase: 'serving', since: 0 }, states } as const
  t.strictSame([...situationOf(host, policy, 6000).holds], [['a', { since: 1000, until: 901_000 }]])
  t.strictSame([...situationOf(host, { ...policy, holdMs: Infinity }, 6000).holds], [['a', { since: 1000 }]])
})

t.test('situation › while starting: the rounds, and no hold', async t => {
  const host = { life: { phase: 'starting', rounds: 2, needed: 10 }, states: [] } as const
  t.strictSame(situationOf(host, policy, 0), { startup: { rounds: 2, needed: 10 }, holds: new Map() })
})

t.test(
  'answer since › counts from the change between 200 and 503, and pass and warn are both 200',
  async t => {
    let now = 0
    const answer = createAnswerSince(() => new Date(now))
    const sinceOf = (status: 'pass' | 'warn' | 'fail', at: number) => {
      now = at
      return answer.note({ status }).getTime()
    }
    t.equal(sinceOf('fail', 10), 10)
    t.equal(sinceOf('fail', 20), 10)
    t.equal(sinceOf('pass', 30), 30)
    t.equal(sinceOf('warn', 40), 30)
    t.equal(sinceOf('fail', 50), 50)
  },
)
