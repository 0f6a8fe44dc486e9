import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { parseDuration } from '../../../src/config/units.ts'
import { freePort } from '../../support/free-port.ts'
import { at, lacks, readExample, readHcl, balancerSettings, replaceAll, runProgram } from './example.ts'
import { startSidecarHost } from './sidecar-host.ts'
import type { SidecarHost } from './sidecar-host.ts'

interface Check {
  readonly interval: string
  readonly timeout: string
  readonly success_before_passing: number
  readonly failures_before_critical: number
}

const check = at(await readHcl('consul/app.hcl'), 'service', 'check') as Check

t.test('consul › the numbers are those of the balancer, with a time-out above the deadline', async t => {
  const settings = await balancerSettings()
  t.strictSame(
    [
      parseDuration(check.interval),
      parseDuration(check.timeout),
      check.success_before_passing,
      check.failures_before_critical,
    ],
    [
      Number(settings['interval']?.[0]) * 1000,
      Number(settings['timeout']?.[0]) * 1000,
      settings['healthy_threshold']?.[0],
      settings['unhealthy_threshold']?.[0],
    ],
  )
  t.ok(Number(parseDuration(check.timeout)) > 4000)
})

/** A real agent with the example, which asks the sidecar of this host each second. Answers its log as it is by now. */
const startAgent = async (t: Test, { scratch, port }: SidecarHost): Promise<() => Promise<string>> => {
  const configuration = join(scratch.path, 'consul.d')
  const log = join(scratch.path, 'consul.log')
  const [server, serf] = await Promise.all([freePort(), freePort()])
  await mkdir(configuration)
  await writeFile(
    join(configuration, 'app.hcl'),
    replaceAll(await readExample('consul/app.hcl'), {
      'http://127.0.0.1:80/': `http://127.0.0.1:${port}/`,
      '"15s"': '"1s"',
    }),
  )
  await writeFile(
    join(configuration, 'agent.json'),
    JSON.stringify({
      data_dir: join(scratch.path, 'consul'),
      bind_addr: '127.0.0.1',
      disable_update_check: true,
      ports: { http: -1, dns: -1, grpc: -1, server, serf_lan: serf, serf_wan: -1 },
    }),
  )
  t.match(await runProgram(['consul', 'validate', configuration]), { code: 0 }, 'consul validate')
  await using output = await open(log, 'w')
  const agent = spawn('consul', ['agent', '-dev', '-config-dir', configuration], {
    cwd: scratch.path,
    stdio: ['ignore', output.fd, output.fd],
  })
  await once(agent, 'spawn')
  scratch.adopt(agent)
  t.teardown(async () => {
    if (agent.exitCode !== null) return
    agent.kill('SIGKILL')
    await once(agent, 'exit')
  })
  return () => readFile(log, 'utf8')
}

/** What the agent made of each answer, as its log has it, without what is the same as before. */
const findings = (log: string): readonly string[] =>
  Array.from(
    log.matchAll(
      /Check (?:is now (critical)|status updated: .*status=(\w+)|(passed|failed) but has not reached)/g,
    ),
    ([, critical, status, short]) => critical ?? status ?? short ?? '',
  )

t.test(
  'consul › an agent takes the host in after 2 passes of the real daemon, and out after 10 failures',
  { skip: lacks('consul') },
  async t => {
    const host = await startSidecarHost(t)
    await host.become('ill')
    const log = await startAgent(t, host)
    const finds = async (what: string, after = 0) => {
      const giveUpAt = performance.now() + 30_000
      for (;;) {
        const found = findings(await log())
        if (found.includes(what, after)) return found
        if (performance.now() > giveUpAt) throw new Error(`never ${what}:\n${await log()}`)
        await delay(50)
      }
    }
    const { length: asked } = await finds('critical')
    await host.become('well')
    const admitted = await finds('passing', asked)
    t.strictSame(admitted.slice(admitted.indexOf('passed')), ['passed', 'passing'])
    await host.become('ill')
    const ejected = await finds('critical', admitted.length)
    t.strictSame(ejected.slice(ejected.indexOf('failed')), [...Array<string>(9).fill('failed'), 'critical'])
  },
)
