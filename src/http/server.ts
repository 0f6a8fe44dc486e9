import fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isMapping } from '../lib/json.ts'
import type { Refusal, RefusedFor } from '../log/probe-log.ts'
import { Connections } from './connections.ts'
import { otherProtocol } from './other-protocol.ts'
import { requireProxyHeader } from './require-proxy-header.ts'

/** Limits on what a client may send, and for how long. A probe is one small GET. */
const limits = {
  /** bytes of the request line and all headers; more is a 431 */
  maxHeaderSize: 8192,
  /** milliseconds for the headers to arrive; later is a 408 */
  headersTimeout: 5000,
  /** milliseconds for the whole request to arrive; later is a 408 */
  requestTimeout: 5000,
  /** milliseconds between two checks of those timeouts */
  connectionsCheckingInterval: 1000,
  /** milliseconds that an idle connection is kept: longer than a balancer keeps it (60 s), so the balancer closes first */
  keepAliveTimeout: 65_000,
  /** the guard below answers such a request, so that it is logged */
  requireHostHeader: false,
}
/** A quarter for one address: a balancer has a few connections from each of its nodes. */
const connectionLimits = { maxConnections: 1024, maxPerAddress: 256, maxUnanswered: 4 }
/** A refused client that does not read its answer is disconnected after this time. */
const CLOSE_MS = 1000

export interface ServerOptions {
  /** The methods of each path. */
  readonly allow: Readonly<Record<string, readonly string[]>>
  readonly onRefused?: (refusal: Refusal) => void
  /** Each connection must begin with a header of the PROXY protocol. */
  readonly proxyProtocol?: boolean
  /** The JSON body of an answer to a request that a route or fastify threw at; none if absent. */
  readonly explain?: (status: number, from: { readonly error: unknown; readonly path: string }) => object
}

/** The status for a request that cannot be parsed (RFC 9110, section 15.5; RFC 6585, section 5). */
const unreadable: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}
const BAD_REQUEST = [400, 'Bad Request'] as const

