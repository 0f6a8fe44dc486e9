import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import { followRelease } from '../../src/host/release.ts'
import { startDaemon } from '../../src/daemon.ts'
import { createSystemClock } from '../../src/monitor/clock.ts'
import type { Clock } from '../../src/monitor/clock.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { freePort } from './free-port.ts'

/** Starts a daemon in this process. */
export const startInProcess = async (t: Test, overrides: object = {}, clock: Clock = createSystemClock()) => {
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
    clock,
    random: Math.random,
    release: await followRelease(undefined, {}),
    logger: {
      log: (_level, event) => void events.push(event),
      logAlways: event => void events.push(event),
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
