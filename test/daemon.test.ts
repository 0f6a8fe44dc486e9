import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import { loadConfig } from '../src/config/load.ts'
import { followRelease } from '../src/host/release.ts'
import { startDaemon } from '../src/daemon.ts'
import { createSystemClock } from '../src/monitor/clock.ts'
import type { LogEvent } from '../src/log/logger.ts'
import { freePort } from './support/free-port.ts'
import { httpRequest } from './support/http-request.ts'

/** Starts a daemon in this process. */
const start = async (t: Test, overrides: object = {}) => {
  const directory = await mkdtemp(join(tmpdir(), 'health-sidecar-daemon-'))
  t.teardown(() => rm(directory, { recursive: true }))
  const port = await freePort()
  const file = join(directory, 'config.yaml')
  const settings = {
    listen: `127.0.0.1:${port}`,
    admin: { socket: join(directory, 'admin', 'admin.sock') },
    state_dir: directory,
    checks: [{ name: 'page', type: 'smoke', target: 'http+unix:/nonexistent/app.sock' }],
  }
  await writeFile(file, stringify({ ...settings, ...overrides }))
  const config = await loadConfig(file, {})
  const events: LogEvent[] = []
  const starting = startDaemon(config, {
    env: {},
    clock: createSystemClock(),
    random: Math.random,
    release: await followRelease(undefined, {}),
    logger: {
      log: (_level, event) => void events.push(event),
      setLevel() {},
      opened: Promise.resolve(),
      dropped: () => 0,
      reopen: async () => {},
      [Symbol.asyncDispose]: async () => {},
    },
  })
  t.teardown(async () => (await starting.catch(() => undefined))?.[Symbol.asyncDispose]())
  return { starting, events, port, directory }
}

t.test('daemon › makes the directory of its admin socket', async t => {
  const { starting, directory } = await start(t)
  await starting
  const socketPath = join(directory, 'admin', 'admin.sock')
  t.match(await httpRequest({ socketPath, path: '/status' }), { status: 200, body: /"phase":"starting"/ })
})

t.test('daemon › answers without an admin listener where none can be had, and says so', async t => {
  const { starting, events, port } = await start(t, { admin: { socket: '/proc/nonexistent/admin.sock' } })
  await starting
  t.match(await httpRequest({ host: '127.0.0.1', port, path: '/health' }), { status: 503 })
  t.match(
    events.find(({ event }) => event === 'admin.unavailable'),
    { address: 'unix:/proc/nonexistent/admin.sock' },
  )
})

t.test('daemon › admin.listen shows the status, and takes no actions', async t => {
  const adminPort = await freePort()
  const { starting } = await start(t, {
    admin: { socket: '/proc/nonexistent/x', listen: `127.0.0.1:${adminPort}` },
  })
  await starting
  t.match(await httpRequest({ host: '127.0.0.1', port: adminPort, path: '/status' }), { status: 200 })
  t.match(await httpRequest({ host: '127.0.0.1', port: adminPort, path: '/refresh', method: 'POST' }), {
    status: 404,
  })
})

t.test('daemon › a public address that is taken is an error', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => void other.close())
  const address = other.address()
  const port = typeof address === 'object' ? address?.port : 0
  const { starting } = await start(t, { listen: `127.0.0.1:${port}` })
  await t.rejects(starting, { code: 'EADDRINUSE' })
})

t.test('daemon › systemd passes no socket: an error that says so', async t => {
  const { starting } = await start(t, { listen: 'systemd' })
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
      const { starting } = await start(t, { listen: [`unix:${socketPath}`, `127.0.0.1:${port}`] })
      const daemon = await starting
      t.match(await httpRequest({ socketPath, path: '/health' }), { status: 503 }, `round ${round}`)
      t.match(await httpRequest({ host: '127.0.0.1', port, path: '/health/live' }), { status: 200 })
      await daemon[Symbol.asyncDispose]()
    }
  },
)
