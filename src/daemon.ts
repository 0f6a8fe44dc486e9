import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { policyOf } from './config/config.ts'
import type { Config } from './config/config.ts'
import type { Environment } from './config/interpolate.ts'
import type { Release } from './config/release.ts'
import { codeOf } from './describe-error.ts'
import { createHostWatch } from './host-watch.ts'
import { createAdminListener } from './http/admin.ts'
import { listen } from './http/listen.ts'
import { createPublicListener } from './http/public.ts'
import type { Clock } from './monitor/clock.ts'
import { openLatch } from './report/latch.ts'
import type { Logger } from './report/logger.ts'
import { logMonitor } from './report/monitor-log.ts'
import { createProbeLog } from './report/probe-log.ts'
import { createWatch } from './watch.ts'

/** Owner and group: who may use the actions is decided by the file's group. */
const ADMIN_SOCKET_MODE = 0o660

export interface DaemonOptions {
  readonly env: Environment
  readonly clock: Clock
  readonly random: () => number
  readonly release: Release
  readonly logger: Logger
}

/** A running daemon. */
export interface Daemon extends AsyncDisposable {
  /** Answers 503 from now on. */
  drain(reason: string): void
}

/**
 * Starts to listen and to ask. Throws the system's error where a public address cannot be listened on; an admin
 * listener that cannot be had is logged, as it is no reason to take a host out.
 */
export const startDaemon = async (config: Config, options: DaemonOptions): Promise<Daemon> => {
  const { env, clock, random, release, logger } = options
  const latch = await openLatch(config, { release, logger })
  const timeouts = new Map(config.checks.map(({ name, timeout }) => [name, timeout]))
  const log = logMonitor({ logger, clock, timeoutMsOf: name => timeouts.get(name) ?? 0 })
  const watch = createWatch(config, {
    policy: policyOf(config),
    clock,
    random,
    release,
    latched: latch.latched,
    events: { ...log, proved: () => void latch.keep() },
  })
  const { monitor, document } = watch
  const hostWatch = createHostWatch({ stateDir: config.state_dir, release, monitor, clock, logger })
  const probeLog = createProbeLog(config.log.probes, { logger, release: release.current })
  const servers: FastifyInstance[] = []

  const open = async (server: FastifyInstance, address: string, mode?: number): Promise<void> => {
    servers.push(server)
    await server.ready()
    await listen(server.server, address, { env, ...(mode !== undefined && { mode }) })
    logger.log('info', { event: 'daemon.listening', msg: `listening on ${address}`, address })
  }

  const openPublic = (address: string): Promise<void> => {
    const { onProbe } = probeLog
    return open(
      createPublicListener({ path: config.path, verdict: () => monitor.verdict(), onProbe }),
      address,
    )
  }

  const openAdmin = async (address: string, actions: boolean): Promise<void> => {
    const source = { current: () => monitor.current(), refresh: () => monitor.refresh(), document }
    try {
      await open(createAdminListener(source, { actions }), address, ADMIN_SOCKET_MODE)
    } catch (error) {
      const code = codeOf(error)
      const msg = `no admin listener on ${address}: ${code ?? 'unknown error'}`
      logger.log('warn', { event: 'admin.unavailable', msg, address, code })
    }
  }

  const close = async (): Promise<void> => {
    hostWatch[Symbol.dispose]()
    await Promise.all(servers.map(server => server.close()))
    await watch[Symbol.asyncDispose]()
    await probeLog[Symbol.asyncDispose]()
  }

  try {
    monitor.start()
    await hostWatch.start()
    for (const address of config.listen) await openPublic(address)
  } catch (error) {
    await close()
    throw error
  }
  // where it cannot be made, listening says so
  await mkdir(dirname(config.admin.socket)).catch(() => {})
  await openAdmin(`unix:${config.admin.socket}`, true)
  if (config.admin.listen !== undefined) await openAdmin(config.admin.listen, false)

  return {
    drain(reason) {
      hostWatch[Symbol.dispose]()
      monitor.drain({ reason })
    },
    [Symbol.asyncDispose]: close,
  }
}
