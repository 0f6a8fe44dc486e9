import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { publicStatus } from '../core/public-status.ts'
import type { Verdict } from '../core/verdict.ts'
import type { OnProbe, Refusal } from '../log/probe-log.ts'
import { createServer } from './server.ts'

export interface PublicOptions {
  readonly path: string
  readonly verdict: () => Verdict | Promise<Verdict>
  /** Called once the answer was handed to the client's connection. */
  readonly onProbe: OnProbe
  readonly onRefused?: (refusal: Refusal) => void
}

const METHODS = ['GET', 'HEAD', 'OPTIONS']

/** The body has no detail. The admin listener has it. */
const answerOf = (code: 200 | 503, status: Verdict['status']) => {
  const body = `{"status":"${status}"}`
  const headers = {
    'content-type': 'application/health+json',
    'cache-control': 'no-store',
    'content-length': body.length,
  }
  return { code, headers, body }
}

const answers = { pass: answerOf(200, 'pass'), warn: answerOf(200, 'warn'), fail: answerOf(503, 'fail') }

/** Bypasses fastify's reply. That sends head and body separately and costs more than the rest of an answer. */
const send = (
  reply: FastifyReply,
  { code, headers, body }: ReturnType<typeof answerOf>,
  onSent?: () => void,
): void => {
  reply.hijack()
  reply.raw.writeHead(code, headers).end(body, onSent)
}

/**
 * The listener for the load balancer: `GET` and `HEAD` of one path, and of its `/live`, which is 200 while the process
 * lives. `OPTIONS`, which HAProxy's `option httpchk` sends, is answered as `GET`. Nothing in a request can change what is
 * checked.
 */
export const createPublicListener = ({
  path,
  verdict,
  onProbe,
  onRefused,
}: PublicOptions): FastifyInstance => {
  const live = `${path.replace(/\/$/, '')}/live`
  const server = createServer({
    allow: { [path]: METHODS, [live]: METHODS },
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
      const known = verdict()
      return known instanceof Promise
        ? known.then(answered => answer(request, reply, answered))
        : answer(request, reply, known)
    },
  })
  server.route({
    method: METHODS,
    url: live,
    handler: (_request, reply) => send(reply, answers.pass),
  })
  return server
}
