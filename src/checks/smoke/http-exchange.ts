import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { Client, errors } from 'undici'
import type { Dispatcher } from 'undici'
import { codeOrUnknown } from '../../lib/describe-error.ts'
import { failureAt } from './exchange.ts'
import type { Exchange, Failure, Outcome, Progress, SmokeRequest } from './exchange.ts'
import type { Endpoint } from '../../connect/target.ts'

/** The client speaks to one socket only; the app never sees this name, as a request brings its own Host. */
const ORIGIN = 'http://localhost'
/** Of TLS, which is not spoken; where none is given, undici compiles Node's long expression for an IPv6 address to find one. */
const unusedServerName = { servername: 'localhost' }

const failureOf = (error: unknown, progress: Progress): Failure => {
  if (error instanceof errors.HTTPParserError) return { kind: 'malformed', code: 'NOT_HTTP' }
  if (error instanceof errors.HeadersOverflowError) return { kind: 'malformed', code: 'HEADERS_TOO_LARGE' }
  return failureAt(progress, codeOrUnknown(error))
}

const readBody = async (body: Dispatcher.ResponseData['body'], maxBytes: number) => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maxBytes) break
  }
  return { body: Buffer.concat(chunks).subarray(0, maxBytes), truncated: size > maxBytes }
}

const flatten = (headers: Dispatcher.ResponseData['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )

/** Sends a request over HTTP/1.1 on a connection of its own. Redirects are answers; nothing is tried twice. */
export const exchangeOverHttp = (endpoint: Endpoint, request: SmokeRequest): Exchange => {
  let socket: Socket | undefined
  let connected = false

  const client = new Client(ORIGIN, {
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: 1,
    connect: (_options, done) => {
      const connection = connect(endpoint)
      socket = connection
      connection.once('error', error => done(error, null))
      connection.once('connect', () => {
        connected = true
        done(null, connection)
      })
    },
  })

  const progress = (): Progress => {
    if (!connected) return 'connecting'
    return (socket?.bytesRead ?? 0) > 0 ? 'answering' : 'waiting'
  }

  const destroy = () => {
    socket?.destroy()
    void client.destroy()
  }

  const run = async (): Promise<Outcome> => {
    try {
      const response = await client.request({
        method: request.method,
        path: request.path,
        headers: { host: request.host, ...request.headers },
        reset: true,
        ...unusedServerName,
      })
      const body = await readBody(response.body, request.maxBodyBytes)
      return { kind: 'answer', status: response.statusCode, headers: flatten(response.headers), ...body }
    } catch (error) {
      return failureOf(error, progress())
    } finally {
      destroy()
    }
  }

  return { outcome: run(), progress, destroy }
}
