import type { LoginGuard } from './login-guard.ts'
import { isKnownLetter, isWellFormed, rowsToldBy } from './message-shape.ts'
import { Refusal } from './refusal.ts'

/** Of one answer, whatever it holds. Five thousand migrations take 300 KiB. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024
/** Rows become objects, which take more memory than their bytes. */
const MAX_ROWS = 50_000
/** Notices, settings and whatever else comes beside rows. A login takes about twenty. */
const MAX_OTHER_MESSAGES = 1000

const HEADER_BYTES = 5
const NOTHING = Buffer.alloc(0)
/** What a server may send without being asked; the driver needs none of it. */
const UNASKED = 'NSA'
/** A buffer that is larger than this is not kept for the next answer. */
const KEPT_BYTES = 64 * 1024

const invalid = (says: string): Refusal =>
  new Refusal('DATABASE_ANSWER_INVALID', `${says}; is it Postgres that listens there?`)
const tooLarge = (says: string): Refusal => new Refusal('DATABASE_ANSWER_TOO_LARGE', says)

/** What one query may still be answered with. */
interface Expected {
  /** Statements of the query that have not been completed. */
  statements: number
  failed: boolean
}

/**
 * Stands between a server's bytes and the driver. The driver parses whatever comes, in a callback of the socket: some
 * malformed messages make it throw, or never return. It gets only messages that are complete, well formed, within limits
 * and in order, so that an answer is whole or refused.
 */
export class MessageGuard {
  readonly #login: LoginGuard
  #buffer = Buffer.alloc(0)
  #used = 0
  #bytes = 0
  #others = 0
  #allRows = 0
  /** Of the statement in progress. */
  #rows: number | undefined
  #fields = 0
  #loggedIn = false
  /** Rows of a statement that is not complete: the driver would make objects of what may yet be refused. */
  #held: Buffer[] = []
  readonly #expected: Expected[] = []

  constructor(login: LoginGuard) {
    this.#login = login
  }

  /** Announces the answer to a query of so many statements. */
  expect(statements: number): void {
    this.#expected.push({ statements, failed: false })
  }

  /** Takes a chunk as it arrives, and gives what the driver may see. Throws a Refusal. */
  accept(chunk: Buffer): Buffer {
    this.#append(chunk)
    const passed: Buffer[] = []
    let at = 0
    let from = 0
    while (this.#used - at >= HEADER_BYTES) {
      const letter = String.fromCharCode(this.#buffer[at] ?? 0)
      const length = this.#buffer.readUInt32BE(at + 1)
      if (!isKnownLetter(letter)) throw invalid('sends a message that health-sidecar did not ask for')
      if (length < 4) throw invalid('sends a message of an impossible length')
      if (this.#bytes + length > MAX_ANSWER_BYTES)
        throw tooLarge('answers with more than 8 MiB; the rest was not read')
      if (this.#used - at < length + 1) break
      const message = this.#buffer.subarray(at, at + length + 1)
      this.#bytes += length + 1
      this.#check(letter, message.subarray(HEADER_BYTES))
      if (UNASKED.includes(letter)) {
        passed.push(this.#buffer.subarray(from, at))
        from = at + length + 1
      }
      at += length + 1
    }
    passed.push(this.#buffer.subarray(from, at))
    this.#held.push(Buffer.concat(passed))
    this.#discard(at)
    if (this.#rows !== undefined) return NOTHING
    const whole = Buffer.concat(this.#held)
    this.#held = []
    return whole
  }

  #append(chunk: Buffer): void {
    const needed = this.#used + chunk.length
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length))
      this.#buffer.copy(grown, 0, 0, this.#used)
      this.#buffer = grown
    }
    chunk.copy(this.#buffer, this.#used)
    this.#used = needed
  }

  #discard(bytes: number): void {
    this.#buffer.copyWithin(0, bytes, this.#used)
    this.#used -= bytes
    if (this.#used === 0 && this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.alloc(0)
  }

  #check(letter: string, body: Buffer): void {
    if (letter === 'D') this.#allRows += 1
    else this.#others += 1
    if (this.#allRows > MAX_ROWS)
      throw tooLarge(`answers with more than ${MAX_ROWS} rows; the rest was not read`)
    if (this.#others > MAX_OTHER_MESSAGES)
      throw tooLarge(`sends more than ${MAX_OTHER_MESSAGES} notices; the rest was not read`)
    if (!isWellFormed(letter, body)) throw invalid('sends a message that is not well formed')
    if (UNASKED.includes(letter)) return
    if (this.#loggedIn) this.#answer(letter, body)
    else this.#startUp(letter, body)
  }

  #startUp(letter: string, body: Buffer): void {
    if (letter === 'R') this.#login.check(body)
    else if (letter === 'Z') {
      if (!this.#login.isOver) throw invalid('skips the login')
      this.#loggedIn = true
      this.#reset()
    } else if (letter !== 'K' && letter !== 'E') throw invalid('breaks the protocol during the login')
  }

  #answer(letter: string, body: Buffer): void {
    const [expected] = this.#expected
    if (letter === 'E') {
      // without a query, the server ends the session
      if (expected) expected.failed = true
      return
    }
    if (!expected) throw invalid('answers without being asked')
    if (expected.failed && letter !== 'Z') throw invalid('goes on after an error')
    if (letter === 'T') this.#describe(body)
    else if (letter === 'D') this.#row(body)
    else if (letter === 'C' || letter === 'I') this.#complete(expected, body)
    else if (letter === 'Z') {
      if (!expected.failed && (expected.statements !== 0 || this.#rows !== undefined))
        throw invalid('answers in part')
      this.#expected.shift()
      this.#reset()
    } else if (!'12nt'.includes(letter)) throw invalid('breaks the protocol')
  }

  #describe(body: Buffer): void {
    if (this.#rows !== undefined) throw invalid('answers in part')
    this.#rows = 0
    this.#fields = body.readUInt16BE(0)
  }

  #row(body: Buffer): void {
    if (this.#rows === undefined || body.readUInt16BE(0) !== this.#fields)
      throw invalid('sends a row that does not fit its description')
    this.#rows += 1
  }

  #complete(expected: Expected, body: Buffer): void {
    const told = rowsToldBy(body)
    if (told !== undefined && told !== (this.#rows ?? 0)) throw invalid('answers in part')
    if (expected.statements === 0) throw invalid('answers more than it was asked')
    expected.statements -= 1
    this.#rows = undefined
  }

  #reset(): void {
    this.#bytes = 0
    this.#others = 0
    this.#allRows = 0
    this.#rows = undefined
  }
}
