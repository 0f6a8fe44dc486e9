import { isIP } from 'node:net'
import type { LookupFunction, Socket } from 'node:net'
import { connectSocket } from './connect-socket.ts'
import type { Endpoint } from './endpoint.ts'
import { lookupOnce } from './lookup.ts'

/** How far an attempt to connect has come. */
export type ConnectionStage = 'resolving' | 'connecting' | 'connected'

export interface Connection {
  readonly socket: Socket
  stage(): ConnectionStage
}

const isName = (endpoint: Endpoint): boolean => 'host' in endpoint && isIP(endpoint.host) === 0

/** Starts to connect. The caller handles the socket's `error` event and destroys the socket. */
export const openConnection = (
  endpoint: Endpoint,
  { lookup = lookupOnce }: { readonly lookup?: LookupFunction } = {},
): Connection => {
  const socket = connectSocket(
    'path' in endpoint ? endpoint : { ...endpoint, lookup, autoSelectFamily: true },
  )
  let stage: ConnectionStage = isName(endpoint) ? 'resolving' : 'connecting'
  socket.once('lookup', (error: Error | null) => {
    if (!error) stage = 'connecting'
  })
  socket.once('connect', () => (stage = 'connected'))
  return { socket, stage: () => stage }
}
