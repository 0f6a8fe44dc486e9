import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import type { LogEvent } from '../../../src/log/logger.ts'
import { freePort } from '../../support/free-port.ts'
import { httpRequest } from '../../support/http-request.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { startSidecar } from '../../support/sidecar.ts'
import { until } from './until.ts'

const DEADLINE_MS = 4000
const AT_ONCE = 8

/** A small disk of its own, with a file on it that nobody needs. */
const smallDisk = async (t: Test) => {
  const scratch = await createScratchDirectory('health-sidecar-full-')
  const disk = join(scratch.path, 'disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
  const ballast = join(disk, 'ballast')
  writeFileSync(ballast, Buffer.alloc(3 * 1024 * 1024))
  t.teardown(async () => {
    execFileSync('umount', ['--lazy', disk])
    await scratch[Symbol.asyncDispose]()
  })
  return {
    scratch,
    file: (name: string) => join(disk, name),
    isFull: () => statfsSync(disk).bfree === 0,
    makeRoom: () => rmSync(ballast),
  }
}

const start = async (t: Test) => {
  const disk = await smallDisk(t)
  const [log, probes] = [disk.file('health-sidecar.log'), disk.file('probes.log')]
  const options = {
    scratch: disk.scratch,
    port: await freePort(),
    config: {
      log: { file: log, probes: `file:${probes}` },
      drain: { wait: '1ms' },
      checks: [{ name: 'page', type: 'smoke', target: 'http+unix:/nonexistent/app.sock' }],
    },
  }
  const run = async () => {
    const sidecar = await startSidecar(options)
    t.teardown(() => sidecar[Symbol.asyncDispose]())
    return sidecar
  }
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  t.teardown(() => agent.destroy())
  /** Probes it, and says how many answers came in time. */
  const probe = async (count: number): Promise<number> => {
    let inTime = 0
    const asker = async () => {
      for (let i = 0; i < count / AT_ONCE; i += 1) {
        const { status } = await httpRequest({
          host: '127.0.0.1',
          port: options.port,
          path: '/health',
          headers: { 'user-agent': 'x'.repeat(100) },
          agent,
          signal: AbortSignal.timeout(DEADLINE_MS),
        })
        if (status === 503) inTime += 1
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, asker))
    return inTime
  }
  return { disk, probes, probe, run }
}

const eventsOf = (file: string): readonly LogEvent[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))

t.test(
  'full disk › delays no answer; with room again, the log goes on whole, and counts what is missing',
  async t => {
    const { disk, probes, probe, run } = await start(t)
    const sidecar = await run()
    const COUNT = 8000
    t.equal(await probe(COUNT), COUNT)
    t.ok(disk.isFull())
    disk.makeRoom()
    await until(
      () => readFileSync(probes, 'utf8').includes('"log.dropped"'),
      () => readFileSync(probes, 'utf8').length,
    )
    t.equal(await probe(80), 80)
    t.equal(await sidecar.stop(), 0)
    const events = eventsOf(probes)
    const gaps = events.filter(({ event }) => event === 'log.dropped')
    t.match(gaps, [{ level: 'error', dropped: Number, why: 'ENOSPC' }])
    t.equal(events.length - gaps.length + Number(gaps[0]?.['dropped']), COUNT + 80)
  },
)

t.test('full disk › delays no end, and the next start tears no line', async t => {
  const { disk, probes, probe, run } = await start(t)
  const sidecar = await run()
  await probe(6000)
  t.ok(disk.isFull())
  const startedAt = performance.now()
  t.equal(await sidecar.stop(), 0)
  t.ok(performance.now() - startedAt < 10_000)
  const before = readFileSync(probes, 'utf8')
  disk.makeRoom()
  const next = await run()
  t.equal(await probe(80), 80)
  t.equal(await next.stop(), 0)
  const after = readFileSync(probes, 'utf8')
  t.ok(after.startsWith(before))
  const added = after
    .slice(before.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)
  const whole = before.endsWith('\n') ? added : added.slice(1)
  t.equal(whole.length, 80)
  t.ok(whole.every(line => JSON.parse(line).event === 'probe.answered'))
})
