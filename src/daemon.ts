import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { policyOf } from './config/config.ts'
import type { Config } from './config/config.ts'
import { createInstanceMetadata, metadataEndpoint } from './connect/instance-metadata.ts'
import type { ProcessEnv } from './lib/process-env.ts'
import type { FollowedRelease } from './host/release.ts'
import { proven, underNewPolicy } from './core/host-state.ts'
import type { HostState } from './core/host-state.ts'
import { createDrainControl } from './host/drain-control.ts'
import { drainDocument } from './host/drain-document.ts'
import { createDrains } from './host/drains.ts'
import { createHostWatch } from './host/follow-host.ts'
import { followNotices } from './host/follow-notices.ts'
import { isOutOfService } from './host/notices.ts'
import { followHangingFiles } from './host/hanging-files.ts'
import type { AdminOptions } from './http/admin.ts'
import { everyAddress } from './http/listen.ts'
import { operatorActions } from './http/operator-actions.ts'
import { longestFreshForMs } from './monitor/cadence.ts'
import type { Clock } from './monitor/clock.ts'
import { readDrainMarker } from './host/drain-marker.ts'
import { openLatch } from './host/latch.ts'
import { openConfiguredHistory } from './history/configured-history.ts'
import type { OpenLogger } from './log/logger.ts'
import { createAdminLog } from './log/admin-log.ts'
import { createAnswerSince } from './status/answer-since.ts'
import { createSdNotify } from './systemd/notify.ts'
import { createConfiguredMonitor } from './configured-monitor.ts'
import type { ConfiguredMonitor } from './configured-monitor.ts'
import { askPeer } from './peers/ask-peer.ts'
import { followPeers } from './peers/follow-peers.ts'
import { listPeers, peerListener } from './peers/peer-list.ts'
import { createListeners } from './http/listeners.ts'
import { createObservers } from './observers.ts'
import { createReload } from './reload.ts'
import type { ReloadOutcome } from './reload.ts'

