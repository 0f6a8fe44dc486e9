import t from 'tap'
import type { Drain } from '../../src/core/lifecycle.ts'
import { createDrains } from '../../src/host/drains.ts'

const recorded = () => {
  const calls: (Drain | 'resume')[] = []
  const drains = createDrains(() => ({
    drain: drain => void calls.push(drain),
    resume: () => void calls.push('resume'),
  }))
  return { drains, last: () => calls.at(-1) }
}

t.test('drains › an operator’s drain ends by its time, if no notice keeps the host out', async t => {
  const { drains, last } = recorded()
  drains.byOperator({ reason: 'kernel', until: 5 })
  t.strictSame(last(), { reason: 'kernel', until: 5 })
  drains.byNotice({ reason: 'spot' })
  t.strictSame(last(), { reason: 'kernel; spot' }, 'the end of one is not the end of both')
  drains.byOperator(undefined)
  t.strictSame(last(), { reason: 'spot' }, 'resume does not end a notice')
  drains.byNotice(undefined)
  t.strictSame(last(), 'resume')
})

t.test('drains › a notice that is withdrawn ends no drain of an operator', async t => {
  const { drains, last } = recorded()
  drains.byNotice({ reason: 'spot' })
  drains.byOperator({ reason: 'kernel', until: 5 })
  drains.byNotice(undefined)
  t.strictSame(last(), { reason: 'kernel', until: 5 })
})
