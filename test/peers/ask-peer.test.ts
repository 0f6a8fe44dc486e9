import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { askPeer } from '../../src/peers/ask-peer.ts'

const serve = async (listener: RequestListener): Promise<number> => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const answering = (status: number, body: string) =>
  serve((_request, response) => response.writeHead(status).end(body))

const ask = (port: number, timeoutMs = 20_000) =>
  askPeer({ host: '127.0.0.1', port }, { path: '/health', timeoutMs })

t.test('a peer › its own answers are taken as they are', async t => {
  t.equal(await ask(await answering(200, '{"status":"pass"}')), 'pass')
  t.equal(await ask(await answering(200, '{"status":"warn"}')), 'warn')
  t.equal(await ask(await answering(503, '{"status":"fail"}')), 'fail')
})

t.test('a peer › whatever else answers is no witness', async t => {
  for (const [status, body] of [
    [200, 'OK'],
    [200, ''],
    [200, '<html>pass</html>'],
    [200, '{"status":"fail"}'],
    [200, '"pass"'],
    [503, '{"status":"pass"}'],
    [404, '{"status":"pass"}'],
    [301, '{"status":"pass"}'],
    [200, `{"status":"pass","padding":"${'x'.repeat(2000)}"}`],
  ] as const)
    t.equal(await ask(await answering(status, body)), 'silent', `${status} ${body.slice(0, 30)}`)
})

t.test('a peer › that says too much is not read to the end', async t => {
  const closed = Promise.withResolvers<void>()
  const endless = await serve((_request, response) => {
    response.on('close', closed.resolve).writeHead(200).write('x'.repeat(2000))
  })
  const asked = { host: '127.0.0.1', port: endless }
  t.equal(await askPeer(asked, { path: '/health', timeoutMs: 600_000 }), 'silent')
  await closed.promise
})

t.test('a peer › that is not there, or says nothing in time, is silent', async t => {
  const gone = createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address() as AddressInfo
  gone.close()
  await once(gone, 'close')
  t.equal(await ask(port), 'silent')
  t.equal(await ask(await serve(() => {}), 1000), 'silent')
  const drip = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{"status":"pass"')
  })
  t.equal(await ask(drip, 1000), 'silent')
  const cut = await serve((_request, response) => {
    response.writeHead(200).write('{"status":"pass"}')
    response.socket?.destroy()
  })
  t.equal(await ask(cut), 'silent')
})
