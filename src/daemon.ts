import type { Config } from './config/config.ts'
import { createInstanceMetadata, metadataEndpoint } from './connect/instance-metadata.ts'
import { proven } from './core/host-state.ts'
import { openConfiguredHistory } from './history/configured-history.ts'
import { readDrainMarker } from './host/drain-marker.ts'
import { followHost } from './host/follow-host.ts'
import { followHangingFiles } from './host/hanging-files.ts'
import { openLatch } from './host/latch.ts'
import type { FollowedRelease } from './host/release.ts'
import { createListeners } from './http/listeners.ts'
import { operatorActions } from './http/operator-actions.ts'
import type { ProcessEnv } from './lib/process-env.ts'
import { createAdminLog } from './log/admin-log.ts'
import { createGuard } from './log/guard.ts'
import type { OpenLogger } from './log/logger.ts'
import type { Clock } from './monitor/clock.ts'
import { createOwnQuestions } from './peers/own-questions.ts'
import { createSdNotify } from './systemd/notify.ts'
import { followConfiguredPeers } from './configured-peers.ts'
import { createDaemonStatus } from './daemon-status.ts'
import { createInForce } from './in-force.ts'
import { createObservers } from './observers.ts'
import { createReload } from './reload.ts'
import type { ReloadOutcome } from './reload.ts'

export interface DaemonOptions {
  readonly env: ProcessEnv
  readonly clock: Clock
  readonly random: () => number
  readonly release: FollowedRelease
  readonly logger: OpenLogger
  /** Re-reads the configuration, for an operator who asks for it. */
  readonly load?: (inForce: Config) => Promise<Config>
}

/** A running daemon. */
export interface Daemon extends AsyncDisposable {
  /** The configuration in force. */
  readonly config: Config
  /** Answers 503 from now on, and tells systemd that it is about to stop. */
  drain(reason: string): void
  /**
   * Reopens the log files, and puts the configuration that `load` finds in force. The answers stay as they are until its
   * checks say otherwise. Whatever `load` throws is a refusal: it is logged, and the configuration before it stays in
   * force. Never throws.
   */
  reload(load: (inForce: Config) => Promise<Config>): Promise<ReloadOutcome>
  /** Logs the status document. */
  report(): void
}

/**
 * Starts to listen and to ask. Throws the system's error where a public address cannot be listened on; an admin
 * listener that cannot be had is logged, as it is no reason to take a host out.
 */
