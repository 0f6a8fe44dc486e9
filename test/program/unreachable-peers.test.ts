import { once } from 'node:events'
import { createServer } from 'node:http'
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
  const hidden = `127.0.0.1:${await freePort()}`
  const peers = [`127.0.0.1:${port}`, hidden, `127.0.0.1:${nginx}`]
  const host = await startHost(t, { port, peers, postgres })
  await host.sidecar.waitFor(({ status }) => status === 'pass')
  host.beSilent(true)
  const line = await untilLogged(host, { event: 'peers.unreachable', times: 1 })
  t.match(
    line,
    /no answer from any of 2 peers .*, ever: this host decides as if it had no `peers`; open that/,
  )
  await untilLogged(host, { event: 'verdict.changed', times: 1, words: /"status":"fail","phase":"serving"/ })
  const { notes, checks } = await host.sidecar.status()
  t.match(notes, [new RegExp(`no answer from any of 2 peers \\(asked: .*${hidden}`)])
  t.match(checks['page'], [{ status: 'fail', reason: 'SMOKE_NO_ANSWER' }])
  t.match(await host.sidecar.probe(), { status: 503 })
})
