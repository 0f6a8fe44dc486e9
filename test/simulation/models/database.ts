import { START_MS } from '../simulation.ts'

/** What is wrong with the database that all hosts use. */
export type DatabaseTrouble =
  /** Nothing listens: a stop, or a failover. */
  | 'refuses'
  /** Packets are lost. */
  | 'silent'
  /** `max_connections` is used up: a new login is refused, a connection that is kept goes on. */
  | 'full'
  /** It starts up or recovers (SQLSTATE 57P03). */
  | 'starting'
  /** It answers, and takes long. */
  | 'slow'

export interface ServerError {
  readonly code: string
  readonly message: string
}

/** How one attempt goes. `silent`: never ends. */
export interface Attempt {
  readonly outcome: 'ok' | 'silent' | ServerError
  readonly latencyMs: number
}

const errors: Readonly<Record<'refuses' | 'full' | 'starting', ServerError>> = {
  refuses: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' },
  full: { code: '53300', message: 'sorry, too many clients already' },
  starting: { code: '57P03', message: 'the database system is starting up' },
}

const LOGIN_MS = 12
const QUERY_MS = 2

/** Counts things by the second. */
class PerSecond {
  readonly #counts: number[] = []

  add(at: number): void {
    const second = Math.floor((at - START_MS) / 1000)
    while (this.#counts.length <= second) this.#counts.push(0)
    this.#counts[second]! += 1
  }

  get counts(): readonly number[] {
    return this.#counts
  }
}

/** One database for a fleet: what it answers, and how often health checks ask it. */
export class Database {
  #trouble: DatabaseTrouble | undefined
  #slowMs = 0
  #epoch = 0
  readonly #troubles: { readonly from: number; to: number }[] = []
  readonly #cutOff = new Set<string>()
  readonly #listeners: (() => void)[] = []
  #kept = 0
  readonly logins = new PerSecond()
  readonly queries = new PerSecond()
  /** The most connections that health checks kept in each second. */
  readonly keptAtMost: number[] = []

  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Since when and until when all hosts saw trouble, in simulated milliseconds. */
  get troubles(): readonly { readonly from: number; readonly to: number }[] {
    return this.#troubles
  }

  /** Told before each change: what happened so far happened under the old state. */
  beforeChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  get trouble(): DatabaseTrouble | undefined {
    return this.#trouble
  }

  /** For one host or for all. */
  get isTroubled(): boolean {
    return this.#trouble !== undefined || this.#cutOff.size > 0
  }

  /** Grows each time all connections are cut. */
  get epoch(): number {
    return this.#epoch
  }

  /** `slowMs`: how much longer each query takes while it is `slow`. */
  set(trouble: DatabaseTrouble | undefined, { slowMs = 0 } = {}): void {
    this.#tell()
    if (trouble === 'refuses' || trouble === 'starting') this.#epoch += 1
    const now = this.#now()
    const last = this.#troubles.at(-1)
    if (this.#trouble && last) last.to = now
    if (trouble) this.#troubles.push({ from: now, to: Infinity })
    this.#trouble = trouble
    this.#slowMs = slowMs
  }

  /** All connections are cut, and logins are accepted again at once: a quick restart. */
  restart(): void {
    this.#tell()
    this.#epoch += 1
  }

  /** One host is cut off by its network, or connected again. */
  cutOff(host: string, isCutOff: boolean): void {
    this.#tell()
    if (isCutOff) this.#cutOff.add(host)
    else this.#cutOff.delete(host)
  }

  login(host: string): Attempt {
    if (this.#cutOff.has(host)) return { outcome: 'silent', latencyMs: 0 }
    switch (this.#trouble) {
      case 'silent':
        return { outcome: 'silent', latencyMs: 0 }
      case 'refuses':
      case 'full':
      case 'starting':
        return { outcome: errors[this.#trouble], latencyMs: LOGIN_MS }
      case 'slow':
      case undefined:
        return { outcome: 'ok', latencyMs: LOGIN_MS + this.#slowMs }
    }
  }

  /** On a connection that is open. */
  query(host: string): Attempt {
    const isSilent = this.#trouble === 'silent' || this.#cutOff.has(host)
    return { outcome: isSilent ? 'silent' : 'ok', latencyMs: QUERY_MS + this.#slowMs }
  }

  countLogin(): void {
    this.logins.add(this.#now())
  }

  countQuery(): void {
    this.queries.add(this.#now())
  }

  /** A health check keeps one more connection, or one less. */
  countKept(more: 1 | -1): void {
    this.#kept += more
    const second = Math.floor((this.#now() - START_MS) / 1000)
    while (this.keptAtMost.length <= second) this.keptAtMost.push(this.#kept)
    this.keptAtMost[second] = Math.max(this.keptAtMost[second]!, this.#kept)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
