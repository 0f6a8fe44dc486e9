import { connect, Socket } from 'node:net'
import type { IpcNetConnectOpts, TcpNetConnectOpts } from 'node:net'
import { isHung } from '../files/file-error.ts'
import { statFile } from '../files/files.ts'
import { hasSocketFile } from './endpoint.ts'

/** A socket's path is on a local disk or in memory: if it takes longer, it hangs. */
const LIMIT_MS = 1000

/**
 * Starts to connect. connect(2) looks up the path of a Unix socket in the calling thread, so on a dead file system it would
 * stop the whole program. The path is looked up elsewhere first; if that hangs, the socket's error is a FileError.
 */
export const connectSocket = (target: IpcNetConnectOpts | TcpNetConnectOpts): Socket => {
  if (!('path' in target) || !hasSocketFile(target)) return connect(target)
  const socket = new Socket()
  const start = (): void => {
    if (!socket.destroyed) socket.connect(target)
  }
  const startUnlessHung = (error: unknown): void => {
    if (isHung(error)) socket.destroy(error)
    else start()
  }
  statFile(target.path, { limitMs: LIMIT_MS }).then(start, startUnlessHung)
  return socket
}
