import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Test } from 'tap'
import { freePort } from '../../support/free-port.ts'
import { httpRequest } from '../../support/http-request.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { startSidecar } from '../../support/sidecar.ts'
import { until } from '../logs/until.ts'
import { mountHangingFiles } from './hanging-files.ts'

// The log is on a disk that stalls: a real file system, of FUSE. Without it, or without root, these tests fail.

const DEADLINE_MS = 1000
const LATENESS_MS = 100

const createHost = async (t: Test) => {
  const scratch = await createScratchDirectory('hanging-log-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const hanging = await mountHangingFiles(scratch, { 'app.log': '' })
  const port = await freePort()
  const log = hanging.path('app.log')
  const config = {
    deadline: `${DEADLINE_MS}ms`,
    drain: { wait: '0s' },
    log: { file: log, probes: 'all' },
    checks: [
      {
        name: 'page',
        type: 'smoke',
        target: 'http+unix:/nonexistent/app.sock',
        interval: '1s',
        timeout: '500ms',
      },
    ],
  }
  /** Asks for the verdict some times; how late the latest answer was, this machine's own slowness aside. */
  const latestMs = async (times: number): Promise<number> => {
    const ask = async (path: string) => {
      const startedAt = performance.now()
      await httpRequest({ host: '127.0.0.1', port, path })
      return performance.now() - startedAt
    }
    let latest = -Infinity
    for (let i = 0; i < times; i += 1) {
      const [ownMs, tookMs] = await Promise.all([ask('/health/live'), ask('/health')])
      latest = Math.max(latest, tookMs - ownMs)
    }
    return latest
  }
  const serve = async () => {
    const sidecar = await startSidecar({ scratch, port, config })
    t.teardown(() => sidecar[Symbol.asyncDispose]())
    return sidecar
  }
  return { hanging, log, latestMs, serve }
}

const answersOf = (file: string): number => readFileSync(file, 'utf8').split('"probe.answered"').length - 1

t.test(
  'hanging log › at the start, the daemon listens, and its log goes to stdout until the disk answers',
  async t => {
    const { hanging, log, latestMs, serve } = await createHost(t)
    await hanging.hang()
    const sidecar = await serve()
    t.ok((await latestMs(50)) <= DEADLINE_MS + LATENESS_MS, 'answers are in time')
    t.match(await sidecar.log(), /"event":"log.open_failed".*"code":"HUNG"/)
    t.match(await sidecar.log(), /"event":"probe.answered"/)
    await hanging.answer()
    process.kill(sidecar.pid, 'SIGHUP')
    await until(
      async () => (await latestMs(1)) < Infinity && answersOf(log) > 0,
      () => 'the log is not written to the file once it answers',
    )
  },
)

t.test(
  'hanging log › while it runs, and at SIGHUP, answers are in time, and TERM ends the daemon',
  async t => {
    const { hanging, log, latestMs, serve } = await createHost(t)
    const sidecar = await serve()
    await latestMs(3)
    await until(
      () => answersOf(log) >= 3,
      () => 'the log is not written',
    )
    // its process stands still: what is written cannot even be asked of it, so that the daemon can be ended
    hanging.freeze()
    t.ok((await latestMs(200)) <= DEADLINE_MS + LATENESS_MS, 'answers are in time')
    process.kill(sidecar.pid, 'SIGHUP')
    t.ok((await latestMs(200)) <= DEADLINE_MS + LATENESS_MS, 'at SIGHUP too')
    t.equal((await sidecar.status()).phase, 'starting', 'the admin socket answers')
    t.equal(await sidecar.stop(), 0)
  },
)
