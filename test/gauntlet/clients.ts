import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { real } from './nominal-time.ts'

/** What became of the pages that the clients asked for. */
export interface Load {
  readonly served: number
  readonly lost: number
}

export interface ClientsOptions {
  readonly count: number
  /** The socket of the host that the next request goes to; undefined if no host is in service. */
  readonly route: () => string | undefined
  readonly path: string
  /** A client gives up after so many seconds of a real fleet, and asks again at once. */
  readonly givesUpAfterSeconds: number
}

/** Clients that ask for a page again and again. A server does not notice that one has given up, and does its page too. */
export class Clients implements Disposable {
  readonly #options: ClientsOptions
  readonly #stopped = new AbortController()
  #served = 0
  #lost = 0

  constructor(options: ClientsOptions) {
    this.#options = options
    for (let i = 0; i < options.count; i += 1) void this.#run()
  }

  get load(): Load {
    return { served: this.#served, lost: this.#lost }
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const socketPath = this.#options.route()
      const served = socketPath !== undefined && (await this.#ask(socketPath))
      if (this.#stopped.signal.aborted) return
      if (served) this.#served += 1
      else this.#lost += 1
      // where nothing listens, an answer takes no time
      if (!served) await delay(real(0.2))
    }
  }

  async #ask(socketPath: string): Promise<boolean> {
    const { path, givesUpAfterSeconds } = this.#options
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const signal = AbortSignal.any([AbortSignal.timeout(real(givesUpAfterSeconds)), this.#stopped.signal])
    request({ socketPath, path, agent: false, signal }, response => {
      response.on('error', () => {}).on('end', () => resolve(response.statusCode === 200))
      response.on('close', () => resolve(false)).resume()
    })
      .on('error', () => resolve(false))
      .end()
    return await promise
  }

  [Symbol.dispose](): void {
    this.#stopped.abort()
  }
}