const checkOf = ({ checks }: Config, name: string) => checks.find(check => check.name === name)

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
  let config = first
  const spread = random()
  // in flight from now on: if the state directory hangs, the start waits once, and not for one file after the other
  void readDrainMarker(first.state_dir)
  const opening = openConfiguredHistory(first.state_dir, {
    inForce: () => config,
    release: release.current(),
    spread,
    clock,
    logger,
  })
  const latch = await openLatch(first, { release, logger, clock })
  const history = await opening

  const metadata = createInstanceMetadata(metadataEndpoint(env))
  const policyFor = (inForce: Config) => policyOf(inForce, { spread })

  const observers = createObservers({
    inForce: () => config,
    history,
    current: () => monitor().current(),
    state: () => ({
      startUp: inCharge.startUp(),
      drain: monitor().host.life.drain,
      isReloadRefused: reload.refusal !== undefined,
    }),
    expectsProbes: () => !isOutOfService(lifecycle.document?.targetState),
    release: release.current,
    random,
    clock,
    logger,
  })

  const monitorBy = (inForce: Config, host?: HostState): ConfiguredMonitor =>
    createConfiguredMonitor(inForce, {
      policy: policyFor(inForce),
      clock,
      random,
      release,
      metadata,
      listeners: [
        ...observers.listeners(inForce),
        { checkAnswered: () => systemd.answered(), verdictChanged: () => systemd.changed() },
        {
          proved: () => void latch.keep(inForce),
          verdictChanged: ({ verdict }) => void answer.note(verdict),
        },
      ],
      ...(host && { host }),
    })

  let inCharge = monitorBy(config, latch.latched ? proven(clock.now()) : undefined)
  const monitor = () => inCharge.monitor
  const notes = () =>
    [
      reload.refusal,
      release.problem(),
      hostWatch.complaint,
      latch.complaint,
      history.complaint,
      hangingFiles.note,
      ...lifecycle.notes,
      ...config.warnings,
    ].filter(note => note !== undefined)
  const systemd = createSdNotify({ env, clock, logger, monitor, notes })
  const answer = createAnswerSince(() => clock.date(), history.known)
  const drainInForce = () => drainDocument(hostWatch.drain, lifecycle.document)
  const document = (verdict = monitor().current()) =>
    inCharge.document(verdict, {
      notes: notes(),
      answeredSince: answer.note(verdict),
      ...drainInForce(),
      ...(lifecycle.document && { lifecycle: lifecycle.document }),
      probes: observers.probes.document(),
    })
  const standing = (verdict = monitor().current()) => ({
    verdict,
    since: answer.note(verdict),
    release: release.current(),
    startup: inCharge.startUp(),
    states: monitor().host.states,
    ...drainInForce(),
  })

  const drains = createDrains(monitor)
  const lifecycle = followNotices({
    isOn: () => config.lifecycle?.imds === true,
    metadata,
    stateDir: config.state_dir,
    drains,
    clock,
    logger,
  })
  const hostWatch = createHostWatch({ stateDir: config.state_dir, release, monitor, drains, clock, logger })
  const hangingFiles = followHangingFiles({ clock, logger })
  const listeners = createListeners({ env, logger })

  const openPublic = (address: string): Promise<void> =>
    listeners.openPublic(address, {
      path: config.path,
      verdict: () => monitor().verdict(),
      ...observers.ofProbes,
      proxyProtocol: config.proxied.includes(address.replace(/^systemd#\d+$/, 'systemd')),
    })

  const tellWarnings = (): void => {
    for (const msg of config.warnings) logger.log('warn', { event: 'config.warning', msg })
  }

  const take = async (next: Config): Promise<void> => {
    const before = inCharge
    const host = underNewPolicy(before.monitor.host, policyFor(next), {
      before: policyFor(config),
      isUnchanged: name => isDeepStrictEqual(checkOf(config, name), checkOf(next, name)),
      now: clock.now(),
    })
    config = next
    inCharge = monitorBy(next, host)
    history.taken()
    logger.setLevel(next.log.level)
    tellWarnings()
    await before[Symbol.asyncDispose]()
    monitor().start()
    if (host.life.phase === 'serving') await latch.keep(next)
  }

  const { port, proxyProtocol } = peerListener(config.listen, config.proxied)
  const peers = followPeers({
    doubts: () => (config.peers === undefined ? [] : monitor().doubts()),
    hear: sweep => monitor().hearPeers(sweep),
    list: () => listPeers(config.peers ?? [], { port }),
    ask: peer => askPeer(peer, { path: config.path, proxyProtocol }),
    freshForMs: () => longestFreshForMs(policyFor(config)),
    clock,
    random,
    logger,
  })

  const reload = createReload({
    inForce: () => config,
    take,
    async begin() {
      systemd.reloading()
      await observers.reopenLogs()
    },
    end(outcome) {
      if (outcome.kind === 'refused') history.refused(outcome.mistakes)
      systemd.ready()
    },
    logger,
  })
  let isStopping = false

  const operator = operatorActions({
    drains: createDrainControl({
      stateDir: config.state_dir,
      clock,
      logger,
      apply(marker, by) {
        if (!marker && hostWatch.drain) history.resumedBy(by)
        return hostWatch.apply(marker)
      },
    }),
    document,
    reload: async by => {
      if (isStopping || !options.load) return undefined
      logger.log('info', { event: 'config.reload', msg: `${by} asks for a reload`, by })
      return reload.run(options.load)
    },
  })

  const close = async (): Promise<void> => {
    if (isStopping) observers.probes.closing()
    lifecycle[Symbol.dispose]()
    observers[Symbol.dispose]()
    hostWatch[Symbol.dispose]()
    peers[Symbol.dispose]()
    hangingFiles[Symbol.dispose]()
    latch[Symbol.dispose]()
    await listeners[Symbol.asyncDispose]()
    await inCharge[Symbol.asyncDispose]()
    await observers[Symbol.asyncDispose]()
    systemd[Symbol.dispose]()
  }

  tellWarnings()
  try {
    if (config.admin.listen !== undefined) await observers.metrics.load()
    history.started({ latched: latch.latched }, standing)
    monitor().start()
    await Promise.all([hostWatch.start(), lifecycle.start()])
    for (const address of everyAddress(config.listen, env)) await openPublic(address)
  } catch (error) {
    await close()
    throw error
  }
  history.open()
  // where it cannot be made, listening says so
  await mkdir(dirname(config.admin.socket)).catch(() => {})
  const source: AdminOptions = {
    current: () => monitor().current(),
    refresh: () => monitor().refresh(),
    document,
    history: () => history.read(),
    metrics: () => observers.metrics.scrape(),
    operator,
    hosts: [...(config.admin.hosts ?? []), ...(config.admin.listen?.split(':', 1) ?? [])],
    log: createAdminLog({ logger, clock }),
  }
  await listeners.openAdmin(`unix:${config.admin.socket}`, { source, actions: true })
  if (config.admin.listen !== undefined)
    await listeners.openAdmin(config.admin.listen, { source, actions: false })

  systemd.ready()
  return {
    get config() {
      return config
    },
    drain(reason) {
      isStopping = true
      hostWatch[Symbol.dispose]()
      lifecycle[Symbol.dispose]()
      monitor().drain({ reason })
      systemd.stopping(config.drain.wait)
    },
    reload: load => reload.run(load),
    report() {
      const reported = document()
      const msg = `${reported.status} (${reported.phase})`
      logger.log('info', {
        event: 'status.reported',
        msg,
        document: reported,
        droppedLines: observers.droppedLines(),
      })
    },
    [Symbol.asyncDispose]: close,
  }
}
