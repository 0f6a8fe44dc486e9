import { chmod, unlink } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { ProcessEnv } from '../lib/process-env.ts'
import { codeOf } from '../lib/describe-error.ts'
import { passedSockets } from '../systemd/passed-sockets.ts'

/**
 * How many connections may wait to be accepted; net.core.somaxconn can lower it. It is set also on a socket from systemd:
 * listen(2) changes the backlog of a shared socket, so Node's default of 511 would replace the value in the unit.
 */
const BACKLOG = 4096

export interface ListenOptions {
  readonly env: ProcessEnv
  /** Permissions of a Unix socket. */
  readonly mode?: number
}

/**
 * The addresses to listen on. `systemd` becomes one entry for each passed socket: `systemd`, `systemd#2` and so on. Throws
 * if systemd passed no socket.
 */
export const everyAddress = (addresses: readonly string[], env: ProcessEnv): readonly string[] =>
  addresses.flatMap(address => {
    if (address !== 'systemd') return [address]
    const passed = passedSockets(env)
    if (passed.length === 0)
      throw new Error(
        '`listen` is `systemd`, but systemd has passed no socket; run `systemctl enable --now health-sidecar.socket`, or health-sidecar@NAME.socket for the app NAME',
      )
    return passed.map((_, i) => (i === 0 ? address : `${address}#${i + 1}`))
  })

/**
 * Listens on `host:port`, `unix:/path`, or a socket that systemd has passed. Replaces a socket file that no process
 * listens on. Throws the system's error, for example EADDRINUSE or EACCES.
 */
export const listen = async (server: Server, address: string, options: ListenOptions): Promise<void> => {
  const [isPassed, nth = '1'] = /^systemd(?:#(\d+))?$/.exec(address) ?? []
  if (isPassed) await listenOn(server, { fd: passedSockets(options.env)[Number(nth) - 1] })
  else if (address.startsWith('unix:')) await listenOnPath(server, address.slice('unix:'.length), options)
  else await listenOn(server, hostAndPort(address))
}

const listenOn = async (server: Server, where: object): Promise<void> => {
  server.listen(where, BACKLOG)
  await once(server, 'listening')
}

const hostAndPort = (address: string) => {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(address) ?? []
  return { host: host.replace(/^\[(.*)\]$/, '$1').replace(/^\*$/, '0.0.0.0'), port: Number(port) }
}

const listenOnPath = async (server: Server, path: string, { mode = 0o666 }: ListenOptions): Promise<void> => {
  if (await isStale(path)) await unlink(path)
  await listenOn(server, { path })
  await chmod(path, mode)
}

/** Whether the path is a socket that no process listens on. A process that was killed leaves one. */
const isStale = async (path: string): Promise<boolean> => {
  const socket = createConnection(path)
  try {
    await once(socket, 'connect')
    return false
  } catch (error) {
    return codeOf(error) === 'ECONNREFUSED'
  } finally {
    socket.destroy()
  }
}
