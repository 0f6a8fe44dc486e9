import fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Socket } from 'node:net'

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
}
const MAX_CONNECTIONS = 1024

/** The status for a request that cannot be parsed (RFC 9110, section 15.5; RFC 6585, section 5). */
const unreadable: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

const answerUnreadable = (error: NodeJS.ErrnoException, socket: Socket): void => {
  // some balancers open a connection and close it without a request
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status = unreadable[error.code ?? ''] ?? '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

const noCompiler = (): never => {
  throw new TypeError('no route has a schema')
}

/** Keeps fastify from loading its schema compilers. */
const noSchemas = { buildValidator: () => noCompiler, buildSerializer: () => noCompiler }

/** The path of a request target. A server must also accept the absolute form (RFC 9112, section 3.2.2). */
const originForm = (target: string | undefined = '/'): string => {
  if (target.startsWith('/')) return target
  const url = URL.parse(target)
  return url ? url.pathname + url.search : target
}

/** Answers without a body. */
const empty = (reply: FastifyReply, status: number): FastifyReply =>
  reply.code(status).header('cache-control', 'no-store').send()

/**
 * A server that answers 404 for an unknown path and 405 for another method of a known path. It never echoes what it was
 * sent. `allow` lists the methods of each path.
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

  // no request needs a body, so none is read
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
