import t from 'tap'
import { judgeTimeout } from '../../../src/checks/smoke/judge-failure.ts'
import { expectationOf } from '../../../src/checks/smoke/expectation.ts'
import { parseTarget } from '../../../src/checks/smoke/target.ts'
import type { Progress } from '../../../src/checks/smoke/exchange.ts'

const timedOut = (progress: Progress, text: string) => {
  const request = { method: 'GET', path: '/', host: 'a', headers: {}, maxBodyBytes: 1 } as const
  const question = {
    target: parseTarget(text),
    request,
    expectation: expectationOf({ status: 200 }),
    subject: 'GET /',
  }
  return judgeTimeout(progress, { ...question, elapsedMs: 2000, hasAnswered: false, before: undefined })
}

t.test('smoke › a DNS server that is silent is told from an app that does not accept', async t => {
  const resolving = timedOut('resolving', 'http://app.example:80')
  t.match(resolving, { status: 'unknown', reason: 'SMOKE_UNREACHABLE' })
  t.match(resolving.message, /^the name in http:\/\/app\.example:80 was not resolved within 2000 ms/)
  t.match(timedOut('connecting', 'http://app.example:80'), { status: 'fail', reason: 'SMOKE_BACKLOG_FULL' })
  t.match(timedOut('connecting', 'http+unix:/a'), { status: 'unknown', reason: 'CHECK_TIMED_OUT' })
})