/** Answers a request that cannot be parsed, then closes the connection even if the client does not. */
const answerUnreadable = (error: NodeJS.ErrnoException, socket: Socket): number | undefined => {
  // some balancers open a connection and close it without a request
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, reason] = unreadable[error.code ?? ''] ?? BAD_REQUEST
  const closing = setTimeout(() => socket.destroy(), CLOSE_MS).unref()
  socket.once('close', () => clearTimeout(closing))
  const head = `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
  socket.end(head, () => socket.destroy())
  return status
}

const noCompiler = (): never => {
  throw new TypeError('no route has a schema')
}

/** Keeps fastify from loading its schema compilers. */
const noSchemas = { buildValidator: () => noCompiler, buildSerializer: () => noCompiler }

/** A request target in its absolute form, which a server must also accept (RFC 9112, section 3.2.2); null in any other. */
const absoluteForm = (target: string): URL | null => (target.startsWith('/') ? null : URL.parse(target))

/** The path of a request target. */
const originForm = (target = '/'): string => {
  const url = absoluteForm(target)
  if (url) return url.pathname + url.search
  // `*` is no path (section 3.2.4), and fastify's router takes it for `/`
  return target.startsWith('/') ? target : `/${target}`
}

/** The host that a client asks for: that of an absolute target stands above the Host (RFC 9112, section 3.2.2). */
export const hostAsked = ({
  url = '/',
  headers,
}: Pick<IncomingMessage, 'url' | 'headers'>): string | undefined => absoluteForm(url)?.host ?? headers.host

const pathOf = (target: string): string => target.split('?', 1)[0] ?? ''

/** The status for what was thrown: that of a request that fastify refuses, such as a 413, or else a 500. */
const statusOf = (error: unknown): number => {
  const status: unknown = isMapping(error) ? error['statusCode'] : undefined
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500
}

/** How many Host headers a request has. Node keeps the first one only. */
const countHosts = ({ rawHeaders }: IncomingMessage): number => {
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.length === 4 && rawHeaders[i]?.toLowerCase() === 'host') hosts += 1
  return hosts
}

/** What is wrong with the Host, which must be there once (RFC 9112, section 3.2). HTTP/1.0 has none. */
const flawOfHost = (request: IncomingMessage): RefusedFor | undefined => {
  const hosts = countHosts(request)
  if (hosts > 1) return 'several Host headers'
  return hosts === 0 && request.httpVersionMinor > 0 ? 'no Host header' : undefined
}

/**
 * A server that answers 404 for an unknown path and 405 for another method of a known path. It never echoes what it was
 * sent. Its connections and their unanswered requests are bounded.
 */
export const createServer = ({
  allow,
  onRefused = () => {},
  proxyProtocol = false,
  explain,
}: ServerOptions): FastifyInstance => {
  const methodsOf = new Map(Object.entries(allow))
  /** Answers without a body, if there is nothing to say. */
  const refuse = (reply: FastifyReply, status: number, error?: unknown): FastifyReply => {
    onRefused({ status, socket: reply.raw.req.socket, request: reply.raw.req, error })
    reply.code(status).header('cache-control', 'no-store')
    if (error === undefined || !explain) return reply.send()
    const body = explain(status, { error, path: reply.request.routeOptions.url ?? 'another path' })
    return reply.type('application/json').send(JSON.stringify(body))
  }
  const server = fastify({
    http: limits,
    keepAliveTimeout: limits.keepAliveTimeout,
    requestTimeout: limits.requestTimeout,
    forceCloseConnections: true,
    schemaController: { compilersFactory: noSchemas },
    return503OnClosing: false,
    // nobody reads a request's id
    genReqId: () => '',
    rewriteUrl: request => originForm(request.url),
    clientErrorHandler(error, socket) {
      const status = answerUnreadable(error, socket)
      if (status !== undefined) onRefused({ status, socket, refusedFor: otherProtocol(error.rawPacket) })
    },
    frameworkErrors: (_error, _request: FastifyRequest, reply) => void refuse(reply, 400),
  })
  if (proxyProtocol) {
    const gate = requireProxyHeader(server.server, socket => onRefused({ status: undefined, socket }))
    server.addHook('preClose', done => {
      gate.closeWaiting()
      done()
    })
  }
  guard(server.server, { methodsOf, onRefused })

  // no request needs a body, so none is read
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', (_request, _payload, done) => done(null))
  server.setNotFoundHandler((request, reply) => {
    const methods = methodsOf.get(pathOf(request.url))
    reply.header('connection', 'close')
    return methods ? refuse(reply.header('allow', methods.join(', ')), 405) : refuse(reply, 404)
  })
  server.setErrorHandler((error, _request, reply) => refuse(reply, statusOf(error), error))
  return server
}

/** The methods that fastify's router knows. It fails for others that Node parses, such as QUERY. */
const ROUTED = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])

interface GuardOptions {
  readonly methodsOf: ReadonlyMap<string, readonly string[]>
  readonly onRefused: (refusal: Refusal) => void
}

/** Stands before fastify: bounds connections and pipelined requests, and answers what fastify should not see. */
const guard = (server: Server, { methodsOf, onRefused }: GuardOptions): void => {
  const connections = new Connections(server, connectionLimits)
  // a client that closes its own side after a request still gets its answer
  Object.assign(server, { httpAllowHalfOpen: true })

  const refuse = (
    request: IncomingMessage,
    response: ServerResponse,
    { status, refusedFor }: Pick<Refusal, 'refusedFor'> & { readonly status: number },
  ): void => {
    const methods = status === 405 ? methodsOf.get(pathOf(originForm(request.url))) : undefined
    onRefused({ status, socket: request.socket, request, refusedFor })
    response
      .writeHead(status, {
        ...(methods && { allow: methods.join(', ') }),
        connection: 'close',
        'cache-control': 'no-store',
        'content-length': 0,
      })
      .end()
  }

  const [handle] = server.listeners('request')
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket, method = '' } = request
    if (!connections.begin(socket)) return
    response.once('close', () => connections.end(socket))
    const refusedFor = flawOfHost(request)
    if (refusedFor) return refuse(request, response, { status: 400, refusedFor })
    if (!ROUTED.has(method)) {
      const status = methodsOf.has(pathOf(originForm(request.url))) ? 405 : 404
      return refuse(request, response, { status })
    }
    handle?.call(server, request, response)
  })
}
