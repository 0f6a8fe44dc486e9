import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { DatabaseProxy } from '../gauntlet/database-proxy.ts'
import { freePort } from '../support/free-port.ts'
import { startPostgres } from '../support/postgres.ts'
import type { TestPostgres } from '../support/postgres.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { startSidecar } from '../support/sidecar.ts'
import type { Sidecar } from '../support/sidecar.ts'

const LOCALHOST = '127.0.0.1'
const often = { interval: '1s', fresh_for: '200ms', timeout: '2s' }

interface Host {
  readonly sidecar: Sidecar
  /** Where its peers ask it. */
  readonly address: string
  /** From now on, its way to the database is a black hole, and its page is 500. */
  cutOff(): void
}

/** A host whose page needs the database, which it reaches in a way of its own. */
const startHost = async (
  t: Test,
  {
    port,
    peers,
    postgres,
  }: { readonly port: number; readonly peers: string[]; readonly postgres: TestPostgres },
): Promise<Host> => {
  const scratch = await createScratchDirectory('health-sidecar-peers-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const way = { host: LOCALHOST, port: await freePort() }
  const proxy = new DatabaseProxy([way], { host: postgres.host, port: postgres.port })
  await proxy.accept()
  t.teardown(() => proxy[Symbol.asyncDispose]())
  let isCutOff = false
  const socket = join(scratch.path, 'app.sock')
  const app = createServer((_, response) => response.writeHead(isCutOff ? 500 : 200).end('<h1>Welcome</h1>'))
  app.listen(socket)
  await once(app, 'listening')
  t.teardown(() => app.close())
  const database = postgres.url().replace(`:${postgres.port}/`, `:${way.port}/`)
  const sidecar = await startSidecar({
    scratch,
    port,
    config: {
      startup: { healthy_threshold: 1 },
      drain: { wait: '0s' },
      peers,
      checks: [
        { name: 'page', type: 'smoke', target: `http+unix:${socket}`, depends_on: ['database'], ...often },
        { name: 'database', type: 'postgres', database, required: false, ...often },
      ],
    },
  })
  t.teardown(() => sidecar[Symbol.asyncDispose]())
  return {
    sidecar,
    address: `${LOCALHOST}:${port}`,
    cutOff() {
      isCutOff = true
      proxy.swallow()
    },
  }
}

/** Three hosts that serve. Each has all three as its peers, itself included, as a name in the DNS would give them. */
const startFleet = async (t: Test): Promise<readonly Host[]> => {
  const postgres = await startPostgres()
  t.teardown(() => postgres[Symbol.asyncDispose]())
  const ports = [await freePort(), await freePort(), await freePort()]
  const peers = ports.map(port => `${LOCALHOST}:${port}`)
  const hosts: Host[] = []
  for (const port of ports) hosts.push(await startHost(t, { port, peers, postgres }))
  await Promise.all(hosts.map(({ sidecar }) => sidecar.waitFor(({ status }) => status === 'pass')))
  return hosts
}

/** Waits until the log has so many lines of this event; answers the last one. */
const untilLogged = async (
  { sidecar }: Host,
  { event, times, words = /./ }: { readonly event: string; readonly times: number; readonly words?: RegExp },
): Promise<string> => {
  let found: readonly string[] = []
  while (found.length < times || !words.test(found.at(-1) ?? '')) {
    // each answer comes after the sidecar had time to go on
    await sidecar.status()
    found = (await sidecar.log()).split('\n').filter(line => line.includes(`"event":"${event}"`))
  }
  return found.at(-1) ?? ''
}

t.test('peers › a host that is cut off alone leaves, and names who was asked; the others stay', async t => {
  const [alone, ...others] = await startFleet(t)
  if (!alone) throw new Error('no host')
  const startedAt = performance.now()
  alone.cutOff()
  await untilLogged(alone, { event: 'peers.asked', times: 2 })
  const { status, checks } = await alone.sidecar.waitFor(document => document.status === 'fail')
  const tookMs = performance.now() - startedAt
  t.comment(`left after ${Math.round(tookMs)} ms`)
  t.equal(status, 'fail')
  t.match(checks['page'], [
    { because: 'alone', reason: 'PEERS_DO_NOT_SEE_IT', evidence: { unknown: 'DEPENDENCY_NOT_PASSING' } },
  ])
  const asked = JSON.stringify(checks['page']?.[0].evidence?.['peers'])
  for (const { address } of others) t.match(asked, address)
  t.notMatch(asked, alone.address, 'and not itself')
  t.match(await alone.sidecar.probe(), { status: 503 })
  for (const { sidecar } of others) {
    t.match(await sidecar.probe(), { status: 200, body: '{"status":"pass"}' })
    t.notMatch(await sidecar.log(), 'peers.asked', 'a host without doubts asks nobody')
  }
})

t.test('peers › hosts that are all cut off ask each other, and all stay', async t => {
  const hosts = await startFleet(t)
  for (const host of hosts) host.cutOff()
  for (const host of hosts) {
    // the second sweep is the one that would make proof of it; a peer that is slow to answer is silent, and asked again
    const line = await untilLogged(host, { event: 'peers.asked', times: 2, words: /warn.* warn/ })
    t.match(line, /warn.* warn/)
    t.match(await host.sidecar.probe(), { status: 200, body: '{"status":"warn"}' })
    t.match((await host.sidecar.status()).checks['page'], [{ because: 'held', cause: 'shared' }])
  }
})
