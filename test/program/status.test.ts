import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createNetServer } from 'node:net'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { run } from '../../src/cli/run.ts'
import { adminSocketOf } from '../../src/config/admin-socket.ts'
import type { StatusDocument } from '../../src/status/status-document.ts'
import { freePort } from '../support/free-port.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { startSidecar } from '../support/sidecar.ts'

const scratch = await createScratchDirectory('health-sidecar-status-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const config = join(scratch.path, 'config.yaml')
const socket = join(scratch.path, 'asked.sock')

/** What `status` prints, and its exit code. */
const status = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const printed = { out: '', err: '' }
  const code = await run(['status', ...args], {
    out: text => void (printed.out += text),
    err: text => void (printed.err += text),
    env,
  })
  return { code, out: stripVTControlCharacters(printed.out), err: printed.err }
}

/** Something that listens on `socket`. */
const listener = async (t: Test, listen: RequestListener) => {
  const server = createServer(listen)
  server.listen(socket)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
}

/** A daemon, or another, that answers so. */
const answerWith = (t: Test, body: string) => listener(t, (_request, response) => response.end(body))

const page = {
  status: 'fail',
  componentType: 'component',
  output: 'no page',
  reason: 'SMOKE_UNREACHABLE',
} as const
const document: StatusDocument = { status: 'fail', phase: 'serving', version: '1', checks: { page: [page] } }

await writeFile(config, `admin: { socket: ${socket} }`)

t.test('status › is what the running daemon thinks, with the exit code of its verdict', async t => {
  const appSocket = join(scratch.path, 'app.sock')
  let healthy = true
  const app = createServer((_request, response) => response.writeHead(healthy ? 200 : 500).end('page'))
  app.listen(appSocket)
  await once(app, 'listening')
  t.teardown(() => void app.close())
  await using sidecar = await startSidecar({
    scratch,
    port: await freePort(),
    config: {
      release: 'v7',
      startup: { healthy_threshold: 1 },
      drain: { wait: '60s' },
      checks: [
        {
          name: 'page',
          type: 'smoke',
          target: `http+unix:${appSocket}`,
          interval: '200ms',
          fresh_for: '50ms',
        },
      ],
    },
  })
  const ask = (...more: readonly string[]) => status(['--config', sidecar.configFile, ...more])
  await sidecar.waitFor(document => document.phase === 'serving')
  t.match(await ask(), {
    code: 0,
    out: /^SERVING {2}200 for \d+s {3}release v7\nprobes: {2}none so far\n\npage {2}pass {5}\d+s ago {2}[\d.]+ ms\n$/,
    err: '',
  })
  healthy = false
  await sidecar.waitFor(document => document.status === 'fail')
  t.match(await ask(), {
    code: 2,
    out: /^FAILING {2}503 for \d+s {3}release v7\ntrouble: this host's: page\nnext: {4}503 until it passes\nto do: {3}page: .*500.*\nprobes: {2}none so far\n\npage {2}fail {5}\d+s ago {2}SMOKE_STATUS_UNEXPECTED: .*\n$/,
  })
  const { code, out } = await ask('--json')
  t.match(
    [code, JSON.parse(out)],
    [2, { status: 'fail', phase: 'serving', releaseId: 'v7', checks: { page: [{}] } }],
  )
  process.kill(sidecar.pid, 'SIGTERM')
  await sidecar.waitFor(document => document.phase === 'draining')
  t.match(await ask(), {
    code: 2,
    out: /^DRAINING {2}503 for \d+s {3}release v7\ntrouble: nobody's: the daemon was told to stop \(SIGTERM\)\nnext: {4}the daemon ends\n/,
  })
})

