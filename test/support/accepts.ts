import { once } from 'node:events'
import { connect } from 'node:net'
import type { NetConnectOpts } from 'node:net'

/** Whether somebody accepts a connection there. */
export const accepts = async (where: NetConnectOpts): Promise<boolean> => {
  const socket = connect(where)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
