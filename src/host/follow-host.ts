import type { InstanceMetadata } from '../connect/instance-metadata.ts'
import type { Logger } from '../log/logger.ts'
import type { Clock } from '../monitor/clock.ts'
import type { Monitor } from '../monitor/monitor.ts'
import type { DrainDocument, LifecycleDocument } from '../status/status-document.ts'
import { createDrainControl } from './drain-control.ts'
import type { DrainControl } from './drain-control.ts'
import { drainDocument } from './drain-document.ts'
import { createDrains } from './drains.ts'
import { followNotices } from './follow-notices.ts'
import { createHostWatch } from './host-watch.ts'
import { isOutOfService } from './notices.ts'
import type { FollowedRelease } from './release.ts'

export interface FollowHostOptions {
  readonly stateDir: string
  readonly release: FollowedRelease
  /** The monitor that is in charge now. */
  readonly monitor: () => Pick<Monitor, 'drain' | 'resume' | 'restart'>
  /** Whether the configuration in force asks for lifecycle notices. */
  readonly followsNotices: () => boolean
  readonly metadata: InstanceMetadata
  /** Told who ends a drain, before it ends. */
  readonly resumedBy: (by: string) => void
  readonly clock: Clock
  readonly logger: Logger
}

/** All that others decide about this host: which release is on it, and whether it is in service. */
export interface FollowedHost extends Disposable {
  /** For the status document: the drain in force, and what EC2 and the scaling group have in store. */
  readonly documents: { readonly drain?: DrainDocument; readonly lifecycle?: LifecycleDocument }
  /** What is wrong with the drain marker; undefined if nothing is. */
  readonly complaint: string | undefined
  /** What an operator should know of the lifecycle notices. */
  readonly notes: readonly string[]
  /** Whether a balancer should probe this host: not while its scaling group has it out of service. */
  readonly expectsProbes: boolean
  /** Drains and resumes for an operator. */
  readonly operator: DrainControl
  /** Looks now, and goes on. Resolves once the drains are known, or five seconds have passed. */
  start(): Promise<void>
}

export const followHost = (options: FollowHostOptions): FollowedHost => {
  const { stateDir, release, monitor, followsNotices, metadata, resumedBy, clock, logger } = options
  const drains = createDrains(monitor)
  const notices = followNotices({ isOn: followsNotices, metadata, stateDir, drains, clock, logger })
  const watch = createHostWatch({ stateDir, release, monitor, drains, clock, logger })
  return {
    get documents() {
      const lifecycle = notices.document
      return { ...drainDocument(watch.drain, lifecycle), ...(lifecycle && { lifecycle }) }
    },
    get complaint() {
      return watch.complaint
    },
    get notes() {
      return notices.notes
    },
    get expectsProbes() {
      return !isOutOfService(notices.document?.targetState)
    },
    operator: createDrainControl({
      stateDir,
      clock,
      logger,
      apply(marker, by) {
        if (!marker && watch.drain) resumedBy(by)
        return watch.apply(marker)
      },
    }),
    start: async () => void (await Promise.all([watch.start(), notices.start()])),
    [Symbol.dispose]() {
      watch[Symbol.dispose]()
      notices[Symbol.dispose]()
    },
  }
}
