import t from 'tap'
import { createTlsSource } from '../../../src/checks/smoke/tls-source.ts'

t.test('TLS › asks for the name of the Host, without its port and brackets', async t => {
  const source = createTlsSource()
  for (const [host, serverName] of [
    ['shop.example', 'shop.example'],
    ['shop.example:8443', 'shop.example'],
    ['[::1]:8443', '::1'],
    ['[::1]', '::1'],
  ] as const)
    t.match(await source(host), { ok: true, client: { serverName, verify: true } }, host)
  const configured = createTlsSource({ verify: false, server_name: 'other.example' })
  t.match(await configured('shop.example'), { client: { serverName: 'other.example', verify: false } })
})

t.test('TLS › files that have not changed are loaded once', async t => {
  const source = createTlsSource()
  const [one, other] = [await source('shop.example'), await source('shop.example')]
  t.ok(one.ok && other.ok && one.client.context === other.client.context)
})

t.test('TLS › a file that cannot be read is told with its key', async t => {
  const answer = await createTlsSource({ verify: true, ca_file: '/nonexistent.pem' })('shop.example')
  t.match(answer, { ok: false, message: /\/nonexistent\.pem/ })
})
