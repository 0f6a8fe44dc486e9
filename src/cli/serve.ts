import { writeFile } from 'node:fs/promises'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import type { ConfigRef } from '../config/named-app.ts'
import { followRelease } from '../host/release.ts'
import { startDaemon } from '../daemon.ts'
import type { Daemon } from '../daemon.ts'
import { createSystemClock } from '../monitor/clock.ts'
import { createLogger } from '../log/logger.ts'
import { passedSockets } from '../systemd/passed-sockets.ts'
import { version } from '../lib/version.ts'
import { describeError } from '../lib/describe-error.ts'
import { exitCode } from './exit-code.ts'
import { onSignals } from './on-signals.ts'
import type { Terminal } from './terminal.ts'

/**
 * `health-sidecar serve`: the daemon. SIGTERM answers 503 at once, waits for `drain.wait`, then closes. SIGINT, or a
 * second signal, closes without waiting, so that a restart takes no host out. SIGHUP re-reads the configuration and
 * reopens the log files. SIGUSR1 logs the full status. Throws a ConfigError.
 */
export const serveCommand = async (
  options: { readonly config?: ConfigRef },
  { err, env }: Terminal,
): Promise<number> => {
  const passedSocketCount = passedSockets(env).length
  const started = Promise.withResolvers<Daemon>()
  const stopping = Promise.withResolvers<NodeJS.Signals>()
  const stoppingNow = Promise.withResolvers<void>()
  let signals = 0
  using _stop = onSignals(['SIGTERM', 'SIGINT'], signal => {
    signals += 1
    stopping.resolve(signal)
    if (signal === 'SIGINT' || signals > 1) stoppingNow.resolve()
  })
  const load = (inForce: Config): Promise<Config> =>
    loadConfig(options.config, env, { inForce, passedSocketCount })
  // set first, as these signals end a process by default; one that comes during the start waits for its end
  const answer = async (signal: NodeJS.Signals, before: Promise<void> | undefined): Promise<void> => {
    await before
    const running = await started.promise
    if (signal === 'SIGUSR1') running.report()
    else if (signals === 0) await running.reload(load)
  }
  let answering: Promise<void> | undefined
  using _ask = onSignals(['SIGHUP', 'SIGUSR1'], signal => {
    answering = answer(signal, answering)
  })

  // the name that top, ps and the kernel's out-of-memory message show; Node's own is MainThread (proc(5))
  await writeFile('/proc/self/comm', 'health-sidecar').catch(() => {})
  const config = await loadConfig(options.config, env, { passedSocketCount })
  const clock = createSystemClock()
  const release = await followRelease(config.release, env)
  await using logger = createLogger({
    ...config.log,
    app: config.app,
    release: release.current,
    journalStream: env['JOURNAL_STREAM'],
    onLost({ msg }) {
      // if nobody reads stdout, nobody reads stderr
      if (config.log.file !== 'stdout') err(`health-sidecar: ${msg}\n`)
    },
  })
  await logger.opened
  logger.log('info', {
    event: 'config.loaded',
    msg: `health-sidecar ${version}, ${config.file}`,
    version,
    file: config.file,
  })

  try {
    started.resolve(await startDaemon(config, { env, clock, release, logger, load, random: Math.random }))
  } catch (error) {
    const reason = error instanceof Error ? error.message : describeError(error)
    logger.log('fatal', { event: 'daemon.failed', msg: reason })
    err(`health-sidecar: ${reason}\n`)
    return exitCode.broke
  }
  const daemon = await started.promise

  const signal = await stopping.promise
  if (signal === 'SIGTERM') {
    daemon.drain(signal)
    const waitMs = daemon.config.drain.wait
    logger.log('info', {
      event: 'drain.started',
      msg: `${signal}: 503 from now on, closing in ${waitMs} ms`,
      signal,
      waitMs,
    })
    using _wait = clock.after(waitMs, () => stoppingNow.resolve())
    await stoppingNow.promise
  }
  await daemon[Symbol.asyncDispose]()
  logger.log('info', { event: 'daemon.stopped', msg: 'stopped' })
  return exitCode.ok
}
