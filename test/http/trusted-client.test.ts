import { hostname } from 'node:os'
import t from 'tap'
import { createAdminListener } from '../../src/http/admin.ts'
import { distrustOf } from '../../src/http/trusted-client.ts'
import { httpRequest } from '../support/http-request.ts'

const statusOf = (host: string, names: readonly string[] = []) => distrustOf({ host }, names)?.status

t.test('host › an address, or a name that no stranger can point at this host', async t => {
  const trusted = [
    '10.0.0.1:9180',
    '127.0.0.1',
    '[::1]:9180',
    '[fe80::1]',
    'localhost:9999',
    'LOCALHOST',
    'app.localhost:9999',
    'sidecar',
    'ip-10-0-0-1.ec2.internal:9180',
    'ip-10-0-0-1.ec2.internal.',
    hostname(),
    `${hostname().toUpperCase()}:9180`,
  ]
  for (const host of trusted) t.equal(statusOf(host), undefined, host)
})

t.test('host › a name of the public DNS may be an attacker’s', async t => {
  const strange = [
    'evil.example:9180',
    'localhost.evil.example',
    'internal.evil.example',
    'evilinternal.example',
    '127.0.0.1.evil.example',
    'evil.example.',
    '10.0.0.1.nip.io',
    'user@localhost.evil.example',
    '[::1].evil.example',
    'a:b:c',
    '',
    '/',
  ]
  for (const host of strange) t.equal(statusOf(host), 421, host)
})

t.test('host › names of the configuration are let in, and others beside them are not', async t => {
  const names = ['App1.corp.example', '*.fleet.example']
  for (const host of ['app1.corp.example:9180', 'a.fleet.example', 'b.a.FLEET.example.'])
    t.equal(statusOf(host, names), undefined, host)
  for (const host of ['app2.corp.example', 'x.app1.corp.example', 'fleet.example', 'evilfleet.example'])
    t.equal(statusOf(host, names), 421, host)
})

t.test('origin › only a page of this listener may send one', async t => {
  const host = 'localhost:9999'
  t.equal(distrustOf({ host, origin: 'http://localhost:9999' }, []), undefined)
  for (const origin of [
    'http://evil.example',
    'http://localhost:8080',
    'http://localhost',
    'null',
    'file://',
  ])
    t.equal(distrustOf({ host, origin }, [])?.status, 403, origin)
  t.equal(distrustOf({ origin: 'http://evil.example' }, [])?.status, 403, 'without a Host')
  t.equal(distrustOf({}, []), undefined, 'HTTP/1.0')
})

const acted: string[] = []
const refused: (readonly [status: number, asked: string | undefined])[] = []
const verdict = { status: 'pass', phase: 'serving', checks: [] } as const
const document = { status: 'pass', phase: 'serving', version: '1', checks: {} } as const
const listener = (actions: boolean) =>
  createAdminListener(
    {
      current: () => verdict,
      refresh: async () => verdict,
      document: () => document,
      operator: {
        '/resume': async () => {
          acted.push('/resume')
          return { code: 200, body: {} }
        },
      },
      hosts: ['app1.corp.example'],
      log: { distrusted: ({ status, asked }) => void refused.push([status, asked]), broke() {} },
    },
    { actions },
  )

t.test('admin › a page from elsewhere does nothing by way of `ssh -L` to the socket', async t => {
  const server = listener(true)
  const post = (headers: Readonly<Record<string, string>>) =>
    server.inject({ url: '/resume', method: 'POST', headers: { host: 'localhost:9999', ...headers } })
  t.equal((await post({ origin: 'http://evil.example' })).statusCode, 403)
  t.equal((await post({ origin: 'null' })).statusCode, 403)
  t.equal((await post({ host: 'evil.example' })).statusCode, 421)
  t.strictSame(acted, [])
  t.equal((await post({})).statusCode, 200)
  t.strictSame(acted, ['/resume'])
})

t.test('admin › a rebound name gets nothing but what to do, on every path', async t => {
  const server = listener(false)
  for (const url of ['/status', '/elsewhere', '/status?x']) {
    const answer = await server.inject({ url, headers: { host: 'evil.example:9180' } })
    t.equal(answer.statusCode, 421)
    t.strictSame(answer.json(), {
      error:
        'the Host of this request is not let in; ask by address, or add the name to `admin.hosts` and restart the service',
    })
  }
  t.equal(
    (await server.inject({ url: '/status', headers: { host: 'app1.corp.example:9180' } })).statusCode,
    200,
  )
})

t.test('admin › the host of an absolute target stands above the Host', async t => {
  const server = listener(false)
  t.teardown(() => server.close())
  const { port } = new URL(await server.listen({ port: 0, host: '127.0.0.1' }))
  const statusOfTarget = async (path: string) =>
    (await httpRequest({ host: '127.0.0.1', port, path, headers: { host: 'localhost' } })).status
  t.equal(await statusOfTarget('http://evil.example/status'), 421)
  t.equal(await statusOfTarget('http://localhost:9999/status'), 200)
  t.equal(await statusOfTarget('*'), 404, 'and `*` is no path')
})

t.test('admin › no answer lets a page from elsewhere read it', async t => {
  const server = listener(false)
  for (const method of ['GET', 'HEAD'] as const) {
    const { headers, statusCode } = await server.inject({ url: '/status', method })
    t.equal(statusCode, 200)
    t.match(headers, {
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    })
    t.strictSame(
      Object.keys(headers).filter(name => name.startsWith('access-control')),
      [],
    )
  }
  for (const method of ['OPTIONS', 'POST', 'PUT', 'DELETE'] as const)
    t.match(await server.inject({ url: '/status', method }), {
      statusCode: 405,
      headers: { allow: 'GET, HEAD' },
    })
})

t.test('admin › whoever is refused is told of, and nobody else', async t => {
  const server = listener(false)
  refused.length = 0
  const ask = (headers: Readonly<Record<string, string>>) => server.inject({ url: '/status', headers })
  await ask({ host: 'app1.corp.example' })
  await ask({ host: 'EVIL.example:9180' })
  await ask({ host: 'a b' })
  await ask({ host: 'localhost', origin: 'http://evil.example' })
  t.strictSame(refused, [
    [421, 'evil.example'],
    [421, undefined],
    [403, 'localhost'],
  ])
})
