import t from 'tap'
import type { PeerAnswer } from '../../src/core/peers.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { createReach, unansweredNote } from '../../src/peers/reach.ts'

const saying = (...answers: PeerAnswer[]) => ({
  known: answers.length,
  answers: answers.map((answer, i) => ({ peer: `10.0.0.${i}:80`, answer })),
})
const nobody = saying()

const follow = ({ hasAnswered = false } = {}) => {
  const logged: LogEvent[] = []
  let told = 0
  const logger = { log: (level: string, event: LogEvent) => void logged.push({ ...event, level }) }
  const reach = createReach({ hasAnswered, answered: () => void (told += 1), logger })
  return { reach, logged, told: () => told }
}

t.test('reach › is there if one of those that were asked answers, whatever it says', async t => {
  for (const answer of ['pass', 'warn', 'fail'] as const) {
    const { reach, told } = follow()
    reach.heard(saying('silent', answer))
    t.match(reach, { hasAnswered: true, isAnswered: true, note: undefined })
    reach.heard(saying(answer, 'silent'))
    t.equal(told(), 1, 'told once')
    t.equal(unansweredNote(saying('silent', answer)), undefined)
  }
})

t.test('reach › is not there after two sweeps running without an answer', async t => {
  const { reach, logged, told } = follow()
  reach.heard(saying('silent'))
  reach.heard(saying('pass'))
  reach.heard(saying('silent'))
  t.match(reach, { isAnswered: true, note: undefined })
  reach.heard(saying('silent'))
  t.match(reach, { isAnswered: false, note: /^no answer from the one peer \(asked: 10\.0\.0\.0:80\)/ })
  reach.heard(saying('silent'))
  reach.heard(saying('pass'))
  reach.heard(saying('pass'))
  t.match(reach, { isAnswered: true, note: undefined })
  t.match(logged, [
    { level: 'warn', event: 'peers.unreachable', known: 1 },
    { level: 'info', event: 'peers.reachable', known: 1 },
  ])
  t.equal(logged.length, 2)
  t.equal(told(), 1)
})

t.test('reach › is not known while there is nobody to ask', async t => {
  const { reach } = follow({ hasAnswered: true })
  reach.heard(saying('silent'))
  reach.heard(saying('silent'))
  t.match(reach.note, /, and one answered before: until one does/)
  reach.heard(nobody)
  t.match(reach, { hasAnswered: true, isAnswered: undefined, note: undefined })
  reach.heard(saying('silent'))
  t.match(reach, { isAnswered: undefined, note: undefined }, 'it takes two sweeps again')
  t.equal(unansweredNote(nobody), undefined)
})

t.test('reach › of peers of whom none could be asked, too', async t => {
  t.equal(
    unansweredNote({ known: 3, answers: [] }),
    'no answer from any of 3 peers; open that port between the hosts, or correct `peers`',
  )
})
