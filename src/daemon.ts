import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { componentTypeOf, createChecks } from './checks/create-checks.ts'
import { policyOf } from './config/config.ts'
import type { Config } from './config/config.ts'
import type { Environment } from './config/interpolate.ts'
import { readRelease } from './config/release.ts'
import type { Verdict } from './core/verdict.ts'
import { codeOf } from './describe-error.ts'
import { createAdminListener } from './http/admin.ts'
import { statusDocument } from './http/health-json.ts'
import type { StatusDocument } from './http/health-json.ts'
import { listen } from './http/listen.ts'
import { createPublicListener } from './http/public.ts'
import type { Clock } from './monitor/clock.ts'
import { Monitor } from './monitor/monitor.ts'
import type { MonitorEvents } from './monitor/monitor.ts'
import { createDatabases } from './postgres/databases.ts'
import type { Logger } from './report/logger.ts'
import { logMonitor } from './report/monitor-log.ts'
import { createProbeLog } from './report/probe-log.ts'

/** Owner and group: who may use the actions is decided by the file's group. */
const ADMIN_SOCKET_MODE = 0o660

export interface Surroundings {
  readonly env: Environment
  readonly clock: Clock
  readonly random: () => number
}

/** A monitor with everything that it asks, and how to tell of it. */
export interface Watch extends AsyncDisposable {
  readonly monitor: Monitor
  readonly document: (verdict: Verdict) => StatusDocument
}

/** Wires the checks of a configuration to a monitor that has not been started. */
export const createWatch = (
  config: Config,
  options: Surroundings & { readonly events: MonitorEvents; readonly release: () => string | undefined },
): Watch => {
  const { clock, random, events, release } = options
  const databases = createDatabases()
  const checks = createChecks(config.checks, { databases })
  const monitor = new Monitor({
    policy: policyOf(config),
    checks,
    deadlineMs: config.deadline,
    clock,
    random,
    events,
  })
  const types = new Map(config.checks.map(check => [check.name, componentTypeOf(check)]))
  return {
    monitor,
    document: verdict =>
      statusDocument(verdict, {
        release: release(),
        componentTypeOf: name => types.get(name) ?? 'component',
        tookMsOf: name => monitor.tookMs(name),
        dateOf: at => new Date(clock.date().getTime() - (clock.now() - at)),
      }),
    async [Symbol.asyncDispose]() {
      await monitor[Symbol.asyncDispose]()
      await Promise.all(Array.from(checks.values(), check => check[Symbol.asyncDispose]()))
      await databases[Symbol.asyncDispose]()
    },
  }
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
export const startDaemon = async (
  config: Config,
  { logger, ...surroundings }: Surroundings & { readonly logger: Logger },
): Promise<Daemon> => {
  const { env, clock } = surroundings
  const release = await readRelease(config.release, env)
  const timeouts = new Map(config.checks.map(({ name, timeout }) => [name, timeout]))
  const watch = createWatch(config, {
    ...surroundings,
    release: () => release,
    events: logMonitor({ logger, clock, timeoutMsOf: name => timeouts.get(name) ?? 0 }),
  })
  const { monitor, document } = watch
  const probeLog = createProbeLog(config.log.probes, { logger, release: () => release })
  const servers: FastifyInstance[] = []

  const open = async (server: FastifyInstance, address: string, mode?: number): Promise<void> => {
    servers.push(server)
    await server.ready()
    await listen(server.server, address, { env, ...(mode !== undefined && { mode }) })
    logger.log('info', { event: 'daemon.listening', msg: `listening on ${address}`, address })
  }

  const openAdmin = async (address: string, actions: boolean): Promise<void> => {
    const options = { current: () => monitor.current(), refresh: () => monitor.refresh(), document }
    try {
      if (actions) await mkdir(dirname(config.admin.socket), { recursive: true })
      await open(createAdminListener(options, { actions }), address, ADMIN_SOCKET_MODE)
    } catch (error) {
      const code = codeOf(error)
      const msg = `no admin listener on ${address}: ${code ?? 'unknown error'}`
      logger.log('warn', { event: 'admin.unavailable', msg, address, code })
    }
  }

  const close = async (): Promise<void> => {
    await Promise.all(servers.map(server => server.close()))
    await watch[Symbol.asyncDispose]()
    probeLog.flush()
  }

  try {
    for (const address of config.listen)
      await open(
        createPublicListener({
          path: config.path,
          verdict: () => monitor.verdict(),
          onProbe: probeLog.onProbe,
        }),
        address,
      )
  } catch (error) {
    await close()
    throw error
  }
  await openAdmin(`unix:${config.admin.socket}`, true)
  if (config.admin.listen !== undefined) await openAdmin(config.admin.listen, false)
  monitor.start()

  return {
    drain: reason => monitor.drain({ reason }),
    [Symbol.asyncDispose]: close,
  }
}
