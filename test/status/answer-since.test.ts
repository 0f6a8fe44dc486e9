import t from 'tap'
import { createAnswerSince } from '../../src/status/answer-since.ts'

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

t.test('answer since › goes on from the daemon before, if the answer is the same', async t => {
  const known = { answer: 503 as const, since: new Date(5) }
  const now = () => new Date(100)
  t.equal(createAnswerSince(now, known).note({ status: 'fail' }).getTime(), 5)
  t.equal(createAnswerSince(now, known).note({ status: 'warn' }).getTime(), 100)
  t.equal(
    createAnswerSince(now, { ...known, answer: 200 })
      .note({ status: 'pass' })
      .getTime(),
    5,
  )
})
