import { basename, dirname } from 'node:path'
import type { Endpoint } from '../../connect/endpoint.ts'
import { createCgiReader } from './cgi-response.ts'
import { exchangeBytes } from './exchange-bytes.ts'
import type { Exchange, Outcome, SmokeRequest } from './exchange.ts'
import { createRecordReader, encodeRequest } from './fastcgi-records.ts'
import type { Content } from './fastcgi-records.ts'
import { variablesOf } from './uwsgi-packet.ts'

/** What nginx's `fastcgi.conf` would send for the request, with the script of the app's front controller. */
const fastcgiVariables = (request: SmokeRequest): readonly (readonly [string, string])[] => {
  const script = request.script ?? ''
  const name = `/${basename(script)}`
  const others = variablesOf(request).filter(([variable]) => variable !== 'PATH_INFO')
  return [
    ...others,
    ['GATEWAY_INTERFACE', 'CGI/1.1'],
    ['SERVER_SOFTWARE', 'health-sidecar'],
    ['SCRIPT_FILENAME', script],
    ['SCRIPT_NAME', name],
    ['DOCUMENT_URI', name],
    ['DOCUMENT_ROOT', dirname(script)],
    ['REDIRECT_STATUS', '200'],
  ]
}

/** Reads an answer from the bytes of a connection. */
export const createFastcgiReader = (request: Pick<SmokeRequest, 'method' | 'maxBodyBytes'>) => {
  const records = createRecordReader()
  const response = createCgiReader(request)

  const outcomeOf = (content: Content): Outcome | undefined => {
    switch (content.kind) {
      case 'output':
        return response.push(Buffer.concat(content.parts))
      case 'end':
        return response.end()
      case 'refused':
        return { kind: 'closed', code: 'REFUSED' }
      case 'malformed':
        return { kind: 'malformed', code: 'NOT_FASTCGI' }
    }
  }

  return {
    push: (chunk: Buffer): Outcome | undefined => {
      for (const content of records.push(chunk)) {
        const outcome = outcomeOf(content)
        if (outcome) return outcome
      }
      return undefined
    },
  }
}

/** Sends a request over FastCGI, on its own connection. */
export const exchangeOverFastcgi = (endpoint: Endpoint, request: SmokeRequest): Exchange => {
  const reader = createFastcgiReader(request)
  // a complete answer settles before the server closes
  return exchangeBytes(endpoint, {
    request: encodeRequest(fastcgiVariables(request)),
    push: chunk => reader.push(chunk),
  })
}
