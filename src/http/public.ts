import { answerOf } from '../core/answer.ts'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { publicStatus } from '../core/public-status.ts'
import type { Verdict } from '../core/verdict.ts'
import type { OnProbe, Refusal } from '../log/probe-log.ts'
import { createServer } from './server.ts'

export interface PublicOptions {
  readonly path: string
  readonly verdict: () => Verdict | Promise<Verdict>
  /** Called when a probe has arrived. */
  readonly onRequest?: (request: IncomingMessage) => void
  /** Called once the answer was handed to the client's connection. */
  readonly onProbe: OnProbe
  readonly onRefused?: (refusal: Refusal) => void
  /** Called if the client closes its connection, or its side of it, before it has its answer. */
  readonly onGaveUp?: (request: IncomingMessage, waitedMs: number) => void
  /** Each connection must begin with a header of the PROXY protocol. */
  readonly proxyProtocol?: boolean
}

const METHODS = ['GET', 'HEAD', 'OPTIONS']

/** The body has no detail. The admin listener has it. */
const encoded = (status: Verdict['status']) => {
  const body = `{"status":"${status}"}`
  const headers = {
    'content-type': 'application/health+json',
    'cache-control': 'no-store',
    'content-length': body.length,
  }
  return { code: answerOf(status), headers, body }
}

const answers = { pass: encoded('pass'), warn: encoded('warn'), fail: encoded('fail') }

/** Bypasses fastify's reply. That sends head and body separately and costs more than the rest of an answer. */
const send = (
  reply: FastifyReply,
  { code, headers, body }: ReturnType<typeof encoded>,
  onSent?: () => void,
): void => {
  reply.hijack()
  reply.raw.writeHead(code, headers).end(body, onSent)
}

/** Tells once if a client closes while its answer is not there. Call the result when it is. */
const watchForClose = (request: IncomingMessage, gaveUp: (waitedMs: number) => void): (() => void) => {
  const { socket } = request
  const startedAt = performance.now()
  const stop = (): void => void socket.off('end', onClose).off('close', onClose)
  const onClose = (): void => {
    stop()
    gaveUp(performance.now() - startedAt)
  }
  socket.once('end', onClose).once('close', onClose)
  return stop
}

/**
 * The listener for the load balancer: `GET` and `HEAD` of one path, and of its `/live`, which is 200 while the process
 * lives. `OPTIONS`, which HAProxy's `option httpchk` sends, is answered as `GET`. Nothing in a request can change what is
 * checked.
 */
export const createPublicListener = ({
  path,
  verdict,
  onRequest,
  onProbe,
  onRefused,
  onGaveUp = () => {},
  proxyProtocol = false,
}: PublicOptions): FastifyInstance => {
  const live = `${path.replace(/\/$/, '')}/live`
  const server = createServer({
    allow: { [path]: METHODS, [live]: METHODS },
    proxyProtocol,
    ...(onRefused && { onRefused }),
  })

  const answer = (request: FastifyRequest, reply: FastifyReply, told: Verdict): void => {
    const sent = answers[publicStatus(told)]
    send(reply, sent, () => onProbe(sent.code, request.raw))
  }
  server.route({
    method: METHODS,
    url: path,
    // most probes are answered synchronously from fresh findings
    handler(request, reply) {
      onRequest?.(request.raw)
      const known = verdict()
      if (!(known instanceof Promise)) return answer(request, reply, known)
      const stop = watchForClose(request.raw, waitedMs => onGaveUp(request.raw, waitedMs))
      return known.finally(stop).then(answered => answer(request, reply, answered))
    },
  })
  server.route({
    method: METHODS,
    url: live,
    handler: (_request, reply) => send(reply, answers.pass),
  })
  return server
}
