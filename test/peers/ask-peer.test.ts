import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { askPeer } from '../../src/peers/ask-peer.ts'
import { listPeers } from '../../src/peers/peer-list.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

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

const ask = (port: number) => askPeer({ host: '127.0.0.1', port }, { path: '/health' })

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

t.test('a peer › that is not there, or says nothing in a second, is silent', async t => {
  const gone = createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address() as AddressInfo
  gone.close()
  await once(gone, 'close')
  t.equal(await ask(port), 'silent')
  t.equal(await ask(await serve(() => {})), 'silent')
  const drip = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{"status":"pass"')
  })
  t.equal(await ask(drip), 'silent')
  const cut = await serve((_request, response) => {
    response.writeHead(200).write('{"status":"pass"}')
    response.socket?.destroy()
  })
  t.equal(await ask(cut), 'silent')
})

t.test('a list of peers › has each host once, with its port, and never this host itself', async t => {
  const list = ['10.0.0.1', '10.0.0.1:80', '10.0.0.2:8080', '[2001:db8::1]:81', '127.0.0.1', '127.0.0.1:81']
  t.strictSame(await listPeers(list, { port: 80 }), {
    peers: [
      { host: '10.0.0.1', port: 80 },
      { host: '10.0.0.2', port: 8080 },
      { host: '2001:db8::1', port: 81 },
      { host: '127.0.0.1', port: 81 },
    ],
    unread: [],
  })
})

t.test('a list of peers › leaves this host out however its address is written', async t => {
  const own = ['[0:0:0:0:0:0:0:1]', '[::1]:80', '127.0.0.1']
  t.strictSame(await listPeers([...own, '192.0.2.1'], { port: 80 }), {
    peers: [{ host: '192.0.2.1', port: 80 }],
    unread: [],
  })
})

t.test('a list of peers › may be a file, read again each time', async t => {
  await using scratch = await createScratchDirectory('health-sidecar-peers-')
  const path = join(scratch.path, 'peers')
  t.strictSame(await listPeers(`file:${path}`, { port: 80 }), { peers: [], unread: [] }, 'not there yet')
  await writeFile(path, '# the web tier\n10.0.0.1\n\n10.0.0.2:8080  # canary\n')
  t.strictSame(await listPeers(`file:${path}`, { port: 80 }), {
    peers: [
      { host: '10.0.0.1', port: 80 },
      { host: '10.0.0.2', port: 8080 },
    ],
    unread: [],
  })
})

t.test('a list of peers › tells what it could not read: there may be peers', async t => {
  await using scratch = await createScratchDirectory('health-sidecar-peers-')
  t.strictSame(await listPeers(`file:${scratch.path}`, { port: 80 }), { peers: [], unread: [scratch.path] })
})

t.test('a list of peers › tells a port that does not exist, at which Node would throw', async t => {
  await using scratch = await createScratchDirectory('health-sidecar-peers-')
  const path = join(scratch.path, 'peers')
  await writeFile(path, '10.0.0.1:65535\n10.0.0.2:65536\n[2001:db8::1]:99999\n')
  t.strictSame(await listPeers(`file:${path}`, { port: 80 }), {
    peers: [{ host: '10.0.0.1', port: 65_535 }],
    unread: ['10.0.0.2:65536', '2001:db8::1:99999'],
  })
})

t.test('a list of peers › tells a name without addresses from one that nobody resolves', async t => {
  const resolve = async (code: string | undefined): Promise<string[]> => {
    if (code !== undefined) throw Object.assign(new Error(code), { code })
    return ['10.0.0.1']
  }
  const list = (error?: string) =>
    listPeers('dns:web.example', {
      port: 80,
      resolver: {
        resolve4: () => resolve(error),
        resolve6: () => resolve(error ?? 'ETIMEOUT'),
      },
    })
  t.strictSame(await list(), { peers: [{ host: '10.0.0.1', port: 80 }], unread: [] })
  for (const none of ['ENOTFOUND', 'ENODATA']) t.strictSame(await list(none), { peers: [], unread: [] })
  for (const failed of ['ETIMEOUT', 'ESERVFAIL', 'ECONNREFUSED'])
    t.strictSame(await list(failed), { peers: [], unread: ['web.example'] })
})
