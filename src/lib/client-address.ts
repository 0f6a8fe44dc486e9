import type { Socket } from 'node:net'

/** The clients that a balancer has told of, by the connection over which it did. */
const told = new WeakMap<Socket, string>()

export const rememberClient = (socket: Socket, address: string): void => void told.set(socket, address)

/** The address of the client of a connection: what a balancer has told of it, or else the other end's. */
export const clientAddressOf = (socket: Socket): string | undefined =>
  told.get(socket) ?? socket.remoteAddress
