import type { FastifyInstance } from 'fastify'
import type { Verdict } from '../core/verdict.ts'
import type { StatusDocument } from '../status/status-document.ts'
import { createServer } from './server.ts'

export interface AdminOptions {
  /** The current verdict. Runs no check. */
  readonly current: () => Verdict
  /** Runs every check now. */
  readonly refresh: () => Promise<Verdict>
  readonly document: (verdict: Verdict) => StatusDocument
}

/**
 * The listener for operators. Actions are served on the Unix socket only: the permissions of its file say who may use
 * them. With `actions: false` the listener is read-only.
 */
export const createAdminListener = (
  { current, refresh, document }: AdminOptions,
  { actions }: { readonly actions: boolean },
): FastifyInstance => {
  const server = createServer({
    '/status': ['GET', 'HEAD'],
    ...(actions && { '/refresh': ['POST'] }),
  })
  server.addHook('onRequest', (_request, reply, done) => {
    reply.headers({ 'content-type': 'application/health+json', 'cache-control': 'no-store' })
    done()
  })
  server.get('/status', () => JSON.stringify(document(current())))
  if (actions) server.post('/refresh', async () => JSON.stringify(document(await refresh())))
  return server
}
