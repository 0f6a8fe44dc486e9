/**
 * Random and mutated responses of a server: 100,000 into the reader of what uWSGI sends, and some thousands over a real
 * socket into whole checks. None may crash it, keep it past its deadline, or pass without the expected status.
 * Usage: node test/fuzz/smoke.ts [seed]
 */
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome } from '../../src/checks/smoke/exchange.ts'
import { createFastcgiReader } from '../../src/checks/smoke/fastcgi-exchange.ts'
import { createResponseReader } from '../../src/checks/smoke/response-reader.ts'
import { createSmoke } from '../checks/smoke/run-smoke.ts'
import { mayBeFastcgi200, randomFastcgiResponse } from './fastcgi-responses.ts'
import { createRandom, inPieces, mayBe200, randomResponse } from './smoke-responses.ts'

const READS = 100_000
const RUNS = 4000
const DEADLINE_MS = 150
/** What a run may take beyond its deadline; the monitor grants 100 ms, and a shared machine stalls for longer. */
const GRACE_MS = 500
/** No progress for so long means that a parser goes round in circles. */
const HANG_MS = 20_000

interface Tally {
  readonly what: string
  readonly counts: Record<string, number>
  readonly slowestMs: number
}

const count = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1
}

const complain = (what: string, { seed, bytes }: { seed: number; bytes: Buffer }): never => {
  throw new Error(`${what}; seed ${seed}: ${JSON.stringify(bytes.toString('latin1'))}`)
}

const readOne = (pieces: readonly Buffer[], reader: ReturnType<typeof createResponseReader>): Outcome => {
  for (const piece of pieces) {
    const outcome = reader.push(piece)
    if (outcome) return outcome
  }
  return reader.end()
}

const fuzzReader = (firstSeed: number): Tally => {
  const counts: Record<string, number> = {}
  let slowestMs = 0
  for (let i = 0; i < READS; i++) {
    const seed = firstSeed + i
    const random = createRandom(seed)
    const bytes = randomResponse(random)
    const maxBodyBytes = random(200)
    const reader = createResponseReader({ method: random(8) === 0 ? 'HEAD' : 'GET', maxBodyBytes })
    const startedAt = performance.now()
    const outcome = readOne(inPieces(bytes, random), reader)
    slowestMs = Math.max(slowestMs, performance.now() - startedAt)
    count(counts, outcome.kind)
    if (outcome.kind === 'answer') {
      if (outcome.status === 200 && !mayBe200(bytes)) complain('read as 200', { seed, bytes })
      if (outcome.body.length > maxBodyBytes) complain('read too much', { seed, bytes })
    }
    if (i % 1000 === 0) process.send?.('alive')
  }
  return { what: `${READS} responses into the reader`, counts, slowestMs }
}

const fuzzFastcgiReader = (firstSeed: number): Tally => {
  const counts: Record<string, number> = {}
  let slowestMs = 0
  for (let i = 0; i < READS; i++) {
    const seed = firstSeed + i
    const random = createRandom(seed)
    const bytes = randomFastcgiResponse(random)
    const maxBodyBytes = random(200)
    const reader = createFastcgiReader({ method: random(8) === 0 ? 'HEAD' : 'GET', maxBodyBytes })
    const startedAt = performance.now()
    let outcome: Outcome | undefined
    for (const piece of inPieces(bytes, random)) outcome ??= reader.push(piece)
    slowestMs = Math.max(slowestMs, performance.now() - startedAt)
    count(counts, outcome?.kind ?? 'not complete')
    if (outcome?.kind === 'answer') {
      if (outcome.status === 200 && !mayBeFastcgi200(bytes)) complain('read as 200', { seed, bytes })
      if (outcome.body.length > maxBodyBytes) complain('read too much', { seed, bytes })
    }
    if (i % 1000 === 0) process.send?.('alive')
  }
  return { what: `${READS} responses into the FastCGI reader`, counts, slowestMs }
}

const wires = {
  http: { response: randomResponse, mayBe200 },
  uwsgi: { response: randomResponse, mayBe200 },
  fastcgi: { response: randomFastcgiResponse, mayBe200: mayBeFastcgi200 },
}

const fuzzChecks = async (protocol: keyof typeof wires, firstSeed: number): Promise<Tally> => {
  const directory = await mkdtemp(join(tmpdir(), 'smoke-'))
  const path = join(directory, 'app.sock')
  const counts: Record<string, number> = {}
  let slowestMs = 0
  let next: (() => { pieces: readonly Buffer[]; hangs: boolean }) | undefined
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => {
      const { pieces = [], hangs = false } = next?.() ?? {}
      for (const piece of pieces) socket.write(piece)
      if (!hangs) socket.end()
    })
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  try {
    for (let i = 0; i < RUNS; i++) {
      const seed = firstSeed + i
      const random = createRandom(seed)
      const bytes = wires[protocol].response(random)
      next = () => ({ pieces: inPieces(bytes, random), hangs: random(50) === 0 })
      await using check = createSmoke({ target: `${protocol}+unix:${path}`, script: '/srv/index.php' })
      const startedAt = performance.now()
      const finding = await check.run(AbortSignal.timeout(DEADLINE_MS))
      const tookMs = performance.now() - startedAt
      slowestMs = Math.max(slowestMs, tookMs)
      count(counts, finding.status === 'pass' ? 'pass' : finding.reason)
      if (finding.status === 'pass' && !wires[protocol].mayBe200(bytes))
        complain(`passed over ${protocol}`, { seed, bytes })
      if (tookMs > DEADLINE_MS + GRACE_MS) complain(`took ${tookMs} ms over ${protocol}`, { seed, bytes })
      if (i % 100 === 0) process.send?.('alive')
    }
  } finally {
    server.close()
    await rm(directory, { recursive: true, force: true })
  }
  return { what: `${RUNS} responses into checks over ${protocol}`, counts, slowestMs }
}

/** Runs the fuzzer in a process of its own: one that goes round in circles could not stop itself. */
const watch = (seed: number): void => {
  const fuzzer = fork(import.meta.filename, [`${seed}`], { env: { ...process.env, FUZZ: '1' } })
  const startTimer = () =>
    setTimeout(() => {
      console.error(`no progress for ${HANG_MS} ms; seed ${seed}`)
      fuzzer.kill('SIGKILL')
    }, HANG_MS)
  let timer = startTimer()
  fuzzer.on('message', (message: Tally | 'alive') => {
    clearTimeout(timer)
    timer = startTimer()
    if (message === 'alive') return
    console.log(`${message.what}: slowest ${message.slowestMs.toFixed(1)} ms`, message.counts)
  })
  fuzzer.on('exit', code => {
    clearTimeout(timer)
    process.exitCode = code ?? 1
  })
}

const seed = Number(process.argv[2] ?? Date.now() % 1_000_000_000)
if (process.env['FUZZ'] === '1') {
  process.send?.(fuzzReader(seed))
  process.send?.(fuzzFastcgiReader(seed))
  process.send?.(await fuzzChecks('fastcgi', seed))
  process.send?.(await fuzzChecks('uwsgi', seed))
  process.send?.(await fuzzChecks('http', seed))
  process.disconnect()
} else {
  console.log(`seed ${seed}`)
  watch(seed)
}
