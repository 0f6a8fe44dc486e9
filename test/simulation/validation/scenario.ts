import type { Fleet } from '../models/fleet.ts'
import type { Host } from '../models/host.ts'

/** A balancer of the gauntlet probes every 6 s: a time of detection is known as exactly as that. */
export const PROBE_SECONDS = 6

/** A fleet on which a scenario happens. Durations are in seconds. */
export interface Stage {
  readonly fleet: Fleet
  /** Those that there were at first. */
  readonly hosts: readonly Host[]
  /** Lets so many seconds pass. */
  readonly wait: (seconds: number) => Promise<void>
  /** Calls back so many seconds from now, while others wait. */
  readonly after: (seconds: number, callback: () => void) => void
}

interface Common {
  /** As the gauntlet calls it. */
  readonly name: string
  readonly withPeers?: true
  readonly app?: {
    /** The app's pages need no database. */
    readonly isStatic?: true
    /** Each page logs in at the database, as Django does by default. */
    readonly logsIn?: true
    /** Users come as fast as its workers can serve them. */
    readonly isOverloaded?: true
  }
}

/** A release that must never come into service, and what is wrong with it. */
export interface BrokenRelease extends Common {
  readonly kind: 'broken'
  readonly breaks: (host: Host, stage: Stage) => void
  /** It is deployed in place over a good release. */
  readonly inPlace?: true
  readonly watchSeconds?: number
}

/** Something that happens to a fleet that serves, and for which no host may be terminated. */
export interface BenignFault extends Common {
  readonly kind: 'benign'
  readonly hosts?: number
  /** As in test/gauntlet/stage.ts. */
  readonly preset?: 'harshest' | 'usual'
  readonly happens: (stage: Stage) => Promise<void>
}

/** A fault that is a host's own: it must go out of service in time. */
export interface OwnFault extends Common {
  readonly kind: 'own'
  /** How many of the three hosts have it. */
  readonly hits: number
  readonly withinSeconds: number
  /** How far apart two times of detection may be: the interval of what finds it, and of probes. Absent: one of probes. */
  readonly spreadSeconds?: number
  readonly breaks: (host: Host, stage: Stage) => void
}

export type Scenario = BrokenRelease | BenignFault | OwnFault
