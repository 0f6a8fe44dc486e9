import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { afterProbe, passes, registered } from './load-balancer-rules.ts'
import type { HealthCheck } from './load-balancer-rules.ts'
import { probe, startLoadBalancer } from './load-balancer.ts'
import type { Target } from './load-balancer.ts'

const application: HealthCheck = {
  kind: 'application',
  path: '/health',
  intervalMs: 10,
  timeoutMs: 1000,
  healthyThreshold: 3,
  unhealthyThreshold: 2,
}
const classic: HealthCheck = { ...application, kind: 'classic' }

/** The healths that a target goes through, by what it answers. */
const healths = (answers: string, check: HealthCheck) => {
  let state = registered
  return answers.split('').map(answer => (state = afterProbe(state, answer === '+', check)).health)
}

const target = async (t: Test, answer: RequestListener): Promise<Target> => {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

t.test('application › lets a new target in after a single pass, even between failures', async t => {
  t.same(healths('+', application), ['healthy'])
  t.same(healths('-+', application), ['initial', 'healthy'])
})

t.test('application › the healthy threshold counts for a target that was unhealthy', async t => {
  t.same(healths('--++', application), ['initial', 'unhealthy', 'unhealthy', 'unhealthy'])
  t.same(healths('--+++', application).at(-1), 'healthy')
  t.same(healths('--++-+', application).at(-1), 'unhealthy')
})

t.test('classic › the healthy threshold counts from the start', async t => {
  t.same(healths('++', classic), ['initial', 'initial'])
  t.same(healths('+++', classic).at(-1), 'healthy')
})

t.test('both › one failure does not take a target out, as many as the threshold do', async t => {
  for (const check of [application, classic]) {
    t.same(healths('+++-+-+', check).at(-1), 'healthy')
    t.same(healths('+++--', check).at(-1), 'unhealthy')
  }
})

t.test('both › nothing but 200 passes, and a Classic one wants the length of a body', async t => {
  t.equal(passes({ status: 204, headers: {} }, 'application'), false)
  t.equal(passes({ status: 200, headers: {} }, 'application'), true)
  t.equal(passes({ status: 200, headers: {} }, 'classic'), false)
  t.equal(passes({ status: 200, headers: { 'content-length': '0' } }, 'classic'), true)
  t.equal(passes({ status: 200, headers: { 'transfer-encoding': 'chunked' } }, 'classic'), true)
})

t.test('a probe › is HTTP/1.1 on a connection of its own, from the health checker', async t => {
  let seen: IncomingMessage | undefined
  const to = await target(t, (incoming, answer) => {
    seen = incoming
    answer.end('ok')
  })
  t.match(await probe(to, application), { passed: true, status: 200 })
  t.match(seen, {
    url: '/health',
    httpVersion: '1.1',
    headers: { host: '127.0.0.1', connection: 'close', 'user-agent': 'ELB-HealthChecker/2.0' },
  })
})

t.test('a probe › fails when nobody listens, and when the answer is late', async t => {
  const silent = await target(t, () => {})
  t.match(await probe(silent, { ...application, timeoutMs: 20 }), { passed: false, status: undefined })
  t.match(await probe({ host: '127.0.0.1', port: 1 }, application), { passed: false, status: undefined })
})

/** Resolves when it holds; looks every few milliseconds. */
const until = async (holds: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 500 && !holds(); turn += 1) await new Promise(resolve => setTimeout(resolve, 5))
}

t.test(
  'a balancer › an application one fails open where all are unhealthy, a classic one does not',
  async t => {
    const bad = await target(t, (_, answer) => answer.writeHead(503).end())
    await using open = startLoadBalancer(application)
    await using shut = startLoadBalancer(classic)
    for (const balancer of [open, shut]) {
      balancer.register(bad)
      await until(() => balancer.record(bad).health === 'unhealthy')
    }
    t.same(open.routable(), [bad])
    t.same(shut.routable(), [])
  },
)

t.test('a balancer › routes to the healthy one of two', async t => {
  const bad = await target(t, (_, answer) => answer.writeHead(503).end())
  const good = await target(t, (_, answer) => answer.end('ok'))
  await using balancer = startLoadBalancer(application)
  balancer.register(bad)
  balancer.register(good)
  await until(() => balancer.record(bad).health === 'unhealthy')
  t.same(balancer.routable(), [good])
  balancer.deregister(good)
  t.same(balancer.routable(), [bad], 'all that are left are unhealthy')
})

t.test('a balancer › told that every probe is the first one, admits on any pass', async t => {
  let asked = 0
  const flapping = await target(t, (_, answer) => answer.writeHead(++asked === 5 ? 200 : 503).end())
  await using balancer = startLoadBalancer({ ...application, unhealthyThreshold: 2 }, { alwaysNew: true })
  balancer.register(flapping)
  await until(() => balancer.record(flapping).probes >= 5)
  t.ok(balancer.record(flapping).changes.some(({ health }) => health === 'healthy'))
})
