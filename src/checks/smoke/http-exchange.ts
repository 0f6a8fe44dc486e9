import { Client, errors } from 'undici'
import type { Dispatcher } from 'undici'
import { codeOrUnknown } from '../../lib/describe-error.ts'
import type { Endpoint } from '../../connect/endpoint.ts'
import { failureAt } from './exchange.ts'
import type { Exchange, Failure, Outcome, SmokeRequest, Stage } from './exchange.ts'
import { CertificateRefused, openTransport } from './transport.ts'
import type { Transport } from './transport.ts'

/** The client uses one socket only. The app never sees this name: a request has its own Host. */
const ORIGIN = 'http://localhost'
/** Not used. Without one, undici derives a name and compiles Node's long expression for an IPv6 address for that. */
const unusedServerName = { servername: 'localhost' }

interface FailureContext {
  readonly stage: Stage
  readonly endpoint: Endpoint
  /** The server has closed its side of the connection. */
  readonly ended: boolean
  /** The head of the answer has come, and was valid. */
  readonly hasHead: boolean
}

/** The first bytes of a SETTINGS frame (RFC 9113, section 6.5), and of a TLS alert or handshake (RFC 8446, section 5.1). */
const otherProtocols = [
  // oxlint-disable-next-line no-control-regex -- bytes
  [/^[^]{3}\x04[^]\0{4}/, 'HTTP2'],
  // oxlint-disable-next-line no-control-regex -- bytes
  [/^[\x15\x16]\x03/, 'TLS'],
] as const

const failureOf = (error: unknown, { stage, endpoint, ended, hasHead }: FailureContext): Failure => {
  if (error instanceof CertificateRefused) return { kind: 'tls', code: error.fault.code, fault: error.fault }
  if (error instanceof errors.HTTPParserError) {
    // puma writes an error page into a chunked page that breaks
    if (hasHead) return { kind: 'cut-short', code: ended ? 'CLOSED' : 'CHUNK_INVALID' }
    const [, code] = otherProtocols.find(([bytes]) => 'data' in error && bytes.test(String(error.data))) ?? []
    if (code !== undefined) return { kind: 'malformed', code }
    // the parser complains of an end inside the head as of malformed HTTP
    return ended ? { kind: 'cut-short', code: 'CLOSED' } : { kind: 'malformed', code: 'NOT_HTTP' }
  }
  if (error instanceof errors.HeadersOverflowError) return { kind: 'malformed', code: 'HEADERS_TOO_LARGE' }
  return failureAt(stage, { code: codeOrUnknown(error), endpoint })
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

/** Sends a request over HTTP/1.1, on its own connection. Redirects are answers; nothing is retried. */
export const exchangeOverHttp = (endpoint: Endpoint, request: SmokeRequest): Exchange => {
  let transport: Transport | undefined
  let ended = false
  let hasHead = false

  const client = new Client(ORIGIN, {
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: 1,
    connect: (_options, done) => {
      transport = openTransport(endpoint, {
        ...request,
        onOpen: socket => {
          socket.once('end', () => (ended = true))
          done(null, socket)
        },
        onError: error => done(error, null),
      })
    },
  })

  const stage = (): Stage => transport?.stage() ?? 'connecting'

  const destroy = () => {
    transport?.destroy()
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
      hasHead = true
      const body = await readBody(response.body, request.maxBodyBytes)
      const certificate = transport?.certificate()
      return {
        kind: 'answer',
        status: response.statusCode,
        headers: flatten(response.headers),
        ...body,
        ...(certificate && { certificate }),
      }
    } catch (error) {
      return failureOf(error, { stage: stage(), endpoint, ended, hasHead })
    } finally {
      destroy()
    }
  }

  return { outcome: run(), stage, destroy }
}
