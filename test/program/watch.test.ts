import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { changeLine, statusKey } from '../../src/cli/status-change.ts'
import { startFakeDaemon, statusDocument } from '../support/fake-daemon.ts'
import { inPseudoTerminal } from '../support/pseudo-terminal.ts'
import { MAIN } from '../support/run-command.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

const scratch = await createScratchDirectory('health-sidecar-watch-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const socket = join(scratch.path, 'fake.sock')
const config = join(scratch.path, 'config.yaml')
await writeFile(config, `admin: { socket: ${socket} }\n`)
const watch = ['status', '--watch', '--config', config]

const failing = {
  status: 'fail',
  reason: 'SMOKE_STATUS_UNEXPECTED',
  output: `500 ${'for GET / '.repeat(30)}`,
} as const
const held = {
  status: 'unknown',
  effect: 'warn',
  because: 'held',
  reason: 'DATABASE_REFUSED',
  cause: 'shared',
} as const
const good = statusDocument({ page: {}, database: {} }, { releaseId: 'v1' })
const outage = statusDocument({ page: {}, database: held }, { status: 'warn', releaseId: 'v1' })
const bad = statusDocument({ page: failing, database: {} }, { status: 'fail', releaseId: 'v2' })

const ESCAPE = '\u001b'
const now = new Date('2026-11-26T03:14:02Z')

t.test('change line › first where things stand, and then only what has changed', async t => {
  const line = (document: typeof good, before?: typeof good) => changeLine(document, { before, now })
  t.equal(line(good), '03:14:02Z  SERVING 200   release v1   page pass   database pass')
  t.equal(line(outage, good), '03:14:02Z  SERVING 200   database pass→unknown  DATABASE_REFUSED')
  t.equal(
    line(bad, outage),
    '03:14:02Z  FAILING 503   release v2   page pass→fail  SMOKE_STATUS_UNEXPECTED   database unknown→pass',
  )
  const starting = statusDocument(
    { page: {} },
    { status: 'fail', phase: 'starting', startup: { rounds: 1, needed: 5 } },
  )
  t.equal(line(starting, good), '03:14:02Z  STARTING 503 1/5   database gone')
  const drained = statusDocument(
    { page: {} },
    { status: 'fail', phase: 'draining', drain: { reason: 'kernel' } },
  )
  t.equal(line(drained, starting), '03:14:02Z  DRAINING 503   (kernel)')
})

t.test('status key › stays the same while only times and numbers in messages change', async t => {
  const later = statusDocument(
    { page: { ...failing, output: '501', time: '2026-11-26T03:14:02Z', observedValue: 7 }, database: {} },
    { status: 'fail', releaseId: 'v2' },
  )
  t.equal(statusKey(later), statusKey(bad))
  t.not(statusKey(good), statusKey(outage))
})

/** Reads lines of a watch that is piped, until there are so many; then the reader goes. */
const piped = async (count: number, more: readonly string[] = [], onFirst = async () => {}) => {
  const child = spawn(process.execPath, [MAIN, ...watch, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {},
  })
  scratch.adopt(child)
  let text = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    if (text === '') await onFirst()
    text += chunk
    if (text.split('\n').length > count) break
  }
  child.stdout.destroy()
  const [code] = await once(child, 'exit')
  return { code, lines: text.split('\n').slice(0, count) }
}

t.test(
  'status --watch › piped: a line for each change, no cursor movement; ends when its reader has gone',
  async t => {
    await startFakeDaemon(t, { socket, documents: [good, good, outage, bad, outage, bad, outage, bad] })
    const { code, lines } = await piped(3)
    t.match(lines, [
      /^\d\d:\d\d:\d\dZ {2}SERVING 200 {3}release v1 {3}page pass {3}database pass$/,
      /database pass→unknown/,
      /FAILING 503/,
    ])
    t.notMatch(lines.join(), '\u001b')
    t.ok(code === 1 || code === 2, `the last verdict: ${code}`)
  },
)

t.test('status --watch --json › the status document on a line, for each change', async t => {
  await startFakeDaemon(t, { socket, documents: [good, good, outage, bad, outage, bad] })
  const { lines } = await piped(2, ['--json'])
  t.strictSame(
    lines.map(line => JSON.parse(line)),
    [good, outage],
  )
})

