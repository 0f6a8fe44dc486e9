import type { Socket } from 'node:net'
import type { Client } from 'pg'
import { connectSocket } from '../connect/connect-socket.ts'

/** CancelRequest (manual, "Message Formats"): the code that stands in place of a protocol version. */
const CANCEL_REQUEST = 80_877_102
const GIVE_UP_MS = 500

/**
 * Asks the server to cancel what a session is at, on a connection of the request's own, as the protocol wants it. Without
 * that, a query goes on after its connection is gone, as the server does not look. Does not wait, never throws, and opens
 * no session. `socket` is the session's: the request goes to the very address that the host's name resolved to.
 */
export const cancelQuery = (client: Client, socket: Socket): void => {
  const processID: unknown = Reflect.get(client, 'processID')
  const secretKey: unknown = Reflect.get(client, 'secretKey')
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return
  const { remoteAddress: host, remotePort: port } = socket
  const address = host && port ? { host, port } : { path: `${client.host}/.s.PGSQL.${client.port}` }
  const request = Buffer.alloc(16)
  request.writeInt32BE(16, 0)
  request.writeInt32BE(CANCEL_REQUEST, 4)
  request.writeInt32BE(processID, 8)
  request.writeInt32BE(secretKey, 12)
  const messenger = connectSocket(address)
    .setTimeout(GIVE_UP_MS, () => messenger.destroy())
    .on('error', () => {})
    .resume()
  messenger.once('connect', () => void messenger.end(request))
}
