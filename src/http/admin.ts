import type { FastifyInstance } from 'fastify'
import type { Verdict } from '../core/verdict.ts'
import type { StatusDocument } from '../status/status-document.ts'
import { createServer } from './server.ts'

export interface AdminOptions {
  /** The verdict as it stands; asks nothing. */
  readonly current: () => Verdict
  /** Asks every check afresh. */
  readonly refresh: () => Promise<Verdict>
  readonly document: (verdict: Verdict) => StatusDocument
}

/**
 * What the operator sees. The actions are served on the Unix socket alone, where the file's permissions say who may use
 * them; `actions: false` leaves what only reads.
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
