import t from 'tap'
import { bytes, serve } from './fake-server.ts'
import { recorded } from './recorded.ts'
import { SHORT_MS, gist, messageOf, runSmoke } from './run-smoke.ts'

t.test('smoke over uwsgi › sends one packet, and reads the answer that uWSGI gives', async t => {
  const app = await serve(t, bytes(recorded.page))
  const headers = { 'X-Forwarded-Proto': 'https' }
  const target = `uwsgi+unix:${app.path}`
  const finding = await runSmoke({
    target,
    path: '/a?b',
    host: 'octopus.energy',
    headers,
    expect: { body: 'Welcome' },
  })
  t.match(finding, { status: 'pass', evidence: { httpStatus: 200, bodyBytes: 16 } })

  const [packet = Buffer.alloc(0)] = app.requests
  t.equal(app.requests.length, 1)
  t.equal(packet[0], 0)
  t.equal(packet[3], 0)
  t.equal(packet.readUInt16LE(1), packet.length - 4)
  const text = packet.toString('latin1', 4)
  t.ok(text.startsWith('\x0c\0QUERY_STRING\x01\0b\x0e\0REQUEST_METHOD\x03\0GET'))
  t.match(text, 'HTTPS\x02\0on')
  t.match(text, 'HTTP_X_FORWARDED_PROTO\x05\0https')
  t.match(text, 'HTTP_HOST\x0e\0octopus.energy')
  t.match(text, /HTTP_USER_AGENT..health-sidecar\//s)
})

t.test('smoke over uwsgi › each answer of uWSGI has the reason that it stands for', async t => {
  const gistFor = async (text: string, path = '/about') => {
    const app = await serve(t, bytes(text))
    return gist(await runSmoke({ target: `uwsgi+unix:${app.path}`, path }))
  }
  t.equal(await gistFor(recorded.streamed), 'pass')
  t.equal(await gistFor(recorded.slash), 'fail SMOKE_REDIRECT_SLASH')
  t.equal(await gistFor(recorded.error), 'fail SMOKE_STATUS_UNEXPECTED')
  t.equal(await gistFor(recorded.notLoaded), 'fail SMOKE_APP_NOT_LOADED')
  const another = recorded.notLoaded.replace('Internal Server Error', 'No')
  t.equal(await gistFor(`${another.slice(0, -21)}the app's own words`), 'fail SMOKE_STATUS_UNEXPECTED')
  t.equal(await gistFor(recorded.nginx), 'fail SMOKE_PROTOCOL_MISMATCH')
  t.equal(await gistFor(recorded.page.slice(0, -1)), 'fail SMOKE_RESPONSE_CUT_SHORT')
  t.equal(await gistFor('SSH-2.0-OpenSSH_9.2\r\n'), 'fail SMOKE_RESPONSE_MALFORMED')
  t.equal(await gistFor(''), 'fail SMOKE_CLOSED')
})

t.test(
  'smoke over uwsgi › a request that is larger than the default buffer-size says so when it is dropped',
  async t => {
    const app = await serve(t, bytes(''))
    const headers = Object.fromEntries(['a', 'b', 'c', 'd'].map(name => [name, 'x'.repeat(1000)]))
    const finding = await runSmoke({ target: `uwsgi+unix:${app.path}`, headers })
    t.equal(gist(finding), 'fail SMOKE_CLOSED')
    t.match(messageOf(finding), /takes 4\d\d\d bytes.*buffer-size of 4096/)
  },
)

t.test('smoke over uwsgi › connects, waits and gives up as over HTTP', async t => {
  const silent = await serve(t, () => {})
  const timeoutMs = SHORT_MS
  t.equal(
    gist(await runSmoke({ target: `uwsgi+unix:${silent.path}`, patience: 0 }, { timeoutMs })),
    'fail SMOKE_NO_ANSWER',
  )
  const target = `uwsgi+unix:${silent.path}-other`
  t.equal(gist(await runSmoke({ target })), 'fail SMOKE_SOCKET_MISSING')
})
