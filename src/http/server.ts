import fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Socket } from 'node:net'

/** Limits on what a client may send and hold, set on purpose: a probe is one small GET. */
const limits = {
  /** bytes of the request line and all headers; above it, 431 */
  maxHeaderSize: 8192,
  /** milliseconds in which the headers must be in; after it, 408 */
  headersTimeout: 5000,
  /** milliseconds in which the request must be in; after it, 408 */
  requestTimeout: 5000,
  /** milliseconds between two looks at those time-outs */
  connectionsCheckingInterval: 1000,
  /** milliseconds that an idle connection is kept: longer than a balancer keeps it (60 s), so that it is not closed under it */
  keepAliveTimeout: 65_000,
}
const MAX_CONNECTIONS = 1024

/** What to send on a connection whose request cannot be read (RFC 9110, section 15.5; RFC 6585, section 5). */
const unreadable: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

const answerUnreadable = (error: NodeJS.ErrnoException, socket: Socket): void => {
  // a balancer that opens a connection and closes it without a request means no harm
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status = unreadable[error.code ?? ''] ?? '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

const noCompiler = (): never => {
  throw new TypeError('no route has a schema')
}

/** With these in place, the compilers of schemas that fastify brings are never loaded. */
const noSchemas = { buildValidator: () => noCompiler, buildSerializer: () => noCompiler }

/** The path of a request target in absolute form, which a server must accept too (RFC 9112, section 3.2.2). */
const originForm = (target: string | undefined = '/'): string => {
  if (target.startsWith('/')) return target
  const url = URL.parse(target)
  return url ? url.pathname + url.search : target
}

/** Answers without a body. */
const empty = (reply: FastifyReply, status: number): FastifyReply =>
  reply.code(status).header('cache-control', 'no-store').send()

/**
 * A server that answers 404 for what it does not serve, 405 for what it serves under other methods, and nothing that it
 * was sent. `allow` names the methods of the paths that it serves.
 */
export const createServer = (allow: Readonly<Record<string, readonly string[]>>): FastifyInstance => {
  const server = fastify({
    http: limits,
    keepAliveTimeout: limits.keepAliveTimeout,
    requestTimeout: limits.requestTimeout,
    forceCloseConnections: true,
    schemaController: { compilersFactory: noSchemas },
    return503OnClosing: false,
    rewriteUrl: request => originForm(request.url),
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (_error, _request: FastifyRequest, reply) => void empty(reply, 400),
  })
  server.server.maxConnections = MAX_CONNECTIONS
  const methodsOf = new Map(Object.entries(allow))

  // nothing that is sent is wanted, so no body is read
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', (_request, _payload, done) => done(null))
  server.setNotFoundHandler((request, reply) => {
    const methods = methodsOf.get(request.url.split('?', 1)[0] ?? '')
    reply.header('connection', 'close')
    return methods ? empty(reply.header('allow', methods.join(', ')), 405) : empty(reply, 404)
  })
  server.setErrorHandler((_error, _request, reply) => empty(reply, 500))
  return server
}
