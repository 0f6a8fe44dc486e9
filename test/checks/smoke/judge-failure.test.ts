import t from 'tap'
import type { Failure } from '../../../src/checks/smoke/exchange.ts'
import { judgeFailure } from '../../../src/checks/smoke/judge-failure.ts'
import { encodePacket, variablesOf } from '../../../src/checks/smoke/uwsgi-packet.ts'
import { questionOf } from './judged.ts'

const HTTPS = 'https://127.0.0.1:443'

const ended = (text: string, failure: Failure, { hasAnswered = false } = {}) =>
  judgeFailure(failure, { ...questionOf(text), elapsedMs: 0, hasAnswered })

t.test('failure › bytes of another protocol say which target is right', async t => {
  const malformed = (text: string, code: string) => ended(text, { kind: 'malformed', code })
  t.match(malformed('http+unix:/a', 'TLS'), {
    reason: 'SMOKE_PROTOCOL_MISMATCH',
    message: /speaks TLS, .*write the target as https\+unix:\/a$/,
  })
  t.match(malformed('http+unix:/a', 'HTTP2'), { reason: 'SMOKE_PROTOCOL_MISMATCH', message: /HTTP\/2 only/ })
  t.match(malformed('fastcgi+unix:/a', 'NOT_FASTCGI'), {
    reason: 'SMOKE_PROTOCOL_MISMATCH',
    message: /write the target as http\+unix:\/a$/,
  })
  t.match(malformed('http+unix:/a', 'NOT_HTTP'), {
    reason: 'SMOKE_RESPONSE_MALFORMED',
    message: /is not valid HTTP \(NOT_HTTP\)/,
  })
})

t.test('failure › a fault of TLS has its own reason, and names the host that was asked for', async t => {
  const fault = { kind: 'wrong-name', code: 'HOSTNAME_MISMATCH', names: 'DNS:other.example' } as const
  t.match(ended(HTTPS, { kind: 'tls', code: fault.code, fault }), {
    status: 'fail',
    reason: 'SMOKE_CERTIFICATE_NAME_WRONG',
    message: /^the certificate of https:\/\/127\.0\.0\.1:443 is for another name: .* and not shop\.example;/,
  })
})

t.test('failure › only over TLS, and before the first answer, a client may lack a certificate', async t => {
  const closed = { kind: 'closed', code: 'CLOSED' } as const
  const wanted = /set tls\.cert_file and tls\.key_file$/
  t.match(ended(HTTPS, closed), { reason: 'SMOKE_CLOSED', message: wanted })
  t.notMatch(ended(HTTPS, closed, { hasAnswered: true }).message, wanted)
  t.notMatch(ended('fastcgi+unix:/a', closed).message, wanted)
})

t.test('failure › a connection that was never open is told by what is known of it', async t => {
  const status = (kind: Failure['kind'], code: string) => {
    const judged = ended('http+unix:/a', { kind, code })
    return `${judged.status} ${judged.reason}`
  }
  t.equal(status('missing', 'ENOENT'), 'fail SMOKE_SOCKET_MISSING')
  t.equal(status('forbidden', 'EACCES'), 'unknown SMOKE_SOCKET_FORBIDDEN')
  t.equal(status('unreachable', 'EHOSTUNREACH'), 'unknown SMOKE_UNREACHABLE')
})

t.test('failure › an address is not sent to uwsgi', async t => {
  const closed = { kind: 'closed', code: 'CLOSED' } as const
  t.notMatch(ended('http://127.0.0.1:80', closed).message, 'uwsgi://')
  t.match(ended('http+unix:/a', closed).message, 'uwsgi+unix:/a')
})

t.test('failure › a packet that just fits into the buffer is not too large', async t => {
  const message = (bytes: number) => {
    const asked = (length: number) => questionOf('uwsgi+unix:/a', { headers: { X: 'x'.repeat(length) } })
    const size = (length: number) => encodePacket(variablesOf(asked(length).request)).length
    const question = asked(1 + bytes - size(1))
    return judgeFailure({ kind: 'closed', code: 'CLOSED' }, { ...question, elapsedMs: 0, hasAnswered: true })
      .message
  }
  t.match(message(4096), /a worker died/)
  t.match(message(4097), /the request takes 4097 bytes/)
})
