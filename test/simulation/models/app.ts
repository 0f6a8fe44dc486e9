import type { Exchange, Outcome } from '../../../src/checks/smoke/exchange.ts'
import type { Clock } from '../../../src/monitor/clock.ts'
import type { Random } from '../../support/random.ts'
import type { AppSocket, Page } from '../policies/policy.ts'
import type { AppFault, AppSpec } from './app-spec.ts'
import type { Database } from './database.ts'
import { exponential } from './distributions.ts'
import { badPages, closed, errorPage, failed, goodPage } from './page.ts'
import type { PageWork } from './page.ts'
import { Workers } from './workers.ts'
import type { UserLoad } from './workers.ts'

/** A connection attempt takes so long, and a file's page. */
const CONNECT_MS = 1

export interface AppOptions {
  readonly host: string
  readonly spec: AppSpec
  readonly clock: Clock
  readonly random: Random
  readonly database: Database
}

/** Requests of users. */
export interface Served {
  served: number
  failed: number
}

/**
 * The app of one host: workers that take requests from one queue. A policy's request occupies a worker as a user's does.
 */
export class App implements AppSocket {
  readonly #options: AppOptions
  readonly #workers: Workers<PageWork>
  #fault: AppFault | undefined
  /** Users' requests per millisecond. */
  #rate = 0
  /** Requests of a policy that have not ended, by what ends them. */
  readonly #open = new Set<(outcome: Outcome) => void>()
  /** Workers whose kept connection to the database is gone, and who do not know it yet. */
  #cutConnections = 0
  #epoch: number
  /** When it began to run; it was warm before the simulation began. */
  #startedAt = -Infinity
  readonly #users: Served = { served: 0, failed: 0 }

