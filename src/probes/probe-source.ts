import type { Answer } from '../core/answer.ts'
import type { Checker } from './known-checkers.ts'

/** So many of the latest gaps between two probes are kept. */
const GAPS = 8
/** Fewer tell no interval. */
const FEWEST_GAPS = 4
/** No balancer probes more often. */
const SHORTEST_INTERVAL_MS = 500
/** The middle half of the gaps may differ by this share of their median. */
const REGULAR_SHARE = 0.4
/** A connection that is half-closed after its request, or closed sooner, says nothing of a timeout. */
const SHORTEST_PATIENCE_MS = 500

/** A request that got neither 200 nor 503. */
export interface RefusedProbe {
  readonly status: number
  readonly method: string
  /** If it is a usual one; any other may hold a secret. */
  readonly path: string | undefined
}

/** Who probes: an address, with one kind of User-Agent. Times are monotonic milliseconds. */
export class ProbeSource {
  /** undefined: a client of a Unix socket */
  readonly address: string | undefined
  readonly checker: Checker | 'unknown' | 'none'
  /** Another source has its place now. */
  isForgotten = false
  probes = 0
  lastAt: number
  /** The latest answer, and how many in a row were the same. */
  answer: Answer | undefined
  answersInARow = 0
  /** Probes whose connection was closed before the answer, and the longest time until then. */
  closedEarly = 0
  patienceMs = 0
  /** Requests in a row that were refused, and the last of them. */
  refusals = 0
  refused: RefusedProbe | undefined
  readonly #gapsMs = new Float64Array(GAPS)

  constructor(address: string | undefined, checker: Checker | 'unknown' | 'none', now: number) {
    this.address = address
    this.checker = checker
    this.lastAt = now
  }

  answered(status: Answer, now: number): void {
    this.#arrived(now)
    this.answersInARow = status === this.answer ? this.answersInARow + 1 : 1
    this.answer = status
    this.refusals = 0
  }

  gaveUp(waitedMs: number, now: number): void {
    this.#arrived(now)
    if (waitedMs < SHORTEST_PATIENCE_MS) return
    this.closedEarly += 1
    this.patienceMs = Math.max(this.patienceMs, waitedMs)
  }

  wasRefused(refused: RefusedProbe, now: number): void {
    this.lastAt = now
    this.refusals += 1
    this.refused = refused
  }

  /** The time between two probes; undefined if there were too few, or no regular ones. */
  get intervalMs(): number | undefined {
    const count = Math.min(this.probes - 1, GAPS)
    if (count < FEWEST_GAPS) return undefined
    const gaps = this.#gapsMs.slice(0, count).sort()
    const at = (share: number): number => gaps[Math.floor((count - 1) * share)] ?? 0
    const median = at(0.5)
    const isRegular = at(0.75) - at(0.25) <= median * REGULAR_SHARE
    return median >= SHORTEST_INTERVAL_MS && isRegular ? median : undefined
  }

  #arrived(now: number): void {
    if (this.probes > 0) this.#gapsMs[(this.probes - 1) % GAPS] = now - this.lastAt
    this.probes += 1
    this.lastAt = now
  }
}
