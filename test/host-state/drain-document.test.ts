import t from 'tap'
import { drainDocument } from '../../src/host/drain-document.ts'

const since = new Date('2026-11-22T03:18:00Z')
const until = new Date('2026-11-22T04:18:00Z')
const notice = { reason: 'EC2 will stop this spot instance', drainedSince: '2026-11-22T03:20:00.000Z' }

t.test('drain document › what an operator said of their drain, and no more', async t => {
  t.strictSame(drainDocument({ reason: 'kernel' }, undefined), { drain: { reason: 'kernel' } })
  t.strictSame(drainDocument({ reason: 'kernel', by: 'ann', since, until }, undefined), {
    drain: {
      reason: 'kernel',
      by: 'ann',
      since: '2026-11-22T03:18:00.000Z',
      until: '2026-11-22T04:18:00.000Z',
    },
  })
})

t.test('drain document › a notice that drains, if no operator does', async t => {
  t.strictSame(drainDocument(undefined, notice), {
    drain: { reason: notice.reason, by: 'lifecycle', since: notice.drainedSince },
  })
  t.strictSame(drainDocument({ reason: 'kernel' }, notice), { drain: { reason: 'kernel' } })
})

t.test('drain document › a notice that drains nothing is no drain', async t => {
  t.strictSame(drainDocument(undefined, undefined), {})
  t.strictSame(drainDocument(undefined, { targetState: 'InService' }), {})
  t.strictSame(drainDocument(undefined, { reason: notice.reason }), {}, 'without a begin')
  t.strictSame(drainDocument(undefined, { drainedSince: notice.drainedSince }), {}, 'without a reason')
})
