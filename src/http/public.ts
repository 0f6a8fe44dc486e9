import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Verdict } from '../core/verdict.ts'
import { createServer } from './server.ts'

/** One answer to a probe. */
export interface Probe {
  readonly status: 200 | 503
  readonly remoteAddress: string | undefined
  readonly userAgent: string | undefined
}

export interface PublicOptions {
  readonly path: string
  readonly verdict: () => Verdict | Promise<Verdict>
  /** Told of each probe that was answered. */
  readonly onProbe: (probe: Probe) => void
}

/** No detail: who may know more asks the admin listener. */
const bodies = {
  pass: Buffer.from('{"status":"pass"}'),
  warn: Buffer.from('{"status":"warn"}'),
  fail: Buffer.from('{"status":"fail"}'),
} as const

const send = (reply: FastifyReply, status: Verdict['status']): FastifyReply =>
  reply
    .code(status === 'fail' ? 503 : 200)
    .header('content-type', 'application/health+json')
    .header('cache-control', 'no-store')
    .send(bodies[status])

/**
 * What the load balancer sees: `GET` and `HEAD` of one path, and of its `/live`, which is 200 while the process lives.
 * Nothing in a request can change what is checked.
 */
export const createPublicListener = ({ path, verdict, onProbe }: PublicOptions): FastifyInstance => {
  const live = `${path}/live`
  const server = createServer({ [path]: ['GET', 'HEAD'], [live]: ['GET', 'HEAD'] })
  server.get(path, async (request, reply) => {
    const { status } = await verdict()
    onProbe({
      status: status === 'fail' ? 503 : 200,
      remoteAddress: request.socket.remoteAddress,
      userAgent: request.headers['user-agent'],
    })
    return send(reply, status)
  })
  server.get(live, (_request, reply) => send(reply, 'pass'))
  return server
}
