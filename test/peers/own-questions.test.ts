import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import type { Verdict } from '../../src/core/verdict.ts'
import { createPublicListener } from '../../src/http/public.ts'
import { askPeer } from '../../src/peers/ask-peer.ts'
import { askSome } from '../../src/peers/ask-some.ts'
import { createOwnQuestions } from '../../src/peers/own-questions.ts'

/** A host that asks, and is asked. */
const createHost = async (t: Test, verdict: () => Verdict | Promise<Verdict>) => {
  const questions = createOwnQuestions()
  const server = createPublicListener({
    path: '/health',
    verdict,
    onRequest: questions.arrived,
    onProbe() {},
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => server.close())
  const ask = (port: number) =>
    questions.ask(headers =>
      askPeer({ host: '127.0.0.1', port }, { path: '/health', timeoutMs: 10_000, headers }),
    )
  return { ask, port: (server.server.address() as AddressInfo).port }
}

/** Forwards connections, as a published port of a container does, until it is `over`. */
const forward = async (t: Test, port: number, over?: Promise<void>): Promise<number> => {
  const forwarder = createServer(client => {
    const server = connect(port, '127.0.0.1')
    client.pipe(server).pipe(client)
    for (const socket of [client, server]) socket.on('error', () => {})
    const end = () => [client, server].forEach(socket => socket.destroy())
    void over?.then(end)
    t.teardown(end)
  }).listen(0, '127.0.0.1')
  await once(forwarder, 'listening')
  t.teardown(() => forwarder.close())
  return (forwarder.address() as AddressInfo).port
}

const passes: Verdict = { status: 'pass', phase: 'serving', checks: [] }

t.test('a peer › that is this very host is known by its own question, also behind a NAT', async t => {
  const host = await createHost(t, () => passes)
  t.equal(await host.ask(await forward(t, host.port)), 'own')
  const other = await createHost(t, () => passes)
  t.equal(await host.ask(await forward(t, other.port)), 'pass')
})

t.test('a peer › that is this very host is known before it answers', async t => {
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  const over = Promise.withResolvers<void>()
  const host = await createHost(t, () => {
    over.resolve()
    return promise
  })
  t.equal(await host.ask(await forward(t, host.port, over.promise)), 'own', 'also if its answer is lost')
  resolve(passes)
})

t.test('a peer › whose question is over is not looked for in later requests', async t => {
  const questions = createOwnQuestions()
  let looked = 0
  const request = {
    get headers() {
      looked += 1
      return {}
    },
  }
  const answer = questions.ask(async () => {
    questions.arrived(request)
    return 'pass'
  })
  t.equal(await answer, 'pass')
  t.equal(looked, 1)
  questions.arrived(request)
  t.equal(looked, 1)
})

t.test('a peer › that is this very host is no peer', async t => {
  const host = await createHost(t, () => passes)
  const own = await forward(t, host.port)
  const other = await createHost(t, () => passes)
  const some = (ports: readonly number[]) =>
    askSome({
      choose: async () => ({
        peers: ports.map(port => ({ host: '127.0.0.1', port })),
        unread: [],
        known: ports.length,
      }),
      ask: ({ port }) => host.ask(port),
    })
  t.strictSame(await some([own]), { known: 0, answers: [] })
  t.match(await some([own, other.port]), { known: 1, answers: [{ answer: 'pass' }] })
})
