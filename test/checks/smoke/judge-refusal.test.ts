import t from 'tap'
import { judgeRefusal } from '../../../src/checks/smoke/judge-refusal.ts'
import { answerOf, questionOf } from './judged.ts'

const HTTPS = 'https://127.0.0.1:443'

t.test('refusal › only a server that is asked over TLS wants a certificate of its client', async t => {
  const reason = (text: string, body: string) =>
    judgeRefusal(answerOf(400, { body }), questionOf(text))?.reason
  for (const body of ['No required SSL certificate was sent', 'The SSL certificate error'])
    t.equal(reason(HTTPS, body), 'SMOKE_CLIENT_CERTIFICATE', body)
  t.equal(reason(HTTPS, 'Oops'), 'SMOKE_STATUS_UNEXPECTED')
  t.equal(reason('http://127.0.0.1:80', 'No required SSL certificate was sent'), 'SMOKE_STATUS_UNEXPECTED')
})

t.test('refusal › a 404 of nginx is a page, also of a uwsgi request', async t => {
  const nginx = { headers: { server: 'nginx' }, body: 'Oops' }
  const reason = (status: number) =>
    judgeRefusal(answerOf(status, nginx), questionOf('uwsgi+unix:/a'))?.reason
  t.equal(reason(404), undefined)
  t.equal(reason(403), 'SMOKE_PROTOCOL_MISMATCH')
})

t.test('refusal › a 400 after a PROXY protocol header is held against the header', async t => {
  const question = questionOf('http+unix:/a', { proxyProtocol: 'v2' })
  const judged = (status: number, body: string) => judgeRefusal(answerOf(status, { body }), question)
  t.match(judged(400, 'Oops'), {
    reason: 'SMOKE_PROTOCOL_MISMATCH',
    message: /^GET \/a\/ is answered 400 after a PROXY protocol header \(v2\): /,
  })
  t.equal(judged(400, 'Invalid host header')?.reason, 'SMOKE_HOST_REJECTED')
  t.equal(judged(404, 'Oops'), undefined)
  t.equal(
    judgeRefusal(answerOf(400, { body: 'Oops' }), questionOf('http+unix:/a'))?.reason,
    'SMOKE_STATUS_UNEXPECTED',
  )
})
