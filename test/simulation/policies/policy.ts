import type { Exchange } from '../../../src/checks/smoke/exchange.ts'
import type { PeerAnswer } from '../../../src/core/peers.ts'
import type { Clock } from '../../../src/monitor/clock.ts'
import type { Databases } from '../../../src/postgres/databases.ts'

/** A page of the app: its home page; one of a health view inside the app, which always asks the database; or a plain file. */
export type Page = 'home' | 'health' | 'static'

/** The app on a policy's host, seen through its socket. */
export interface AppSocket {
  /** Whether a connection is accepted now. It says nothing of a worker. */
  accepts(): boolean
  /** Sends a request. It occupies a worker as a user's does, whether or not anybody still waits for the answer. */
  request(page: Page): Exchange
}

/** What is on a host's disk. */
export interface HostFiles {
  /** The app's release. */
  release(): string
  /** Calls back each time a release is put on the disk. */
  onRelease(listener: () => void): void
  /** Whether a migration that the release ships is not applied. */
  isMigrationPending(): boolean
  /** The names of required variables that are missing in the env file. */
  missingVariables(): readonly string[]
}

/** All that a policy is given of its host. It learns nothing else: neither the fault, nor what is right. */
export interface HostView {
  /** As peers name it. */
  readonly name: string
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly app: AppSocket
  /** Each query and each login is counted. */
  readonly database: Databases
  readonly files: HostFiles
  /** The other hosts of the fleet, this one not among them. */
  readonly peers: () => readonly string[]
  /** What another host's policy tells its peers; `silent` after 5 s. */
  readonly askPeer: (name: string) => Promise<PeerAnswer>
  /** For the story of a trace: why its answer has changed. */
  readonly tell: (text: string) => void
  /** What outlives a restart of the policy's own process. */
  readonly disk: Map<string, string>
}

/** How a policy's process starts: on a new host, on one that has served for long, or again on the same host. */
export type Start = 'new' | 'serving' | 'again'

/** A policy's process on one host. */
export interface Judge {
  /** Answers a balancer's probe with an HTTP status. No answer at all is a promise that does not resolve. */
  probe(): number | Promise<number>
  /** What it tells a peer that asks; absent if it tells none. */
  tellPeer?(): Promise<PeerAnswer>
  /** Its process ends. */
  end(): void
}

/** A way to judge the health of a host. */
export interface Policy {
  readonly name: string
  start(host: HostView, how: Start): Judge
}
