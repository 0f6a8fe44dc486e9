import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { createSmoke, gist, runSmoke } from '../../checks/smoke/run-smoke.ts'
import { directory, startGunicorn, startNginx, startUwsgi } from './servers.ts'

const oneWorker = ['--processes', '1'] as const

/** A page that holds its worker until `release` is called. */
const heldPage = async (t: Test) => {
  const file = join(await directory(t), 'release')
  const query = `?release=${encodeURIComponent(file)}`
  return { slow: `/slow/${query}`, drip: `/drip/${query}`, release: () => writeFile(file, '') }
}

t.test('smoke › an app that was killed leaves its socket behind: stale, until it is removed', async t => {
  const server = await startUwsgi(t)
  await server.kill()
  t.equal(gist(await runSmoke({ target: `uwsgi+unix:${server.uwsgi}` })), 'fail SMOKE_SOCKET_STALE')
  t.equal(gist(await runSmoke({ target: `http+unix:${server.http}` })), 'fail SMOKE_SOCKET_STALE')
  t.equal(gist(await runSmoke({ target: `http+unix:${server.http}-other` })), 'fail SMOKE_SOCKET_MISSING')
})

t.test(
  'smoke › a socket of another user is unknown',
  { skip: process.getuid?.() !== 0 && 'not root' },
  async t => {
    const { uwsgi, http } = await startUwsgi(t)
    process.seteuid?.('nobody')
    t.teardown(() => process.seteuid?.(0))
    t.equal(gist(await runSmoke({ target: `uwsgi+unix:${uwsgi}` })), 'unknown SMOKE_SOCKET_FORBIDDEN')
    t.equal(gist(await runSmoke({ target: `http+unix:${http}` })), 'unknown SMOKE_SOCKET_FORBIDDEN')
  },
)

for (const protocol of ['uwsgi', 'http'] as const)
  t.test(
    `smoke over ${protocol} › when all workers are busy, two requests wait, and it passes again once they are free`,
    async t => {
      const server = await startUwsgi(t, { args: oneWorker })
      const { slow, release } = await heldPage(t)
      const target = `${protocol}+unix:${server[protocol]}`
      const busy = runSmoke({ target, path: slow }, { timeoutMs: 20_000 })

      await using check = createSmoke({ target })
      t.equal(gist(await check.run(AbortSignal.timeout(500))), 'unknown SMOKE_NO_ANSWER')
      t.equal(gist(await check.run(AbortSignal.timeout(500))), 'unknown SMOKE_NO_ANSWER')
      t.equal(gist(await check.run(AbortSignal.timeout(500))), 'unknown SMOKE_REQUEST_HELD')
      await release()
      t.equal(gist(await busy), 'pass')
      t.equal(gist(await check.run(AbortSignal.timeout(20_000))), 'pass')
    },
  )

/** The app is still loaded when its server listens, which takes long on a busy machine. */
const untilLoaded = async (t: Test, target: string): Promise<void> => {
  t.equal(gist(await runSmoke({ target }, { timeoutMs: 20_000 })), 'pass', 'the app is loaded')
}

t.test('smoke › a page that is begun and not finished in time is too slow', async t => {
  const server = await startUwsgi(t, { args: oneWorker })
  const { drip, release } = await heldPage(t)
  const target = `uwsgi+unix:${server.uwsgi}`
  await untilLoaded(t, target)
  await using check = createSmoke({ target, path: drip, patience: 0 })
  t.equal(gist(await check.run(AbortSignal.timeout(2000))), 'fail SMOKE_TOO_SLOW')
  await release()
  t.equal(gist(await check.run(AbortSignal.timeout(20_000))), 'pass')
})

