import t from 'tap'
import type { Health } from './load-balancer-rules.ts'
import type { LoadBalancer, Target } from './load-balancer.ts'
import { ManualClock } from './manual-clock.ts'
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

const options = { checkIntervalMs: 10_000, gracePeriodMs: 0, replacementMs: 60_000 }

t.test('a group › replaces a tenth of its hosts at a time, and one where that is less than one', async t => {
  t.equal(replacementLimit(3), 1)
  t.equal(replacementLimit(19), 1)
  t.equal(replacementLimit(40), 4)
  const clock = new ManualClock()
  await using group = startScalingGroup({ ...options, clock, balancers: [balancerOf(() => 'unhealthy')] })
  for (const host of hosts(20)) group.launch(host)
  await clock.advance(9999)
  t.equal(group.terminations().length, 0, 'before it looks')
  await clock.advance(1)
  t.equal(group.terminations().length, 2)
  await clock.advance(59_999)
  t.equal(group.terminations().length, 2, 'until their replacements stand')
})

t.test('a group › goes on once a replacement stands', async t => {
  const balancer = balancerOf(() => 'unhealthy')
  const clock = new ManualClock()
  await using group = startScalingGroup({ ...options, clock, balancers: [balancer] })
  const launchedAt = clock.now()
  for (const host of hosts(3)) group.launch(host)
  await clock.advance(150_000)
  t.same(
    group.terminations().map(({ at }) => at - launchedAt),
    [10_000, 70_000, 130_000],
    'all were unhealthy: the whole fleet is gone',
  )
  t.equal(balancer.gone.length, 3)
})

t.test('a group › leaves alone what is initial, healthy, or within its grace period', async t => {
  const healths: Health[] = ['initial', 'healthy']
  const clock = new ManualClock()
  await using group = startScalingGroup({
    ...options,
    clock,
    balancers: [balancerOf(({ host }) => healths[Number(host.at(-1))] ?? 'initial')],
  })
  await using young = startScalingGroup({
    ...options,
    clock,
    gracePeriodMs: 300_000,
    balancers: [balancerOf(() => 'unhealthy')],
  })
  for (const host of hosts(2)) group.launch(host)
  for (const host of hosts(2)) young.launch(host)
  await clock.advance(250_000)
  t.same(group.terminations(), [])
  t.same(young.terminations(), [])
  const [old] = hosts(1)
  young.adopt(old!)
  await clock.advance(10_000)
  t.match(young.terminations(), [{ target: old }], 'the grace period of a host that it adopts is over')
})

t.test('a group › takes the word of any one of its balancers', async t => {
  const balancers = [balancerOf(() => 'healthy'), balancerOf(() => 'unhealthy')]
  const clock = new ManualClock()
  await using group = startScalingGroup({ ...options, clock, balancers })
  for (const host of hosts(1)) group.launch(host)
  await clock.advance(10_000)
  t.equal(group.terminations().length, 1)
})
