import type { FastifyInstance } from 'fastify'
import type { Verdict } from '../core/verdict.ts'
import type { StatusDocument } from '../status/status-document.ts'
import { parseJson } from '../lib/json.ts'
import type { AdminLog } from '../log/admin-log.ts'
import type { Actions } from './operator-actions.ts'
import { historyAnswer } from './history-answer.ts'
import { createPageOnDemand } from './page-on-demand.ts'
import { createServer, hostAsked } from './server.ts'
import { distrustOf, hostOf } from './trusted-client.ts'

/** Of every answer. Without a header that allows it, no page from elsewhere can read one. */
const headers = {
  'content-type': 'application/health+json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const

/** Of an action's body, in bytes. */
const MAX_BODY_BYTES = 16 * 1024

export interface AdminOptions {
  /** The current verdict. Runs no check. */
  readonly current: () => Verdict
  /** Runs every check now. */
  readonly refresh: () => Promise<Verdict>
  readonly document: (verdict: Verdict) => StatusDocument
  /** The lines of all records of the history, oldest first. Rejects if it cannot be read. */
  readonly history?: () => Promise<readonly string[]>
  /** The metrics, in a text format of Prometheus; or why there are none. */
  readonly metrics?: () => Promise<
    { readonly type: string; readonly body: string } | { readonly unavailable: string }
  >
  /** What an operator can do, by its path. */
  readonly operator?: Actions
  /** Names besides this host's own by which clients may ask; `*.example.com` is every name below that domain. */
  readonly hosts?: readonly string[]
  /** Told of what goes wrong. */
  readonly log?: AdminLog
}

/**
 * The listener for operators. Actions are served on the Unix socket only: the permissions of its file say who may use
 * them. With `actions: false` the listener is read-only. On both, a browser's request on behalf of a page from elsewhere is
 * refused: `ssh -L` makes a TCP port of the Unix socket.
 */
export const createAdminListener = (
  { current, refresh, document, history, metrics, operator = {}, hosts = [], log }: AdminOptions,
  { actions }: { readonly actions: boolean },
): FastifyInstance => {
  const server = createServer({
    explain(status, { error, path }) {
      if (status === 413) return { error: `the body is larger than ${MAX_BODY_BYTES / 1024} KiB` }
      if (status !== 500) return { error: 'the body of the request cannot be read' }
      log?.broke(path, error)
      return { error: 'the program itself broke; `admin.broke` in its log says where' }
    },
    allow: {
      '/status': ['GET', 'HEAD'],
      '/': ['GET', 'HEAD'],
      ...(history && { '/history': ['GET', 'HEAD'] }),
      ...(metrics && { '/metrics': ['GET', 'HEAD'] }),
      ...(actions && { '/refresh': ['POST'] }),
      ...(actions && Object.fromEntries(Object.keys(operator).map(path => [path, ['POST']]))),
    },
  })
  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers)
    const { originalUrl: url, headers: sent, socket } = request
    const host = hostAsked({ url, headers: sent })
    const distrust = distrustOf({ host, origin: sent.origin }, hosts)
    if (!distrust) return done()
    const { status } = distrust
    log?.distrusted({ status, asked: hostOf(host ?? ''), socket })
    reply
      .code(status)
      .type('application/json')
      .send(JSON.stringify({ error: distrust.message }))
  })
  const page = createPageOnDemand({ document: () => document(current()), ...(history && { history }) })
  server.get('/', async (_request, reply) => {
    const { headers: own, body } = await page()
    return reply.headers(own).send(body)
  })
  server.get('/status', () => JSON.stringify(document(current())))
  if (history)
    server.get('/history', async ({ url }, reply) => {
      const { code, type, body } = await historyAnswer(history, url)
      return reply.code(code).type(type).send(body)
    })
  if (metrics)
    server.get('/metrics', async (_request, reply) => {
      const made = await metrics()
      if (!('unavailable' in made)) return reply.type(made.type).send(made.body)
      return reply
        .code(500)
        .type('application/json')
        .send(JSON.stringify({ error: made.unavailable }))
    })
  if (!actions) return server
  server.post('/refresh', async () => JSON.stringify(document(await refresh())))
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: MAX_BODY_BYTES },
    (_request, body, done) => done(null, parseJson(body.toString())),
  )
  for (const [path, act] of Object.entries(operator))
    server.post(path, async (request, reply) => {
      const { code, body } = await act(request.body)
      return reply.code(code).type('application/json').send(JSON.stringify(body))
    })
  return server
}
