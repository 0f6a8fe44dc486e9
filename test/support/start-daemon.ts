import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { followRelease } from '../../src/host/release.ts'
import type { FollowedRelease } from '../../src/host/release.ts'
import { startDaemon } from '../../src/daemon.ts'
import { createSystemClock } from '../../src/monitor/clock.ts'
import type { Clock } from '../../src/monitor/clock.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { freePort } from './free-port.ts'

/** Starts a daemon in this process. */
export const startInProcess = async (
  t: Test,
  overrides: object = {},
  {
    clock = createSystemClock(),
    release,
    before = async () => {},
    setLevel = () => {},
  }: {
    readonly clock?: Clock
    readonly release?: FollowedRelease
    /** Called with the configuration, before the daemon starts. */
    readonly before?: (config: Config) => Promise<void>
    /** Called as a reload puts another configuration in force. */
    readonly setLevel?: () => void
  } = {},
) => {
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
  await before(config)
  const events: LogEvent[] = []
  const starting = startDaemon(config, {
    env: {},
    clock,
    random: Math.random,
    release: release ?? (await followRelease(undefined, {})),
    logger: {
      log: (_level, event) => void events.push(event),
      logAlways: event => void events.push(event),
      setLevel,
      opened: Promise.resolve(),
      dropped: () => 0,
      reopen: async () => {},
      [Symbol.asyncDispose]: async () => {},
    },
  })
  t.teardown(async () => (await starting.catch(() => undefined))?.[Symbol.asyncDispose]())
  return { starting, events, port, directory }
}
