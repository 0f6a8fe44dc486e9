import type { Host, HostOptions } from './host.ts'
import type { Preset, Stage } from './stage.ts'

/**
 * How fast time runs. `real`: the scenario needs what the program has no setting for, such as the peers' cadence.
 * Otherwise as `GAUNTLET_SCALE` says.
 */
export type Pace = 'scaled' | 'real'

interface Scenario {
  readonly name: string
  readonly pace?: Pace
  readonly host?: HostOptions
}

/** A release that must never come into service. Durations are in seconds of a real fleet. */
export interface BrokenRelease extends Scenario {
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
export interface BenignFault extends Scenario {
  /** How many hosts the fleet has; 2. */
  readonly hosts?: number
  /** How the balancers are set; `harshest`. */
  readonly preset?: Preset
  /** Its Postgres is nobody else's; with these settings. */
  readonly ownPostgres?: Readonly<Record<string, string>>
  /** It takes the whole machine: it happens after all others, and while nothing else does. */
  readonly alone?: true
  /** Prepares the hosts before anything is started. */
  readonly prepares?: (stage: Stage) => Promise<void>
  /** Resolves when it is over. */
  readonly happens: (stage: Stage) => Promise<void>
}

/**
 * More load than a fleet has workers for. Each system has a fleet of its own, as the load of a host that is terminated
 * moves to the others.
 */
export interface Overload extends Scenario {
  readonly hosts: number
  readonly clientsPerHost: number
  /** For how long a page occupies one of the two workers of its host. */
  readonly pageSeconds: number
  readonly seconds: number
  /** After so long a client gives up, and asks again. */
  readonly givesUpAfterSeconds: number
  /** The load of the second host begins so much later than that of the first, and so on. */
  readonly arrivesEverySeconds?: number
  readonly prepares?: (stage: Stage) => Promise<void>
}

/** A fault that is a host's own: it must go out of service. */
export interface OwnFault extends Scenario {
  /** How many hosts the fleet has. */
  readonly hosts: number
  /** How many of them have it. The others must stay in service. */
  readonly hits: number
  /** It must be detected within this time. */
  readonly withinSeconds: number
  readonly prepares?: (stage: Stage) => Promise<void>
  /** Resolves when the host has it. What it returns is ended with the scenario. */
  readonly breaks: (host: Host, stage: Stage) => Promise<Disposable | void> | Disposable | void
}