t.test('status › the exit codes of a Nagios plugin', async t => {
  const unknown = { ...page, status: 'unknown', effect: 'fail', because: 'unproven' } as const
  const passing = { status: 'pass', componentType: 'component' } as const
  const starting = {
    phase: 'starting',
    output: 'starting: 1 of 5 rounds have passed',
    startup: { rounds: 1, needed: 5 },
  } as const
  const cases: readonly (readonly [number, Partial<StatusDocument>, RegExp])[] = [
    [1, { status: 'warn', checks: { page: [{ ...page, effect: 'warn' }] } }, /counts as warn/],
    [2, { checks: { page: [page], other: [unknown] } }, /^trouble: this host's: page, other$/m],
    [
      3,
      { ...starting, checks: { page: [unknown] } },
      /^trouble: not known yet: page\nnext: {4}503 until it passes; then 4 more rounds must pass/m,
    ],
    [
      2,
      { ...starting, checks: { page: [passing] } },
      /^next: {4}200 after the start: 4 more rounds must pass \(1 of 5 have\)$/m,
    ],
  ]
  for (const [code, more, out] of cases)
    await t.test(`${code} for ${JSON.stringify(more)}`, async t => {
      await answerWith(t, JSON.stringify({ ...document, ...more }))
      t.match(await status(['--config', config]), { code, out })
    })
})

t.test('status › 3 and a line that says why, where no daemon answers', async t => {
  const unanswered = async (t: Test, err: string) =>
    t.strictSame(await status(['--config', config]), { code: 3, out: '', err: `health-sidecar: ${err}\n` })
  await unanswered(t, `no daemon answers on ${socket} (ENOENT): is the daemon running?`)
  await t.test('something else listens there', async t => {
    await answerWith(t, '{"status":"pass"}')
    await unanswered(
      t,
      `what answers on ${socket} is not health-sidecar; check admin.socket in the configuration`,
    )
  })
  await t.test('its answer is no status document, whatever it looks like', async t => {
    const strange = [
      { status: 'pass', phase: 'serving', version: '1', checks: {} },
      { status: 'pass', phase: 'serving', version: '1', checks: { page: [] } },
      { status: 'pass', phase: 'serving', version: '1', checks: { page: [null] } },
      { status: 'pass', phase: 'serving', version: '1', checks: { page: [{ status: 'green' }] } },
      { status: 'pass', phase: 'serving', version: '1', checks: { page: [{ ...page, output: {} }] } },
      { status: 'pass', phase: 'serving', version: '1', checks: [page] },
      { status: 'pass', phase: 'serving', version: '1', checks: null },
      { status: 'unknown', phase: 'serving', version: '1', checks: { page: [page] } },
      { status: 'pass', phase: 'elsewhere', version: '1', checks: { page: [page] } },
      { status: 'pass', phase: 'serving', version: '2', checks: { page: [page] } },
      { status: 'pass', phase: 'serving', version: '1', checks: { page: [page] }, notes: [7] },
      { status: 'pass', phase: 'serving', version: '1', checks: { page: [page] }, output: 7 },
      { status: 'pass', phase: 'serving', version: '1', checks: { page: [page] }, releaseId: [] },
      [],
      'pass',
    ]
    for (const body of [...strange.map(value => JSON.stringify(value)), '', '{', '\u0000', 'null'])
      await t.test(body, async t => {
        await answerWith(t, body)
        t.match(await status(['--config', config]), { code: 3, out: '', err: /is not health-sidecar; check/ })
      })
  })
  await t.test('a refusal with a status document is no answer', async t => {
    const body = JSON.stringify({ ...document, status: 'pass' })
    await listener(t, (_request, response) => response.writeHead(500).end(body))
    t.match(await status(['--config', config]), { code: 3, out: '', err: /is not health-sidecar; check/ })
  })
  await t.test('its answer has no end', async t => {
    await listener(t, (_request, response) => {
      const more = () =>
        void (response.write(Buffer.alloc(1024 * 1024, ' ')) ? setImmediate(more) : undefined)
      response.on('drain', more)
      more()
    })
    t.match(await status(['--config', config]), { code: 3, out: '', err: /is not health-sidecar; check/ })
  })
  await t.test('it does not speak HTTP', async t => {
    const server = createNetServer(stranger => void stranger.end('220 mail.example ESMTP\r\n')).listen(socket)
    await once(server, 'listening')
    t.teardown(() => void server.close())
    t.match(await status(['--config', config]), { code: 3, out: '', err: /is not health-sidecar; check/ })
  })
  await t.test('--json › the same for machines', async t => {
    const { code, out, err } = await status(['--json', '--config', config])
    t.equal(code, 3)
    t.match(JSON.parse(out), { error: `no daemon answers on ${socket} (ENOENT): is the daemon running?` })
    t.match(err, /^health-sidecar: no daemon answers/)
  })
  await t.test('it breaks off', async t => {
    await listener(t, request => void request.socket.destroy())
    await unanswered(t, `no daemon answers on ${socket} (ECONNRESET): see the daemon’s log`)
  })
  await t.test('it hangs', async t => {
    await listener(t, () => {})
    const why = 'no answer in 4000 ms; the daemon hangs, or the host does'
    await unanswered(t, `no daemon answers on ${socket} (ETIMEDOUT): ${why}`)
  })
})

t.test('status › nothing that a daemon tells can command a terminal', async t => {
  const hostile = '\u001b]0;owned\u0007\u001b[2J\u009b1m\u202e\nverdict: pass'
  const check = { ...page, output: hostile, reason: hostile, because: hostile, effect: 'warn' }
  const told = {
    ...document,
    releaseId: hostile,
    output: hostile,
    notes: [hostile],
    checks: { [hostile]: [check] },
  }
  await answerWith(t, JSON.stringify(told))
  const printed = { out: '' }
  const terminal = { out: (text: string) => void (printed.out += text), err: () => {}, env: {} }
  await run(['status', '--config', config], terminal)
  t.notMatch(stripVTControlCharacters(printed.out), /(?!\n)[\p{Cc}\p{Bidi_Control}]/u)
  t.equal(printed.out.match(/^verdict: /gm), null, 'no line is forged')
  printed.out = ''
  await run(['status', '--json', '--config', config], terminal)
  t.notMatch(printed.out, /(?!\n)[\p{Cc}\p{Bidi_Control}]/u)
  t.strictSame(JSON.parse(printed.out), told, 'and machines get all of it')
})

t.test('status › asks for no more of the configuration than the socket', async t => {
  await answerWith(t, JSON.stringify(document))
  const spoilt = join(scratch.path, 'spoilt.yaml')
  await writeFile(spoilt, 'admin: { socket: "${SOCKET}" }\nchecks: ${UNSET}\nchekcs: 1\n')
  t.match(await status(['--config', spoilt], { SOCKET: socket }), { code: 2, out: /^page {2}fail/m })
  t.match(await status(['--config', spoilt]), {
    code: 78,
    err: `${spoilt}:1:18: admin.socket: \${SOCKET} is not set in the environment and has no default; set it, or write \${SOCKET:-default}\n`,
  })
  await writeFile(spoilt, 'admin: { socket: 7 }')
  t.match(await status(['--config', spoilt]), { code: 78, err: /:1:18: admin\.socket: expected the path/ })
  t.match(await status([], { HEALTH_SIDECAR_ADMIN_SOCKET: socket }), { code: 2 }, 'the built-in one')
  await writeFile(spoilt, 'listen: 127.0.0.1:1')
  t.equal(await adminSocketOf(spoilt, {}), '/run/health-sidecar/admin.sock')
})
