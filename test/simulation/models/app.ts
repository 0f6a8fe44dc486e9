import type { Exchange, Outcome } from '../../../src/checks/smoke/exchange.ts'
import type { Clock } from '../../../src/monitor/clock.ts'
import type { Random } from '../../support/random.ts'
import type { AppSocket, Page } from '../policies/policy.ts'
import type { AppFault, AppSpec } from './app-spec.ts'
import type { Database } from './database.ts'
import { exponential } from './distributions.ts'
import { badPages, closed, errorPage, goodPage } from './page.ts'
import { Workers } from './workers.ts'

/** A connection attempt takes so long, and a file's page. */
const CONNECT_MS = 1

export interface AppOptions {
  readonly host: string
  readonly spec: AppSpec
  readonly clock: Clock
  readonly random: Random
  readonly database: Database
}

/** Served and failed requests of users. */
export interface Served {
  served: number
  failed: number
}

/**
 * The app of one host: workers that take requests from one queue. Users' requests are simulated one by one only where a
 * queue can form; a policy's request occupies a worker as theirs do.
 */
export class App implements AppSocket {
  readonly #options: AppOptions
  readonly #workers: Workers
  #fault: AppFault | undefined
  /** Users' requests per millisecond. */
  #rate = 0
  /** Requests in flight of a policy, by what ends them. */
  readonly #inFlight = new Set<(outcome: Outcome) => void>()
  /** Workers whose kept connection to the database is gone, and who do not know it yet. */
  #cutConnections = 0
  #epoch: number
  readonly users: Served = { served: 0, failed: 0 }

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

  /** From now on. Where the app ends or begins again, its queue and what is in flight are lost. */
  setFault(fault: AppFault | undefined): void {
    this.#catchUp()
    const before = this.#fault
    this.#fault = fault
    if (fault?.kind === 'down' || before?.kind === 'down' || before?.kind === 'stuck') this.#lose()
  }

  /** It ends and runs again at once. */
  restart(): void {
    this.#catchUp()
    this.#lose()
    this.#cutConnections = 0
  }

  /** Brings the figures up to now. */
  settleFigures(): Served {
    this.#catchUp()
    return this.users
  }

  accepts(): boolean {
    this.#catchUp()
    return this.#fault?.kind !== 'down' && !this.#workers.isFull(this.#options.clock.now())
  }

  request(page: Page): Exchange {
    this.#catchUp()
    const { clock } = this.#options
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    let isOver = false
    const end = (outcome: Outcome) => {
      if (isOver) return
      isOver = true
      this.#inFlight.delete(end)
      resolve(outcome)
    }
    const exchange: Exchange = {
      outcome: promise,
      stage: () => 'waiting',
      destroy: () => end({ kind: 'closed', code: 'ABORTED' }),
    }
    if (this.#fault?.kind === 'down') {
      const { leavesSocket } = this.#fault
      const refused: Outcome = leavesSocket
        ? { kind: 'stale', code: 'ECONNREFUSED' }
        : { kind: 'missing', code: 'ENOENT' }
      clock.after(CONNECT_MS, () => end(refused))
      return exchange
    }
    const now = clock.now()
    if (this.#workers.isFull(now)) {
      clock.after(CONNECT_MS, () => end({ kind: 'backlog-full', code: 'EAGAIN' }))
      return exchange
    }
    this.#inFlight.add(end)
    if (this.#fault?.kind === 'stuck') {
      this.#workers.hold()
      return exchange
    }
    const work = this.#workOf(page)
    const doneAt = this.#workers.take(now, work.ms)
    clock.after(doneAt - now, () => end(work.outcome ?? this.#pageNow()))
    return exchange
  }

  /** What a worker does for one page now, and how it ends if that is settled already. */
  #workOf(page: Page): { readonly ms: number; readonly outcome?: Outcome } {
    const { spec, random, database, host } = this.#options
    if (page === 'static') return { ms: CONNECT_MS, outcome: goodPage }
    const factor = this.#fault?.kind === 'slow' ? this.#fault.factor : 1
    const ms = factor * spec.serviceMs * (0.3 + 0.7 * exponential(random))
    const needsDatabase = page === 'health' || spec.usesDatabase
    if (!needsDatabase) return this.#limited({ ms })
    if (database.epoch !== this.#epoch) {
      this.#epoch = database.epoch
      this.#cutConnections = spec.keepsConnections ? spec.workers : 0
    }
    if (this.#cutConnections > 0) {
      this.#cutConnections -= 1
      return { ms, outcome: errorPage }
    }
    const attempt = spec.keepsConnections ? this.#keptAttempt() : database.login(host)
    if (attempt.outcome === 'silent') return this.#limited({ ms: spec.databaseTimeoutMs, outcome: errorPage })
    if (attempt.outcome !== 'ok') return { ms: ms / 2 + attempt.latencyMs, outcome: errorPage }
    return this.#limited({ ms: ms + attempt.latencyMs + database.query(host).latencyMs })
  }

  /** A worker that lost its connection logs in again. */
  #keptAttempt() {
    const { database, host } = this.#options
    const { trouble } = database
    return trouble === 'refuses' || trouble === 'starting' ? database.login(host) : database.query(host)
  }

  #limited(work: { readonly ms: number; readonly outcome?: Outcome }) {
    const { workerTimeoutMs } = this.#options.spec
    return work.ms > workerTimeoutMs ? { ms: workerTimeoutMs, outcome: closed } : work
  }

  #pageNow(): Outcome {
    const fault = this.#fault
    if (fault?.kind !== 'bad-page') return goodPage
    return this.#options.random.chance(fault.share) ? badPages[fault.page] : goodPage
  }

  /** Every request in flight is lost. */
  #lose(): void {
    for (const end of this.#inFlight) end(closed)
    this.#workers.clear(this.#options.clock.now())
  }

  /** Simulates users' requests up to now, under what was the case until now. */
  #catchUp(): void {
    const now = this.#options.clock.now()
    const fault = this.#fault
    if (fault?.kind === 'down') this.users.failed += this.#workers.skip(now, this.#rate)
    else if (fault?.kind === 'stuck') this.users.failed += this.#workers.pile(now, this.#rate)
    else
      this.#workers.serve(now, {
        rate: this.#rate,
        work: () => this.#workOf('home'),
        isBad: () => fault?.kind === 'bad-page' && this.#options.random.chance(fault.share),
        isTroubled:
          this.#options.database.trouble !== undefined || this.#cutConnections > 0 || fault !== undefined,
        figures: this.users,
      })
  }
}
