import { createSocket } from 'node:dgram'
import { isIP } from 'node:net'

/** Nothing is sent to it. */
const ANY_PORT = 9

/**
 * Whether an address is this host's own. The kernel sends from that very address to it. Nothing is sent here. (To list the
 * addresses takes a netlink socket, which the service may not have.)
 */
export const isOwnAddress = async (host: string): Promise<boolean> => {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4').on('error', () => resolve(false))
  socket.connect(ANY_PORT, host, (error?: Error) =>
    resolve(!error && socket.address().address === socket.remoteAddress().address),
  )
  const isOwn = await promise
  socket.close()
  return isOwn
}
