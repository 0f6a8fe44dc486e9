import t from 'tap'
import type { Health } from './load-balancer-rules.ts'
import type { LoadBalancer, Target } from './load-balancer.ts'
import { replacementLimit, startScalingGroup } from './scaling-group.ts'

/** A balancer whose opinion the test sets. */
const balancerOf = (health: (target: Target) => Health): LoadBalancer & { readonly gone: Target[] } => {
  const gone: Target[] = []
  return {
    gone,
    register() {},
    deregister: target => void gone.push(target),
    record: target => ({ health: health(target), changes: [], probes: 0, failed: 0, slowestMs: 0 }),
    routable: () => [],
    async [Symbol.asyncDispose]() {},
  }
}

const hosts = (count: number): Target[] =>
  Array.from({ length: count }, (_, i) => ({ host: `10.0.0.${i}`, port: 80 }))

const options = { checkIntervalMs: 2, gracePeriodMs: 0, replacementMs: 60_000 }
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

t.test('a group › replaces a tenth of its hosts at a time, and one where that is less than one', async t => {
  t.equal(replacementLimit(3), 1)
  t.equal(replacementLimit(19), 1)
  t.equal(replacementLimit(40), 4)
  await using group = startScalingGroup({ ...options, balancers: [balancerOf(() => 'unhealthy')] })
  for (const host of hosts(20)) group.launch(host)
  await pause(50)
  t.equal(group.terminations().length, 2)
})

t.test('a group › goes on once a replacement stands', async t => {
  const balancer = balancerOf(() => 'unhealthy')
  await using group = startScalingGroup({ ...options, replacementMs: 5, balancers: [balancer] })
  for (const host of hosts(3)) group.launch(host)
  for (let turn = 0; turn < 400 && group.terminations().length < 3; turn += 1) await pause(5)
  t.equal(group.terminations().length, 3, 'all were unhealthy: the whole fleet is gone')
  t.equal(balancer.gone.length, 3)
})

t.test('a group › leaves alone what is initial, healthy, or within its grace period', async t => {
  const healths: Health[] = ['initial', 'healthy']
  await using group = startScalingGroup({
    ...options,
    balancers: [balancerOf(({ host }) => healths[Number(host.at(-1))] ?? 'initial')],
  })
  await using young = startScalingGroup({
    ...options,
    gracePeriodMs: 60_000,
    balancers: [balancerOf(() => 'unhealthy')],
  })
  for (const host of hosts(2)) group.launch(host)
  for (const host of hosts(2)) young.launch(host)
  await pause(50)
  t.same(group.terminations(), [])
  t.same(young.terminations(), [])
  const [old] = hosts(1)
  young.adopt(old!)
  for (let turn = 0; turn < 400 && young.terminations().length === 0; turn += 1) await pause(5)
  t.match(young.terminations(), [{ target: old }], 'the grace period of a host that it adopts is over')
})

t.test('a group › takes the word of any one of its balancers', async t => {
  const balancers = [balancerOf(() => 'healthy'), balancerOf(() => 'unhealthy')]
  await using group = startScalingGroup({ ...options, balancers })
  for (const host of hosts(1)) group.launch(host)
  for (let turn = 0; turn < 400 && group.terminations().length === 0; turn += 1) await pause(5)
  t.equal(group.terminations().length, 1)
})
