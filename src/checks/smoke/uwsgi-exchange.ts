import { connect } from 'node:net'
import { codeOrUnknown } from '../../lib/describe-error.ts'
import { failureAt } from './exchange.ts'
import type { Exchange, Outcome, Progress, SmokeRequest } from './exchange.ts'
import { createResponseReader } from './response-reader.ts'
import type { Endpoint } from '../../connect/target.ts'
import { encodePacket, variablesOf } from './uwsgi-packet.ts'

/** Sends a request over the uwsgi protocol, on a connection of its own. */
export const exchangeOverUwsgi = (endpoint: Endpoint, request: SmokeRequest): Exchange => {
  const reader = createResponseReader(request)
  const packet = encodePacket(variablesOf(request))
  const { promise: outcome, resolve } = Promise.withResolvers<Outcome>()
  const socket = connect(endpoint)
  let connected = false

  const progress = (): Progress => {
    if (!connected) return 'connecting'
    return socket.bytesRead > 0 ? 'answering' : 'waiting'
  }
  const settle = (result: Outcome) => {
    resolve(result)
    socket.destroy()
  }

  socket.once('connect', () => {
    connected = true
    socket.write(packet)
  })
  socket.on('data', chunk => {
    const result = reader.push(chunk)
    if (result) settle(result)
  })
  socket.once('end', () => settle(reader.end()))
  socket.once('error', error => settle(failureAt(progress(), codeOrUnknown(error))))
  socket.once('close', () => settle(failureAt(progress(), 'DESTROYED')))

  return { outcome, progress, destroy: () => void socket.destroy() }
}
