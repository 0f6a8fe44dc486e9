import t from 'tap'
import { nginxPacket, nginxVariables } from './recorded.ts'
import { encodePacket, variablesOf } from '../../../src/checks/smoke/uwsgi-packet.ts'

const request = {
  method: 'GET',
  path: '/',
  host: 'octopus.energy',
  headers: {},
  maxBodyBytes: 1000,
} as const

t.test('uwsgi packet › is what the protocol says, byte by byte', async t => {
  const packet = encodePacket([
    ['QUERY_STRING', ''],
    ['REQUEST_METHOD', 'GET'],
  ])
  t.equal(
    packet.toString('latin1'),
    '\x00\x25\x00\x00\x0c\x00QUERY_STRING\x00\x00\x0e\x00REQUEST_METHOD\x03\x00GET',
  )
})

t.test('uwsgi packet › is what nginx sends for the same variables', async t => {
  t.equal(encodePacket(nginxVariables).toString('latin1'), nginxPacket.toString('latin1'))
})

const ofAFrontServer = new Set(['DOCUMENT_ROOT', 'REMOTE_PORT', 'SERVER_PORT', 'SERVER_NAME'])
const isShared = ([name]: readonly [string, string]) => !ofAFrontServer.has(name)

t.test('uwsgi variables › are those of nginx in its order, but for what only a front server has', async t => {
  const headers = { 'user-agent': 'health-sidecar/0.1.0' }
  const ours = variablesOf({ ...request, path: '/caf%C3%A9/?a=%20b', headers })
  t.strictSame(ours.filter(isShared), nginxVariables.filter(isShared))
})

t.test(
  'uwsgi packet › counts in 16 bits, little-endian, and refuses what does not fit into them',
  async t => {
    const packet = encodePacket([['A', 'x'.repeat(0x0201)]])
    t.equal(packet.toString('latin1', 0, 9), '\x00\x06\x02\x00\x01\x00A\x01\x02')
    t.throws(() => encodePacket([['A', 'x'.repeat(0xffff)]]), RangeError)
  },
)

t.test('uwsgi variables › a plain request', async t => {
  t.strictSame(variablesOf(request), [
    ['QUERY_STRING', ''],
    ['REQUEST_METHOD', 'GET'],
    ['CONTENT_TYPE', ''],
    ['CONTENT_LENGTH', ''],
    ['REQUEST_URI', '/'],
    ['PATH_INFO', '/'],
    ['SERVER_PROTOCOL', 'HTTP/1.1'],
    ['REQUEST_SCHEME', 'http'],
    ['REMOTE_ADDR', '127.0.0.1'],
    ['SERVER_PORT', '80'],
    ['SERVER_NAME', 'octopus.energy'],
    ['HTTP_HOST', 'octopus.energy'],
  ])
})

t.test('uwsgi variables › the URI keeps the query and its escapes, the path has neither', async t => {
  const variables = Object.fromEntries(variablesOf({ ...request, path: '/caf%C3%A9%2F?a=%20b?c' }))
  t.equal(variables['REQUEST_URI'], '/caf%C3%A9%2F?a=%20b?c')
  t.equal(variables['QUERY_STRING'], 'a=%20b?c')
  t.equal(Buffer.from(variables['PATH_INFO'] ?? '', 'latin1').toString(), '/café/')
})

t.test('uwsgi variables › X-Forwarded-Proto: https goes with HTTPS=on and port 443', async t => {
  const headers = { 'x-forwarded-proto': 'https' }
  const variables = Object.fromEntries(variablesOf({ ...request, headers }))
  t.match(variables, { HTTPS: 'on', REQUEST_SCHEME: 'https', SERVER_PORT: '443' })
  t.equal(variables['HTTP_X_FORWARDED_PROTO'], 'https')
})

const serverOf = (host: string) => {
  const { SERVER_NAME, SERVER_PORT } = Object.fromEntries(variablesOf({ ...request, host }))
  return [SERVER_NAME, SERVER_PORT]
}

t.test('uwsgi variables › a port in the Host is the port of the server', async t => {
  t.strictSame(serverOf('octopus.energy:8000'), ['octopus.energy', '8000'])
  t.strictSame(serverOf('[::1]:8000'), ['[::1]', '8000'])
})

t.test('uwsgi variables › headers become HTTP_ variables, but for Content-Type', async t => {
  const headers = { 'x-api-key': 'k', 'content-type': 'text/plain' }
  const variables = variablesOf({ ...request, headers })
  t.strictSame(variables.slice(-2), [
    ['HTTP_X_API_KEY', 'k'],
    ['CONTENT_TYPE', 'text/plain'],
  ])
})
