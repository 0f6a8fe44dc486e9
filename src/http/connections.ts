import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Limits on the connections of one listener. */
export interface ConnectionLimits {
  /** open connections; for one more, the longest idle one is closed */
  readonly maxConnections: number
  /** open connections of one remote address; clients of a Unix socket have none, and no such limit */
  readonly maxPerAddress: number
  /** requests that one connection may have without an answer; one more closes it after those answers */
  readonly maxUnanswered: number
}

interface Connection {
  readonly address: string | undefined
  unanswered: number
  isClosing: boolean
}

/** The open connections of one address, or of all, with the idle ones in the order in which they became idle. */
class Group {
  #open = 0
  readonly #idle = new Set<Socket>()

  get isEmpty(): boolean {
    return this.#open === 0
  }

  add(socket: Socket): void {
    this.#open += 1
    this.#idle.add(socket)
  }

  delete(socket: Socket): void {
    this.#open -= 1
    this.#idle.delete(socket)
  }

  setIdle(socket: Socket, isIdle: boolean): void {
    if (isIdle) this.#idle.add(socket)
    else this.#idle.delete(socket)
  }

  /** The connection to close so that at most `max` stay open. With no other idle one, that is the newest. */
  excess(newest: Socket, max: number): Socket | undefined {
    if (this.#open <= max) return undefined
    const [longestIdle = newest] = this.#idle
    return longestIdle
  }
}

const ignore = (): void => {}

/** Takes a socket from the HTTP parser, which else reads on whatever `pause` says, then reads no more of it. */
const stopReading = (socket: Socket): void => {
  socket.on('data', ignore)
  socket.removeAllListeners('data')
  setImmediate(() => socket.pause())
}

/**
 * Bounds the connections of a server. A client that opens many and never closes them loses its own idle connections
 * first. A connection with a request in progress is never closed for another.
 */
export class Connections {
  readonly #limits: ConnectionLimits
  readonly #connections = new Map<Socket, Connection>()
  readonly #all = new Group()
  readonly #byAddress = new Map<string, Group>()

  constructor(server: Server, limits: ConnectionLimits) {
    this.#limits = limits
    // Node refuses new connections at this number: one place always stays free
    server.maxConnections = limits.maxConnections
    server.on('connection', socket => this.#add(socket))
  }

  /** Counts a request of a connection. False: it has too many without an answer, and this one must get none. */
  begin(socket: Socket): boolean {
    const connection = this.#connections.get(socket)
    if (!connection) return true
    if (connection.isClosing) return false
    if (connection.unanswered >= this.#limits.maxUnanswered) {
      connection.isClosing = true
      stopReading(socket)
      return false
    }
    connection.unanswered += 1
    if (connection.unanswered === 1) this.#setIdle(socket, connection)
    return true
  }

  /** Counts the end of a request that `begin` counted. */
  end(socket: Socket): void {
    const connection = this.#connections.get(socket)
    if (!connection) return
    connection.unanswered -= 1
    if (connection.unanswered > 0) return
    if (connection.isClosing) socket.destroySoon()
    this.#setIdle(socket, connection)
  }

  #add(socket: Socket): void {
    const address = socket.remoteAddress
    this.#connections.set(socket, { address, unanswered: 0, isClosing: false })
    socket.once('close', () => this.#forget(socket))
    for (const group of this.#groups(address)) group.add(socket)
    const { maxConnections, maxPerAddress } = this.#limits
    const ofAddress = address === undefined ? undefined : this.#byAddress.get(address)
    this.#evict(ofAddress?.excess(socket, maxPerAddress))
    this.#evict(this.#all.excess(socket, maxConnections - 1))
  }

  #evict(socket: Socket | undefined): void {
    if (!socket) return
    socket.destroy()
    this.#forget(socket)
  }

  #forget(socket: Socket): void {
    const connection = this.#connections.get(socket)
    if (!connection) return
    this.#connections.delete(socket)
    for (const group of this.#groups(connection.address)) group.delete(socket)
    const { address } = connection
    if (address !== undefined && this.#byAddress.get(address)?.isEmpty) this.#byAddress.delete(address)
  }

  #setIdle(socket: Socket, { address, unanswered }: Connection): void {
    for (const group of this.#groups(address)) group.setIdle(socket, unanswered === 0)
  }

  #groups(address: string | undefined): readonly Group[] {
    if (address === undefined) return [this.#all]
    const known = this.#byAddress.get(address)
    const group = known ?? new Group()
    if (!known) this.#byAddress.set(address, group)
    return [this.#all, group]
  }
}
