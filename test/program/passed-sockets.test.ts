import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { sendBytes } from '../support/send-bytes.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { startSidecar } from '../support/sidecar.ts'

const PROXY = 'PROXY TCP4 192.0.2.7 10.0.0.1 40000 80\r\n'
const PROBE = 'GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

/** The descriptor of a server that listens. */
const descriptorOf = (server: Server): number => {
  const handle: unknown = Reflect.get(server, '_handle')
  const fd: unknown = typeof handle === 'object' && handle ? Reflect.get(handle, 'fd') : undefined
  if (typeof fd !== 'number') throw new Error('this Node tells no descriptor')
  return fd
}

/** A sidecar to which two sockets are passed; on each, what is answered to some bytes. */
const start = async (t: Test, listen: unknown) => {
  const scratch = await createScratchDirectory('hs-passed-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  await writeFile(join(scratch.path, 'env'), 'A=1\n')
  const servers = [createServer(), createServer()]
  const ports: number[] = []
  for (const server of servers) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    ports.push(typeof address === 'object' && address ? address.port : 0)
  }
  const checks = [{ name: 'env', type: 'env', files: [join(scratch.path, 'env')], required: ['A'] }]
  const sidecar = await startSidecar({
    scratch,
    port: 0,
    config: { listen, startup: { healthy_threshold: 1 }, drain: { wait: '0s' }, checks },
    sockets: servers.map(descriptorOf),
  })
  // its copies stay open, as systemd's do
  for (const server of servers) server.close()
  t.teardown(() => sidecar.stop())
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  const send = (bytes: string) => Promise.all(ports.map(port => sendBytes(port, bytes)))
  return { sidecar, send }
}

t.test('listen: systemd › answers on every socket that was passed', async t => {
  const { send } = await start(t, 'systemd')
  for (const answer of await send(PROBE)) t.match(answer, /^HTTP\/1\.1 200 OK/)
  for (const answer of await send(PROXY + PROBE)) t.match(answer, /^HTTP\/1\.1 400 /)
})

t.test('listen: systemd with proxy_protocol › every socket takes probes behind a header alone', async t => {
  const { sidecar, send } = await start(t, [{ address: 'systemd', proxy_protocol: true }])
  for (const answer of await send(PROXY + PROBE)) t.match(answer, /^HTTP\/1\.1 200 OK/)
  t.strictSame(await send(PROBE), ['', ''])
  await sidecar.logged(/"event":"probe\.answered".*"remoteAddress":"192\.0\.2\.7"/)
  await sidecar.logged(
    /"event":"probe\.refused","msg":"closed a connection of 127\.0\.0\.1 without an answer: /,
  )
})
