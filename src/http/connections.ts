import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Limits on the connections of one listener. */
export interface ConnectionLimits {
  /** open connections; for one more, the longest idle one is closed */
  readonly maxConnections: number
  /** the share of one remote address: with more, it is the first to give one up; clients of a Unix socket have none */
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
  readonly #open = new Set<Socket>()
  readonly #idle = new Set<Socket>()

  get size(): number {
    return this.#open.size
  }

  /** The connection that was opened last. */
  get newest(): Socket | undefined {
    return [...this.#open].at(-1)
  }

  add(socket: Socket): void {
    this.#open.add(socket)
    this.#idle.add(socket)
  }

  delete(socket: Socket): void {
    this.#open.delete(socket)
    this.#idle.delete(socket)
  }

  setIdle(socket: Socket, isIdle: boolean): void {
    if (isIdle) this.#idle.add(socket)
    else this.#idle.delete(socket)
  }

  /** The connection that has been idle for longest, other than this one. */
  longestIdle(other: Socket): Socket | undefined {
    for (const socket of this.#idle) if (socket !== other) return socket
    return undefined
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
 * first. Only if all connections have a request in progress, an address with more than its share gives one up for an
 * address with less.
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
    const own = address === undefined ? undefined : this.#byAddress.get(address)
    if (this.#all.size < maxConnections) return
    const large = own && own.size > maxPerAddress ? own : this.#overShare()
    const idle = large?.longestIdle(socket) ?? this.#all.longestIdle(socket)
    this.#evict(idle ?? (large === own ? socket : large?.newest) ?? socket)
  }

  /** An address with more than its share. */
  #overShare(): Group | undefined {
    for (const group of this.#byAddress.values()) if (group.size > this.#limits.maxPerAddress) return group
    return undefined
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
    if (address !== undefined && this.#byAddress.get(address)?.size === 0) this.#byAddress.delete(address)
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
