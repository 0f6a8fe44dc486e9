/**
 * The built daemon under 500 probes a second while 16 kinds of fault come and go. No answer may be late or wrong, and its
 * memory and descriptors may not grow.
 * Usage: node test/soak/soak.ts [--minutes 10]
 */
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '../support/free-port.ts'
import { httpRequest } from '../support/http-request.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { startSidecar } from '../support/sidecar.ts'
import { createApp, respond } from './app.ts'
import type { Respond } from './app.ts'

const root = join(import.meta.dirname, '../..')
const PROGRAM = join(root, 'dist/health-sidecar.js')
/** as it is installed */
const FLAGS = /^daemon='(--.*)'$/m
  .exec(readFileSync(join(root, 'packaging/launcher'), 'utf8'))?.[1]
  ?.split(' ')
const { minutes = '10' } = parseArgs({ options: { minutes: { type: 'string' } } }).values
const SOAK_MS = Number(minutes) * 60_000
const PROBES_A_SECOND = 500
const TICK_MS = 20
const DEADLINE_MS = 1000
/** What an answer may take beyond its deadline: a shared machine stalls, and the client with it. */
const GRACE_MS = 500
/** After a change, the answer may be either for this long. */
const SETTLE_MS = 2500
/** The same for a file that was written: it is not relied on for 3 s. */
const FILE_SETTLE_MS = 6000
/** How long the answer must then be right. */
const STEADY_MS = 1000
const MAX_MEBIBYTES = 128
const MAX_GROWTH_MEBIBYTES = 32
const MAX_NEW_DESCRIPTORS = 8

if (!existsSync(PROGRAM)) throw new Error('there is no dist/health-sidecar.js; run `npm run build`')
await using scratch = await createScratchDirectory('health-sidecar-soak-')
const file = (name: string): string => join(scratch.path, name)
const app = createApp(file('app.sock'))
await app.start()
const ENV = 'SECRET_KEY=0123456789abcdef\n'
await writeFile(file('env'), ENV)
const port = await freePort()
await using sidecar = await startSidecar({
  scratch,
  port,
  program: PROGRAM,
  flags: FLAGS ?? [],
  config: {
    deadline: `${DEADLINE_MS}ms`,
    startup: { healthy_threshold: 1 },
    log: { file: file('main.log'), probes: 'changes' },
    checks: [
      {
        name: 'page',
        type: 'smoke',
        target: `http+unix:${file('app.sock')}`,
        expect: { body: '/^Welcome|^(x+x+)+y$/' },
        show_error_page: true,
        interval: '1s',
        timeout: '500ms',
      },
      { name: 'env', type: 'env', files: [file('env')], required: ['SECRET_KEY'], interval: '1s' },
    ],
  },
})

/** Sockets of clients that do harm; all are closed when the fault ends. */
const hostile = new Set<Socket>()
const attack = async (count: number, bytes = ''): Promise<void> => {
  for (let i = 0; i < count; i += 1) {
    const socket = createConnection({
      host: '127.0.0.1',
      port,
      localAddress: '127.0.0.99',
      allowHalfOpen: true,
    })
    socket.on('error', () => {}).on('close', () => hostile.delete(socket))
    hostile.add(socket)
    await once(socket, 'connect').catch(() => {})
    socket.write(bytes)
  }
}
const GET = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n'
const hangUp = async (): Promise<void> => {
  for (const socket of hostile) socket.destroy()
}

/** A fault: what it must be answered with once it has settled; `undefined`: either, but in time. */
interface Fault {
  readonly name: string
  readonly answer: 200 | 503 | undefined
  readonly settleMs?: number
  readonly begin: () => Promise<void>
  readonly end: () => Promise<void>
}

const answering = (name: string, how: Respond, answer: Fault['answer']): Fault => ({
  name,
  answer,
  begin: async () => app.answerBy(how),
  end: async () => app.answerBy(respond.page),
})
const configText = await readFile(sidecar.configFile, 'utf8')
const hangup = (): void => void process.kill(sidecar.pid, 'SIGHUP')

const faults: readonly Fault[] = [
  // the most memory first: what is left of it shows in the half of the time
  { name: '1,100 silent connections', answer: 200, begin: () => attack(1100), end: hangUp },
  { name: '60,000 pipelined requests', answer: 200, begin: () => attack(3, GET.repeat(20_000)), end: hangUp },
  {
    name: 'a configuration that is refused',
    answer: 200,
    begin: async () => {
      await writeFile(sidecar.configFile, `x: &x [*x]\n${configText}`)
      hangup()
    },
    end: async () => {
      await writeFile(sidecar.configFile, configText)
      hangup()
    },
  },
  answering('the app answers 500', respond.broken, 503),
  answering('another page', respond.other, 503),
  answering('a redirect', respond.redirect, 503),
  answering('the app closes the connection', respond.closed, 503),
  answering('no HTTP', respond.garbage, 503),
  answering('an error page that is all markup', respond.markup, 503),
  answering('the app is slow', respond.slow, 200),
  answering('a page of 4 MiB', respond.large, 200),
  answering('the app hangs', respond.silent, undefined),
  answering('the page ends early', respond.torn, undefined),
  { name: 'the app is stopped', answer: 503, begin: () => app.stop(), end: () => app.start() },
  {
    name: 'a variable is missing',
    answer: 503,
    settleMs: FILE_SETTLE_MS,
    begin: () => writeFile(file('env'), 'OTHER=1\n'),
    end: () => writeFile(file('env'), ENV),
  },
  {
    name: 'the env file is gone',
    answer: undefined,
    settleMs: FILE_SETTLE_MS,
    begin: () => rm(file('env')),
    end: () => writeFile(file('env'), ENV),
  },
]