  constructor(options: AppOptions) {
    this.#options = options
    const { spec, random, database, clock } = options
    this.#workers = new Workers({ spec, random, startAt: clock.now() })
    this.#epoch = database.epoch
    database.beforeChange(() => this.#catchUp())
  }

  get fault(): AppFault | undefined {
    return this.#fault
  }

  /** `rate`: users' requests per second from now on. */
  setRate(rate: number): void {
    this.#catchUp()
    this.#rate = rate / 1000
  }

  /** From now on. An app that ends, or was stuck, loses its queue and what is in flight. */
  setFault(fault: AppFault | undefined): void {
    this.#catchUp()
    const before = this.#fault?.kind
    this.#fault = fault
    if (before === 'down' && fault?.kind !== 'down') this.#startedAt = this.#options.clock.now()
    if (fault?.kind === 'down' || before === 'down' || (before === 'stuck' && !fault)) this.#lose()
  }

  /** When an answer last took longer than a busy app's may. Simulated milliseconds. */
  tooLateAt(): number {
    this.#catchUp()
    return this.#workers.tooLateAt
  }

  /** Requests of users so far. */
  users(): Readonly<Served> {
    this.#catchUp()
    return this.#users
  }

  accepts(): boolean {
    this.#catchUp()
    return this.#fault?.kind !== 'down' && !this.#workers.isFull
  }

  request(page: Page): Exchange {
    this.#catchUp()
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const end = (outcome: Outcome) => {
      this.#open.delete(end)
      resolve(outcome)
    }
    this.#open.add(end)
    const refusal = this.#refusal()
    if (refusal) this.#options.clock.after(CONNECT_MS, () => end(refusal))
    else if (page === 'static') this.#options.clock.after(CONNECT_MS, () => end(goodPage))
    else this.#enqueue(page, end)
    return {
      outcome: promise,
      stage: () => 'waiting',
      destroy: () => end({ kind: 'closed', code: 'ABORTED' }),
    }
  }

  /** Why no connection is accepted now. */
  #refusal(): Outcome | undefined {
    if (this.#fault?.kind === 'down')
      return this.#fault.leavesSocket
        ? { kind: 'stale', code: 'ECONNREFUSED' }
        : { kind: 'missing', code: 'ENOENT' }
    return this.#workers.isFull ? { kind: 'backlog-full', code: 'EAGAIN' } : undefined
  }

  #enqueue(page: Page, end: (outcome: Outcome) => void): void {
    const { clock } = this.#options
    let isBegun = false
    const begun = ({ outcome }: PageWork, doneAt: number) => {
      isBegun = true
      clock.after(doneAt - clock.now(), () => end(outcome ?? this.#pageNow()))
    }
    this.#workers.add({ begun }, { ...this.#load(), work: () => this.#workOf(page) })
    const look = () => {
      if (isBegun || !this.#open.has(end)) return
      this.#catchUp()
      if (!isBegun) clock.after(this.#workers.nextLookAt - clock.now(), look)
    }
    look()
  }

  /** What a worker does for one page now. */
  #workOf(page: Page): PageWork {
    const { spec, random, database, host } = this.#options
    const fault = this.#fault
    const factor = fault?.kind === 'slow' ? fault.factor : 1
    const ms = factor * this.#coldness() * spec.serviceMs * (0.3 + 0.7 * exponential(random))
    if (page === 'home' && !spec.usesDatabase) return this.#limited(ms)
    if (database.epoch !== this.#epoch) {
      this.#epoch = database.epoch
      this.#cutConnections = spec.keepsConnections ? spec.workers : 0
    }
    if (this.#cutConnections > 0) {
      this.#cutConnections -= 1
      return failed(ms)
    }
    const { outcome, latencyMs } = this.#askDatabase()
    if (outcome === 'silent') return this.#limited(spec.databaseTimeoutMs, errorPage)
    if (outcome !== 'ok') return failed(ms / 2 + latencyMs)
    return this.#limited(ms + latencyMs + database.query(host).latencyMs)
  }

  /** How many times longer a page takes because the app has just started. */
  #coldness(): number {
    const { spec, clock } = this.#options
    const { factor, ms } = spec.warmUp
    const coldMs = this.#startedAt + ms - clock.now()
    return coldMs > 0 ? 1 + ((factor - 1) * coldMs) / ms : 1
  }

  /** A worker that lost its connection logs in again. */
  #askDatabase() {
    const { database, host, spec } = this.#options
    const { trouble } = database
    const isKept = spec.keepsConnections && trouble !== 'refuses' && trouble !== 'starting'
    return isKept ? { ...database.query(host), latencyMs: 0 } : database.login(host)
  }

  #limited(ms: number, outcome?: Outcome): PageWork {
    const { workerTimeoutMs } = this.#options.spec
    if (ms > workerTimeoutMs) return failed(workerTimeoutMs, closed)
    if (outcome) return failed(ms, outcome)
    const fault = this.#fault
    return { ms, isServed: fault?.kind !== 'bad-page' || !this.#options.random.chance(fault.share) }
  }

  #pageNow(): Outcome {
    const fault = this.#fault
    if (fault?.kind !== 'bad-page') return goodPage
    return this.#options.random.chance(fault.share) ? badPages[fault.page] : goodPage
  }

  #lose(): void {
    for (const end of this.#open) end(closed)
    this.#workers.clear(this.#users)
  }

  #load(): UserLoad<PageWork> {
    const { database } = this.#options
    const isStuck = this.#fault?.kind === 'stuck'
    return {
      rate: this.#rate,
      work: () => this.#workOf('home'),
      isStuck,
      isTroubled:
        this.#fault !== undefined ||
        database.isTroubled ||
        this.#epoch !== database.epoch ||
        this.#coldness() > 1,
      figures: this.#users,
    }
  }

  /** Simulates users' requests up to now, under what was the case until now. */
  #catchUp(): void {
    const now = this.#options.clock.now()
    if (this.#fault?.kind === 'down') this.#workers.refuse(now, this.#load())
    else this.#workers.catchUp(now, this.#load())
  }
}
