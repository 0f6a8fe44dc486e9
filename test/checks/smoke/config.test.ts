import { writeFile } from 'node:fs/promises'
import { Ajv } from 'ajv'
import t from 'tap'
import { loadConfig } from '../../../src/config/load.ts'
import { smokeSchema } from '../../../src/checks/smoke/config.ts'
import { parseTarget } from '../../../src/checks/smoke/target.ts'
import { socketPath } from './fake-server.ts'
import { withDefaults } from './run-smoke.ts'

const isValid = new Ajv({ strict: false }).compile(smokeSchema)

const target = 'http+unix:/run/app.sock'

/** Whether the schema of the type accepts these keys beside its defaults. */
const accepts = (keys: object) => {
  const own = (key: string) => key in keys || key in smokeSchema.properties
  const all = Object.entries(withDefaults({ target, ...keys }))
  return isValid(Object.fromEntries(all.filter(([key]) => own(key))))
}

t.test('smoke target › a socket or an address, over HTTP or uwsgi', async t => {
  t.strictSame(parseTarget('http+unix:/run/app.sock'), {
    protocol: 'http',
    endpoint: { path: '/run/app.sock' },
    text: 'http+unix:/run/app.sock',
  })
  t.match(parseTarget('uwsgi+unix:/tmp/a+unix.sock'), {
    protocol: 'uwsgi',
    endpoint: { path: '/tmp/a+unix.sock' },
  })
  t.match(parseTarget('http+unix:@app'), { endpoint: { path: '\0app' } })
  t.match(parseTarget('uwsgi+unix:@app'), { endpoint: { path: '\0app\0' } }, 'as uWSGI names it')
  t.match(parseTarget('https+unix:@app'), { protocol: 'https', endpoint: { path: '\0app' } })
  t.match(parseTarget('https://[::1]:8443'), { protocol: 'https', endpoint: { host: '::1', port: 8443 } })
  t.match(parseTarget('fastcgi+unix:/run/php.sock'), { protocol: 'fastcgi' })
  t.match(parseTarget('uwsgi://127.0.0.1:3031'), { endpoint: { host: '127.0.0.1', port: 3031 } })
  t.match(parseTarget('http://[::1]:8000'), { endpoint: { host: '::1', port: 8000 } })
  for (const text of [target, 'uwsgi+unix:/tmp/u.sock', 'uwsgi://127.0.0.1:3031', 'http://[::1]:8000'])
    t.ok(accepts({ target: text }), text)
})

t.test('smoke target › anything else is refused, and so is a user or a password', async t => {
  const wrong = [
    '',
    'ftps://localhost:443',
    'http://localhost',
    'http://localhost:80/path',
    'http://user:hunter2@localhost:80',
    'http://hunter2@localhost:80',
    'uwsgi://user:hunter2@127.0.0.1:3031',
    'http+unix:run/app.sock',
    'http+unix:user:hunter2@/run/app.sock',
    'http+unix:/run/user@app.sock',
    `http+unix:/${'x'.repeat(107)}`,
    'unix:/run/app.sock',
  ]
  t.strictSame(
    wrong.filter(text => accepts({ target: text })),
    [],
  )
  t.notOk(accepts({ target: undefined }))
})

t.test('smoke host › a name, an address, with or without a port, or a source', async t => {
  const right = [
    'octopus.energy',
    '10.0.0.7',
    'localhost:8000',
    '[::1]',
    '[::1]:80',
    'file:/etc/aws/ipv4',
    'imds:local-ipv4',
  ]
  t.strictSame(
    right.filter(host => !accepts({ host })),
    [],
  )
  const wrong = ['', 'a b', 'file:relative', 'imds:public-ipv4', 'a\r\nX: y', 'http://a', 'user@host']
  t.strictSame(
    wrong.filter(host => accepts({ host })),
    [],
  )
})

t.test('smoke headers › those that the exchange itself sets are refused, in any case', async t => {
  t.ok(accepts({ headers: { 'X-Forwarded-Proto': 'https', Hostname: 'a', Accept: '' } }))
  const wrong = [
    'Host',
    'hOST',
    'connection',
    'Transfer-Encoding',
    'Content-Length',
    'upgrade',
    'a b',
    'a:',
    '',
  ]
  t.strictSame(
    wrong.filter(name => accepts({ headers: { [name]: 'x' } })),
    [],
  )
  t.notOk(accepts({ headers: { a: 'x\r\nb: y' } }))
  t.notOk(accepts({ headers: { a: 'x'.repeat(1001) } }))
})

t.test('smoke expect.status › statuses and ranges, and never none', async t => {
  for (const status of [200, '200-299', [200, '301-308']])
    t.ok(accepts({ expect: { status } }), String(status))
  for (const status of [100, 600, '200', '200-', '2xx', []])
    t.notOk(accepts({ expect: { status } }), String(status))
})

t.test('smoke path and method › what a request line can carry', async t => {
  for (const path of ['/', '/a?b=c&d', '/caf%C3%A9']) t.ok(accepts({ path }), path)
  for (const path of ['', 'a', '/a b', '/a#b', '/é', '/\r\n']) t.notOk(accepts({ path }), path)
  t.ok(accepts({ method: 'HEAD' }))
  t.notOk(accepts({ method: 'POST' }))
})

t.test('smoke samples › 1 to 10', async t => {
  t.ok(accepts({ samples: 10 }))
  t.notOk(accepts({ samples: 0 }))
  t.notOk(accepts({ samples: 11 }))
})

t.test(
  'smoke › what is wrong with a configuration is told with its place, and no secret with it',
  async t => {
    const file = `${await socketPath(t)}.yaml`
    const lines = [
      'checks:',
      '  - name: homepage',
      '    type: smoke',
      '    target: http://user:hunt/er2@localhost:80',
      '    headers: { Host: hunter2, X-A: "hunter2\\u0001" }',
      '    expect: { body: /(/ }',
    ]
    await writeFile(file, lines.join('\n'))
    const error: unknown = await loadConfig(file, {}).catch((thrown: unknown) => thrown)
    const text = String(error)
    t.notMatch(text, /hunt/)
    t.match(text, /:4:13: checks\[0\]\.target: .*expected http\+unix:\/path, .* with no user and no password/)
    t.match(text, /:5:16: checks\[0\]\.headers: unknown key \(not shown, as it may hold a secret/)
    t.match(text, /:5:36: checks\[0\]\.headers\.X-A: found a string \(not shown\)/)
    t.match(
      text,
      /:6:21: checks\[0\]\.expect\.body: found "\/\(\/"; expected text .* or a \/regular expression\//,
    )
  },
)
