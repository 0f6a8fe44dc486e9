import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import t from 'tap'
import type { Test } from 'tap'
import type { LogEvent } from '../../src/log/logger.ts'
import { freePort } from '../support/free-port.ts'
import { httpRequest } from '../support/http-request.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import type { ScratchDirectory } from '../support/scratch-directory.ts'
import { startSidecar } from '../support/sidecar.ts'

/** So many lines are more than what a pipe, a socket and the sidecar itself hold. */
const PROBES = 5000
const DEADLINE_MS = 4000

const start = async (t: Test, output: (scratch: ScratchDirectory) => number | 'socket') => {
  const scratch = await createScratchDirectory('health-sidecar-blocked-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const port = await freePort()
  const sidecar = await startSidecar({
    scratch,
    port,
    output: output(scratch),
    config: {
      log: { probes: 'all' },
      drain: { wait: '1ms' },
      checks: [{ name: 'page', type: 'smoke', target: 'http+unix:/nonexistent/app.sock' }],
    },
  })
  t.teardown(() => sidecar[Symbol.asyncDispose]())
  return { sidecar, scratch, port }
}

/** Probes it, eight at a time, and says how many answers came in time. */
const probe = async (port: number, count = PROBES): Promise<number> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const headers = { 'user-agent': 'x'.repeat(100) }
  const one = async (): Promise<boolean> => {
    const { status } = await httpRequest({
      host: '127.0.0.1',
      port,
      path: '/health',
      agent,
      headers,
      signal: AbortSignal.timeout(DEADLINE_MS),
    })
    return status === 503
  }
  let inTime = 0
  const asker = async () => {
    for (let i = 0; i < count / 8; i += 1) if (await one()) inTime += 1
  }
  await Promise.all(Array.from({ length: 8 }, asker))
  agent.destroy()
  return inTime
}

/** Reads the log until it tells of dropped lines, and goes on reading to nobody. */
const readUntilDropped = async (output: Readable): Promise<readonly LogEvent[]> => {
  const events: LogEvent[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  createInterface({ input: output }).on('line', line => {
    events.push(JSON.parse(line))
    if (events.at(-1)?.event === 'log.dropped') resolve()
  })
  await promise
  return events
}

const judge = (t: Test, events: readonly LogEvent[]): void => {
  const probes = events.filter(({ event }) => event === 'probe.answered').length
  const gap = events.find(({ event }) => event === 'log.dropped')
  t.match(gap, { level: 'error', dropped: Number, why: 'blocked' })
  const dropped = Number(gap?.['dropped'])
  t.ok(dropped > 100)
  // among the dropped may be some that are no probes
  const others = probes + dropped - PROBES
  t.ok(others >= 0 && others < 20, `${probes} probes logged, ${dropped} lines dropped`)
}

t.test(
  'blocked log › a journal that does not read delays no answer, and the count of what is missing is logged',
  async t => {
    const { sidecar, port } = await start(t, () => 'socket')
    t.equal(await probe(port), PROBES)
    t.ok(sidecar.output)
    if (sidecar.output) judge(t, await readUntilDropped(sidecar.output))
    t.equal(await sidecar.stop(), 0)
  },
)

t.test('blocked log › a pipe that nobody reads delays no answer, and no end', async t => {
  const { sidecar, port } = await start(t, ({ path }) => {
    const pipe = join(path, 'pipe')
    execFileSync('mkfifo', [pipe])
    const fd = openSync(pipe, constants.O_RDWR)
    t.teardown(() => closeSync(fd))
    return fd
  })
  t.equal(await probe(port), PROBES)
  const startedAt = performance.now()
  t.equal(await sidecar.stop(), 0)
  t.ok(performance.now() - startedAt < 10_000)
})

t.test('blocked log › a reader that has gone delays no answer, and no end', async t => {
  const { sidecar, port } = await start(t, () => 'socket')
  sidecar.output?.destroy()
  t.equal(await probe(port, 400), 400)
  t.equal(await sidecar.stop(), 0)
})
