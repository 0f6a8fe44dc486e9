import t from 'tap'
import { holdsOf } from '../../src/core/holds.ts'
import type { CheckVerdict, Verdict } from '../../src/core/verdict.ts'

const held = (name: string): CheckVerdict => ({
  name,
  effect: 'warn',
  because: 'held',
  finding: { status: 'unknown', reason: 'DATABASE_REFUSED', message: 'refused' },
  hold: { cause: 'shared', since: 0, until: Infinity },
})
const passes: CheckVerdict = { name: 'env', effect: 'pass', finding: { status: 'pass' } }

const holding = (status: Verdict['status']): string[] => {
  const checks = [held('page'), held('optional'), passes]
  const holds = holdsOf({ status, phase: 'serving', checks }, name => name !== 'optional')
  return holds.map(({ name }) => name)
}

t.test('holds › are those of required checks', async t => {
  t.strictSame(holding('warn'), ['page'])
})

t.test('holds › keep no host in service that answers 503', async t => {
  t.strictSame(holding('fail'), [])
})
