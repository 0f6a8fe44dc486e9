import type { Endpoint } from '../../connect/endpoint.ts'
import { exchangeBytes } from './exchange-bytes.ts'
import type { Exchange, SmokeRequest } from './exchange.ts'
import { createResponseReader } from './response-reader.ts'
import { encodePacket, variablesOf } from './uwsgi-packet.ts'

/** Sends a request over the uwsgi protocol, on its own connection. */
export const exchangeOverUwsgi = (endpoint: Endpoint, request: SmokeRequest): Exchange => {
  const reader = createResponseReader(request)
  return exchangeBytes(endpoint, {
    request: encodePacket(variablesOf(request)),
    push: chunk => reader.push(chunk),
    end: () => reader.end(),
  })
}
