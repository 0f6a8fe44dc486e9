import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { askingOf } from '../../src/peers/asking.ts'
import { createOwnQuestions } from '../../src/peers/own-questions.ts'

t.test('a peer › that names no port is asked at the one that these hosts listen on', async t => {
  const asking = (peers?: string[]) => {
    const inForce = {
      listen: ['0.0.0.0:8080'],
      proxied: [],
      path: '/health',
      deadline: 1,
      ...(peers && { peers }),
    }
    return askingOf(() => inForce, { random: Math.random, questions: createOwnQuestions() })
  }
  const { peers } = await asking(['192.0.2.1', '192.0.2.2:81']).choose(5)
  t.strictSame(
    [...peers].sort((a, b) => b.port - a.port),
    [
      { host: '192.0.2.1', port: 8080 },
      { host: '192.0.2.2', port: 81 },
    ],
  )
  t.strictSame(await asking().choose(5), { peers: [], unread: ['`peers`'], known: 1 })
})

t.test('a peer › may take as long as a probe may, and a second more', async t => {
  const server = createServer((_, response) => {
    setTimeout(() => response.end('{"status":"warn"}'), 1200)
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
