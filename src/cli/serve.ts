import { loadConfig } from '../config/load.ts'
import { followRelease } from '../config/release.ts'
import { startDaemon } from '../daemon.ts'
import type { Daemon } from '../daemon.ts'
import { createSystemClock } from '../monitor/clock.ts'
import { createLogger } from '../report/logger.ts'
import { version } from '../version.ts'
import { exitCode } from './exit-code.ts'
import type { Terminal } from './terminal.ts'

/** Calls back for each SIGTERM or SIGINT, until disposed of. */
const onStopSignal = (callback: (signal: NodeJS.Signals) => void): Disposable => {
  process.on('SIGTERM', callback)
  process.on('SIGINT', callback)
  return {
    [Symbol.dispose]() {
      process.off('SIGTERM', callback)
      process.off('SIGINT', callback)
    },
  }
}

/**
 * `health-sidecar serve`: the daemon. The first SIGTERM or SIGINT answers 503 at once, waits for `drain.wait`, then
 * closes; the second closes without waiting. Throws a ConfigError.
 */
export const serveCommand = async (
  options: { readonly config?: string },
  { err, env }: Terminal,
): Promise<number> => {
  const config = await loadConfig(options.config, env)
  const clock = createSystemClock()
  const release = await followRelease(config.release, env)
  await using logger = createLogger({ ...config.log, release: release.current })
  logger.log('info', {
    event: 'config.loaded',
    msg: `health-sidecar ${version}, ${config.file}`,
    version,
    file: config.file,
  })

  const stopping = Promise.withResolvers<NodeJS.Signals>()
  const stoppingNow = Promise.withResolvers<void>()
  let signals = 0
  using _signals = onStopSignal(signal => {
    signals += 1
    if (signals === 1) stopping.resolve(signal)
    else stoppingNow.resolve()
  })

  let daemon: Daemon
  try {
    daemon = await startDaemon(config, { env, clock, release, logger, random: Math.random })
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown error'
    logger.log('fatal', { event: 'daemon.failed', msg: reason })
    err(`health-sidecar: ${reason}\n`)
    return exitCode.error
  }

  const signal = await stopping.promise
  daemon.drain(signal)
  const waitMs = config.drain.wait
  logger.log('info', {
    event: 'drain.started',
    msg: `${signal}: 503 from now on, closing in ${waitMs} ms`,
    signal,
    waitMs,
  })
  using _wait = clock.after(waitMs, () => stoppingNow.resolve())
  await stoppingNow.promise
  await daemon[Symbol.asyncDispose]()
  logger.log('info', { event: 'daemon.stopped', msg: 'stopped' })
  return exitCode.ok
}
