import type { ProcessEnv } from '../lib/process-env.ts'
import type { Clock } from '../monitor/clock.ts'
import type { Monitor } from '../monitor/monitor.ts'
import { createSdMessenger } from './messenger.ts'
import type { SdMessage, SdMessenger } from './messenger.ts'
import { statusLine } from './status-line.ts'
import { isFeedDue, unitWatchdogMs, watchdogMsFor } from './watchdog.ts'
import type { Logger } from '../log/logger.ts'

/** Time to close after a drain. The unit's TimeoutStopSec= leaves as much after a drain of the default length. */
const CLOSING_MS = 10_000

/** What systemd is told about the monitor in charge. */
export type Notified = Pick<Monitor, 'current' | 'overdue' | 'longestQuietMs'>

export interface SdNotifyOptions {
  readonly env: ProcessEnv
  readonly clock: Clock
  readonly logger: Logger
  /** The monitor that is in charge now. */
  readonly monitor: () => Notified
  /** What else an operator should know now. */
  readonly notes: () => readonly string[]
  readonly messenger?: SdMessenger
}

/** Tells systemd the state of the service (sd_notify(3)): its unit is `Type=notify`. */
export interface SdNotify extends Disposable {
  /** The listeners are open, or a reload is done. Nothing is sent before the first call. */
  ready(): void
  /** The configuration is being re-read, until `ready`. */
  reloading(): void
  /** The service is stopping. It goes on answering for `drainMs`. */
  stopping(drainMs: number): void
  /** A check has answered. Nothing else feeds the watchdog. */
  answered(): void
  /** The verdict has changed. */
  changed(): void
}

const nobody: SdNotify = {
  ready() {},
  reloading() {},
  stopping() {},
  answered() {},
  changed() {},
  [Symbol.dispose]() {},
}

/** Without NOTIFY_SOCKET, nothing is sent. */
export const createSdNotify = (options: SdNotifyOptions): SdNotify => {
  const { env, clock, logger, monitor, notes } = options
  const { NOTIFY_SOCKET } = env
  if (!NOTIFY_SOCKET) return nobody
  const messenger = options.messenger ?? createSdMessenger({ env: { ...env, NOTIFY_SOCKET }, logger })
  const unitMs = unitWatchdogMs(env, process.pid)
  let isReady = false
  let watchdogMs: number | undefined
  let fedAt = -Infinity
  let isStarving = false
  let told = { text: '', key: '' }

  const lineNow = () => statusLine(monitor().current(), notes())

  const tell = (message: SdMessage): void => {
    const line = lineNow()
    messenger.send({ ...message, ...(line.text !== told.text && { STATUS: line.text }) })
    told = line
  }

  const changed = (): void => {
    if (isReady && lineNow().key !== told.key) tell({})
  }

  return {
    ready() {
      isReady = true
      watchdogMs = unitMs === undefined ? undefined : watchdogMsFor(unitMs, monitor().longestQuietMs)
      fedAt = clock.now()
      tell({
        READY: '1',
        ...(watchdogMs !== undefined && { WATCHDOG_USEC: String(Math.ceil(watchdogMs * 1000)) }),
      })
    },
    reloading: () => tell({ RELOADING: '1' }),
    stopping: drainMs =>
      tell({ STOPPING: '1', EXTEND_TIMEOUT_USEC: String(Math.ceil((drainMs + CLOSING_MS) * 1000)) }),
    answered() {
      if (!isReady || watchdogMs === undefined) return changed()
      const now = clock.now()
      const overdue = monitor().overdue()
      if (isFeedDue({ watchdogMs, sinceFedMs: now - fedAt, overdue })) {
        fedAt = now
        isStarving = false
        return tell({ WATCHDOG: '1' })
      }
      if (overdue.length > 0 && !isStarving) {
        isStarving = true
        const msg = `no finding for too long from: ${overdue.join(', ')}; until there is one, the watchdog is not fed, and systemd will end this process`
        logger.log('warn', { event: 'watchdog.starving', msg, checks: overdue })
      }
      changed()
    },
    changed,
    [Symbol.dispose]: () => messenger[Symbol.dispose](),
  }
}
