import type { PeerAnswer } from '../../../src/core/peers.ts'
import type { Random } from '../../support/random.ts'
import type { HostFiles, HostView, Judge, Policy, Start } from '../policies/policy.ts'
import type { Simulation } from '../simulation.ts'
import { App } from './app.ts'
import type { AppSpec } from './app-spec.ts'
import type { Probed } from './balancer-node.ts'
import type { Database } from './database.ts'
import { Disk } from './disk.ts'
import { HostClock } from './host-clock.ts'
import { createHostDatabase } from './host-database.ts'

export interface HostOptions {
  readonly name: string
  readonly policy: Policy
  readonly spec: AppSpec
  readonly simulation: Simulation
  readonly random: Random
  readonly database: Database
  /** All hosts of the fleet. */
  readonly others: () => readonly Host[]
  readonly tell: (text: string) => void
}

/** A peer's answer is waited for so long: the default `deadline` and a second; see peers/asking.ts. */
const PEER_TIMEOUT_MS = 5000
const NEVER = new Promise<never>(() => {})

/** One host: its app, its disk, and the policy's process on it. */
export class Host implements Probed {
  readonly host: string
  readonly port = 80
  readonly app: App
  readonly disk = new Disk()
  readonly clock: HostClock
  readonly #options: HostOptions
  readonly #kept = new Map<string, string>()
  #judge: Judge | undefined

  constructor(options: HostOptions) {
    const { name, simulation } = options
    this.#options = options
    this.host = name
    this.clock = new HostClock(simulation)
    this.app = new App({ ...options, host: name, clock: simulation })
  }

  get isJudged(): boolean {
    return this.#judge !== undefined
  }

  start(how: Start): void {
    this.#judge = this.#options.policy.start(this.#view(), how)
  }

  /** The policy's process ends: nothing answers. */
  end(): void {
    this.#judge?.end()
    this.#judge = undefined
  }

  /** Suspended, it answers when it runs again. */
  probe(): number | Promise<number> {
    if (!this.#judge) return 0
    if (!this.clock.isSuspended) return this.#judge.probe()
    return this.clock.resumed().then(() => this.#judge?.probe() ?? 0)
  }

  async tellPeer(): Promise<PeerAnswer> {
    if (this.clock.isSuspended) return NEVER
    return (await this.#judge?.tellPeer?.()) ?? 'silent'
  }

  #view(): HostView {
    const { name, simulation, random, database, others, tell } = this.#options
    const { disk } = this
    const files: HostFiles = {
      release: () => disk.release,
      onRelease: listener => disk.onRelease(listener),
      isMigrationPending: () => disk.isMigrationPending,
      missingVariables: () => disk.missingVariables,
    }
    const late = () =>
      new Promise<PeerAnswer>(resolve => void simulation.after(PEER_TIMEOUT_MS, () => resolve('silent')))
    return {
      name,
      clock: this.clock,
      random: () => random.next(),
      app: this.app,
      database: createHostDatabase(name, { clock: this.clock, database, random: () => random.next() }),
      files,
      peers: () => others().flatMap(({ host }) => (host === name ? [] : [host])),
      askPeer: peer => {
        const asked = others().find(({ host }) => host === peer)
        return asked ? Promise.race([asked.tellPeer(), late()]) : Promise.resolve('silent')
      },
      tell: text => tell(`${name}: ${text}`),
      disk: this.#kept,
    }
  }
}
