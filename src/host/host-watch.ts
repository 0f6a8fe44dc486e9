import type { FollowedRelease } from './release.ts'
import type { Clock } from '../monitor/clock.ts'
import type { Monitor } from '../monitor/monitor.ts'
import { readDrainMarker } from './drain-marker.ts'
import type { DrainMarker } from './drain-marker.ts'
import type { Drains } from './drains.ts'
import type { Logger } from '../log/logger.ts'

/** How often others' changes on the host are looked for, in milliseconds. */
const LOOK_EVERY_MS = 1000

export interface HostWatchOptions {
  readonly stateDir: string
  readonly release: FollowedRelease
  /** The monitor that is in charge now. */
  readonly monitor: () => Pick<Monitor, 'restart'>
  readonly drains: Pick<Drains, 'byOperator'>
  readonly clock: Clock
  readonly logger: Logger
}

/** Follows what others change on the host: another release, and an operator's drain marker. */
export interface HostWatch extends Disposable {
  /** What is wrong with the drain marker that is there; undefined where nothing is. */
  readonly complaint: string | undefined
  /** The drain in force. */
  readonly drain: DrainMarker | undefined
  /** Takes up a marker that was just written, or removed, without waiting for the next look. Whether a drain was in force. */
  apply(marker: DrainMarker | undefined): boolean
  /** Looks now, and from then on once a second. Resolves when the drain marker is known, or five seconds have passed. */
  start(): Promise<void>
}

export const createHostWatch = (options: HostWatchOptions): HostWatch => {
  const { stateDir, release, monitor, drains, clock, logger } = options
  const next = new Map<string, Disposable>()
  let stopped = false
  let drain: DrainMarker | undefined
  /** Counts the markers that were applied: a reading that began before one is stale. */
  let applied = 0
  let complaint: string | undefined
  let toldProblem: string | undefined

  const tellOfProblem = (): void => {
    const msg = release.problem()
    if (msg === toldProblem) return
    toldProblem = msg
    if (msg === undefined) logger.log('info', { event: 'release.known', msg: 'the release is known' })
    else logger.log('warn', { event: 'release.unknown', msg })
  }

  const lookForRelease = async (): Promise<void> => {
    const before = release.current()
    const isAnother = await release.look()
    if (stopped) return
    tellOfProblem()
    if (!isAnother) return
    const msg = `another release is on the host: it has to prove itself`
    logger.log('info', { event: 'release.changed', msg, previous: before })
    monitor().restart()
  }

  /** A marker that cannot be read, as while it is being written, ends no drain and begins none. */
  const complain = (why: string): void => {
    const msg = `the drain marker in ${stateDir} is ignored: ${why}; correct it, or remove it`
    if (msg !== complaint) logger.log('warn', { event: 'drain.damaged', msg, why })
    complaint = msg
  }

  const lookForDrain = async (): Promise<void> => {
    const appliedBefore = applied
    const reading = await readDrainMarker(stateDir)
    if (applied !== appliedBefore) return
    if (reading.kind === 'damaged') return complain(reading.why)
    complaint = undefined
    follow(reading.kind === 'marker' ? reading.marker : undefined)
  }

  const follow = (found: DrainMarker | undefined): void => {
    const marker = found && (!found.until || found.until > clock.date()) ? found : undefined
    if (stopped || isSame(marker, drain)) return
    drain = marker
    if (!marker) {
      logger.log('info', { event: 'drain.ended', msg: 'the drain has ended' })
      return drains.byOperator(undefined)
    }
    const { reason, by } = marker
    const until = marker.until?.toISOString()
    const msg = `503 until ${until ?? 'it is resumed'}: ${reason}${by === undefined ? '' : ` (by ${by})`}`
    logger.log('info', { event: 'drain.started', msg, reason, by, until })
    drains.byOperator({
      reason,
      ...(marker.until && { until: clock.now() + (marker.until.getTime() - clock.date().getTime()) }),
    })
  }

  /** Each on its own: one that hangs must not blind the other. */
  const repeat = async (name: string, look: () => Promise<void>): Promise<void> => {
    await look()
    if (!stopped)
      next.set(
        name,
        clock.after(LOOK_EVERY_MS, () => void repeat(name, look)),
      )
  }

  return {
    get complaint() {
      return complaint
    },
    async start() {
      void repeat('release', lookForRelease)
      await repeat('drain', lookForDrain)
    },
    get drain() {
      return drain
    },
    apply(marker) {
      applied += 1
      const wasDrained = drain !== undefined
      follow(marker)
      return wasDrained
    },
    [Symbol.dispose]() {
      stopped = true
      for (const timer of next.values()) timer[Symbol.dispose]()
    },
  }
}

const isSame = (a: DrainMarker | undefined, b: DrainMarker | undefined): boolean =>
  a?.reason === b?.reason &&
  a?.by === b?.by &&
  a?.until?.getTime() === b?.until?.getTime() &&
  (a === undefined) === (b === undefined)