export const startDaemon = async (first: Config, options: DaemonOptions): Promise<Daemon> => {
  const { env, clock, random, release, logger } = options
  const { state_dir: stateDir, admin } = first
  const spread = random()
  const guard = createGuard({ logger, clock })
  // in flight from now on: if the state directory hangs, the start waits once, and not for one file after the other
  void readDrainMarker(stateDir)
  const opening = openConfiguredHistory(stateDir, {
    inForce: () => inForce.config,
    release: release.current(),
    spread,
    clock: guard.clockOf('the history'),
    logger,
  })
  const latch = await openLatch(first, { release, logger, clock })
  const history = await opening

  const observers = createObservers(first, {
    inForce: () => inForce.config,
    history,
    current: () => inForce.monitor.current(),
    state: () => ({
      startUp: inForce.startUp(),
      drain: inForce.monitor.host.life.drain,
      isReloadRefused: reload.refusal !== undefined,
      arePeersAnswering: peers.reach.isAnswered,
    }),
    expectsProbes: () => host.expectsProbes,
    release: release.current,
    random,
    guard,
    logger,
  })
  const metadata = createInstanceMetadata(metadataEndpoint(env))
  const inForce = createInForce(first, {
    spread,
    listeners: config => [
      ...observers.listeners(config),
      { checkAnswered: () => systemd.answered(), verdictChanged: () => systemd.changed() },
      {
        proved: () => void peers.keepLatch(config),
        checkAnswered: () => noteAgainst(),
        answersMissed: () => noteAgainst(),
        verdictChanged({ verdict }) {
          status.changed(verdict)
          noteAgainst()
        },
      },
    ],
    listenerBroke: error => guard.broke('what listens to the checks', error),
    host: latch.latched ? proven(clock.now(), latch.against) : undefined,
    metadata,
    release,
    random,
    clock,
  })
  const monitor = () => inForce.monitor
  const noteAgainst = (): void => {
    if (monitor().host.life.phase === 'serving') void latch.note(monitor().against())
  }
  const listeners = createListeners({ env, logger })
  const systemd = createSdNotify({ env, clock, logger, monitor, notes: () => status.notes() })

  const host = followHost({
    stateDir,
    release,
    monitor,
    followsNotices: () => inForce.config.lifecycle?.imds === true,
    metadata,
    resumedBy: by => history.resumedBy(by),
    clock,
    logger,
  })
  const hangingFiles = followHangingFiles({ clock: guard.clockOf('the look at hanging files'), logger })
  const questions = createOwnQuestions()
  const peers = followConfiguredPeers({ inForce, latch, questions, clock, random, logger })

  const status = createDaemonStatus({
    inForce,
    release,
    latch,
    history,
    host,
    peers,
    hangingFiles,
    clock,
    probes: observers.probes,
    refusal: () => reload.refusal,
  })
  let isStopping = false

  const tellWarnings = (): void => {
    for (const msg of inForce.config.warnings) logger.log('warn', { event: 'config.warning', msg })
  }

  const start = async (): Promise<void> => {
    tellWarnings()
    if (admin.listen !== undefined) await observers.metrics.load()
    history.started({ latched: latch.latched, ...latch.against }, status.standing)
    monitor().start()
    await host.start()
    await listeners.openPublic({
      addresses: first.listen,
      proxied: first.proxied,
      path: first.path,
      verdict: () => monitor().verdict(),
      onRequest: questions.arrived,
      ...observers.ofProbes,
    })
    history.open()
    await listeners.openAdmin({
      socket: admin.socket,
      address: admin.listen,
      hosts: admin.hosts,
      current: () => monitor().current(),
      refresh: () => monitor().refresh(),
      document: status.document,
      history: () => history.read(),
      metrics: () => observers.metrics.scrape(),
      operator,
      log: createAdminLog({ logger, clock }),
    })
    systemd.ready()
  }

  const reload = createReload({
    inForce: () => inForce.config,
    async begin() {
      systemd.reloading()
      await observers.reopenLogs()
    },
    async take(next) {
      const { config } = inForce
      const before = inForce.replace(next)
      // it is in force: whatever breaks from here on, its checks must run
      try {
        peers.taken(config)
        history.taken()
        logger.setLevel(next.log.level)
        tellWarnings()
        await before[Symbol.asyncDispose]()
      } catch (error) {
        guard.broke('a part of the reload', error)
      }
      monitor().start()
      // not of the life before: another release may have come meanwhile
      if (monitor().host.life.phase === 'serving') await peers.keepLatch(next)
    },
    end: guard.of('the end of a reload', outcome => {
      if (outcome.kind === 'refused') history.refused(outcome.mistakes)
      systemd.ready()
    }),
    logger,
  })

  const operator = operatorActions({
    drains: host.operator,
    document: status.document,
    reload: async by => {
      if (isStopping || !options.load) return undefined
      logger.log('info', { event: 'config.reload', msg: `${by} asks for a reload`, by })
      return reload.run(options.load)
    },
  })

  const drain = (reason: string): void => {
    isStopping = true
    host[Symbol.dispose]()
    monitor().drain({ reason })
    systemd.stopping(inForce.config.drain.wait)
  }

  const end = async (): Promise<void> => {
    if (isStopping) observers.probes.closing()
    host[Symbol.dispose]()
    observers[Symbol.dispose]()
    peers[Symbol.dispose]()
    hangingFiles[Symbol.dispose]()
    await listeners[Symbol.asyncDispose]()
    await inForce[Symbol.asyncDispose]()
    await latch[Symbol.asyncDispose]()
    await observers[Symbol.asyncDispose]()
    systemd[Symbol.dispose]()
  }

  try {
    await start()
  } catch (error) {
    await end()
    throw error
  }
  return {
    get config() {
      return inForce.config
    },
    drain,
    reload: load => reload.run(load),
    report: guard.of('the report', () => {
      const document = status.document()
      const msg = `${document.status} (${document.phase})`
      logger.log('info', { event: 'status.reported', msg, document, droppedLines: observers.droppedLines() })
    }),
    [Symbol.asyncDispose]: end,
  }
}
