import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { startFakeDaemon, statusDocument } from '../support/fake-daemon.ts'
import { freePort } from '../support/free-port.ts'
import { runCommand } from '../support/run-command.ts'
import { runInProcess } from '../support/run-in-process.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { startSidecar } from '../support/sidecar.ts'

const scratch = await createScratchDirectory('health-sidecar-wait-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const socket = join(scratch.path, 'fake.sock')
const config = join(scratch.path, 'config.yaml')
const envFile = join(scratch.path, 'env')
const check = { name: 'env', type: 'env', files: [envFile], required: ['A'] }
await writeFile(
  config,
  stringify({ release: 'v2', admin: { socket }, startup: { healthy_threshold: 2 }, checks: [check] }),
)

const wait = (...args: readonly string[]) => runInProcess(['wait', '--config', config, ...args])

const pending = { status: 'fail', reason: 'MIGRATIONS_PENDING', output: 'catalog.0002_price' } as const
const life = (rounds: number, needed = 5) =>
  ({ status: 'fail', phase: 'starting', startup: { rounds, needed } }) as const

t.test('wait › tells each change once, and ends when the host is in service', async t => {
  await startFakeDaemon(t, {
    socket,
    documents: [
      statusDocument({ migrations: pending }, life(0)),
      statusDocument({ migrations: { ...pending, output: 'catalog.0002_price, still' } }, life(0)),
      statusDocument({ migrations: {} }, life(1)),
      statusDocument({ migrations: pending }, life(0, 10)),
      statusDocument({ migrations: {} }, { releaseId: 'v2' }),
    ],
  })
  const { code, out, err } = await wait()
  t.strictSame([code, err], [0, ''])
  t.match(
    out,
    /^ +\d+s {2}starting 0\/5 {2}migrations: MIGRATIONS_PENDING catalog\.0002_price\n +\d+s {2}starting 1\/5 {2}all pass\n +\d+s {2}starting 0\/10 {2}migrations: MIGRATIONS_PENDING catalog\.0002_price \(relapse: 10 rounds now\)\n +\d+s {2}reached: serving\n$/,
  )
})

t.test('wait › a last look without an answer, as time was up, does not hide what was known', async t => {
  let looks = 0
  const server = createServer((_request, response) => {
    looks += 1
    if (looks === 1) response.end(JSON.stringify(statusDocument({ migrations: pending }, life(0))))
  }).listen(socket)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  // the first look has three seconds, and the second has what is left of them
  t.match(await wait('--timeout', '3s'), {
    code: 2,
    out: /not reached: starting 0\/5; last against it: migrations: MIGRATIONS_PENDING/,
  })
  t.equal(looks, 2)
})

t.test('wait › a warning is in service; another release is not, nor is a drain', async t => {
  const { looks } = await startFakeDaemon(t, {
    socket,
    documents: [
      statusDocument({ page: {} }, { releaseId: 'v1' }),
      statusDocument(
        { page: {} },
        { status: 'fail', phase: 'draining', releaseId: 'v2', drain: { reason: 'kernel' } },
      ),
      statusDocument({ page: { status: 'warn' } }, { status: 'warn', releaseId: 'v2' }),
    ],
  })
  const { code, out } = await wait('--release', 'v2')
  t.equal(code, 0)
  t.match(
    out,
    /serving release v1, not v2 {2}all pass\n.*draining \(kernel\) {2}all pass\n.*reached: serving\n$/,
  )
  t.equal(looks(), 3)
})

t.test(
  'wait › time is up: 2 if the host was seen to fail, with the last reason; 3 if nothing is known',
  async t => {
    await t.test('a proved failure', async t => {
      await startFakeDaemon(t, {
        socket,
        documents: [
          statusDocument({ migrations: pending }, life(0)),
          statusDocument({ migrations: {} }, life(3, 10)),
        ],
      })
      const { code, out } = await wait('--timeout', '3s')
      t.equal(code, 2)
      const last =
        / +(\d+)s {2}not reached: starting 3\/10; last against it: migrations: MIGRATIONS_PENDING catalog\.0002_price\n$/
      t.match(out, last)
      t.ok(Number(last.exec(out)?.[1]) >= 3, 'not before the time is up')
    })
    await t.test('another release', async t => {
      await startFakeDaemon(t, { socket, documents: [statusDocument({ page: {} }, { releaseId: 'v1' })] })
      t.match(await wait('--timeout', '2s', '--release', 'v2'), {
        code: 2,
        out: /not reached: serving release v1, not v2\n$/,
      })
    })
    await t.test('unknown alone', async t => {
      const unknown = {
        status: 'unknown',
        effect: 'fail',
        because: 'unproven',
        reason: 'CHECK_NEVER_RAN',
      } as const
      await startFakeDaemon(t, { socket, documents: [statusDocument({ page: unknown }, life(0))] })
      t.match(await wait('--timeout', '2s'), {
        code: 3,
        out: /not reached: starting 0\/5; last against it: page: CHECK_NEVER_RAN\n$/,
      })
    })
    await t.test('no daemon', async t => {
      t.match(await wait('--timeout', '0s'), {
        code: 3,
        out: /^ {2}0s {2}not reached: no status: no daemon answers .*\(ENOENT\)/,
      })
    })
    await t.test('a daemon that hangs', async t => {
      const server = createServer(() => {}).listen(socket)
      await once(server, 'listening')
      t.teardown(() => (server.closeAllConnections(), void server.close()))
      const beganAt = performance.now()
      t.match(await wait('--timeout', '1s'), { code: 3, out: /no answer in \d+ ms; the daemon hangs/ })
      t.ok(performance.now() - beganAt < 60_000, 'it does not hang itself')
    })
  },
)

t.test('wait --fail-fast › 2 on proof against this host and this release, and on nothing less', async t => {
  const unknown = {
    status: 'unknown',
    effect: 'fail',
    because: 'unproven',
    reason: 'CHECK_NEVER_RAN',
  } as const
  const { looks } = await startFakeDaemon(t, {
    socket,
    documents: [
      statusDocument({ migrations: unknown }, { ...life(0), releaseId: 'v2' }),
      statusDocument({ migrations: pending }, { status: 'fail', releaseId: 'v1' }),
      statusDocument({ migrations: pending }, { ...life(0), releaseId: 'v2' }),
    ],
  })
  t.match(await wait('--fail-fast', '--release', 'v2'), {
    code: 2,
    out: /not reached: starting 0\/5; last against it: migrations: MIGR/,
  })
  t.equal(looks(), 3)
})

t.test('wait --json › an object for each change, on a line', async t => {
  await startFakeDaemon(t, {
    socket,
    documents: [statusDocument({ migrations: pending }, life(0)), statusDocument({ migrations: {} })],
  })
  const { code, out } = await wait('--json')
  t.equal(code, 0)
  t.match(
    out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
    [
      {
        elapsedMs: Number,
        phase: 'starting',
        startup: { rounds: 0, needed: 5 },
        against: [/MIGRATIONS_PENDING/],
      },
      { elapsedMs: Number, result: 'reached', status: 'pass', phase: 'serving', against: [] },
    ],
  )
})

t.test('wait › what a daemon tells cannot command the terminal', async t => {
  const hostile = '\u001b[2J\u009b1m\u202e'
  await startFakeDaemon(t, {
    socket,
    documents: [statusDocument({ [hostile]: { ...pending, output: hostile } }, life(0))],
  })
  for (const more of [[], ['--json']]) {
    const { out } = await wait('--timeout', '2s', ...more)
    t.match(out, 'MIGRATIONS_PENDING')
    t.notMatch(out, /(?!\n)[\p{Cc}\p{Bidi_Control}]/u)
  }
})

t.test('wait --no-daemon › runs the checks itself, by the rules of a start', async t => {
  t.match(await wait('--no-daemon', '--fail-fast'), {
    code: 2,
    out: /not reached: starting 0\/2; last against it: env: ENV_/,
  })
  await writeFile(envFile, 'A=1\n')
  t.match(await wait('--no-daemon', '--release', 'v2'), { code: 0, out: /reached: serving\n$/ })
})

t.test('wait › wrong usage and a wrong configuration are told at once', async t => {
  t.match(await wait('--timeout', 'soon'), {
    code: 64,
    err: /--timeout: found "soon"; expected a duration such as 5m/,
  })
  t.match(await runInProcess(['wait', '--config', '/nonexistent']), { code: 78, err: /ENOENT/ })
  t.match(await runInProcess(['wait', '--no-daemon', '--config', '/nonexistent']), {
    code: 78,
    err: /ENOENT/,
  })
})

t.test('wait › piped, from before the daemon is there, to its first 200', async t => {
  await using place = await createScratchDirectory('health-sidecar-wait-')
  const file = join(place.path, 'health-sidecar.yaml')
  await writeFile(file, stringify({ admin: { socket: join(place.path, 'admin.sock') } }))
  const waiting = runCommand(['wait', '--config', file, '--timeout', '3m'])
  const checks = [{ ...check, interval: '200ms' }]
  const port = await freePort()
  await using sidecar = await startSidecar({
    scratch: place,
    port,
    config: { startup: { healthy_threshold: 1 }, drain: { wait: '0s' }, checks },
  })
  t.match(await waiting, { code: 0, stdout: /reached: serving\n$/, stderr: '' })
  t.match(await sidecar.probe(), { status: 200 })
})