t.test('smoke › a listen backlog that stays full is busy for its patience, and then a failure', async t => {
  const server = await startUwsgi(t, { args: [...oneWorker, '--listen', '2'] })
  const { drip, release } = await heldPage(t)
  const target = `http+unix:${server.http}`
  const busy = connect(server.http)
  busy.write(`GET ${drip} HTTP/1.0\r\n\r\n`)
  await once(busy, 'data') // the worker has it
  for (let waiting = 0, full = false; !full && waiting < 50; waiting++) {
    const socket = connect(server.http)
    t.teardown(() => socket.destroy())
    full = await once(socket, 'connect').then(
      () => false,
      () => true,
    )
  }
  t.equal(gist(await runSmoke({ target }, { timeoutMs: 500 })), 'unknown SMOKE_BACKLOG_FULL')
  t.equal(gist(await runSmoke({ target, patience: 0 }, { timeoutMs: 500 })), 'fail SMOKE_BACKLOG_FULL')
  await release()
  t.match(String(await once(busy, 'data')), 'come</h1>')
})

t.test('smoke › a worker that dies, or is killed by harakiri, closes without an answer', async t => {
  const server = await startUwsgi(t, { args: ['--processes', '1', '--harakiri', '1'] })
  const { slow } = await heldPage(t)
  const target = `uwsgi+unix:${server.uwsgi}`
  t.equal(gist(await runSmoke({ target, path: '/die/' })), 'fail SMOKE_CLOSED')
  t.equal(gist(await runSmoke({ target, path: slow })), 'fail SMOKE_CLOSED')
  t.equal(gist(await runSmoke({ target })), 'pass')
})

t.test('smoke › nginx says when the app behind it is gone', async t => {
  const server = await startUwsgi(t)
  const { http } = await startNginx(t, { upstream: server.uwsgi })
  await server.kill()
  const finding = await runSmoke({ target: `http+unix:${http}` })
  t.match(finding, { status: 'fail', reason: 'SMOKE_STATUS_UNEXPECTED', evidence: { httpStatus: 502 } })
})

t.test('smoke › a release that does not import is told from a page that fails', async t => {
  const { uwsgi, http } = await startUwsgi(t, { switches: { SMOKE_BREAK_IMPORT: '1' } })
  const front = await startNginx(t, { upstream: uwsgi })
  for (const target of [`uwsgi+unix:${uwsgi}`, `http+unix:${http}`, `http+unix:${front.http}`])
    t.equal(gist(await runSmoke({ target })), 'fail SMOKE_APP_NOT_LOADED', target)
})

t.test('smoke › HTTP sent to a uwsgi socket, and uwsgi sent to an HTTP one, are told as such', async t => {
  const { uwsgi, http } = await startUwsgi(t)
  const front = await startNginx(t, { upstream: uwsgi })
  await untilLoaded(t, `uwsgi+unix:${uwsgi}`)
  t.equal(gist(await runSmoke({ target: `http+unix:${uwsgi}` })), 'fail SMOKE_PROTOCOL_MISMATCH')
  t.equal(gist(await runSmoke({ target: `uwsgi+unix:${front.http}` })), 'fail SMOKE_PROTOCOL_MISMATCH')
  const patient = { timeoutMs: 8000 }
  t.equal(gist(await runSmoke({ target: `uwsgi+unix:${http}` }, patient)), 'fail SMOKE_PROTOCOL_MISMATCH')

  await using check = createSmoke({ target: `uwsgi+unix:${http}`, patience: 0 })
  t.equal(gist(await check.run(AbortSignal.timeout(2000))), 'fail SMOKE_NO_ANSWER')
  t.equal(gist(await check.run(AbortSignal.timeout(3000))), 'fail SMOKE_PROTOCOL_MISMATCH')
})

t.test('smoke › gunicorn does not answer a uwsgi request at all', async t => {
  const { http } = await startGunicorn(t)
  t.equal(
    gist(await runSmoke({ target: `uwsgi+unix:${http}`, patience: 0 }, { timeoutMs: 1000 })),
    'fail SMOKE_NO_ANSWER',
  )
})
