import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import type { StatusDocument } from '../../../src/status/status-document.ts'
import { freePort } from '../../support/free-port.ts'
import { httpRequest } from '../../support/http-request.ts'
import { MAIN } from '../../support/run-command.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { startSidecar } from '../../support/sidecar.ts'
import { until } from '../logs/until.ts'
import { mountHangingFiles } from './hanging-files.ts'

// A path on a dead file system harms its own check, and nothing else. The file system is a real one, of FUSE; without it, or
// without root, these tests fail.

const DEADLINE_MS = 1000
/** No answer may be later than the deadline and this; README says so. */
const LATENESS_MS = 100

const names = (prefix: string) => Array.from({ length: 6 }, (_, i) => `${prefix}${i}.env`)
const FILES = Object.fromEntries([...names('a'), ...names('b')].map(name => [name, 'A=1\n']))

/** A host with a file system that can hang, an app that is asked for by its name, and a directory that never hangs. */
const createHost = async (t: Test, files: Readonly<Record<string, string>> = {}) => {
  const scratch = await createScratchDirectory('hanging-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const hanging = await mountHangingFiles(scratch, { ...FILES, RELEASE: 'v1\n', ...files })
  const app = createServer((_request, response) => response.end('Welcome'))
  app.listen(await freePort(), '127.0.0.1')
  await once(app, 'listening')
  t.teardown(() => {
    app.closeAllConnections()
    app.close()
  })
  const address = app.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const local = join(scratch.path, 'local.env')
  writeFileSync(local, 'A=1\n')
  const often = { interval: '1s', fresh_for: '500ms', timeout: '600ms' }
  const env = (name: string, paths: readonly string[]) => ({
    name,
    type: 'env',
    files: paths,
    required: ['A'],
    ...often,
  })
  const config = {
    deadline: `${DEADLINE_MS}ms`,
    release: `file:${hanging.path('RELEASE')}`,
    startup: { healthy_threshold: 1 },
    drain: { wait: '0s' },
    checks: [
      { name: 'homepage', type: 'smoke', target: `http://localhost:${port}`, ...often },
      env('local', [local]),
      env('a', names('a').map(hanging.path)),
      env('b', names('b').map(hanging.path)),
    ],
  }
  return { scratch, hanging, config, local, drainMarker: join(scratch.path, 'drain.json') }
}

const build = async (directory: string): Promise<string> => {
  const program = join(directory, 'health-sidecar.js')
  const cwd = join(import.meta.dirname, '../../..')
  await promisify(execFile)(process.execPath, ['build.ts', program], { cwd })
  return program
}

const serve = async (t: Test, options: Parameters<typeof startSidecar>[0]) => {
  const sidecar = await startSidecar(options)
  t.teardown(() => sidecar[Symbol.asyncDispose]())
  return sidecar
}

/** Probes for some seconds; how late the latest answer was, this machine's own slowness aside. */
const latestMs = async (port: number, seconds: number): Promise<number> => {
  const ask = async (path: string) => {
    const startedAt = performance.now()
    await httpRequest({ host: '127.0.0.1', port, path })
    return performance.now() - startedAt
  }
  let latest = -Infinity
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    const [ownMs, tookMs] = await Promise.all([ask('/health/live'), ask('/health')])
    latest = Math.max(latest, tookMs - ownMs)
    await delay(20)
  }
  return latest
}

const timeOf = ({ checks }: StatusDocument, name: string) => Date.parse(checks[name]?.[0].time ?? '')
const statusOf = ({ checks }: StatusDocument, name: string) => checks[name]?.[0].status

for (const what of ['sources', 'build'] as const)
  t.test(`hanging files › thirteen paths hang, and all else goes on: the ${what}`, async t => {
    const { scratch, hanging, config, local, drainMarker } = await createHost(t)
    const port = await freePort()
    const program = what === 'build' ? await build(scratch.path) : MAIN
    const sidecar = await serve(t, { scratch, port, config, program })
    await sidecar.waitFor(({ phase, status }) => phase === 'serving' && status === 'pass')

    await hanging.hang()
    const hungAt = Date.now()
    t.ok((await latestMs(port, 8)) <= DEADLINE_MS + LATENESS_MS, 'answers are in time')
    t.equal((await sidecar.probe()).status, 200, 'what cannot be known holds')

    const document = await sidecar.waitFor(
      found =>
        timeOf(found, 'homepage') > hungAt + 6000 &&
        timeOf(found, 'local') > hungAt + 6000 &&
        (found.notes ?? []).length > 0,
    )
    t.equal(statusOf(document, 'homepage'), 'pass', 'localhost resolves')
    t.equal(statusOf(document, 'local'), 'pass')
    t.equal(statusOf(document, 'a'), 'unknown')
    t.equal(statusOf(document, 'b'), 'unknown')
    const notes = document.notes?.join('\n') ?? ''
    for (const name of [...Object.keys(FILES), 'RELEASE']) t.match(notes, hanging.path(name))
    t.match(notes, /13 files have not answered since .*: check the mounts/)
    const named = await sidecar.waitFor(({ checks }) => /a0\.env/.test(checks['a']?.[0].output ?? ''))
    t.match(named.checks['a']?.[0].output, /has not returned in time; its file system may be dead/)
    t.match(await sidecar.log(), /"event":"files.hanging"/)

    writeFileSync(local, 'B=1\n')
    await until(
      async () => (await sidecar.probe()).status === 503,
      () => 'a local failure is not seen',
    )
    writeFileSync(local, 'A=1\n')
    await until(
      async () => (await sidecar.probe()).status === 200,
      () => 'it is not seen to be mended',
    )

    writeFileSync(drainMarker, JSON.stringify({ reason: 'upgrade', until: new Date(Date.now() + 600_000) }))
    await sidecar.waitFor(({ phase }) => phase === 'draining')
    rmSync(drainMarker)
    await sidecar.waitFor(({ phase }) => phase === 'serving')

    await hanging.answer()
    await sidecar.waitFor(
      found =>
        found.status === 'pass' &&
        found.notes === undefined &&
        Object.values(found.checks).every(([check]) => check.status === 'pass'),
    )
    const children = () => readFileSync(`/proc/${sidecar.pid}/task/${sidecar.pid}/children`, 'utf8').trim()
    await until(
      () => children() === '',
      () => `the reader process ${children()} has not ended`,
    )
    t.equal(await sidecar.stop(), 0)
  })

