import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { askingOf } from '../../src/peers/asking.ts'
import { createOwnQuestions } from '../../src/peers/own-questions.ts'

t.test('a peer › may take as long as a probe may, and a second more', async t => {
  const server = createServer(async (_, response) => {
    await setTimeout(1200)
    response.end('{"status":"warn"}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const ask = async (deadline: number) => {
    const inForce = { peers: [], listen: [`0.0.0.0:${port}`], proxied: [], path: '/health', deadline }
    const { ask } = askingOf(() => inForce, { random: Math.random, questions: createOwnQuestions() })
    return await ask({ host: '127.0.0.1', port })
  }
  t.same(await Promise.all([ask(10_000), ask(1)]), ['warn', 'silent'])
})
