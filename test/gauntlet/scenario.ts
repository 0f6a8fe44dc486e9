import type { Host, HostOptions } from './host.ts'
import type { Preset, Stage } from './stage.ts'

/** A release that must never come into service. Durations are in seconds of a real fleet. */
export interface BrokenRelease {
  readonly name: string
  readonly host?: HostOptions
  /** Breaks it before anything is started. */
  readonly breaks?: (host: Host, stage: Stage) => Promise<void> | void
  /** Its app is not started. */
  readonly withoutApp?: true
  /** What goes on while the balancers probe it; ends soon after `signal` is aborted. */
  readonly meanwhile?: (host: Host, options: { readonly signal: AbortSignal }) => Promise<void>
  /** The host serves a good release first, and then this happens. */
  readonly afterGood?: (host: Host, stage: Stage) => Promise<void>
  /** For how long it is probed; 180 s. */
  readonly watchSeconds?: number
}

/** Something that happens to a fleet that serves, and for which no host may be terminated. */
export interface BenignFault {
  readonly name: string
  readonly host?: HostOptions
  /** How many hosts the fleet has; 2. */
  readonly hosts?: number
  /** How the balancers are set; `harshest`. */
  readonly preset?: Preset
  /** Its Postgres is nobody else's. */
  readonly ownPostgres?: true
  /** It takes the whole machine: it happens after all others, and while nothing else does. */
  readonly alone?: true
  /** Prepares the hosts before anything is started. */
  readonly prepares?: (stage: Stage) => Promise<void>
  /** Resolves when it is over. */
  readonly happens: (stage: Stage) => Promise<void>
}
