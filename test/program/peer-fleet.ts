import { once } from 'node:events'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
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

export interface Host {
  readonly sidecar: Sidecar
  /** Where its peers ask it. */
  readonly address: string
  /** From now on, its way to the database is a black hole, and its page is 500. */
  cutOff(): void
  /** From now on, its app answers nothing; or it answers again, also what it was asked before. */
  beSilent(isSilent: boolean): void
}

/** A host whose page needs the database, which it reaches in a way of its own. */
export const startHost = async (
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
  let isSilent = false
  const waiting: ServerResponse[] = []
  const answer = (response: ServerResponse) =>
    response.writeHead(isCutOff ? 500 : 200).end('<h1>Welcome</h1>')
  const app = createServer((_, response) => (isSilent ? waiting.push(response) : answer(response)))
  app.listen(socket)
  await once(app, 'listening')
  t.teardown(() => {
    app.closeAllConnections()
    app.close()
  })
  const database = postgres.url().replace(`:${postgres.port}/`, `:${way.port}/`)
  const sidecar = await startSidecar({
    scratch,
    port,
    config: {
      startup: { healthy_threshold: 1 },
      drain: { wait: '0s' },
      peers,
      checks: [
        {
          name: 'page',
          type: 'smoke',
          target: `http+unix:${socket}`,
          depends_on: ['database'],
          patience: '1s',
          ...often,
        },
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
    beSilent(is) {
      isSilent = is
      if (!is) for (const response of waiting.splice(0)) answer(response)
    },
  }
}

/** Three hosts that serve. Each has all three as its peers, itself included, as a name in the DNS would give them. */
export const startFleet = async (t: Test): Promise<readonly Host[]> => {
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
export const untilLogged = async (
  { sidecar }: Host,
  { event, times, words = /./ }: { readonly event: string; readonly times: number; readonly words?: RegExp },
): Promise<string> => {
  let found: readonly string[] = []
  while (found.length < times || !words.test(found.at(-1) ?? '')) {
    await delay(20)
    found = (await sidecar.log()).split('\n').filter(line => line.includes(`"event":"${event}"`))
  }
  return found.at(-1) ?? ''
}
