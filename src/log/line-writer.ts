import { codeOrUnknown } from '../lib/describe-error.ts'
import type { Clock } from '../monitor/clock.ts'
import type { LogSink } from './log-sink.ts'

/** What is held for a sink that does not take it; what comes on top is dropped, not waited for. */
const MAX_HELD_BYTES = 1024 * 1024
/** After some were dropped, lines are taken again once no more than this is held. */
const RESUME_HELD_BYTES = MAX_HELD_BYTES / 2
/** A disk that was full is tried again after so long. */
const RETRY_MS = 1000
/** So long the end waits for a sink that does not take what is held. */
const CLOSE_MS = 1000

interface HeldLine {
  /** what is left to be written of it */
  readonly bytes: Buffer
  /** of how many dropped lines it tells, where it is not one that was logged itself */
  readonly tellsOf?: number | undefined
}

/** Lines that were dropped one after the other. */
export interface Gap {
  readonly dropped: number
  /** `blocked`: nobody took them in time; or the system's code, such as ENOSPC. */
  readonly why: string
}

export interface LineWriterOptions {
  readonly clock: Pick<Clock, 'after'>
  /** Told of a gap as soon as lines are taken again; what it writes then stands where the gap is. */
  readonly onGap: (gap: Gap) => void
  /** why there is no sink, where there is none */
  readonly trouble?: string | undefined
}

/**
 * Writes lines to a sink in the background. Each arrives whole, once and in its order, or is dropped and counted. A line
 * ends in a newline.
 */
export class LineWriter implements AsyncDisposable {
  readonly #options: LineWriterOptions
  #sink: LogSink | undefined
  #next: LogSink | undefined
  #held: HeldLine[] = []
  #heldBytes = 0
  /** Of the first held line, a part is written. */
  #isBegun = false
  #isWriting = false
  #retry: Disposable | undefined
  #trouble: string | undefined
  #gap: Gap | undefined
  #dropped = 0
  #tellsOf: number | undefined
  #onIdle = () => {}

  constructor(sink: LogSink | undefined, options: LineWriterOptions) {
    this.#options = options
    this.#trouble = options.trouble
    if (sink) this.#start(sink)
  }

  /** How many were dropped so far. */
  get dropped(): number {
    return this.#dropped
  }

  write(line: string): void {
    const bytes = Buffer.from(line)
    const isFull = this.#heldBytes > 0 && this.#heldBytes + bytes.length > MAX_HELD_BYTES
    if (isFull || this.#gap || !this.#sink) return this.#drop(this.#tellsOf)
    this.#held.push({ bytes, tellsOf: this.#tellsOf })
    this.#heldBytes += bytes.length
    this.#advance()
  }

  /** What nobody was told of: after its end, with the lines that it could not write out. */
  get untold(): Gap | undefined {
    return this.#gap
  }

  /** The next whole line goes to another sink; the one before is closed. */
  moveTo(sink: LogSink): void {
    this.#next?.close()
    this.#next = sink
    this.#advance()
  }

  /** Writes out what is held, for a second at most, and closes the sink. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#held.length > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#onIdle = resolve
      using _limit = this.#options.clock.after(CLOSE_MS, resolve)
      await promise
    }
    this.#retry?.[Symbol.dispose]()
    this.#next?.close()
    this.#sink?.close()
    this.#sink = undefined
    this.#dropHeld()
  }

  #start(sink: LogSink): void {
    this.#sink = sink
    if (!sink.endsInMidLine) return
    this.#held.unshift({ bytes: Buffer.from('\n'), tellsOf: 0 })
    this.#heldBytes += 1
  }

  /** A line that tells of others has not been logged: these are still to be told of. */
  #drop(tellsOf: number | undefined): void {
    if (tellsOf === undefined) this.#dropped += 1
    const dropped = (this.#gap?.dropped ?? 0) + (tellsOf ?? 1)
    if (dropped > 0) this.#gap = { dropped, why: this.#trouble ?? 'blocked' }
  }

  #dropHeld(): void {
    for (const { tellsOf } of this.#held) this.#drop(tellsOf)
    this.#held = []
    this.#heldBytes = 0
  }

  #tellOfGap(): void {
    const gap = this.#gap
    this.#gap = undefined
    if (!gap) return
    this.#tellsOf = gap.dropped
    this.#options.onGap(gap)
    this.#tellsOf = undefined
  }

  #advance(): void {
    if (this.#isWriting) return
    this.#move()
    // what is told of a gap is being written
    if (this.#isWriting) return
    if (this.#held.length === 0) return this.#onIdle()
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
    const end = this.#held.findIndex((line, i) => (bytes += line.bytes.length) > maxBytes && i > 0)
    return Buffer.concat((end < 0 ? this.#held : this.#held.slice(0, end)).map(line => line.bytes))
  }

  #taken(bytesTaken: number): void {
    this.#trouble = undefined
    this.#heldBytes -= bytesTaken
    let rest = bytesTaken
    let whole = 0
    for (const { bytes } of this.#held) {
      if (bytes.length > rest) break
      rest -= bytes.length
      whole += 1
    }
    this.#held.splice(0, whole)
    this.#isBegun = rest > 0
    const [begun] = this.#held
    if (begun && rest > 0) this.#held[0] = { ...begun, bytes: begun.bytes.subarray(rest) }
    if (this.#heldBytes <= RESUME_HELD_BYTES) this.#tellOfGap()
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
    this.#dropHeld()
    this.#sink.close()
    this.#sink = undefined
  }

  #move(): void {
    const next = this.#next
    // the rest of a line belongs behind its beginning, or nowhere
    if (!next || (this.#isBegun && !this.#retry)) return
    if (this.#isBegun) {
      const begun = this.#held.shift()
      this.#heldBytes -= begun?.bytes.length ?? 0
      this.#isBegun = false
      this.#drop(begun?.tellsOf)
    }
    this.#retry?.[Symbol.dispose]()
    this.#retry = undefined
    this.#next = undefined
    this.#sink?.close()
    this.#start(next)
    if (this.#heldBytes <= RESUME_HELD_BYTES) this.#tellOfGap()
  }
}
