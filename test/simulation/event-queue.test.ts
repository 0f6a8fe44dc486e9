import t from 'tap'
import { createRandom } from '../support/random.ts'
import { EventQueue } from './event-queue.ts'

t.test('event queue › gives events by time, and those of one time in the order of their adding', async t => {
  const random = createRandom(7)
  const queue = new EventQueue()
  const expected = Array.from({ length: 500 }, (_, order) => ({ at: random.below(50), order }))
  for (const { at } of expected) queue.add(at, () => {})
  const taken = expected.map(() => {
    const event = queue.take()
    return { at: event?.at, order: event?.order }
  })
  t.strictSame(
    taken,
    expected.toSorted((a, b) => a.at - b.at || a.order - b.order),
  )
  t.equal(queue.take(), undefined)
})
