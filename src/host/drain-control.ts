import type { Clock } from '../monitor/clock.ts'
import type { Logger } from '../log/logger.ts'
import { removeDrainMarker, writeDrainMarker } from './drain-marker.ts'
import type { DrainMarker } from './drain-marker.ts'

/** What an operator asks for. */
export interface DrainRequest {
  readonly reason: string
  readonly by: string
  /** milliseconds; absent: until it is resumed */
  readonly forMs?: number
}

/** Drains and resumes for an operator: the marker file first, so that it outlives the daemon, and then the answer. */
export interface DrainControl {
  /** Throws the system's error if the marker cannot be written; nothing has changed then. */
  drain(request: DrainRequest): Promise<void>
  /** Whether a drain has ended. Throws the system's error if the marker cannot be removed; nothing has changed then. */
  resume(by: string): Promise<boolean>
}

export interface DrainControlOptions {
  readonly stateDir: string
  readonly clock: Clock
  readonly logger: Logger
  /** Takes up what the marker file says now, and who wants it so. Whether a drain was in force before. */
  readonly apply: (marker: DrainMarker | undefined, by: string) => boolean
}

export const createDrainControl = ({ stateDir, clock, logger, apply }: DrainControlOptions): DrainControl => {
  let latest: Promise<unknown> = Promise.resolve()
  /** One after the other: the file and the answer must not end up with different requests. */
  const inTurn = <Result>(action: () => Promise<Result>): Promise<Result> => {
    const done = latest.then(action)
    latest = done.catch(() => {})
    return done
  }
  return {
    drain: ({ reason, by, forMs }) =>
      inTurn(async () => {
        const since = clock.date()
        const until = forMs === undefined ? undefined : new Date(since.getTime() + forMs)
        const marker = { reason, by, since, ...(until && { until }) }
        await writeDrainMarker(stateDir, marker)
        apply(marker, by)
      }),
    resume: by =>
      inTurn(async () => {
        await removeDrainMarker(stateDir)
        logger.log('info', { event: 'drain.resumed', msg: `resumed by ${by}`, by })
        return apply(undefined, by)
      }),
  }
}
