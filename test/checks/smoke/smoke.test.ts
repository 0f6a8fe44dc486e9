import { chmod, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import t from 'tap'
import { bytes, page, serve, socketPath } from './fake-server.ts'
import { SHORT_MS, createSmoke, gist, messageOf, runSmoke } from './run-smoke.ts'

t.test(
  'smoke › a page with the expected status passes, with the status and the latency in the evidence',
  async t => {
    const app = await serve(t, page('200 OK', 'Welcome'))
    const finding = await runSmoke({ target: `http+unix:${app.path}` })
    t.match(finding, { status: 'pass', evidence: { httpStatus: 200, bodyBytes: 7, latencyMs: Number } })
  },
)

t.test(
  'smoke › sends one plain request with a Host and a User-Agent of its own, and asks for the connection to be closed',
  async t => {
    const app = await serve(t, page('200 OK', ''))
    const headers = { 'X-Forwarded-Proto': 'https', 'User-Agent': 'ours' }
    await runSmoke({ target: `http+unix:${app.path}`, path: '/a?b=c', host: 'octopus.energy', headers })
    await runSmoke({ target: `http+unix:${app.path}` })
    const [custom = '', plain = ''] = app.requests.map(String)
    t.match(custom, /^GET \/a\?b=c HTTP\/1\.1\r\n/)
    t.match(custom, /^host: octopus\.energy\r$/im)
    t.match(custom, /^connection: close\r$/im)
    t.match(custom, /^x-forwarded-proto: https\r$/im)
    t.match(custom, /^user-agent: ours\r$/im)
    t.match(plain, /^host: localhost\r$/im)
    t.match(plain, /^user-agent: health-sidecar\/[\d.]+\r$/im)
    t.notMatch(plain, /cookie|accept-encoding/i)
  },
)

t.test('smoke › over TCP, the Host is that of the target unless one is configured', async t => {
  const hosts: string[] = []
  const server = createServer(socket => {
    socket.once('data', data => {
      hosts.push(/^host: (.*)\r$/im.exec(String(data))?.[1] ?? '')
      page('200 OK', '')(socket)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  t.equal(gist(await runSmoke({ target: `http://127.0.0.1:${port}` })), 'pass')
  t.strictSame(hosts, [`127.0.0.1:${port}`])
})

t.test(
  'smoke › expect.status is one status, a range, or a list of both; 200 where nothing is said',
  async t => {
    const app = await serve(t, page('204 No Content', ''))
    const gistFor = async (expect?: { status: number | string | (number | string)[] }) =>
      gist(await runSmoke({ target: `http+unix:${app.path}`, ...(expect && { expect }) }))
    t.equal(await gistFor(), 'fail SMOKE_STATUS_UNEXPECTED')
    t.equal(await gistFor({ status: 204 }), 'pass')
    t.equal(await gistFor({ status: '200-204' }), 'pass')
    t.equal(await gistFor({ status: '200-203' }), 'fail SMOKE_STATUS_UNEXPECTED')
    t.equal(await gistFor({ status: [200, '203-210'] }), 'pass')
    t.equal(await gistFor({ status: [200, 301] }), 'fail SMOKE_STATUS_UNEXPECTED')
  },
)

t.test('smoke › expect.body is text or a regular expression, judged along with the status', async t => {
  const app = await serve(t, page('200 OK', '<h1>Welcome home</h1>\n<p>Grüße</p>'))
  const broken = await serve(t, page('500 Internal Server Error', 'Welcome'))
  const gistFor = async (body: string, { path } = app) =>
    gist(await runSmoke({ target: `http+unix:${path}`, expect: { body } }))
  t.equal(await gistFor('Welcome'), 'pass')
  t.equal(await gistFor('Grüße'), 'pass')
  t.equal(await gistFor('welcome'), 'fail SMOKE_BODY_UNEXPECTED')
  t.equal(await gistFor('/welcome\\s+HOME/i'), 'pass')
  t.equal(await gistFor('/^<p>/'), 'fail SMOKE_BODY_UNEXPECTED')
  t.equal(await gistFor('/^<p>/m'), 'pass')
  t.equal(await gistFor('Welcome', broken), 'fail SMOKE_STATUS_UNEXPECTED')
})

t.test(
  'smoke › a body is read up to max_body and judged on that; a text that was not reached proves nothing',
  async t => {
    const app = await serve(t, page('200 OK', `Welcome${'.'.repeat(3_000_000)}end`))
    const gistFor = async (body: string) =>
      gist(await runSmoke({ target: `http+unix:${app.path}`, expect: { body }, max_body: 1000 }))
    t.equal(await gistFor('Welcome'), 'pass')
    t.equal(await gistFor('end'), 'unknown SMOKE_RESPONSE_TOO_LARGE')
    const unread = await runSmoke({ target: `http+unix:${app.path}`, max_body: 1000 })
    t.match(unread, { status: 'pass', evidence: { bodyBytes: 1000 } })
  },
)

t.test('smoke › a body that never ends is no obstacle once enough of it was read', async t => {
  const app = await serve(t, socket => socket.write(`HTTP/1.1 200 OK\r\n\r\n${'.'.repeat(2000)}`))
  t.equal(gist(await runSmoke({ target: `http+unix:${app.path}`, max_body: 1000 })), 'pass')
})

t.test('smoke › HEAD is answered without a body', async t => {
  const app = await serve(t, bytes('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n'))
  t.equal(gist(await runSmoke({ target: `http+unix:${app.path}`, method: 'HEAD' })), 'pass')
  t.match(String(app.requests[0]), /^HEAD \/ /)
})

t.test(
  'smoke › redirects are never followed, and the two that a Django app gives by setting say what to do',
  async t => {
    const judged = async (location: string) => {
      const app = await serve(t, page('301 Moved Permanently', '', `Location: ${location}\r\n`))
      const target = `http+unix:${app.path}`
      const finding = await runSmoke({ target, path: '/about?q=1', host: 'octopus.energy' })
      t.equal(app.requests.length, 1)
      return finding
    }
    const https = await judged('https://octopus.energy/about?q=1')
    t.equal(gist(https), 'fail SMOKE_REDIRECT_HTTPS')
    t.match(messageOf(https), /X-Forwarded-Proto.*SECURE_PROXY_SSL_HEADER/)
    const slash = await judged('/about/?q=1')
    t.equal(gist(slash), 'fail SMOKE_REDIRECT_SLASH')
    t.match(messageOf(slash), /path as \/about\/$/)
    t.equal(gist(await judged('http://octopus.energy/about/')), 'fail SMOKE_REDIRECT_SLASH')
    t.equal(gist(await judged('/login?token=hunter2')), 'fail SMOKE_STATUS_UNEXPECTED')
    t.notMatch(JSON.stringify(await judged('/login?token=hunter2')), /hunter2/)
    t.equal(gist(await judged('http://[')), 'fail SMOKE_STATUS_UNEXPECTED')
  },
)

t.test('smoke › 400 is told as a Host that the app does not allow', async t => {
  const app = await serve(t, page('400 Bad Request', '<h1>Bad Request (400)</h1>'))
  const finding = await runSmoke({ target: `http+unix:${app.path}`, host: 'example.org' })
  t.equal(gist(finding), 'fail SMOKE_HOST_REJECTED')
  t.match(messageOf(finding), /Host example\.org.*ALLOWED_HOSTS/)
})

t.test('smoke › a status that is expected is no failure, whatever it usually means', async t => {
  const app = await serve(t, page('301 Moved Permanently', '', 'Location: https://localhost/\r\n'))
  t.equal(gist(await runSmoke({ target: `http+unix:${app.path}`, expect: { status: 301 } })), 'pass')
})

t.test(
  'smoke › a socket that is not there, and one that nobody listens on any more, are failures of their own',
  async t => {
    const path = await socketPath(t)
    t.equal(gist(await runSmoke({ target: `http+unix:${path}` })), 'fail SMOKE_SOCKET_MISSING')
    await writeFile(path, '')
    t.equal(gist(await runSmoke({ target: `http+unix:${path}` })), 'fail SMOKE_SOCKET_STALE')
    t.equal(gist(await runSmoke({ target: `http+unix:${path}/deeper` })), 'fail SMOKE_SOCKET_MISSING')
  },
)

t.test('smoke › over TCP, a refused connection is a failure', async t => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  await new Promise(resolve => server.close(resolve))
  t.equal(gist(await runSmoke({ target: `http://127.0.0.1:${port}` })), 'fail SMOKE_CONNECTION_REFUSED')
})

t.test(
  'smoke › a socket that may not be connected to is unknown: that is no proof against the app',
  async t => {
    const app = await serve(t, page('200 OK', ''))
    await chmod(app.path, 0o000)
    if (process.getuid?.() === 0) {
      process.seteuid?.('nobody')
      t.teardown(() => process.seteuid?.(0))
    }
    t.equal(gist(await runSmoke({ target: `http+unix:${app.path}` })), 'unknown SMOKE_SOCKET_FORBIDDEN')
  },
)

t.test('smoke › a name that does not resolve is unknown', async t => {
  const finding = await runSmoke({ target: 'http://nowhere.invalid:80' }, { timeoutMs: 20_000 })
  t.equal(gist(finding), 'unknown SMOKE_UNREACHABLE')
})

t.test(
  'smoke › silence, a slow answer, a hang-up, a cut and nonsense each have a reason of their own',
  async t => {
    const gistFor = async (respond: Parameters<typeof serve>[1], timeoutMs = 20_000) => {
      const app = await serve(t, respond)
      return gist(
        await runSmoke(
          { target: `http+unix:${app.path}`, expect: { body: 'Welcome' }, patience: 0 },
          { timeoutMs },
        ),
      )
    }
    t.equal(await gistFor(() => {}, SHORT_MS), 'fail SMOKE_NO_ANSWER')
    t.equal(await gistFor(s => s.write('HTTP/1.1 200 OK\r\nContent-Le'), SHORT_MS), 'fail SMOKE_TOO_SLOW')
    t.equal(await gistFor(s => s.write('HTTP/1.1 200 OK\r\n\r\nWel'), SHORT_MS), 'fail SMOKE_TOO_SLOW')
    t.equal(await gistFor(s => s.end()), 'fail SMOKE_PROTOCOL_MISMATCH')
    t.equal(await gistFor(bytes('HTTP/1.1 200 OK\r\nContent-Le')), 'fail SMOKE_RESPONSE_CUT_SHORT')
    t.equal(
      await gistFor(bytes('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nWelcome')),
      'fail SMOKE_RESPONSE_CUT_SHORT',
    )
    t.equal(
      await gistFor(bytes('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nWelcome\r\n')),
      'fail SMOKE_RESPONSE_CUT_SHORT',
    )
    t.equal(await gistFor(bytes('SSH-2.0-OpenSSH_9.2\r\n')), 'fail SMOKE_RESPONSE_MALFORMED')
    t.equal(
      await gistFor(bytes(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\nWelcome`)),
      'fail SMOKE_RESPONSE_MALFORMED',
    )
  },
)

t.test(
  'smoke › once the time is up the finding comes at once, and disposal leaves no connection open',
  async t => {
    const closed = Promise.withResolvers<void>()
    const app = await serve(t, socket => socket.on('close', () => closed.resolve()))
    const startedAt = performance.now()
    await runSmoke({ target: `http+unix:${app.path}` }, { timeoutMs: 100 })
    t.ok(performance.now() - startedAt < 10_000)
    await closed.promise
    t.equal(app.open(), 0)
  },
)

t.test(
  'smoke › an answer that is complete leaves no connection open, even where the server would keep it',
  async t => {
    const closed = Promise.withResolvers<void>()
    const app = await serve(t, socket => {
      socket.on('close', () => closed.resolve())
      socket.write('HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n')
    })
    t.equal(gist(await runSmoke({ target: `http+unix:${app.path}` })), 'pass')
    await closed.promise
    t.equal(app.open(), 0)
  },
)

t.test(
  'smoke › expect.headers are judged by name in either case, and their values are shown nowhere',
  async t => {
    const app = await serve(t, page('200 OK', 'Welcome', 'X-Release: hunter2\r\nVary: Cookie\r\n'))
    const run = (headers: { [name: string]: string }) =>
      runSmoke({ target: `http+unix:${app.path}`, expect: { headers } })
    t.equal(gist(await run({ 'x-release': 'hunter2', VARY: '/^cookie$/i' })), 'pass')
    const wrong = await run({ Vary: 'Cookie', 'X-Release': 'hunter3' })
    t.equal(gist(wrong), 'fail SMOKE_HEADER_UNEXPECTED')
    t.match(messageOf(wrong), /the header x-release is not as expected$/)
    t.notMatch(JSON.stringify(wrong), /hunter/)
    t.match(messageOf(await run({ 'X-Other': '/.*/' })), /the header x-other is missing$/)
  },
)

t.test('smoke › a page slower than expect.max_latency is a warning, and passes', async t => {
  const app = await serve(t, socket => setTimeout(() => page('200 OK', 'Welcome')(socket), 60))
  const run = (max_latency: number) => runSmoke({ target: `http+unix:${app.path}`, expect: { max_latency } })
  const slow = await run(50)
  t.equal(gist(slow), 'warn SMOKE_LATENCY_HIGH')
  t.match(messageOf(slow), /took \d+ ms, more than the 50 ms/)
  t.equal(gist(await run(5000)), 'pass')
})

t.test('smoke › the first lines of an error page are shown only where that is configured', async t => {
  const html =
    '<html><title>Oops</title><style>a{}</style><h1>Oops</h1><p>no such table</p><p>more</p></html>'
  const app = await serve(t, page('500 Internal Server Error', html))
  const target = `http+unix:${app.path}`
  t.notMatch(JSON.stringify(await runSmoke({ target })), /table/)
  const shown = await runSmoke({ target, show_error_page: true })
  t.strictSame(shown.evidence?.['page'], ['Oops', 'no such table'])
})

t.test('smoke › no value of a header, no query and no body is in what is told of a failure', async t => {
  const app = await serve(t, page('500 Internal Server Error', 'hunter2'))
  const headers = { Authorization: 'Bearer hunter2' }
  const finding = await runSmoke({ target: `http+unix:${app.path}`, path: '/?key=hunter2', headers })
  t.equal(gist(finding), 'fail SMOKE_STATUS_UNEXPECTED')
  t.notMatch(JSON.stringify(finding), /hunter2/)
})

t.test('smoke › a target that has answered before and closes at once has lost a worker', async t => {
  const app = await serve(t, socket =>
    app.requests.length === 1 ? page('200 OK', '')(socket) : socket.end(),
  )
  await using check = createSmoke({ target: `http+unix:${app.path}` })
  t.equal(gist(await check.run(AbortSignal.timeout(60_000))), 'pass')
  t.equal(gist(await check.run(AbortSignal.timeout(60_000))), 'fail SMOKE_CLOSED')
})

t.test(
  'smoke › a run that is told to stop before it has begun sends nothing, and claims nothing',
  async t => {
    const app = await serve(t, page('200 OK', ''))
    await using check = createSmoke({ target: `http+unix:${app.path}` })
    t.equal(gist(await check.run(AbortSignal.abort())), 'unknown CHECK_TIMED_OUT')
    t.equal(app.requests.length, 0)
  },
)

t.test('smoke › a regular expression that takes too long is unknown, and holds nothing up', async t => {
  const app = await serve(t, page('200 OK', `Welcome${'a'.repeat(60_000)}b`))
  const target = `http+unix:${app.path}`
  const finding = await runSmoke({ target, expect: { body: '/Welcome(a+)+$/' } })
  t.match(finding, {
    status: 'unknown',
    reason: 'SMOKE_EXPRESSION_SLOW',
    message: /takes too long on .* \(stopped after 50 ms\); write a simpler one, or expect a text$/,
  })
  t.equal(gist(await runSmoke({ target, expect: { body: '/Welcomea+b$/' } })), 'pass')
})
