import { readdir } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { createCheckRunner } from '../../../src/monitor/check-runner.ts'
import { createSystemClock } from '../../../src/monitor/clock.ts'
import { createSmoke, gist } from '../../checks/smoke/run-smoke.ts'
import type { SmokeKeys } from '../../checks/smoke/run-smoke.ts'
import { startUwsgi } from './servers.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const WARM_UP = 2000
/** For each request: above the noise of the garbage collector, and a sixth of what one listener left on a signal makes. */
const MAX_GROWTH_BYTES = 100

/** As in the monitor, which outlives every run. */
const stop = new AbortController().signal
const clock = createSystemClock()
const events = { abandoned() {}, returned() {} }

const measure = async () => {
  // finalizers, which let go of more, run in turns of the event loop of their own
  for (let turn = 0; turn < 10; turn++) {
    collectGarbage()
    await new Promise(setImmediate)
  }
  const { heapUsed, external } = process.memoryUsage()
  return { bytes: heapUsed + external, descriptors: (await readdir('/proc/self/fd')).length }
}

const runMany = async (config: SmokeKeys, times: number): Promise<Set<string>> => {
  await using check = createSmoke(config)
  const gists = new Set<string>()
  const runner = createCheckRunner(check, { timeoutMs: 5000, clock, stop, events })
  for (let i = 0; i < times; i++) gists.add(gist(await runner.run({})))
  return gists
}

for (const [protocol, requests] of [
  ['uwsgi', 10_000],
  ['http', 2000],
] as const)
  t.test(
    `smoke over ${protocol} › ${requests} requests leave no descriptor and no memory behind`,
    async t => {
      const server = await startUwsgi(t)
      const config = { target: `${protocol}+unix:${server[protocol]}`, expect: { body: 'Welcome' } }
      await runMany(config, WARM_UP)
      const before = await measure()
      t.strictSame([...(await runMany(config, requests))], ['pass'])
      const after = await measure()
      t.comment(
        `descriptors ${before.descriptors} → ${after.descriptors}, bytes ${before.bytes} → ${after.bytes}`,
      )
      t.equal(after.descriptors, before.descriptors)
      t.ok(
        after.bytes - before.bytes < requests * MAX_GROWTH_BYTES,
        `${after.bytes - before.bytes} bytes more`,
      )
    },
  )
