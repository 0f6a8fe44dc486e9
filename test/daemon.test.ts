import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { fingerprintOf } from '../src/config/fingerprint.ts'
import { readBootId, readLatch, writeLatch } from '../src/host/latch-file.ts'
import { freePort } from './support/free-port.ts'
import { httpRequest } from './support/http-request.ts'
import { mistakesInEmbeddedMetrics } from './support/embedded-metric-format.ts'
import { ManualClock } from './support/manual-clock.ts'
import { startInProcess } from './support/start-daemon.ts'
import { takenPort } from './support/taken-port.ts'

t.test('daemon › makes the directory of its admin socket', async t => {
  const { starting, directory } = await startInProcess(t)
  await starting
  const socketPath = join(directory, 'admin', 'admin.sock')
  t.match(await httpRequest({ socketPath, path: '/status' }), { status: 200, body: /"phase":"starting"/ })
})

t.test('daemon › answers without an admin listener where none can be had, and says so', async t => {
  const { starting, events, port } = await startInProcess(t, {
    admin: { socket: '/proc/nonexistent/admin.sock' },
  })
  await starting
  t.match(await httpRequest({ host: '127.0.0.1', port, path: '/health' }), { status: 503 })
  t.match(
    events.find(({ event }) => event === 'admin.unavailable'),
    {
      address: 'unix:/proc/nonexistent/admin.sock',
      code: 'EACCES',
      msg: 'cannot listen on unix:/proc/nonexistent/admin.sock (EACCES): make its directory, and let this user write to it; probes are answered all the same',
    },
  )
})

t.test('daemon › admin.listen shows the status, and takes no actions', async t => {
  const adminPort = await freePort()
  const { starting } = await startInProcess(t, {
    admin: { socket: '/proc/nonexistent/x', listen: `127.0.0.1:${adminPort}` },
  })
  await starting
  t.match(await httpRequest({ host: '127.0.0.1', port: adminPort, path: '/status' }), { status: 200 })
  t.match(await httpRequest({ host: '127.0.0.1', port: adminPort, path: '/refresh', method: 'POST' }), {
    status: 404,
  })
})

t.test('daemon › a public address that is taken is an error', async t => {
  const port = await takenPort(t)
  const { starting } = await startInProcess(t, { listen: `127.0.0.1:${port}` })
  await t.rejects(starting, {
    code: 'EADDRINUSE',
    message: `cannot listen on 127.0.0.1:${port} (EADDRINUSE): another process listens there; stop it, or choose another address`,
  })
})

t.test('daemon › systemd passes no socket: an error that says so', async t => {
  const { starting } = await startInProcess(t, { listen: 'systemd' })
  await t.rejects(starting, { message: /systemd has passed no socket/ })
})

t.test(
  'daemon › listens on several addresses, a Unix socket among them, and replaces one that is stale',
  async t => {
    const directory = await mkdtemp(join(tmpdir(), 'health-sidecar-listen-'))
    t.teardown(() => rm(directory, { recursive: true }))
    const socketPath = join(directory, 'health.sock')
    const port = await freePort()
    for (const round of [1, 2]) {
      const { starting } = await startInProcess(t, { listen: [`unix:${socketPath}`, `127.0.0.1:${port}`] })
      const daemon = await starting
      t.match(await httpRequest({ socketPath, path: '/health' }), { status: 503 }, `round ${round}`)
      t.match(await httpRequest({ host: '127.0.0.1', port, path: '/health/live' }), { status: 200 })
      await daemon[Symbol.asyncDispose]()
    }
  },
)

t.test(
  'daemon › log.emf puts a line of metrics a minute into the log, with the probes of that minute',
  async t => {
    const clock = new ManualClock()
    const { starting, events, port } = await startInProcess(t, { log: { emf: 'web' } }, { clock })
    await starting
    for (const path of ['/health', '/health', '/elsewhere'])
      await httpRequest({ host: '127.0.0.1', port, path })
    await clock.advance(120_000)
    const line = events.find(({ event }) => event === 'status.measured')
    t.match(line, { Service: 'web', Serving: 0, Starting: 1, ProbesPassed: 0, ProbesFailed: 2 })
    t.strictSame(mistakesInEmbeddedMetrics(line), [])
  },
)

t.test('daemon › a release that comes in the middle of a reload has no latch of the one before', async t => {
  const clock = new ManualClock()
  let current = 'v1'
  const comes = Promise.withResolvers<boolean>()
  const { starting, directory, events } = await startInProcess(
    t,
    { release: 'v1' },
    {
      clock,
      release: { current: () => current, problem: () => undefined, look: () => comes.promise },
      async before(config) {
        const bootId = (await readBootId()) ?? ''
        const latch = { bootId, release: 'v1', configHash: fingerprintOf(config) }
        await writeLatch(config.state_dir, latch)
      },
      setLevel() {
        current = 'v2'
        comes.resolve(true)
      },
    },
  )
  const daemon = await starting
  t.ok(events.some(({ event }) => event === 'latch.found'))
  t.match(await daemon.reload(async config => ({ ...config, deadline: 3000 })), { kind: 'taken' })
  t.ok(events.some(({ event }) => event === 'release.changed'))
  t.match(await readLatch(directory), { kind: 'latch', latch: { release: 'v1' } })
})

t.test('daemon › what breaks once a configuration is in force does not stop its checks', async t => {
  const clock = new ManualClock()
  const { starting, events } = await startInProcess(
    t,
    { log: { level: 'debug' } },
    {
      clock,
      setLevel() {
        throw new TypeError('no such level')
      },
    },
  )
  const daemon = await starting
  t.match(await daemon.reload(async config => ({ ...config, deadline: 3000 })), { kind: 'taken' })
  t.match(
    events.find(({ event }) => event === 'observer.broke'),
    { msg: /^a part of the reload broke \(TypeError at daemon\.test\.ts/ },
  )
  t.equal(daemon.config.deadline, 3000)
  const answered = () => events.filter(({ event }) => event === 'check.answered').length
  const before = answered()
  await clock.advance(60_000)
  t.ok(answered() > before, 'the checks run')
})

t.test('daemon › a reload that edits the list of peers does not forget that one has answered', async t => {
  const peer = createServer((_request, response) => {
    response.writeHead(503).end('{"status":"fail"}')
  }).listen(0, '127.0.0.1')
  await once(peer, 'listening')
  t.teardown(() => void peer.close())
  const address = peer.address()
  const answering = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const silent = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  for (const [peers, words] of [
    [[silent[0], silent[1]], /and one answered before/],
    [[silent[1]], /, ever: this host decides as if it had no `peers`/],
  ] as const) {
    const clock = new ManualClock()
    const given = { peers: [answering, silent[0]], admin: { listen: `127.0.0.1:${await freePort()}` } }
    const { starting, events } = await startInProcess(t, given, { clock })
    const daemon = await starting
    const metrics = async () =>
      (
        await httpRequest({
          host: '127.0.0.1',
          port: Number(given.admin.listen.split(':')[1]),
          path: '/metrics',
        })
      ).body
    while (!/^health_sidecar_peers_answering 1$/m.test(await metrics())) await clock.advance(1000)
    t.match(await daemon.reload(async config => ({ ...config, peers: [...peers].map(String) })), {
      kind: 'taken',
    })
    const told = () => events.find(({ event }) => event === 'peers.unreachable')
    while (!told()) await clock.advance(1000)
    t.match(told(), { msg: words })
    await daemon[Symbol.asyncDispose]()
  }
})
