import type { Random } from '../../support/random.ts'
import type { AppSpec } from './app-spec.ts'
import { exponential } from './distributions.ts'

/** Before a look at a calm queue, so many milliseconds of users' requests are simulated: it forgets what was earlier. */
const MEMORY_MS = 3000
/** How fast the share of failed requests follows the latest ones. */
const FOLLOW = 0.02
/** A queue is looked at again for a policy's request after so many milliseconds, at least. */
const LOOK_MS = 50

/** A busy app may take so long: twice the default `patience`. A balancer gives up after as long (AWS's idle timeout). */
const BUSY_MS = 60_000

/** What a worker does for one page, and whether a user is served by it. */
export interface Work {
  readonly ms: number
  readonly isServed: boolean
}

/** A request of a policy. */
export interface Queued<Done extends Work> {
  /** A worker has taken it, and will be done with it at a time that may have passed. */
  begun(work: Done, doneAt: number): void
}

/** What users ask, and what becomes of it. */
export interface UserLoad<Done extends Work> {
  /** Requests per millisecond. */
  readonly rate: number
  readonly work: () => Done
  /** Something is wrong, so that a long calm cannot be taken for granted. */
  readonly isTroubled: boolean
  /** Workers take no request. */
  readonly isStuck: boolean
  readonly figures: { served: number; failed: number }
}

/**
 * Workers that take requests from one queue, the first first. A request that nobody waits for any longer stays in it. Time
 * is caught up with when somebody looks: nothing changes in between.
 */
export class Workers<Done extends Work> {
  readonly #spec: AppSpec
  readonly #random: Random
  /** When each worker is free. */
  readonly #freeAt: number[]
  #tooLateAt = -Infinity
  /** Since when each request waits. Most are of users, and need no object of their own. */
  #queue: number[] = []
  /** The requests of a policy, in the order in which they wait, and how many were ever added to the queue before each. */
  readonly #queued: { readonly place: number; readonly queued: Queued<Done> }[] = []
  /** How many requests were ever dropped from the front of `#queue`. */
  #dropped = 0
  #head = 0
  #at: number
  /** Which share of users' requests failed of late: their clients try again. */
  #failing = 0

  constructor(options: { readonly spec: AppSpec; readonly random: Random; readonly startAt: number }) {
    const { spec, random, startAt } = options
    this.#spec = spec
    this.#random = random
    this.#at = startAt
    this.#freeAt = Array.from({ length: spec.workers }, () => startAt)
  }

  get #waiting(): number {
    return this.#queue.length - this.#head
  }

  /** Whether the listen backlog is full. */
  get isFull(): boolean {
    return this.#waiting >= this.#spec.backlog
  }

  /** When an answer was last due or given that takes longer than a busy app's may; -Infinity if none has been. */
  get tooLateAt(): number {
    const isNow = this.#waiting > 0 && this.#at - this.#queue[this.#head]! >= BUSY_MS
    return isNow ? this.#at : this.#tooLateAt
  }

  /** When it is worth another look whether a worker has taken the last request in the queue. */
  get nextLookAt(): number {
    const { serviceMs, workers } = this.#spec
    const expectedMs = (this.#waiting * serviceMs) / workers
    return Math.max(Math.min(...this.#freeAt), this.#at + Math.max(expectedMs / 2, LOOK_MS))
  }

  /** Users' requests come up to a time, and workers take what waits. */
  catchUp(to: number, load: UserLoad<Done>): void {
    const { rate, figures, isStuck } = load
    if (isStuck && this.isFull) figures.failed += this.#skip(to, rate)
    if (this.#isCalm(load) && to - this.#at > 2 * MEMORY_MS)
      figures.served += this.#skip(to - MEMORY_MS, rate)
    let at = rate > 0 ? this.#at : Infinity
    for (;;) {
      at += exponential(this.#random) / (rate * (1 + this.#spec.retries * this.#failing))
      if (!(at < to)) break
      this.#begin(at, load)
      if (this.isFull) this.#count(false, figures)
      else this.#queue.push(at)
    }
    this.#begin(to, load)
    this.#at = to
  }

  /** A policy's request goes into the queue, and to a worker if one is free. Time has been caught up with. */
  add(queued: Queued<Done>, load: UserLoad<Done>): void {
    this.#queued.push({ place: this.#dropped + this.#queue.length, queued })
    this.#queue.push(this.#at)
    this.#begin(this.#at, load)
  }

  /** Time passes, and no request of a user reaches the app. */
  refuse(to: number, { rate, figures }: UserLoad<Done>): void {
    figures.failed += this.#skip(to, rate)
  }

  /** The app ends: all that waits is lost. */
  clear(figures: { failed: number }): void {
    figures.failed += this.#waiting
    this.#queue = []
    this.#queued.length = 0
    this.#head = 0
    this.#failing = 0
    this.#freeAt.fill(this.#at)
  }

  #skip(to: number, rate: number): number {
    const count = rate * (to - this.#at)
    this.#at = to
    return count
  }

  #isCalm({ isTroubled, rate }: UserLoad<Done>): boolean {
    const { workers, serviceMs } = this.#spec
    return !isTroubled && this.#waiting === 0 && this.#failing < 0.01 && rate * serviceMs < 0.7 * workers
  }

  /** Free workers take what waits. */
  #begin(until: number, { isStuck, work, figures }: UserLoad<Done>): void {
    if (isStuck) return
    while (this.#waiting > 0) {
      const waitsFrom = this.#queue[this.#head]!
      const worker = this.#firstFree()
      const beginsAt = Math.max(waitsFrom, this.#freeAt[worker]!)
      if (beginsAt > until) return
      const queued = this.#takeFirst()
      const done = work()
      const doneAt = beginsAt + done.ms
      this.#freeAt[worker] = doneAt
      if (doneAt - waitsFrom >= BUSY_MS) this.#tooLateAt = doneAt
      if (queued) queued.begun(done, doneAt)
      else this.#count(done.isServed && doneAt - waitsFrom <= this.#spec.clientTimeoutMs, figures)
    }
  }

  /** Takes the first request out of the queue; undefined if it is a user's. */
  #takeFirst(): Queued<Done> | undefined {
    const isPolicys = this.#queued[0]?.place === this.#dropped + this.#head
    this.#head += 1
    if (this.#head > 500) {
      this.#queue = this.#queue.slice(this.#head)
      this.#dropped += this.#head
      this.#head = 0
    }
    return isPolicys ? this.#queued.shift()?.queued : undefined
  }

  #firstFree(): number {
    let first = 0
    for (let index = 1; index < this.#freeAt.length; index += 1)
      if (this.#freeAt[index]! < this.#freeAt[first]!) first = index
    return first
  }

  #count(isServed: boolean, figures: { served: number; failed: number }): void {
    figures[isServed ? 'served' : 'failed'] += 1
    this.#failing += FOLLOW * ((isServed ? 0 : 1) - this.#failing)
  }
}
