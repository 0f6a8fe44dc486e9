import type { Random } from '../../support/random.ts'
import type { AppSpec } from './app-spec.ts'
import { exponential } from './distributions.ts'

/** Before a look at a calm queue, so many milliseconds of users' requests are simulated: it forgets what was earlier. */
const MEMORY_MS = 3000
/** How fast the share of failed requests follows the latest ones. */
const FOLLOW = 0.02

export interface UserLoad {
  /** Requests per millisecond. */
  readonly rate: number
  /** What a worker does for one of them. */
  readonly work: () => { readonly ms: number; readonly outcome?: unknown }
  readonly isBad: () => boolean | undefined
  /** Something is wrong, so that a long calm cannot be taken for granted. */
  readonly isTroubled: boolean
  readonly figures: { served: number; failed: number }
}

/** Workers that take requests from one queue, the first first. A request that nobody waits for any longer stays in it. */
export class Workers {
  readonly #spec: AppSpec
  readonly #random: Random
  /** When each worker is free. */
  readonly #freeAt: number[]
  /** When the requests begin that wait, in order. */
  #begins: number[] = []
  #begun = 0
  /** The requests that stuck workers have let pile up. */
  #piled = 0
  #at: number
  /** Which share of users' requests failed of late: their clients try again. */
  #failing = 0

  constructor({
    spec,
    random,
    startAt,
  }: {
    readonly spec: AppSpec
    readonly random: Random
    readonly startAt: number
  }) {
    this.#spec = spec
    this.#random = random
    this.#at = startAt
    this.#freeAt = Array.from({ length: spec.workers }, () => startAt)
  }

  #first(): number {
    let first = 0
    for (let index = 1; index < this.#freeAt.length; index += 1)
      if (this.#freeAt[index]! < this.#freeAt[first]!) first = index
    return first
  }

  /** How long a request that comes at a time has to wait. */
  #waitMs(at: number): number {
    return Math.max(0, this.#freeAt[this.#first()]! - at)
  }

  /** Whether the listen backlog is full. Times that are asked for never go back. */
  isFull(at: number): boolean {
    const { backlog, workers } = this.#spec
    if (this.#piled > 0) return this.#piled >= backlog + workers
    while (this.#begun < this.#begins.length && this.#begins[this.#begun]! <= at) this.#begun += 1
    if (this.#begun > 1000) {
      this.#begins = this.#begins.slice(this.#begun)
      this.#begun = 0
    }
    return this.#begins.length - this.#begun >= backlog
  }

  /** A request goes into the queue; returns when it is done. */
  take(at: number, ms: number): number {
    const worker = this.#first()
    const beginsAt = Math.max(at, this.#freeAt[worker]!)
    this.#begins.push(beginsAt)
    this.#freeAt[worker] = beginsAt + ms
    return beginsAt + ms
  }

  /** A request goes into the queue of stuck workers. */
  hold(): void {
    this.#piled += 1
  }

  clear(at: number): void {
    this.#piled = 0
    this.#failing = 0
    this.#begins = []
    this.#begun = 0
    this.#freeAt.fill(at)
  }

  /** Time passes, and no request reaches a worker. Returns how many there were. */
  skip(to: number, rate: number): number {
    const count = rate * (to - this.#at)
    this.#at = to
    return count
  }

  /** Time passes, and workers are stuck. Returns how many requests there were. */
  pile(to: number, rate: number): number {
    const count = this.skip(to, rate)
    this.#piled = Math.min(this.#piled + count, this.#spec.backlog + this.#spec.workers)
    return count
  }

  /** Users' requests come up to a time. */
  serve(to: number, load: UserLoad): void {
    const { rate, isTroubled, figures } = load
    const { workers, serviceMs } = this.#spec
    const isCalm =
      !isTroubled &&
      this.#failing < 0.01 &&
      rate * serviceMs < 0.7 * workers &&
      this.#waitMs(this.#at) < MEMORY_MS
    if (isCalm && to - this.#at > 2 * MEMORY_MS) figures.served += this.skip(to - MEMORY_MS, rate)
    if (rate === 0) {
      this.#at = to
      return
    }
    let at = this.#at
    for (;;) {
      at += exponential(this.#random) / (rate * (1 + this.#spec.retries * this.#failing))
      if (at >= to) break
      this.#arrive(at, load)
    }
    this.#at = to
  }

  #arrive(at: number, { work, isBad, figures }: UserLoad): void {
    const isRefused = this.isFull(at)
    let isLate = false
    let isServed = false
    if (!isRefused) {
      const { ms, outcome } = work()
      isLate = this.take(at, ms) - at > this.#spec.clientTimeoutMs
      isServed = !isLate && outcome === undefined && !isBad()
    }
    figures[isServed ? 'served' : 'failed'] += 1
    this.#failing += FOLLOW * ((isServed ? 0 : 1) - this.#failing)
  }
}
