import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import t from 'tap'
import { freePort } from '../support/free-port.ts'
import { startPostgres } from '../support/postgres.ts'
import { startHost, untilLogged } from './peer-fleet.ts'

t.test('peers › that a firewall hides are told of, and a stuck app leaves as without them', async t => {
  const postgres = await startPostgres()
  t.teardown(() => postgres[Symbol.asyncDispose]())
  const port = await freePort()
  // a page of another program is no answer of a peer either
  const other = createServer((_request, response) => response.end('<h1>Welcome to nginx!</h1>'))
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const address = other.address()
  const nginx = typeof address === 'object' ? address?.port : undefined
  // nor is this very host, at an address that it does not know for its own
  const forwarder = createTcpServer(client => {
    const server = connect(port, '127.0.0.1')
    client.pipe(server).pipe(client)
    for (const socket of [client, server]) socket.on('error', () => {})
  })
  forwarder.listen(0, '127.0.0.1')
  await once(forwarder, 'listening')
  t.teardown(() => forwarder.close())
  const forwarded = forwarder.address()
  const own = typeof forwarded === 'object' ? forwarded?.port : undefined
  const hidden = `127.0.0.1:${await freePort()}`
  const peers = [`127.0.0.1:${port}`, hidden, `127.0.0.1:${nginx}`, `127.0.0.1:${own}`]
  const host = await startHost(t, { port, peers, postgres })
  await host.sidecar.waitFor(({ status }) => status === 'pass')
  host.beSilent(true)
  const line = await untilLogged(host, { event: 'peers.unreachable', times: 1 })
  t.match(
    line,
    /no answer from any of \d peers .*, ever: this host decides as if it had no `peers`; open that/,
  )
  await untilLogged(host, { event: 'verdict.changed', times: 1, words: /"status":"fail","phase":"serving"/ })
  // a host that is too busy to hear its own question in a second does not know itself by it that time
  await untilLogged(host, { event: 'peers.asked', times: 2, words: /"known":2/ })
  const { notes, checks } = await host.sidecar.status()
  t.match(notes, [new RegExp(`no answer from any of \\d peers \\(asked: .*${hidden}`)])
  t.match(checks['page'], [{ status: 'fail', reason: 'SMOKE_NO_ANSWER' }])
  t.match(await host.sidecar.probe(), { status: 503 })
})
