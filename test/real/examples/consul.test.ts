import t from 'tap'
import { parseDuration } from '../../../src/config/units.ts'
import { httpRequest } from '../../support/http-request.ts'
import { at, lacks, pathOf, readHcl, readmeSettings, runProgram } from './example.ts'
import { startSidecarHost } from './sidecar-host.ts'

interface Check {
  readonly http: string
  readonly method: string
  readonly interval: string
  readonly timeout: string
  readonly success_before_passing: number
  readonly failures_before_critical: number
}

const check = at(await readHcl('consul/app.hcl'), 'service', 'check') as Check

/** What Consul makes of a status (its documentation of HTTP checks). */
const consulStatus = (status: number): string =>
  status >= 200 && status < 300 ? 'passing' : status === 429 ? 'warning' : 'critical'

t.test('consul › validate takes it', { skip: lacks('consul') }, async t => {
  t.match(await runProgram(['consul', 'validate', pathOf('consul/app.hcl')]), { code: 0 })
})

t.test('consul › the numbers are those of the balancer, with a time-out above the deadline', async t => {
  const settings = await readmeSettings()
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

t.test(
  'consul › its request to the real daemon is critical while the host is ill, and passing after',
  async t => {
    const host = await startSidecarHost(t)
    const { hostname, port, pathname } = new URL(check.http)
    t.strictSame([hostname, port || '80'], ['127.0.0.1', '80'])
    const ask = async () => {
      const { status } = await httpRequest({
        host: hostname,
        port: host.port,
        path: pathname,
        method: check.method,
      })
      return consulStatus(status)
    }
    await host.become('ill')
    t.equal(await ask(), 'critical')
    await host.become('well')
    t.equal(await ask(), 'passing')
  },
)
