/**
 * 100,000 connections to the public listener with malformed, smuggled, pipelined and slow requests, a quarter of them with
 * `path: /`. Nothing may crash it, get a 200 that the verdict does not give, be left without an end, or make its memory grow.
 * Usage: node test/fuzz/http.ts [seed]
 */
import { createConnection, isIP } from 'node:net'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Verdict } from '../../src/core/verdict.ts'
import { parseProxyHeader } from '../../src/http/parse-proxy-header.ts'
import { createPublicListener } from '../../src/http/public.ts'
import { createRandom } from '../support/random.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { randomRequests } from './http-requests.ts'

const INPUTS = 100_000
const CLIENTS = 32
/** Clients that send a byte now and then and never close their side. */
const SLOW = 100
/** A connection that is open for longer is a place that is lost. The limit for a whole request is 5 s. */
const END_MS = 20_000
const MAX_HEAP_GROWTH_BYTES = 8 * 1024 * 1024
const ANSWERS = new Set([100, 200, 400, 404, 405, 408, 417, 431, 503])

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const firstSeed = Number(process.argv[2] ?? Date.now() % 2 ** 31)
let verdict: Verdict['status'] = 'fail'
await using scratch = await createScratchDirectory('health-sidecar-fuzz-http-')

/** A listener for probes of this path, and what a request for the path has in it at least. */
const open = async (path: string, { name, asks }: { readonly name: string; readonly asks: RegExp }) => {
  const server = createPublicListener({
    path,
    // one in four is not known yet, as if a check had to run
    verdict() {
      const known: Verdict = { status: verdict, phase: 'serving', checks: [] }
      return Math.random() < 0.25 ? new Promise(resolve => setImmediate(resolve, known)) : known
    },
    onProbe() {},
  })
  const socket = join(scratch.path, name)
  await server.listen({ path: socket })
  return { server, socket, asks }
}
const health = await open('/health', { name: 'health.sock', asks: /\/(?:h|%68)ealth/gi })
const root = await open('/', { name: 'root.sock', asks: /(?:GET|HEAD|OPTIONS) /g })
const listeners = [health, root]

const complain = (what: string, { seed, bytes }: { seed: number; bytes: Buffer }): never => {
  throw new Error(`${what}; seed ${seed}: ${JSON.stringify(bytes.toString('latin1'))}`)
}

/** Everything that the server answers to these bytes, until it closes. Each piece waits a turn of the event loop. */
const exchange = async (
  pieces: readonly Buffer[],
  { path, closes }: { readonly path: string; readonly closes: boolean },
): Promise<string> => {
  const socket = createConnection({ path, allowHalfOpen: true })
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  socket.on('error', () => {})
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.once('end', resolve)
  socket.once('close', resolve)
  const limit = setTimeout(() => reject(new Error('the connection was left open')), END_MS)
  for (const piece of pieces) {
    socket.write(piece)
    await new Promise(done => setImmediate(done))
  }
  if (closes) socket.end()
  try {
    await promise
  } finally {
    clearTimeout(limit)
    socket.destroy()
  }
  return Buffer.concat(chunks).toString('latin1')
}

const statusesIn = (answers: string): number[] =>
  Array.from(answers.matchAll(/^HTTP\/1\.1 (\d+) /gm), ([, status]) => Number(status))