/** A few addresses, as a balancer has a few nodes. */
const agents = Array.from(
  { length: 8 },
  (_, i) => new Agent({ keepAlive: true, maxSockets: 200, localAddress: `127.0.0.${10 + i}` }),
)
let expected: 200 | 503 | undefined
let isSteady = false
let isPaused = false
let situation = 'the start'
const tally = { answers: 0, slowestMs: 0 }
const complaints = new Map<string, number>()
const complain = (what: string): void => void complaints.set(what, (complaints.get(what) ?? 0) + 1)

const inFlight = new Set<Promise<void>>()

const probe = async (agent: Agent | undefined): Promise<void> => {
  const [before, wanted, steady] = [situation, expected, isSteady]
  const startedAt = performance.now()
  try {
    const { status } = await httpRequest({
      host: '127.0.0.1',
      port,
      path: '/health',
      ...(agent && { agent }),
      signal: AbortSignal.timeout(DEADLINE_MS + 4000),
    })
    const tookMs = performance.now() - startedAt
    tally.answers += 1
    tally.slowestMs = Math.max(tally.slowestMs, tookMs)
    if (tookMs > DEADLINE_MS + GRACE_MS) complain(`late, in ${before}`)
    if (steady && situation === before && wanted !== undefined && status !== wanted)
      complain(`${status} instead of ${wanted}, in ${before}`)
  } catch (error) {
    complain(`no answer (${error instanceof Error ? error.message : 'unknown'}), in ${before}`)
  }
}

const privateMebibytes = (): number => {
  const rollup = readFileSync(`/proc/${sidecar.pid}/smaps_rollup`, 'utf8')
  const sizes = Array.from(rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm), ([, size]) =>
    Number(size),
  )
  return sizes.reduce((a, b) => a + b, 0) / 1024
}
/** Without the probes' own connections, which close first. */
const descriptors = async (): Promise<number> => {
  isPaused = true
  await Promise.all(inFlight)
  for (const agent of agents) agent.destroy()
  await delay(1000)
  isPaused = false
  return readdirSync(`/proc/${sidecar.pid}/fd`).length
}

const settle = async (
  next: string,
  { answer, settleMs = SETTLE_MS }: Pick<Fault, 'answer' | 'settleMs'>,
): Promise<void> => {
  isSteady = false
  situation = next
  expected = answer
  await delay(settleMs)
  isSteady = true
  await delay(STEADY_MS)
  isSteady = false
}

await sidecar.waitFor(({ status }) => status === 'pass')
let sent = 0
const probing = setInterval(() => {
  if (isPaused) return
  for (let i = 0; i < (PROBES_A_SECOND * TICK_MS) / 1000; i += 1) {
    const answered = probe(agents[sent++ % agents.length]).finally(() => inFlight.delete(answered))
    inFlight.add(answered)
  }
}, TICK_MS)

const until = performance.now() + SOAK_MS
const memory: number[] = []
const open: number[] = []
const seen = new Set<string>()
while (performance.now() < until) {
  // the first time around, all of them; a short soak takes fewer
  for (const fault of faults) {
    if (performance.now() > until) break
    await fault.begin()
    await settle(fault.name, fault)
    await fault.end()
    await settle(`the time after: ${fault.name}`, { ...fault, answer: 200 })
    seen.add(fault.name)
    memory.push(privateMebibytes())
  }
  open.push(await descriptors())
}
clearInterval(probing)
await Promise.all(inFlight)
open.push(await descriptors())

const half = memory[memory.length >> 1] ?? 0
const growth = (memory.at(-1) ?? 0) - half
const most = Math.max(...memory)
if (most > MAX_MEBIBYTES) complain(`memory was ${most.toFixed(0)} MiB`)
if (growth > MAX_GROWTH_MEBIBYTES) complain(`memory grew by ${growth.toFixed(0)} MiB`)
if ((open.at(-1) ?? 0) > (open[0] ?? 0) + MAX_NEW_DESCRIPTORS)
  complain(`descriptors grew: ${open.join(', ')}`)
console.log(
  `${tally.answers} answers over ${seen.size} of ${faults.length} kinds of fault; slowest ${tally.slowestMs.toFixed(0)} ms; private memory ${half.toFixed(0)} MiB at half time, ${memory.at(-1)?.toFixed(0)} at the end, at most ${most.toFixed(0)}; descriptors ${open.join(', ')}`,
)
for (const agent of agents) agent.destroy()
await app.stop()
if (complaints.size > 0) {
  for (const [what, count] of complaints) console.error(`${what}: ${count}`)
  process.exitCode = 1
}
