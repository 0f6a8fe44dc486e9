import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { rename, stat, unlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { freePort } from '../support/free-port.ts'
import { httpRequest } from '../support/http-request.ts'
import { runCommand } from '../support/run-command.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { startSidecar } from '../support/sidecar.ts'
import type { Sidecar } from '../support/sidecar.ts'

/** A host with a small app on a socket, which a test can make fail, and a sidecar that goes about it fast. */
const host = async (t: Test) => {
  const scratch = await createScratchDirectory('health-sidecar-serve-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const socket = join(scratch.path, 'app.sock')
  const releaseFile = join(scratch.path, 'RELEASE')
  await writeFile(releaseFile, 'v1')
  const app = { status: 200, requests: 0 }
  const server = createServer((_request, response) => {
    app.requests += 1
    response.writeHead(app.status).end('page')
  })
  server.listen(socket)
  await once(server, 'listening')
  t.teardown(() => void server.close())

  const port = await freePort()
  const start = (overrides: object = {}) =>
    startSidecar({
      scratch,
      port,
      config: {
        release: `file:${releaseFile}`,
        startup: { healthy_threshold: 2 },
        drain: { wait: '0s' },
        hold: '10s',
        checks: [
          {
            name: 'page',
            type: 'smoke',
            target: `http+unix:${socket}`,
            interval: '200ms',
            fresh_for: '50ms',
          },
        ],
        ...overrides,
      },
    })
  const probe = () => httpRequest({ host: '127.0.0.1', port, path: '/health' })
  return { scratch, app, server, socket, releaseFile, start, probe, port }
}

t.test('serve › 503 until the rounds have passed, then 200, and 503 again when the page fails', async t => {
  const { start, app } = await host(t)
  app.status = 500
  await using sidecar = await start()
  await sidecar.waitFor(({ checks }) => checks['page']?.[0].reason === 'SMOKE_STATUS_UNEXPECTED')
  t.match(await sidecar.probe(), { status: 503, body: '{"status":"fail"}' })
  app.status = 200
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  t.match(await sidecar.probe(), { status: 200, body: '{"status":"pass"}' })
  app.status = 500
  await sidecar.waitFor(({ status }) => status === 'fail')
  t.match(await sidecar.probe(), { status: 503 })
  t.equal(readFileSync(`/proc/${sidecar.pid}/comm`, 'utf8'), 'health-sidecar\n', 'the name in top and ps')
})

t.test(
  'serve › the first SIGTERM answers 503 and drains, the second ends it, both with exit code 0',
  async t => {
    const { start, probe } = await host(t)
    const sidecar = await start({ drain: { wait: '60s' } })
    await sidecar.waitFor(({ phase }) => phase === 'serving')
    process.kill(sidecar.pid, 'SIGTERM')
    await sidecar.waitFor(({ phase }) => phase === 'draining')
    t.match(await probe(), { status: 503 })
    t.match(await sidecar.status(), { status: 'fail', output: 'draining: SIGTERM' })
    t.equal(await sidecar.stop(), 0)
    await t.rejects(probe(), { code: 'ECONNREFUSED' })
    t.match(await sidecar.log(), /"event":"drain.started".*\n[^]*"event":"daemon.stopped"/)
  },
)

t.test('serve › SIGINT ends it at once, and nobody is answered 503', async t => {
  const { start, probe } = await host(t)
  const sidecar = await start({ drain: { wait: '60s' } })
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  const codes = new Set<number | undefined>()
  process.kill(sidecar.pid, 'SIGINT')
  // to the last answer that there is
  await t.rejects(
    (async () => {
      for (;;) codes.add((await probe()).status)
    })(),
    { code: /ECONNREFUSED|ECONNRESET/ },
  )
  t.notOk(codes.has(503))
  t.equal(await sidecar.ended, 0)
  t.notMatch(await sidecar.log(), /"event":"drain.started"/)
})

t.test('serve › drain.wait over, it ends by itself', async t => {
  const { start } = await host(t)
  const sidecar = await start({ drain: { wait: '100ms' } })
  t.equal(await sidecar.stop(), 0)
  await t.rejects(stat(sidecar.adminSocket), { code: 'ENOENT' }, 'and leaves no socket')
})

t.test('latch › a sidecar that was killed goes on serving; for another release it starts anew', async t => {
  const { start, probe, app, releaseFile, scratch } = await host(t)
  const first = await start()
  const latch = join(dirname(first.adminSocket), 'latch.json')
  await first.waitFor(({ phase }) => phase === 'serving' && existsSync(latch))
  await first.waitFor(() => existsSync(join(scratch.path, 'latch.json')))
  process.kill(first.pid, 'SIGKILL')
  await first.stop()

  const second = await start()
  t.match(await probe(), { status: 200 }, 'at once')
  await second.logged(/"event":"latch.found"/)
  app.status = 500
  await second.waitFor(({ status }) => status === 'fail')
  t.match(await probe(), { status: 503 }, 'what can be proved wrong is')
  await second.stop()

  await writeFile(releaseFile, 'v2')
  await using third = await start()
  t.match(await third.status(), { status: 'fail', phase: 'starting', releaseId: 'v2' })
})

t.test('latch › a damaged one is starting, with a warning', async t => {
  const { start, scratch } = await host(t)
  await writeFile(join(scratch.path, 'latch.json'), '{"bootId":')
  await using sidecar = await start({ startup: { healthy_threshold: 50 } })
  t.match(await sidecar.status(), { phase: 'starting' })
  await sidecar.logged(/"level":"warn".*"event":"latch.damaged"/)
})

t.test('release › another one on the host has to prove itself', async t => {
  const { start, releaseFile, app, scratch } = await host(t)
  await using sidecar = await start()
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  app.status = 500
  await writeFile(releaseFile, 'v2')
  await sidecar.waitFor(({ phase, releaseId }) => phase === 'starting' && releaseId === 'v2')
  app.status = 200
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  await sidecar.waitFor(() => readFileSync(join(scratch.path, 'latch.json'), 'utf8').includes('"v2"'))
  t.match(await sidecar.status(), { releaseId: 'v2' })
})

t.test('drain marker › takes the host out, survives a restart, and ends by itself', async t => {
  const { start, scratch } = await host(t)
  const marker = join(scratch.path, 'drain.json')
  const first = await start()
  await first.waitFor(({ phase }) => phase === 'serving')
  await writeFile(
    marker,
    JSON.stringify({ reason: 'kernel upgrade', until: new Date(Date.now() + 3_600_000) }),
  )
  await first.waitFor(({ phase, output }) => phase === 'draining' && output === 'draining: kernel upgrade')
  await first.stop()

  await using second = await start()
  t.match(await second.status(), { status: 'fail', phase: 'draining', output: 'draining: kernel upgrade' })
  await writeFile(marker, JSON.stringify({ reason: 'kernel upgrade', until: new Date(Date.now() - 1) }))
  await second.waitFor(({ phase }) => phase === 'serving')
  await writeFile(marker, '{"reason":"for ever"}')
  await second.logged(/"event":"drain.damaged"/)
  const { phase, notes } = await second.status()
  t.match({ phase, notes }, { phase: 'serving', notes: [/drain marker .* is ignored: expected/] })
  await unlink(marker)
  await second.waitFor(document => document.notes === undefined)
})

/** Edits the configuration of a sidecar that runs, and tells it. */
const reconfigure = async (sidecar: Sidecar, edit: (text: string) => string) => {
  await writeFile(sidecar.configFile, edit(readFileSync(sidecar.configFile, 'utf8')))
  process.kill(sidecar.pid, 'SIGHUP')
}

t.test('drain marker › one that is half written ends no drain', async t => {
  const { start, scratch } = await host(t)
  const marker = join(scratch.path, 'drain.json')
  const whole = JSON.stringify({ reason: 'kernel upgrade', until: new Date(Date.now() + 3_600_000) })
  await using sidecar = await start()
  await writeFile(marker, whole)
  await sidecar.waitFor(({ phase }) => phase === 'draining')
  await writeFile(marker, whole.slice(0, -3))
  await sidecar.waitFor(({ notes }) => notes !== undefined)
  t.match(await sidecar.status(), { phase: 'draining', notes: [/is ignored: it is not JSON/] })
})

t.test('SIGHUP › another configuration comes into force, and a host that serves goes on serving', async t => {
  const { start, probe, scratch } = await host(t)
  const first = await start({ startup: { healthy_threshold: 2 } })
  await first.waitFor(({ phase }) => phase === 'serving')
  const statuses = new Set<number>()
  const probing = new AbortController()
  const probes = (async () => {
    while (!probing.signal.aborted) statuses.add((await probe()).status)
  })()
  await reconfigure(first, text => text.replace('name: page', 'name: home'))
  await first.waitFor(({ checks }) => checks['home']?.[0].status === 'pass')
  probing.abort()
  await probes
  t.strictSame([...statuses], [200])
  t.match(await first.status(), { status: 'pass', phase: 'serving', notes: undefined })
  await first.logged(/"event":"config.loaded".*has changed, and is in force/)
  const latch = () => readFileSync(join(scratch.path, 'latch.json'), 'utf8')
  const kept = latch()

  process.kill(first.pid, 'SIGHUP')
  await first.logged(/"event":"config.unchanged"/)
  process.kill(first.pid, 'SIGKILL')
  await first.stop()
  t.equal(latch(), kept)
})

t.test('SIGHUP › goes on serving after a restart under the configuration that it has taken', async t => {
  const { start, probe, socket } = await host(t)
  const first = await start()
  await first.waitFor(({ phase }) => phase === 'serving')
  await reconfigure(first, text => text.replace('200ms', '300ms'))
  await first.logged(/is in force/)
  process.kill(first.pid, 'SIGKILL')
  await first.stop()
  await using second = await start({
    checks: [
      {
        name: 'page',
        type: 'smoke',
        target: `http+unix:${socket}`,
        interval: '300ms',
        fresh_for: '50ms',
      },
    ],
  })
  await second.logged(/"event":"latch.found"/)
  t.match(await probe(), { status: 200 }, 'at once')
})

t.test('SIGHUP › a question that the host fails is 503, and it is the new one that counts', async t => {
  const { start, probe } = await host(t)
  await using sidecar = await start()
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  await reconfigure(sidecar, text => text.replace('name: page', 'name: page\n    expect: { body: Welcome }'))
  await sidecar.waitFor(({ checks }) => checks['page']?.[0].reason === 'SMOKE_BODY_UNEXPECTED')
  t.match(await probe(), { status: 503 })
  await reconfigure(sidecar, text => text.replace('Welcome', 'page'))
  await sidecar.waitFor(({ status }) => status === 'pass')
  t.match(await probe(), { status: 200 })
})

t.test('SIGHUP › a bad file is refused: log and status say so, and the last good one goes on', async t => {
  const { start, probe } = await host(t)
  await using sidecar = await start()
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  await reconfigure(sidecar, text => text.replace('200ms', 'soon'))
  const { notes, status } = await sidecar.waitFor(document => document.notes !== undefined)
  t.equal(status, 'pass')
  t.match(
    notes?.[0],
    /is refused, and the one before it stays in force: .*health-sidecar.yaml:\d+:\d+: .*"soon"/,
  )
  await sidecar.logged(/"level":"error".*"event":"config.refused".*"mistakes":\[".*soon/)
  t.match(await probe(), { status: 200 })
  const told = await runCommand(['status', '--config', sidecar.configFile])
  t.match(told, { code: 0, stdout: /note: +the configuration is refused/ })

  await reconfigure(sidecar, text => text.replace('soon', '200ms'))
  await sidecar.waitFor(document => document.notes === undefined)
  await sidecar.logged(/"event":"config.unchanged"/)
})

t.test('SIGHUP › the level of the log is that of the file', async t => {
  const { start } = await host(t)
  await using sidecar = await start()
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  t.notMatch(await sidecar.log(), '"level":"debug"')
  await reconfigure(sidecar, text => `${text}\nlog: { level: debug }`)
  await sidecar.logged(/"level":"debug"/)
})

t.test('SIGHUP › log files that were moved away are opened anew', async t => {
  const { start, probe, scratch } = await host(t)
  const [file, probes] = [join(scratch.path, 'own.log'), join(scratch.path, 'probes.log')]
  await using sidecar = await start({ log: { file, probes: `file:${probes}` } })
  for (const path of [file, probes]) await rename(path, `${path}.1`)
  process.kill(sidecar.pid, 'SIGHUP')
  await sidecar.waitFor(() => existsSync(file) && /config.unchanged/.test(readFileSync(file, 'utf8')))
  await probe()
  await sidecar.waitFor(() => existsSync(probes) && /probe.answered/.test(readFileSync(probes, 'utf8')))
  t.match(readFileSync(`${file}.1`, 'utf8'), /daemon.listening/)
  t.equal(readFileSync(`${probes}.1`, 'utf8'), '')
})

t.test('SIGUSR1 › logs the full status', async t => {
  const { start } = await host(t)
  await using sidecar = await start()
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  process.kill(sidecar.pid, 'SIGUSR1')
  const log = await sidecar.logged(/"event":"status.reported".*\n/)
  const line = log.split('\n').find(text => text.includes('status.reported')) ?? ''
  t.match(JSON.parse(line), {
    level: 'info',
    msg: 'pass (serving)',
    droppedLines: 0,
    document: { status: 'pass', phase: 'serving', releaseId: 'v1', checks: { page: [{ status: 'pass' }] } },
  })
  t.match(await sidecar.probe(), { status: 200 })
})