/** Random and mutated headers of the PROXY protocol into its parser: 100,000. It takes nothing that is not one. */
const fuzzProxyHeaders = (): void => {
  const kinds: Record<string, number> = {}
  const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
  for (let i = 0; i < INPUTS; i++) {
    const random = createRandom(firstSeed + i)
    const tail = Buffer.from(Array.from({ length: random.below(300) }, () => random.below(256)))
    const starts = [
      Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 40000 80\r\n'),
      Buffer.from('PROXY UNKNOWN\r\n'),
      Buffer.concat([signature, Buffer.from([0x21, 0x11, 0, 12]), Buffer.alloc(12, 7)]),
      Buffer.concat([
        signature,
        Buffer.from([0x20 + random.below(3), random.below(64), 0, random.below(256)]),
      ]),
      Buffer.alloc(0),
    ]
    const bytes = Buffer.concat([starts[random.below(starts.length)] ?? Buffer.alloc(0), tail])
    for (let flips = random.below(3); flips > 0 && bytes.length > 0; flips--)
      bytes[random.below(bytes.length)] = random.below(256)
    const whole = parseProxyHeader(bytes)
    kinds[whole.kind] = (kinds[whole.kind] ?? 0) + 1
    if (whole.kind !== 'complete') continue
    const header = bytes.subarray(0, whole.bytes)
    const isOne = header.indexOf('PROXY ') === 0 || header.indexOf(signature) === 0
    if (!isOne || whole.bytes > bytes.length || whole.bytes > 4096)
      complain('taken', { seed: firstSeed + i, bytes })
    if (whole.source !== undefined && isIP(whole.source) === 0)
      complain('no address', { seed: firstSeed + i, bytes })
    if (parseProxyHeader(header.subarray(0, -1)).kind !== 'incomplete')
      complain('early', { seed: firstSeed + i, bytes })
  }
  console.log(`${INPUTS} PROXY headers into the parser`, kinds)
}
fuzzProxyHeaders()

const counts: Record<string, number> = {}
const fuzzOne = async (seed: number): Promise<void> => {
  const random = createRandom(seed)
  const { socket, asks } = seed % 4 === 0 ? root : health
  const bytes = randomRequests(random)
  const cut = random.below(bytes.length + 1)
  const pieces = random.chance(0.3) ? [bytes.subarray(0, cut), bytes.subarray(cut)] : [bytes]
  const answers = await exchange(
    pieces.filter(({ length }) => length > 0),
    { path: socket, closes: true },
  ).catch((error: unknown) => complain(String(error), { seed, bytes }))
  const statuses = statusesIn(answers)
  for (const status of statuses) {
    counts[status] = (counts[status] ?? 0) + 1
    if (!ANSWERS.has(status)) complain(`answered ${status}`, { seed, bytes })
  }
  const passes = statuses.filter(status => status === 200).length
  const asked = Array.from(bytes.toString('latin1').matchAll(asks)).length
  if (passes > (verdict === 'fail' ? 0 : asked)) complain(`${passes} answers are 200`, { seed, bytes })
  if (statuses.filter(status => status === 200 || status === 503).length > 4 + asked)
    complain('more answers than requests', { seed, bytes })
}

const slowOnes = Array.from({ length: SLOW }, async (_, i) => {
  const bytes = randomRequests(createRandom(firstSeed + INPUTS + i))
  const pieces = Array.from(bytes.subarray(0, 20), byte => Buffer.from([byte]))
  await exchange(pieces, { path: (i % 2 ? root : health).socket, closes: false })
})

const heapAfter: number[] = []
let next = 0
const client = async (until: number): Promise<void> => {
  while (next < until) await fuzzOne(firstSeed + next++)
}
for (const [status, until] of [
  ['fail', INPUTS * 0.25],
  ['fail', INPUTS * 0.75],
  ['pass', INPUTS],
] as const) {
  verdict = status
  await Promise.all(Array.from({ length: CLIENTS }, () => client(until)))
  await Promise.all(slowOnes)
  collectGarbage()
  heapAfter.push(process.memoryUsage().heapUsed)
}

const [first = 0, , last = 0] = heapAfter
for (const { server } of listeners) {
  const connections = await new Promise<number>(resolve =>
    server.server.getConnections((_error, count) => resolve(count)),
  )
  if (connections > 0) throw new Error(`${connections} connections are left open`)
}
if (last - first > MAX_HEAP_GROWTH_BYTES) throw new Error(`the heap grew from ${first} to ${last} bytes`)
for (const { server } of listeners) await server.close()
console.log(`${INPUTS} connections, seed ${firstSeed}: no crash, no false 200`, counts)
console.log(
  `heap after a quarter, three quarters and all: ${heapAfter.map(bytes => Math.round(bytes / 1024)).join(', ')} KiB`,
)