t.test('hanging files › a socket on a dead file system stops nothing', async t => {
  const { scratch, hanging, config } = await createHost(t)
  const path = hanging.path('app.sock')
  const optional = { interval: '1s', fresh_for: '500ms', required: false }
  const checks = [
    ...config.checks.slice(0, 2),
    { name: 'smoke', type: 'smoke', target: `http+unix:${path}`, ...optional },
    { name: 'tcp', type: 'tcp', target: `unix:${path}`, ...optional },
    { name: 'postgres', type: 'postgres', database: `postgres:///x?host=${scratch.path}/mount`, ...optional },
  ]
  const port = await freePort()
  const sidecar = await serve(t, { scratch, port, config: { ...config, checks } })
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  await hanging.hang()
  t.ok((await latestMs(port, 4)) <= DEADLINE_MS + LATENESS_MS, 'answers are in time')
  const document = await sidecar.waitFor(({ checks: found }) =>
    ['smoke', 'tcp', 'postgres'].every(name => found[name]?.[0].status === 'unknown'),
  )
  for (const name of ['smoke', 'tcp', 'postgres'])
    t.match(document.checks[name]?.[0].output, /its file system may be dead: check the mount/, name)
  await hanging.answer()
  await sidecar.waitFor(({ checks: found }) => found['smoke']?.[0].status === 'fail')
})

t.test('hanging files › a daemon can be stopped while files hang', async t => {
  const { scratch, hanging, config } = await createHost(t)
  const sidecar = await serve(t, { scratch, port: await freePort(), config })
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  hanging.freeze()
  await sidecar.waitFor(({ notes = [] }) => notes.length > 0)
  t.equal(await sidecar.stop(), 0)
})

t.test(
  'hanging files › if all hangs at the start, the daemon listens, and proves the host later',
  async t => {
    const { scratch, hanging, config } = await createHost(t, { 'latch.json': '{}', 'drain.json': '{}' })
    await hanging.hang()
    const port = await freePort()
    const stateDir = { state_dir: join(hanging.path('RELEASE'), '..') }
    const sidecar = await serve(t, { scratch, port, config: { ...config, ...stateDir } })
    t.ok((await latestMs(port, 2)) <= DEADLINE_MS + LATENESS_MS, 'answers are in time')
    t.equal((await sidecar.probe()).status, 503)
    await sidecar.waitFor(
      ({ notes = [] }) => /RELEASE/.test(notes.join()) && /drain\.json/.test(notes.join()),
    )
    process.kill(sidecar.pid, 'SIGUSR1')
    await until(
      async () => /"event":"status.reported"/.test(await sidecar.log()),
      () => 'it takes no signal',
    )
    await hanging.answer()
    await sidecar.waitFor(({ phase, releaseId }) => phase === 'serving' && releaseId === 'v1')
  },
)

t.test('hanging files › a configuration that hangs is refused, and later signals are taken', async t => {
  const { scratch, hanging, config } = await createHost(t, { 'config.yaml': 'checks: []\n' })
  const sidecar = await serve(t, { scratch, port: await freePort(), config })
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  const before = readFileSync(sidecar.configFile)
  rmSync(sidecar.configFile)
  symlinkSync(hanging.path('config.yaml'), sidecar.configFile)
  await hanging.hang()
  process.kill(sidecar.pid, 'SIGHUP')
  const told = () => sidecar.log().then(log => /"config.refused".*has not returned in time/.test(log))
  await until(told, () => 'it is not refused')
  process.kill(sidecar.pid, 'SIGUSR1')
  await until(
    async () => /"event":"status.reported"/.test(await sidecar.log()),
    () => 'it takes no signal',
  )
  t.match((await sidecar.status()).notes?.join(), sidecar.configFile)
  await hanging.answer()
  await sidecar.waitFor(({ notes = [] }) => !notes.some(note => note.includes('not answered')))
  rmSync(sidecar.configFile)
  writeFileSync(sidecar.configFile, before)
  process.kill(sidecar.pid, 'SIGHUP')
  await until(
    async () => /"event":"config.unchanged"/.test(await sidecar.log()),
    () => 'the next one is not taken',
  )
})

t.test('hanging files › check ends, and says which file hangs', async t => {
  const { scratch, hanging, config } = await createHost(t)
  const file = join(scratch.path, 'config.yaml')
  const checks = config.checks.map(check => ({ ...check, timeout: '8s' }))
  writeFileSync(
    file,
    stringify({ ...config, checks, state_dir: scratch.path }, { aliasDuplicateObjects: false }),
  )
  hanging.freeze()
  const child = spawn(process.execPath, [MAIN, 'check', '--config', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  scratch.adopt(child)
  const output: string[] = []
  child.stdout.on('data', data => output.push(String(data)))
  const [code] = await once(child, 'exit')
  t.equal(code, 3, 'unknown, as a Nagios plugin says it')
  t.match(output.join(''), /homepage +pass/)
  t.match(output.join(''), /a0\.env has not returned in time/)
})
