import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { print } from '../../src/cli/outcome.ts'
import { reloadCommand } from '../../src/cli/reload.ts'
import { statusDocument } from '../support/fake-daemon.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

/** A daemon that answers what it is told to, and nothing else; and what was asked of it. */
const startDaemon = async (t: Test, answers: Readonly<Record<string, object>>) => {
  const scratch = await createScratchDirectory('hs-reload-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const socket = join(scratch.path, 'admin.sock')
  const asked: string[] = []
  const server = createServer(({ method, url = '' }, response) => {
    asked.push(`${method} ${url}`)
    if (answers[url]) response.end(JSON.stringify(answers[url]))
  })
  server.listen(socket)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { env: { HEALTH_SIDECAR_ADMIN_SOCKET: socket }, asked }
}

const reload = async (env: Readonly<Record<string, string>>, limits: Parameters<typeof reloadCommand>[2]) => {
  let err = ''
  const outcome = await reloadCommand({}, { env }, limits)
  const code = print(outcome, { out() {}, err: text => void (err += text), env, json: false })
  return { code, err }
}

t.test('reload › a daemon that hangs is told before anything is asked of it', async t => {
  const { env, asked } = await startDaemon(t, {})
  t.match(await reload(env, { answerMs: 50 }), {
    code: 3,
    err: /\(ETIMEDOUT\): no answer in 50 ms; the daemon hangs, or the host does; nothing was reloaded\n$/,
  })
  t.notOk(asked.includes('POST /reload'))
})

t.test('reload › one that takes long may still do it, and that is said', async t => {
  const { env, asked } = await startDaemon(t, { '/status': statusDocument({ page: {} }) })
  t.match(await reload(env, { reloadMs: 50 }), {
    code: 3,
    err: /^health-sidecar: the daemon answers, but has not ended the reload in 50 ms; it may still do so: /,
  })
  t.equal(asked[0], 'GET /status')
})
