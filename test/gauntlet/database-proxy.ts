import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

export interface Address {
  readonly host: string
  readonly port: number
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  /** The address that the client came to. */
  readonly host: string
}

/** A DataRow of one column, null (PostgreSQL manual, "Message Formats"). */
const ROW_OUT_OF_NOWHERE = Buffer.from('440000000a0001ffffffff', 'hex')

/** A TCP proxy in front of a database, that fails as networks and servers do. */
export class DatabaseProxy implements AsyncDisposable {
  readonly #listen: readonly Address[]
  readonly #to: Address
  #servers: Server[] = []
  readonly #pairs = new Set<Pair>()
  readonly #holes = new Set<string>()
  #delayMs = 0
  #garbage: Buffer | undefined

  /** Listens on several addresses, so that the name of a database can move from one to another. */
  constructor(listen: readonly Address[], to: Address) {
    this.#listen = listen
    this.#to = to
  }

  /** Takes connections. */
  async accept(): Promise<void> {
    if (this.#servers.length > 0) return
    for (const { host, port } of this.#listen) {
      const server = createServer({ pauseOnConnect: true }, client => this.#carry(client, host))
      server.listen(port, host)
      await once(server, 'listening')
      this.#servers.push(server)
    }
  }

  /** Nothing listens any more, and what was open is reset. */
  refuse(): void {
    for (const server of this.#servers) server.close()
    this.#servers = []
    this.reset()
  }

  /** Resets every connection that is open. */
  reset(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy()
      server.destroy()
    }
  }

  /** Of what came to this address, not a byte gets through any more, in either direction, and nobody is told. */
  swallow(host: string = this.#listen[0]?.host ?? ''): void {
    this.#holes.add(host)
    for (const pair of this.#pairs) if (pair.host === host) pause(pair)
  }

  /** What was swallowed comes through after all, as when TCP sends it again. */
  restore(): void {
    this.#holes.clear()
    for (const { client, server } of this.#pairs) {
      client.resume()
      server.resume()
    }
  }

  /** What a client sends takes so much longer. */
  delay(ms: number): void {
    this.#delayMs = ms
  }

  /** Whatever the server sends is followed by a row that nobody asked for: drivers throw. */
  garble(): void {
    this.#garbage = ROW_OUT_OF_NOWHERE
    this.reset()
  }

  /** The server is heard as it is again. */
  ungarble(): void {
    this.#garbage = undefined
    this.reset()
  }

  #carry(client: Socket, host: string): void {
    const server = connect(this.#to)
    const pair = { client, server, host }
    this.#pairs.add(pair)
    const end = () => {
      this.#pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) socket.on('error', () => {}).on('close', end)
    client.on('data', data => {
      if (this.#delayMs > 0) setTimeout(() => server.write(data), this.#delayMs)
      else server.write(data)
    })
    server.on('data', data => {
      client.write(data)
      if (this.#garbage) client.write(this.#garbage)
    })
    if (this.#holes.has(host)) pause(pair)
    else client.resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) server.close()
    for (const { client, server } of this.#pairs) {
      client.destroy()
      server.destroy()
    }
  }
}

const pause = ({ client, server }: Pair): void => {
  client.pause()
  server.pause()
}
