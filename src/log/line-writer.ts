import { codeOrUnknown } from '../lib/describe-error.ts'
import type { Clock } from '../monitor/clock.ts'
import type { LogSink } from './log-sink.ts'

/** Size of the log buffer. When the sink is blocked and the buffer is full, new lines are dropped. */
const MAX_BUFFERED_BYTES = 1024 * 1024
/** After a gap, new lines are accepted again when the buffer has shrunk to this. */
const RESUME_BUFFERED_BYTES = MAX_BUFFERED_BYTES / 2
/** Delay before a write to a full disk is retried. */
const RETRY_MS = 1000
/** How long dispose waits for a blocked sink. */
const CLOSE_MS = 1000

interface BufferedLine {
  /** the part that is not written yet */
  readonly bytes: Buffer
  /** set on the writer's own lines: how many dropped lines this line reports */
  readonly reportsDropped?: number | undefined
}

/** Consecutive lines that were dropped. */
export interface Gap {
  readonly dropped: number
  /** `blocked`: the sink did not take them in time. Otherwise the system's code, for example ENOSPC. */
  readonly why: string
}

export interface LineWriterOptions {
  readonly clock: Pick<Clock, 'after'>
  /** Called when lines are accepted again after a gap. What it writes appears at the place of the gap. */
  readonly onGap: (gap: Gap) => void
}

/**
 * Writes lines to a sink in the background. Each line arrives whole, once and in order, or is dropped and counted. A line
 * ends in a newline.
 */
export class LineWriter implements AsyncDisposable {
  readonly #options: LineWriterOptions
  #sink: LogSink | undefined
  #next: LogSink | undefined
  #buffer: BufferedLine[] = []
  #bufferedBytes = 0
  /** Whether the first buffered line is partly written. */
  #isPartlyWritten = false
  #isWriting = false
  /** There is no sink, and none is being opened. */
  #hasFailed = false
  #retry: Disposable | undefined
  #trouble: string | undefined
  #gap: Gap | undefined
  #dropped = 0
  #reportsDropped: number | undefined
  #onIdle = () => {}

  /** Until it has a sink, lines wait in the buffer. */
  constructor(sink: LogSink | undefined, options: LineWriterOptions) {
    this.#options = options
    if (sink) this.#start(sink)
  }

  /** How many lines were dropped so far. */
  get dropped(): number {
    return this.#dropped
  }

  write(line: string): void {
    const bytes = Buffer.from(line)
    const isFull = this.#bufferedBytes > 0 && this.#bufferedBytes + bytes.length > MAX_BUFFERED_BYTES
    if (isFull || this.#gap || this.#hasFailed) return this.#drop(this.#reportsDropped)
    this.#buffer.push({ bytes, reportsDropped: this.#reportsDropped })
    this.#bufferedBytes += bytes.length
    this.#advance()
  }

  /** The gap that is not reported yet. After dispose it includes the lines that could not be written. */
  get unreported(): Gap | undefined {
    return this.#gap
  }

  /** Switches to another sink at the next line boundary, and closes the old one. */
  moveTo(sink: LogSink): void {
    this.#next?.close()
    this.#next = sink
    this.#advance()
  }

  /** Drops the lines that wait for a sink, and all that follow until there is one. */
  fail(code: string): void {
    this.#trouble = code
    this.#hasFailed = true
    this.#dropBuffer()
  }

  /** Flushes the buffer, for one second at most, and closes the sink. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#buffer.length > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#onIdle = resolve
      using _limit = this.#options.clock.after(CLOSE_MS, resolve)
      await promise
    }
    this.#retry?.[Symbol.dispose]()
    this.#next?.close()
    this.#sink?.close()
    this.#sink = undefined
    this.#dropBuffer()
  }

  #start(sink: LogSink): void {
    this.#sink = sink
    this.#hasFailed = false
    if (!sink.endsInMidLine) return
    this.#buffer.unshift({ bytes: Buffer.from('\n'), reportsDropped: 0 })
    this.#bufferedBytes += 1
  }

  /** Counts a dropped line. If it reported a gap, that gap is still to be reported. */
  #drop(reportsDropped: number | undefined): void {
    if (reportsDropped === undefined) this.#dropped += 1
    const dropped = (this.#gap?.dropped ?? 0) + (reportsDropped ?? 1)
    if (dropped > 0) this.#gap = { dropped, why: this.#trouble ?? 'blocked' }
  }

  #dropBuffer(): void {
    for (const { reportsDropped } of this.#buffer) this.#drop(reportsDropped)
    this.#buffer = []
    this.#bufferedBytes = 0
  }

  #reportGap(): void {
    const gap = this.#gap
    this.#gap = undefined
    if (!gap) return
    this.#reportsDropped = gap.dropped
    this.#options.onGap(gap)
    this.#reportsDropped = undefined
  }

  #advance(): void {
    if (this.#isWriting) return
    this.#move()
    // the report of a gap may have started a write
    if (this.#isWriting) return
    if (this.#buffer.length === 0) return this.#onIdle()
    if (!this.#sink || this.#retry) return
    this.#isWriting = true
    this.#sink.write(this.#chunk(this.#sink.maxWriteBytes), (error, bytesTaken) => {
      this.#isWriting = false
      if (error) this.#failed(codeOrUnknown(error))
      else this.#taken(bytesTaken)
      this.#advance()
    })
  }

  #chunk(maxBytes: number): Buffer {
    let bytes = 0
    const end = this.#buffer.findIndex((line, i) => (bytes += line.bytes.length) > maxBytes && i > 0)
    return Buffer.concat((end < 0 ? this.#buffer : this.#buffer.slice(0, end)).map(line => line.bytes))
  }

  #taken(bytesTaken: number): void {
    this.#trouble = undefined
    this.#bufferedBytes -= bytesTaken
    let rest = bytesTaken
    let whole = 0
    for (const { bytes } of this.#buffer) {
      if (bytes.length > rest) break
      rest -= bytes.length
      whole += 1
    }
    this.#buffer.splice(0, whole)
    this.#isPartlyWritten = rest > 0
    const [partial] = this.#buffer
    if (partial && rest > 0) this.#buffer[0] = { ...partial, bytes: partial.bytes.subarray(rest) }
    if (this.#bufferedBytes <= RESUME_BUFFERED_BYTES) this.#reportGap()
  }

  #failed(code: string): void {
    this.#trouble = code
    if (!this.#sink?.endsOnError) {
      this.#retry = this.#options.clock.after(RETRY_MS, () => {
        this.#retry = undefined
        this.#advance()
      })
      return
    }
    this.#sink.close()
    this.#sink = undefined
    this.fail(code)
  }

  #move(): void {
    const next = this.#next
    // the rest of a partly written line must go to the same sink
    if (!next || (this.#isPartlyWritten && !this.#retry)) return
    if (this.#isPartlyWritten) {
      const partial = this.#buffer.shift()
      this.#bufferedBytes -= partial?.bytes.length ?? 0
      this.#isPartlyWritten = false
      this.#drop(partial?.reportsDropped)
    }
    this.#retry?.[Symbol.dispose]()
    this.#retry = undefined
    this.#next = undefined
    this.#sink?.close()
    this.#start(next)
    if (this.#bufferedBytes <= RESUME_BUFFERED_BYTES) this.#reportGap()
  }
}
