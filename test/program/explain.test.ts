import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { freePort } from '../support/free-port.ts'
import {
  TestHistory,
  alive,
  allPass,
  failed,
  pageFails,
  pagePasses,
  start,
} from '../support/history-records.ts'
import { httpRequest } from '../support/http-request.ts'
import { inPseudoTerminal } from '../support/pseudo-terminal.ts'
import { runCommand } from '../support/run-command.ts'
import { runAsNobody, runInProcess } from '../support/run-in-process.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { startSidecar } from '../support/sidecar.ts'
import type { Sidecar } from '../support/sidecar.ts'

/** A host with an app that a test breaks, and a sidecar that it starts. */
const host = async (t: Test) => {
  const scratch = await createScratchDirectory('health-sidecar-explain-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const app = { status: 200 }
  const server = createServer((_request, response) => {
    response.writeHead(app.status).end('Welcome')
  }).listen(join(scratch.path, 'app.sock'))
  await once(server, 'listening')
  t.teardown(() => (server.closeAllConnections(), void server.close()))
  const release = join(scratch.path, 'RELEASE')
  writeFileSync(release, 'v1\n')
  const [port, adminPort] = [await freePort(), await freePort()]
  const quick = { interval: '200ms', fresh_for: '50ms', timeout: '10s' }
  const start = () =>
    startSidecar({
      scratch,
      port,
      config: {
        release: `file:${release}`,
        startup: { healthy_threshold: 1 },
        drain: { wait: '0s' },
        checks: [
          {
            name: 'homepage',
            type: 'smoke',
            target: `http+unix:${scratch.path}/app.sock`,
            path: '/',
            ...quick,
          },
          { name: 'cache', type: 'tcp', target: `127.0.0.1:${adminPort}`, required: false, ...quick },
        ],
      },
    })
  const config = join(scratch.path, 'health-sidecar.yaml')
  const command = (name: string, ...more: readonly string[]) =>
    runInProcess([name, '--config', config, ...more], { env: { TZ: 'UTC' } })
  return { scratch, app, release, start, config, command, history: join(scratch.path, 'history.jsonl') }
}

const isServing = ({ phase, status }: { phase: string; status: string }) =>
  phase === 'serving' && status !== 'fail'

const probe = async (sidecar: Sidecar, times: number): Promise<void> => {
  for (let i = 0; i < times; i += 1) await sidecar.probe()
}

t.test('explain › tells a whole day: outage, deploy, drain, refused reload, restart and kill -9', async t => {
  const { app, release, start, config, command, history } = await host(t)
  const first = await start()
  await first.waitFor(isServing)
  await probe(first, 3)
  app.status = 500
  await first.waitFor(({ status }) => status === 'fail')
  await probe(first, 2)
  app.status = 200
  await first.waitFor(isServing)
  writeFileSync(release, 'v2\n')
  await first.waitFor(document => document.releaseId === 'v2' && isServing(document))
  await command('drain', '--reason', 'kernel', '--for', '30m')
  await command('resume')
  const right = readFileSync(config, 'utf8')
  writeFileSync(config, right.replace('required: false', 'required: perhaps'))
  t.equal((await command('reload')).code, 78)
  writeFileSync(config, right)
  await first.waitFor(isServing)

  const up = await command('explain', '--since', '10m')
  t.match(up, { code: 0, err: '' })
  t.match(up.out, /^now {7}200 \(serving\) since [\d:]+, release v2$/m)
  t.notMatch(up.out, 'note:')

  process.kill(first.pid, 'SIGINT')
  await first.ended
  const second = await start()
  await written(history, /"event":"start"[^]*"event":"stop"[^]*"event":"start"/)
  const { since } = await second.status()
  process.kill(second.pid, 'SIGKILL')
  await second.ended
  appendFileSync(history, '{"time":"2026-11-26T03:0')
  await using third = await start()
  t.equal((await third.status()).since, since, 'since goes on over a kill')
  await third.waitFor(isServing)

  const told = await command('explain', '--since', '10m')
  t.match(told, { code: 0, err: '' })
  const expected = [
    /the history begins here/,
    /none→503 +the daemon starts \(version .*, release v1\)\n +the host has to prove itself/,
    /503→200 +the host has proved itself\n +rule: cache: a check that is not required can only warn\n +3 probes got 200/,
    /200→503 +homepage pass→fail +SMOKE_STATUS_UNEXPECTED\n[^]*rule: a required check fails \(unhealthy_threshold 1\)\n +2 probes got 503/,
    /503→200 +homepage fail→pass/,
    /200→503 +another release: v2 \(before: v1\)\n +it has to prove itself/,
    /503→200 +the host has proved itself/,
    /200→503 +drain: kernel, by .*, until [\d:]+\n +rule: a drain answers 503/,
    /503→200 +resumed by /,
    /200 kept +a configuration is refused; the one before stays\n +.*:\d+:\d+:/,
    /200→none +the daemon stops/,
    /none→200 +the daemon starts .*\n +this release has passed on this boot, so the host goes on serving/,
    /200→none +the daemon ended without a word: killed, or it crashed\n +between [\d:]+ and [\d:]+/,
    /none→200 +the daemon starts/,
    /^now +200 \(serving\)/m,
    /^in all +3 probes got 200, 2 probes got 503$/m,
  ]
  t.match(told.out, new RegExp(expected.map(({ source }) => source).join('[^]*'), 'm'))
  t.strictSame(
    told.out.split('\n').filter(line => Array.from(line).length > 80),
    [],
  )

  const json = JSON.parse((await command('explain', '--since', '10m', '--json')).out)
  t.match(json, { probes: { 200: 3, 503: 2 }, now: { answer: 200, release: 'v2' } })
  const outage = json.entries.find(({ what }: { what: string }) => /pass→fail/.test(what))
  t.match(outage, { answerBefore: 200, answer: 503, probes: { 503: 2 } })
  const at = await command('explain', '--at', outage.time)
  t.match(at.out, /503 \(serving\) since [^]*homepage: [^]*homepage +fail +since .* SMOKE_STATUS_UNEXPECTED/)
  t.match(at.out, /503→200 +homepage fail→pass/, 'and what came next')
})

t.test('explain › with the daemon stopped for good, or hanging, reads the file and says so', async t => {
  const { start, command, scratch, history } = await host(t)
  const sidecar = await start()
  await written(history, /"event":"verdict".*"phase":"serving"/)
  process.kill(sidecar.pid, 'SIGSTOP')
  const hanging = await command('explain')
  process.kill(sidecar.pid, 'SIGCONT')
  t.match(hanging, {
    code: 0,
    err: '',
    out: /503→200 +the host has proved itself[^]*^last +200[^]*that is of the last record[^]*note: +no daemon answers on[^]*\(ETIMEDOUT\)/m,
  })
  await sidecar.stop()
  t.match(await command('explain'), {
    code: 0,
    out: /→none +the daemon stops\nlast +no daemon answered since/,
  })
  appendFileSync(history, '{"time":"2026-11-26T03:0')
  const alone = await runInProcess(['explain', '--state-dir', scratch.path])
  t.match(alone, { code: 0, out: /the daemon stops/ })
  t.match(
    alone.out.split('\n').filter(line => line.startsWith('note:')),
    ['note:     1 line is no record, and is ignored'],
  )
})

t.test('GET /history › JSON lines, of both listeners, from a time on; no action', async t => {
  const { scratch, start } = await host(t)
  await using sidecar = await start()
  await sidecar.waitFor(isServing)
  const get = (path: string, method = 'GET') =>
    httpRequest({ socketPath: join(scratch.path, 'admin.sock'), path, method })
  const whole = await get('/history')
  t.match(whole, {
    status: 200,
    headers: { 'content-type': /^application\/x-ndjson/, 'cache-control': 'no-store' },
  })
  const records = whole.body
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  t.match(
    [records[0], records.at(-1)],
    [
      { event: 'start', release: 'v1' },
      { event: 'now', answer: 200 },
    ],
  )
  t.equal((await get('/history?since=1h')).body.split('\n').length, whole.body.split('\n').length)
  t.equal((await get('/history?since=2099-01-01T00:00:00Z')).body, '')
  t.match(await get('/history?since=soon'), { status: 400, body: /expected an ISO time, or a duration/ })
  t.match(await get('/history', 'POST'), { status: 405 })
  chmodSync(scratch.path, 0o777)
  t.match(await get('/history'), { status: 500, body: /everybody can write to .*chmod o-w/ })
  t.match(await runInProcess(['explain', '--config', sidecar.configFile]), {
    code: 0,
    out: /note: +the daemon on .* tells no\n? *history: the history cannot be read/,
  })
})

/** Waits until the file has what the pattern says. */
const written = async (file: string, pattern: RegExp): Promise<void> => {
  while (!pattern.test(readFileSync(file, 'utf8'))) await delay(20)
}

/** A history without a daemon. */
const files = async (t: Test, lines: readonly string[]) => {
  const scratch = await createScratchDirectory('health-sidecar-explain-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const config = join(scratch.path, 'health-sidecar.yaml')
  writeFileSync(config, `state_dir: ${scratch.path}\nadmin: { socket: ${scratch.path}/admin.sock }\n`)
  writeFileSync(join(scratch.path, 'history.jsonl'), lines.map(line => `${line}\n`).join(''), { mode: 0o640 })
  return {
    scratch,
    config,
    explain: (...more: string[]) => runInProcess(['explain', '--config', config, ...more]),
  }
}

const outage = new TestHistory()
  .at(0, start)
  .at(70, pageFails, { verdict: 'fail', probes: { 200: 5 } })
  .at(70, failed)
  .at(160, pagePasses, { verdict: 'pass', probes: { 503: 6 } })
  .at(160, allPass)
  .at(200, alive, { probes: { 200: 3 } }).lines

t.test('explain › is 3 if nothing is known, and says what to do', async t => {
  const { scratch, config, explain } = await files(t, [])
  t.match(await explain(), { code: 3, out: '', err: /nothing is known: the history has no record yet/ })
  t.match(await runInProcess(['explain', '--state-dir', '/nonexistent']), {
    code: 3,
    err: /\/nonexistent\/history\.jsonl does not exist: .* check state_dir/,
  })
  const json = await explain('--json')
  t.match([json.code, JSON.parse(json.out)], [3, { error: /nothing is known/ }])
  writeFileSync(join(scratch.path, 'history.jsonl'), 'garbage\n{}\n')
  t.match(await explain(), { code: 3, err: /no record yet; .*; 2 lines are no records/ })
  chmodSync(scratch.path, 0o755)
  t.match(await runAsNobody(['explain', '--config', config]), {
    code: 3,
    err: /nothing is known/,
  })
})

t.test(
  'explain › another user who may not read it is told so',
  { skip: process.geteuid?.() !== 0 },
  async t => {
    const { scratch, config } = await files(t, outage)
    chmodSync(scratch.path, 0o755)
    chmodSync(config, 0o644)
    chmodSync(join(scratch.path, 'history.jsonl'), 0o600)
    t.match(await runAsNobody(['explain', '--config', config]), {
      code: 3,
      err: /may not be read by this user \(EACCES\); use sudo, or join the group of that file/,
    })
  },
)

t.test('explain › wrong usage is 64', async t => {
  for (const [args, err] of [
    [['--since', 'soon'], /--since: found "soon"; expected a time such as 10m, 03:14 or 2026-/],
    [['--at', '2099-01-01'], /--at: "2099-01-01" has not come yet/],
    [['--at', '25:00'], /--at: found "25:00"/],
    [['--at', '10m', '--since', '1h'], /--since or --at, not both/],
  ] as const)
    t.match(await runInProcess(['explain', '--state-dir', '/nonexistent', ...args]), {
      code: 64,
      out: '',
      err,
    })
})

t.test('explain › a quiet time says where things stand, and what stood before', async t => {
  const { scratch } = await files(t, outage)
  const { code, stdout } = await runCommand(
    ['explain', '--state-dir', scratch.path, '--since', '2026-11-26T03:02:00Z'],
    {
      env: { TZ: 'Europe/Berlin' },
    },
  )
  t.equal(code, 0)
  t.match(
    stdout,
    /^2026-11-26, times in UTC\+01:00\n04:02:00 {2}503 \(serving\) since 04:01:10, release v1\n {10}6 probes got 503\n04:02:40 {2}503→200/,
  )
  const at = await runCommand(['explain', '--state-dir', scratch.path, '--at', '2026-11-26T03:00:30Z'], {
    env: { TZ: 'America/New_York' },
  })
  t.match(
    at.stdout,
    /^2026-11-25, times in UTC-05:00\n22:00:00[^]*22:00:30 {2}200 \(serving\) since 22:00:00[^]*22:01:10 {2}200→503/,
  )
  t.match(await runCommand(['explain', '--state-dir', scratch.path, '--at', '2026-11-25']), {
    code: 3,
    stderr: /nothing is known of that time: the history begins at 2026-11-26T03:00:00.000Z/,
  })
})

t.test('explain › a text from the history commands no terminal', async t => {
  const evil = new TestHistory().at(0, start, { release: 'v1\u001b[31m\n' }).lines
  const { explain } = await files(t, evil)
  t.match((await explain('--since', '2026-11-26')).out, 'release v1\\u001b[31m\\u000a')
})

const hasScript = spawnSync('script', ['--version']).status === 0

t.test(
  'explain › in a terminal of 80 × 24: no line is longer, colours but with NO_COLOR',
  { skip: !hasScript },
  async t => {
    const { scratch } = await files(t, outage)
    const args = ['explain', '--state-dir', scratch.path, '--since', '2026-11-26']
    for (const env of [{}, { NO_COLOR: '1' }]) {
      const terminal = inPseudoTerminal(args, { env })
      t.equal(await terminal.ended, 0)
      const shown = terminal.shown()
      t.equal(shown.includes('\u001b['), !('NO_COLOR' in env))
      const lines = stripVTControlCharacters(shown)
        .split(/\r*\n/)
        .filter(line => !line.startsWith('<'))
      t.match(lines.join('\n'), '200→503   page pass→fail  SMOKE_STATUS_UNEXPECTED')
      t.strictSame(
        lines.filter(line => Array.from(line).length > 80),
        [],
      )
    }
  },
)