const hasScript = spawnSync('script', ['--version']).status === 0

t.test(
  'status --watch › in a terminal of 80 × 24: redrawn in place, and q leaves it as it was',
  { skip: !hasScript },
  async t => {
    await startFakeDaemon(t, { socket, documents: [good, bad] })
    const terminal = inPseudoTerminal(watch)
    await terminal.until(/SERVING/)
    const frame = await terminal.until(/FAILING[^]*q quits/)
    t.notMatch(frame, '\u001b[2J', 'no flicker')
    const lines = stripVTControlCharacters(frame).split(/\r*\n/)
    t.strictSame(
      lines.filter(line => line.length > 80),
      [],
      'no line is longer than the terminal is wide',
    )
    t.ok(
      lines.some(line => line.length === 80),
      'and a long one is cut off',
    )
    terminal.type('q')
    t.equal(await terminal.ended, 2)
    const [before, after] = Array.from(
      terminal.shown().matchAll(/<([\da-f:]+)>/g),
      ([, settings]) => settings,
    )
    t.equal(after, before, 'its settings')
    t.match(
      terminal.shown(),
      new RegExp(
        ['1049h', '25l', '7l', '7h', '25h', '1049l'].map(mode => `${ESCAPE}\\[\\?${mode}[^]*`).join(''),
      ),
    )
  },
)

t.test(
  'status --watch › Ctrl-C leaves the terminal too; NO_COLOR has no colours',
  { skip: !hasScript },
  async t => {
    await startFakeDaemon(t, { socket, documents: [good] })
    const terminal = inPseudoTerminal(watch, { env: { NO_COLOR: '1' } })
    const frame = await terminal.until(/SERVING[^]*q quits/)
    t.notMatch(frame, new RegExp(`${ESCAPE}\\[\\d*m`))
    terminal.type('\u0003')
    t.equal(await terminal.ended, 0)
    const [before, after] = Array.from(
      terminal.shown().matchAll(/<([\da-f:]+)>/g),
      ([, settings]) => settings,
    )
    t.equal(after, before)
  },
)

t.test('status --watch › TERM=dumb: lines', { skip: !hasScript }, async t => {
  await startFakeDaemon(t, { socket, documents: [good, bad] })
  const terminal = inPseudoTerminal(watch, { env: { TERM: 'dumb' } })
  await terminal.until(/SERVING 200 [^]*FAILING 503/)
  t.notMatch(terminal.shown(), '\u001b[H')
  terminal.type('\u0003')
  await terminal.ended
})

t.test(
  'status --watch › is drawn again when the terminal has another size',
  { skip: !hasScript },
  async t => {
    const wider = join(scratch.path, 'wider')
    execFileSync('mkfifo', [wider])
    await startFakeDaemon(t, { socket, documents: [bad] })
    const terminal = inPseudoTerminal(watch, { wider })
    await terminal.until(/FAILING[^]*q quits/)
    await writeFile(wider, 'now\n')
    await terminal.until(/(?:for GET \/ ){8}/)
    terminal.type('q')
    t.equal(await terminal.ended, 2)
  },
)

t.test('status --watch › q ends it while the daemon hangs: 3', { skip: !hasScript }, async t => {
  const server = createServer(() => {}).listen(socket)
  await once(server, 'listening')
  t.teardown(() => (server.closeAllConnections(), void server.close()))
  const terminal = inPseudoTerminal(watch)
  await terminal.until(new RegExp(`${ESCAPE}\\[\\?1049h`))
  terminal.type('q')
  t.equal(await terminal.ended, 3)
})

t.test('status --watch › tells that nobody answers, and goes on until somebody does', async t => {
  const reading = piped(2, [], async () => {
    await startFakeDaemon(t, { socket, documents: [good, bad, outage, bad, outage, bad, outage, bad] })
  })
  const { lines } = await reading
  t.match(lines, [/^\d\d:\d\d:\d\dZ {2}NOT KNOWN {3}no daemon answers on .*\(ENOENT\)/, /SERVING 200/])
})
