import t from 'tap'
import { judgeAnswer } from '../../../src/checks/smoke/judge-answer.ts'
import { answerOf, questionOf, seen } from './judged.ts'

const DAY_MS = 86_400_000

t.test('answer › a certificate that expires soon is a warning', async t => {
  const judged = (leftMs: number) =>
    judgeAnswer(
      {
        ...answerOf(200),
        certificate: {
          validFrom: new Date(Date.now() - 80 * DAY_MS),
          validUntil: new Date(Date.now() + leftMs),
          names: 'DNS:shop.example',
          refusal: undefined,
        },
      },
      { ...questionOf('https://127.0.0.1:443'), latencyMs: 1, seen },
    )
  t.match(judged(3.5 * DAY_MS), {
    status: 'warn',
    reason: 'SMOKE_CERTIFICATE_EXPIRES',
    message:
      'the certificate of https://127.0.0.1:443, or one of its authorities, expires in 3 days: renew it',
  })
  t.equal(judged(60 * DAY_MS), undefined)
})
