import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { freePort } from '../support/free-port.ts'
import { startInstanceMetadata } from '../support/instance-metadata.ts'
import { runInProcess } from '../support/run-in-process.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { startSidecar } from '../support/sidecar.ts'

t.test(
  'lifecycle › Terminated: never a 200; resume does not end it; over a restart; InService: 200',
  async t => {
    const scratch = await createScratchDirectory('health-sidecar-lifecycle-')
    t.teardown(() => scratch[Symbol.asyncDispose]())
    await writeFile(join(scratch.path, 'env'), 'A=1\n')
    const service = await startInstanceMetadata(t)
    service.values.set('autoscaling/target-lifecycle-state', 'Terminated')
    const check = {
      name: 'env',
      type: 'env',
      files: [join(scratch.path, 'env')],
      required: ['A'],
      interval: '200ms',
      fresh_for: '50ms',
    }
    const port = await freePort()
    const start = () =>
      startSidecar({
        scratch,
        port,
        config: {
          startup: { healthy_threshold: 1 },
          drain: { wait: '0s' },
          lifecycle: { imds: true },
          checks: [check],
        },
        env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: service.endpoint },
      })
    const config = join(scratch.path, 'health-sidecar.yaml')
    const command = (...args: readonly string[]) => runInProcess([...args, '--config', config])

    const first = await start()
    const reason = 'the scaling group terminates this instance'
    t.match(await first.status(), { phase: 'draining', drain: { reason, by: 'lifecycle', since: /Z$/ } })
    await first.waitFor(({ checks }) => checks['env']?.[0].status === 'pass')
    t.match(await first.probe(), { status: 503 })
    t.match(await command('status'), {
      code: 2,
      out: /^DRAINING {2}503 .*\ntrouble: nobody's: the scaling group terminates .*\nnext: {4}stays out until that/,
    })
    t.match(await command('resume'), {
      code: 0,
      out: `nothing to resume, as no operator has drained this host; still out: answering 503 (${reason})\n`,
    })
    t.match(await first.probe(), { status: 503 })
    await first.logged(/"event":"lifecycle.drain".*"reason":"the scaling group terminates/)
    await first.stop()

    service.mode = 'silent'
    await using second = await start()
    t.match(await second.status(), { phase: 'draining', drain: { reason } })
    t.match(await second.probe(), { status: 503 })
    service.mode = 'on'
    service.expireTokens()
    service.values.set('autoscaling/target-lifecycle-state', 'InService')
    t.match(await second.waitFor(({ phase }) => phase === 'serving'), {
      lifecycle: { targetState: 'InService' },
    })
    t.match(await second.probe(), { status: 200 })
  },
)
