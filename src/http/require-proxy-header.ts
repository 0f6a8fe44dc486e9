import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { rememberClient } from '../lib/client-address.ts'
import { parseProxyHeader } from './parse-proxy-header.ts'

/** Time for the header to arrive. A balancer sends it at once. */
const TIMEOUT_MS = 5000

/**
 * Lets each connection begin with a header of the PROXY protocol, and closes those that do not. "The receiver MUST be
 * configured to only receive the protocol … and MUST not try to guess whether the protocol header is present or not"
 * (section 2 of the specification). To be called before other listeners for connections are added: those that are there get a
 * connection after its header. Returns what ends all connections that wait for theirs.
 */
export const requireProxyHeader = (
  server: Server,
  onRefused: (socket: Socket) => void,
): { closeWaiting(): void } => {
  const listeners = server.listeners('connection')
  server.removeAllListeners('connection')
  const waiting = new Set<Socket>()

  server.on('connection', (socket: Socket) => {
    let start = Buffer.alloc(0)
    const refuse = (): void => {
      onRefused(socket)
      socket.destroy()
    }
    const timer = setTimeout(() => {
      // a client that sends nothing may be a port scan, or a balancer that only connects
      if (start.length > 0) refuse()
      else socket.destroy()
    }, TIMEOUT_MS).unref()
    const stop = (): void => {
      clearTimeout(timer)
      waiting.delete(socket)
      socket.off('readable', read).off('end', end).off('error', end).off('close', stop)
    }
    const end = (): void => void socket.destroy()
    const read = (): void => {
      for (;;) {
        const chunk: unknown = socket.read()
        if (!Buffer.isBuffer(chunk)) return
        start = Buffer.concat([start, chunk])
        const header = parseProxyHeader(start)
        if (header.kind === 'incomplete') continue
        stop()
        if (header.kind === 'invalid') {
          socket.on('error', () => {})
          return refuse()
        }
        if (header.source !== undefined) rememberClient(socket, header.source)
        const rest = start.subarray(header.bytes)
        if (rest.length > 0) socket.unshift(rest)
        for (const listener of listeners) listener.call(server, socket)
        return
      }
    }
    waiting.add(socket)
    socket.on('readable', read).on('end', end).on('error', end).on('close', stop)
  })

  return {
    closeWaiting() {
      for (const socket of waiting) socket.destroy()
    },
  }
}
