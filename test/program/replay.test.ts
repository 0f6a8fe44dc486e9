import { once } from 'node:events'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { Test } from 'tap'
import { freePort } from '../support/free-port.ts'
import { runInProcess } from '../support/run-in-process.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { startSidecar } from '../support/sidecar.ts'

/** How long the app hangs after the first request that it did not answer, at least, in milliseconds: for another or two. */
const HANGS_MS = 2500

/** A daemon goes through a start, a failing page, and a while without an answer; and what it left of that. */
const recorded = async (t: Test) => {
  const scratch = await createScratchDirectory('health-sidecar-replay-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const app = { status: 200, hangs: false }
  const server = createServer((_request, response) => {
    if (!app.hangs) response.writeHead(app.status).end('Welcome')
  }).listen(join(scratch.path, 'app.sock'))
  await once(server, 'listening')
  t.teardown(() => (server.closeAllConnections(), void server.close()))
  const page = { name: 'homepage', type: 'smoke', target: `http+unix:${scratch.path}/app.sock`, path: '/' }
  await using sidecar = await startSidecar({
    scratch,
    port: await freePort(),
    config: {
      startup: { healthy_threshold: 2 },
      drain: { wait: '0s' },
      hold: { busy: '1h' },
      checks: [{ ...page, interval: '200ms', fresh_for: '50ms', timeout: '1s', unhealthy_threshold: 2 }],
    },
  })
  await sidecar.waitFor(({ status }) => status === 'pass')
  app.status = 500
  await sidecar.waitFor(({ status }) => status === 'fail')
  app.status = 200
  await sidecar.waitFor(({ status }) => status === 'pass')
  app.hangs = true
  // a page that is only slow is a warning too
  await sidecar.waitFor(
    ({ status, checks }) => status === 'warn' && checks['homepage']?.[0].status === 'unknown',
  )
  const hungAt = performance.now()
  await sidecar.waitFor(() => performance.now() - hungAt > HANGS_MS)
  app.hangs = false
  server.closeAllConnections()
  await sidecar.waitFor(({ status }) => status === 'pass')
  await sidecar.stop()
  const config = join(scratch.path, 'health-sidecar.yaml')
  return {
    directory: scratch.path,
    history: join(scratch.path, 'history.jsonl'),
    config,
    /** The path of a configuration that differs in one text. */
    changed: (before: string, after: string): string => {
      const other = join(scratch.path, 'other.yaml')
      const text = readFileSync(config, 'utf8')
      if (!text.includes(before)) throw new Error(`no ${before} in ${text}`)
      writeFileSync(other, text.replace(before, after))
      return other
    },
  }
}

const replay = (config: string, ...more: readonly string[]) =>
  runInProcess(['replay', '--config', config, ...more], { env: { TZ: 'UTC' } })

t.test(
  'replay › of a real daemon: the same under its own configuration, and the moment where another differs',
  async t => {
    const { directory, history, config, changed } = await recorded(t)
    const same = await replay(config, history)
    t.match(same, { code: 0, err: '' }, same.out)
    t.match(
      same.out,
      /^in all +the same for \d+s, never different\n\nSAME: each answer is as it was recorded/m,
    )
    t.equal((await replay(config, directory)).code, 0, 'its directory will do')

    const records = readFileSync(history, 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    /** When the check began to be so for the last time before a moment. */
    const beganBefore = (at: string, isSo: (status: string) => boolean): number => {
      const checks = records.filter(({ event, time }) => event === 'check' && time <= at)
      const first = checks.findLastIndex(({ status, statusBefore }) => isSo(status) && !isSo(statusBefore))
      return Date.parse(checks[first].time)
    }
    const shorter = changed('busy: 1h', 'busy: 400ms')
    const held = await replay(shorter, history)
    t.match(held, { code: 1, err: '' })
    t.match(
      held.out,
      /^\d\d:\d\d:\d\d +200→503 +for \d+s[^]*recorded: homepage: [^]*replayed: homepage: [^]*has lasted longer than hold\s+allows/m,
    )
    const json = JSON.parse((await replay(shorter, '--json', history)).out)
    t.match(json, { result: 'different', histories: [{ counts: { unknown: 0 } }] })
    const { from, to } = json.histories[0].differences.at(-1)
    const unknownSince = beganBefore(from, status => status === 'unknown')
    // each daemon stretches its hold a little
    const holdMs = 400 * (1 + 0.2 * records[0].policy.spread)
    t.ok(Math.abs(Date.parse(from) - unknownSince - holdMs) <= 3, 'at the moment at which hold ends')
    t.ok(Date.parse(to) - unknownSince >= HANGS_MS, 'until the app answers')

    const sooner = JSON.parse(
      (await replay(changed('unhealthy_threshold: 2', 'unhealthy_threshold: 1'), '--json', history)).out,
    )
    const early = sooner.histories[0].differences[0]
    t.match(early, { recorded: { answer: 200 }, replayed: { answer: 503 } })
    const failedAt = beganBefore(early.from, status => status === 'fail')
    t.ok(Math.abs(Date.parse(early.from) - failedAt) <= 20, 'at the first failure')

    const other = await replay(changed('path: /', 'path: /other'), history)
    t.match(other, { code: 3, err: '' })
    t.match(other.out, /unknown from this record: homepage asks something else[^]*^UNKNOWN: /m)

    appendFileSync(history, '{"time":"2026-11-26T03:0\u001b[31m\n')
    const damaged = await replay(config, history)
    t.match(damaged, { code: 3, err: '' })
    t.match(damaged.out, /^limit: +1 line is no record and was passed over$/m)
    writeFileSync(
      history,
      readFileSync(history, 'utf8').replace(
        /"release":"[^"]*",?|"bootId"/,
        '"release":"\\u001b[31mv1","bootId"',
      ),
    )
    t.notMatch(
      (await replay(shorter, history)).out,
      '\u001b[31m',
      'nothing of a record commands the terminal',
    )
  },
)

t.test('replay › what cannot be replayed is never called the same', async t => {
  const dir = t.testdir({
    'empty.jsonl': '',
    'other.jsonl': 'something\nelse\n',
    'history.jsonl.gz': gzipSync('{}'),
    'new.yaml': 'checks: [{ name: page, type: smoke, target: "http://127.0.0.1:9", path: / }]\n',
    'wrong.yaml': 'checks: [{ name: page }]\n',
  })
  const config = join(dir, 'new.yaml')
  for (const [file, why] of [
    ['empty.jsonl', 'it has no record'],
    ['other.jsonl', 'it has no record'],
    ['history.jsonl.gz', 'it is compressed: unpack it with gunzip'],
    ['missing.jsonl', 'it does not exist: check the path'],
    ['', 'it does not exist: check the path'],
  ] as const) {
    const { code, out } = await replay(config, join(dir, file))
    t.equal(code, 3, file)
    t.match(out, why)
  }
  const { code, out } = await replay(config, '/dev/null')
  t.equal(code, 3)
  t.match(out, '/dev/null: it is not a file: save the history to one')
  t.match(await replay(join(dir, 'wrong.yaml'), join(dir, 'empty.jsonl')), { code: 78 })
  t.match(await replay(config), { code: 64, err: /missing required argument/ })
})
