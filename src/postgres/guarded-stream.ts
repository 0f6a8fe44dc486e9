import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { MessageGuard } from './message-guard.ts'
import { Refusal } from './refusal.ts'

/**
 * The stream that node-postgres is given in place of a socket. Its bytes have passed a guard, and what the driver still
 * throws in a callback ends this connection, and not the process.
 */
export class GuardedStream extends Duplex {
  readonly guard: MessageGuard
  readonly #socket: Socket
  readonly #failure = Promise.withResolvers<never>()

  /** `socket` is connected, and encrypted if it is to be. */
  constructor(socket: Socket, guard: MessageGuard) {
    super({ allowHalfOpen: false })
    this.guard = guard
    this.#socket = socket
    this.#failure.promise.catch(() => {})
    socket
      .on('data', chunk => this.#take(chunk))
      .on('end', () => this.push(null))
      .on('error', error => this.destroy(error))
      .on('close', () => this.destroy())
  }

  /** Rejects when the connection is lost, with the reason. */
  get failure(): Promise<never> {
    return this.#failure.promise
  }

  /** The driver asks for a connection, which is there already. */
  connect(): this {
    process.nextTick(() => this.emit('connect'))
    return this
  }

  setNoDelay(on: boolean): this {
    this.#socket.setNoDelay(on)
    return this
  }

  setKeepAlive(on: boolean, delayMs?: number): this {
    this.#socket.setKeepAlive(on, delayMs)
    return this
  }

  /** For channel binding. */
  getPeerCertificate(): unknown {
    return this.#socket instanceof TLSSocket ? this.#socket.getPeerCertificate() : undefined
  }

  /** Contains what listeners throw: a defect of the driver, or one that a server has provoked. */
  override emit(name: string | symbol, ...values: unknown[]): boolean {
    try {
      return super.emit(name, ...values)
    } catch (cause) {
      this.destroy(driverFailure(cause))
      return true
    }
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    this.#failure.reject(error ?? new Error('Connection terminated'))
    done(error)
  }

  #take(chunk: Buffer): void {
    try {
      const passed = this.guard.accept(chunk)
      if (passed.length > 0 && !this.push(passed)) this.#socket.pause()
    } catch (error) {
      this.destroy(error instanceof Error ? error : driverFailure(error))
    }
  }
}

const driverFailure = (cause: unknown): Refusal =>
  new Refusal('DATABASE_ANSWER_INVALID', 'sends an answer that the driver cannot process', { cause })
