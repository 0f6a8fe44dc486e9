import type { Endpoint } from '../../connect/endpoint.ts'
import { openConnection } from '../../connect/open-connection.ts'
import { codeOrUnknown } from '../../lib/describe-error.ts'
import { failureAt, stageOf } from './exchange.ts'
import type { Exchange, Outcome, SmokeRequest } from './exchange.ts'
import { createResponseReader } from './response-reader.ts'
import { encodePacket, variablesOf } from './uwsgi-packet.ts'

/** Sends a request over the uwsgi protocol, on its own connection. */
export const exchangeOverUwsgi = (endpoint: Endpoint, request: SmokeRequest): Exchange => {
  const reader = createResponseReader(request)
  const packet = encodePacket(variablesOf(request))
  const { promise: outcome, resolve } = Promise.withResolvers<Outcome>()
  const connection = openConnection(endpoint)
  const { socket } = connection

  const stage = () => stageOf(connection)
  const failure = (code: string) => failureAt(stage(), { code, endpoint })
  const settle = (result: Outcome) => {
    resolve(result)
    socket.destroy()
  }

  socket.once('connect', () => void socket.write(packet))
  socket.on('data', chunk => {
    const result = reader.push(chunk)
    if (result) settle(result)
  })
  socket.once('end', () => settle(reader.end()))
  socket.once('error', error => settle(failure(codeOrUnknown(error))))
  socket.once('close', () => settle(failure('DESTROYED')))

  return { outcome, stage, destroy: () => void socket.destroy() }
}
