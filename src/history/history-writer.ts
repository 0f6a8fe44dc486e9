import { codeOf } from '../lib/describe-error.ts'
import type { Logger } from '../log/logger.ts'
import type { Clock } from '../monitor/clock.ts'
import { appendToHistory, historyFileIn, whyNot } from './history-file.ts'

/** Lines that wait for a disk. More are dropped, the oldest first. */
const MAX_WAITING_BYTES = 256 * 1024
/** The most that is appended at once. */
const MAX_APPEND_BYTES = 64 * 1024
/** How long after a failure it is tried again, in milliseconds. */
const RETRY_MS = 10_000
/** How long dispose waits for the disk. */
const CLOSE_MS = 1000

export interface HistoryWriterOptions {
  readonly stateDir: string
  readonly clock: Pick<Clock, 'after'>
  readonly logger: Logger
  /** for tests */
  readonly append?: (stateDir: string, text: string) => Promise<void>
}

const bytesOf = (lines: readonly string[]): number =>
  lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0)

/**
 * Appends lines to the history in the background, one write at a time: nobody waits for it. Each line arrives whole and
 * in order, or is dropped and counted.
 */
export class HistoryWriter implements AsyncDisposable {
  readonly #options: HistoryWriterOptions
  #inFlight: readonly string[] = []
  #waiting: string[] = []
  #waitingBytes = 0
  #isOpen = false
  #isDisposed = false
  #trouble: string | undefined
  #retry: Disposable | undefined
  #dropped = 0
  #onIdle = () => {}

  constructor(options: HistoryWriterOptions) {
    this.#options = options
  }

  /** Until this is called, lines wait. */
  open(): void {
    this.#isOpen = true
    this.#advance()
  }

  write(line: string): void {
    this.#waiting.push(line)
    this.#waitingBytes += Buffer.byteLength(line)
    while (this.#waitingBytes > MAX_WAITING_BYTES) this.#dropOldest()
    this.#advance()
  }

  /** The lines that are not in the file yet, or that may not be. */
  get unwritten(): readonly string[] {
    return [...this.#inFlight, ...this.#waiting]
  }

  /** What is wrong, and what to do; undefined if nothing is. */
  get complaint(): string | undefined {
    if (this.#trouble === undefined) return undefined
    const lost = this.#dropped > 0 ? `, ${this.#dropped} were dropped` : ''
    return `${this.#trouble}; ${this.unwritten.length} records wait${lost}`
  }

  /** Writes what waits, for one second at most. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true
    this.#retry?.[Symbol.dispose]()
    this.#retry = undefined
    if (!this.#isOpen) return
    const { promise, resolve } = Promise.withResolvers<void>()
    using _limit = this.#options.clock.after(CLOSE_MS, resolve)
    this.#onIdle = resolve
    this.#advance()
    await promise
    const lost = this.unwritten.length
    if (lost === 0) return
    const msg = `${lost} records of the history could not be written before the end`
    this.#options.logger.log('warn', { event: 'history.lost', msg, lost })
  }

  #advance(): void {
    if (this.#inFlight.length > 0 || this.#retry || !this.#isOpen) return
    if (this.#waiting.length === 0) return this.#onIdle()
    void this.#append()
  }

  #dropOldest(): void {
    this.#waitingBytes -= Buffer.byteLength(this.#waiting.shift() ?? '')
    this.#dropped += 1
  }

  #takeLines(): readonly string[] {
    let bytes = 0
    const end = this.#waiting.findIndex(
      (line, i) => (bytes += Buffer.byteLength(line)) > MAX_APPEND_BYTES && i > 0,
    )
    const lines = this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
    this.#waitingBytes -= bytesOf(lines)
    return lines
  }

  async #append(): Promise<void> {
    const { stateDir, append = appendToHistory } = this.#options
    this.#inFlight = this.#takeLines()
    try {
      await append(stateDir, this.#inFlight.join(''))
      this.#inFlight = []
      this.#succeeded()
    } catch (error) {
      this.#waiting = [...this.unwritten]
      this.#waitingBytes = bytesOf(this.#waiting)
      this.#inFlight = []
      this.#failed(error)
    }
    this.#advance()
  }

  #succeeded(): void {
    if (this.#trouble === undefined) return
    const dropped = this.#dropped
    this.#trouble = undefined
    this.#dropped = 0
    const msg = `the history is written again; ${dropped} records were lost`
    this.#options.logger.log('info', { event: 'history.resumed', msg, dropped })
  }

  #failed(error: unknown): void {
    const { stateDir, clock, logger } = this.#options
    const trouble = `the history is not written to ${historyFileIn(stateDir)} (${whyNot(error)})`
    if (trouble !== this.#trouble)
      logger.log('warn', { event: 'history.unwritable', msg: trouble, code: codeOf(error) })
    this.#trouble = trouble
    if (this.#isDisposed) {
      this.#isOpen = false
      return this.#onIdle()
    }
    this.#retry = clock.after(RETRY_MS, () => {
      this.#retry = undefined
      this.#advance()
    })
  }
}
