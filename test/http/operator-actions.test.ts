import t from 'tap'
import type { Verdict } from '../../src/core/verdict.ts'
import type { DrainRequest } from '../../src/host/drain-control.ts'
import { createAdminListener } from '../../src/http/admin.ts'
import { operatorActions } from '../../src/http/operator-actions.ts'
import type { StatusDocument } from '../../src/status/status-document.ts'

const verdict: Verdict = { status: 'pass', phase: 'serving', checks: [] }
const document: StatusDocument = { status: 'pass', phase: 'serving', version: '1', checks: {} }

const listener = ({ actions = true, fails = false } = {}) => {
  const drained: DrainRequest[] = []
  const resumed: string[] = []
  const full = Object.assign(new Error('full'), { code: 'ENOSPC' })
  const operator = operatorActions({
    drains: {
      drain: async request => (fails ? Promise.reject(full) : void drained.push(request)),
      resume: async by => (fails ? Promise.reject(full) : resumed.push(by) === 1),
    },
    document: () => document,
    reload: async () => (fails ? undefined : { kind: 'refused', mistakes: ['a:1:1: wrong'] }),
  })
  const server = createAdminListener(
    { current: () => verdict, refresh: async () => verdict, document: () => document, operator },
    { actions },
  )
  const post = (url: string, payload?: object | string) =>
    server.inject({
      url,
      method: 'POST',
      ...(payload !== undefined && { payload, headers: { 'content-type': 'application/json' } }),
    })
  return { server, post, drained, resumed }
}

t.test('drain › with a reason and an end, or the word that it has none', async t => {
  const { post, drained } = listener()
  t.match(await post('/drain', { reason: 'kernel', by: 'alice', forMs: 1000 }), { statusCode: 200 })
  t.match(await post('/drain', { reason: 'disk', untilResumed: true }), { statusCode: 200 })
  t.strictSame(drained, [
    { reason: 'kernel', by: 'alice', forMs: 1000 },
    { reason: 'disk', by: 'somebody who did not say' },
  ])
})

t.test('drain › anything else is refused, and drains nothing', async t => {
  const { post, drained } = listener()
  const bodies: readonly (object | string | undefined)[] = [
    undefined,
    '',
    '{',
    'null',
    '[]',
    '"drain"',
    {},
    { reason: 'kernel' },
    { reason: '', forMs: 1000 },
    { reason: 7, forMs: 1000 },
    { forMs: 1000 },
    { reason: 'kernel', forMs: 0 },
    { reason: 'kernel', forMs: -1 },
    { reason: 'kernel', forMs: '30m' },
    { reason: 'kernel', forMs: 1e15 },
    { reason: 'kernel', forMs: 1000, untilResumed: true },
    { reason: 'kernel', untilResumed: 'yes' },
  ]
  for (const body of bodies) t.match(await post('/drain', body), { statusCode: 400 }, JSON.stringify(body))
  const long = await post('/drain', { reason: 'x'.repeat(20_000), forMs: 1000 })
  t.strictSame([long.statusCode, long.json()], [413, { error: 'the body is larger than 16 KiB' }])
  t.strictSame(drained, [])
})

t.test('drain and resume › a marker that cannot be written is told, with the system’s code', async t => {
  const { post } = listener({ fails: true })
  const drain = await post('/drain', { reason: 'kernel', forMs: 1000 })
  t.match(
    [drain.statusCode, drain.json()],
    [500, { error: 'cannot write the drain marker (ENOSPC); nothing has changed' }],
  )
  const resume = await post('/resume')
  t.match([resume.statusCode, resume.json()], [500, { error: /cannot remove the drain marker \(ENOSPC\)/ }])
})

t.test('reload › what came of it; 409 while the daemon stops', async t => {
  const { post } = listener()
  const refused = await post('/reload', { by: 'alice' })
  t.strictSame([refused.statusCode, refused.json()], [422, { kind: 'refused', mistakes: ['a:1:1: wrong'] }])
  t.match(await listener({ fails: true }).post('/reload'), { statusCode: 409 })
})

t.test('actions › by POST alone, and not on the listener that only reads', async t => {
  const { server, drained, resumed } = listener()
  for (const url of ['/drain', '/resume', '/reload']) {
    t.match(await server.inject({ url }), { statusCode: 405, headers: { allow: 'POST' } })
    t.match(await listener({ actions: false }).post(url, { reason: 'a', forMs: 1 }), { statusCode: 404 })
  }
  t.strictSame([drained, resumed], [[], []])
})
