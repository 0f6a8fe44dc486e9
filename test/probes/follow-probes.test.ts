import t from 'tap'
import type { Test } from 'tap'
import type { LogEvent } from '../../src/log/logger.ts'
import { followProbes } from '../../src/probes/follow-probes.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { requestOf } from './request-of.ts'

const ELB = 'ELB-HealthChecker/2.0'

interface ProbeOptions {
  readonly address?: string
  readonly userAgent?: string
  readonly everyMs?: number
  readonly status?: 200 | 503
}

/** A host with `deadline: 4s` and `drain.wait: 200s`, unless a test changes that. */
const create = (t: Test, limits: { deadlineMs?: number; drainWaitMs?: number } = {}) => {
  const clock = new ManualClock()
  const told: LogEvent[] = []
  let expectsProbes = true
  const probes = followProbes({
    limits: () => ({ path: '/health', deadlineMs: 4000, drainWaitMs: 200_000, expectsProbes, ...limits }),
    probeLog: { onProbe: () => {}, onRefused: () => {} },
    clock,
    logger: { log: (level, event) => void told.push({ ...event, level }) },
  })
  t.teardown(() => probes[Symbol.dispose]())
  /** Probes at an interval, each on a connection of its own. */
  const probe = async (
    times: number,
    { address = '10.0.1.7', userAgent = ELB, everyMs = 15_000, status }: ProbeOptions = {},
  ) => {
    for (let i = 0; i < times; i += 1) {
      probes.onProbe(status ?? 200, requestOf(address, { userAgent }))
      await clock.advance(everyMs)
    }
  }
  const codes = () => (probes.document().lint ?? []).map(({ code }) => code)
  return { clock, told, probes, probe, codes, standby: () => void (expectsProbes = false) }
}

t.test('probes › who probes, how often, the last answer, and how often it was the same', async t => {
  const { probe, probes, clock } = create(t)
  await probe(3)
  t.notOk('intervalSeconds' in (probes.document().sources[0] ?? {}), 'three probes tell no interval')
  await probe(2)
  await probe(4, { status: 503 })
  t.match(probes.document().sources, [
    {
      address: '10.0.1.7',
      checker: 'ELB-HealthChecker',
      probes: 9,
      answer: 503,
      answersInARow: 4,
      intervalSeconds: 15,
      defaultUnhealthyThreshold: 2,
      time: new Date(clock.date().getTime() - 15_000).toISOString(),
    },
  ])
  t.strictSame(probes.document().lint, undefined)
})

t.test('probes › the log hears of all of them', async t => {
  const heard: unknown[] = []
  const probes = followProbes({
    limits: () => ({ path: '/health', deadlineMs: 4000, drainWaitMs: 0, expectsProbes: true }),
    probeLog: {
      onProbe: (status, request) => void heard.push(status, request),
      onRefused: refusal => void heard.push(refusal),
    },
    clock: new ManualClock(),
    logger: { log() {} },
  })
  t.teardown(() => probes[Symbol.dispose]())
  const request = requestOf('10.0.1.7', { userAgent: ELB })
  const refusal = { status: 404, socket: request.socket, request }
  probes.onProbe(503, request)
  probes.onRefused(refusal)
  t.equal(heard[0], 503)
  t.equal(heard[1], request)
  t.equal(heard[2], refusal)
})

t.test('probes › what peers ask hides nobody who probes', async t => {
  const { probe, probes } = create(t)
  await probe(1)
  for (let i = 0; i < 20; i += 1)
    await probe(1, { address: `10.0.2.${i}`, userAgent: 'health-sidecar/0.1.0' })
  t.match(probes.document().sources, [{ checker: 'ELB-HealthChecker' }])
  t.equal(probes.document().sources.length, 1)
})

t.test('probes › an interval that changes is learned anew, and irregular probes have none', async t => {
  const { probe, probes } = create(t)
  await probe(10)
  await probe(9, { everyMs: 5000 })
  t.equal(probes.document().sources[0]?.intervalSeconds, 5)
  for (const everyMs of [100, 9000, 700, 30_000, 2000, 60_000, 400, 5000]) await probe(1, { everyMs })
  t.equal(probes.document().sources[0]?.intervalSeconds, undefined)
  for (const seconds of [15, 12, 18, 12, 18, 12, 18, 15, 15]) await probe(1, { everyMs: seconds * 1000 })
  t.equal(probes.document().sources[0]?.intervalSeconds, 15, 'the middle half differs by 40 %')
  for (const seconds of [15, 12, 18.1, 12, 18.1, 12, 18.1, 15, 15])
    await probe(1, { everyMs: seconds * 1000 })
  t.equal(probes.document().sources[0]?.intervalSeconds, undefined)
})

t.test('probes › what a client calls itself is shown if it is a known checker’s name alone', async t => {
  const { probe, probes } = create(t)
  const hostile = 'ELB-HealthChecker/2.0\u001b[31m<script>'
  for (const userAgent of [hostile, 'Consul Health Check', 'kube-probe/1.31', 'GoogleHC/1.0', 'Evil/1', ELB])
    await probe(1, { userAgent })
  const checkers = probes.document().sources.map(({ checker }) => checker)
  t.strictSame(checkers, ['ELB-HealthChecker', undefined, 'GoogleHC', 'kube-probe', 'Consul'])
  t.notMatch(JSON.stringify(probes.document()), /script|Evil|001b/)
})

t.test('probes › 16 sources at most, and a flood of others takes no balancer’s place', async t => {
  const { probe, probes } = create(t)
  await probe(6)
  for (let i = 0; i < 5000; i += 1)
    probes.onProbe(200, requestOf(`2001:db8::${i.toString(16)}`, { userAgent: `x${i}` }))
  const { sources } = probes.document()
  t.equal(sources.length, 16)
  t.ok(sources.some(({ address }) => address === '10.0.1.7'))
  t.ok(
    sources.some(({ address }) => address === '2001:db8::1386'),
    'the latest are kept',
  )
  for (let i = 0; i < 5000; i += 1) {
    const request = requestOf(`10.9.${i >> 8}.${i & 255}`, { url: '/.env' })
    probes.onRefused({ status: 404, socket: request.socket, request })
  }
  t.notOk(
    probes.document().sources.some(({ address }) => address?.startsWith('10.9.')),
    'scanners are none',
  )
  probes.onRefused({ status: 400, socket: requestOf('10.8.0.1').socket })
  t.notOk(
    probes.document().sources.some(({ address }) => address === '10.8.0.1'),
    'nor is what sends no request',
  )
})

t.test('probes › one connection that is kept counts to one source, also once that was forgotten', async t => {
  const { probes, clock } = create(t)
  const request = requestOf('10.0.1.7', { userAgent: ELB })
  for (let i = 0; i < 3; i += 1) probes.onProbe(200, request)
  t.equal(probes.document().sources[0]?.probes, 3)
  await clock.advance(1000)
  for (let i = 0; i < 16; i += 1) probes.onProbe(200, requestOf(`10.0.2.${i}`))
  t.notOk(probes.document().sources.some(({ address }) => address === '10.0.1.7'))
  probes.onProbe(200, request)
  t.ok(probes.document().sources.some(({ address }) => address === '10.0.1.7'))
})

t.test(
  'probe lint › a deadline above the balancer’s timeout, from what it closed before its answer',
  async t => {
    const { probe, probes, codes, told, clock } = create(t)
    await probe(5)
    probes.onGaveUp(requestOf('10.0.1.7', { userAgent: ELB }), 2004)
    t.strictSame(codes(), [], 'one may be anybody’s')
    probes.onGaveUp(requestOf('10.0.1.7', { userAgent: ELB }), 500)
    for (let i = 0; i < 9; i += 1) probes.onGaveUp(requestOf('10.0.1.8', { userAgent: ELB }), 499)
    for (let i = 0; i < 9; i += 1) probes.onGaveUp(requestOf('10.0.1.9', { userAgent: 'curl/8.5.0' }), 1000)
    await clock.advance(600_000)
    const lines = told.filter(({ lint }) => lint === 'deadline-too-long')
    t.match(lines, [
      {
        level: 'warn',
        event: 'probe.lint',
        msg: 'ELB-HealthChecker (10.0.1.7) closed 2 probes before their answer, after 2.0 s at most, and `deadline` is 4.0 s; set `deadline` below the timeout of that health check',
      },
    ])
    t.equal(lines.length, 1)
    t.match(
      probes.document().sources.find(({ address }) => address === '10.0.1.7'),
      {
        closedEarly: 2,
        closedAfterSeconds: 2,
      },
    )
  },
)

t.test('probe lint › drain.wait below interval × the default threshold, once for all nodes', async t => {
  const { probe, told, codes } = create(t, { drainWaitMs: 25_000 })
  for (let i = 0; i < 6; i += 1) {
    await probe(1, { everyMs: 5000, address: '10.0.1.7' })
    await probe(1, { everyMs: 10_000, address: '10.0.2.7' })
  }
  t.strictSame(codes(), ['drain-wait-too-short'])
  t.match(told, [
    {
      lint: 'drain-wait-too-short',
      msg: /^`drain.wait` is 25.0 s, and ELB-HealthChecker \(10.0.1.7\) needs 30.0 s .* every 15s, with 2 failures if its threshold is the default \(which is not visible here\); set/,
    },
  ])
  t.equal(told.length, 1)
  const kubelet = create(t, { drainWaitMs: 25_000 })
  await kubelet.probe(9, { userAgent: 'kube-probe/1.31', everyMs: 5000 })
  const someone = create(t, { drainWaitMs: 25_000 })
  await someone.probe(30, { userAgent: 'Unheard-Of/1' })
  t.strictSame([kubelet.codes(), someone.codes()], [[], []])
  const byDefault = create(t, { drainWaitMs: 20_000 })
  await byDefault.probe(9)
  t.strictSame(byDefault.codes(), [], 'a default is nobody’s choice')
})

t.test('probe lint › a host that closes tells of a balancer that has not seen failures enough', async t => {
  const { probe, probes, told } = create(t)
  await probe(6)
  await probe(1, { status: 503 })
  probes.closing()
  t.match(told, [
    {
      level: 'info',
      event: 'drain.unnoticed',
      msg: /default: ELB-HealthChecker \(10\.0\.1\.7\) has seen 1 of 2, and probes every 15s; to wait for it, raise/,
    },
  ])
  await probe(1, { status: 503 })
  probes.closing()
  t.equal(told.length, 1, 'now it has')
  const other = create(t)
  await other.probe(6)
  await other.clock.advance(15_001)
  other.probes.closing()
  t.strictSame(other.told, [], 'one that has missed two intervals has taken it out before')
  const late = create(t)
  await late.probe(6)
  await late.clock.advance(15_000)
  late.probes.closing()
  t.match(late.told, [{ event: 'drain.unnoticed' }])
  const young = create(t)
  await young.probe(3)
  young.probes.closing()
  t.strictSame(young.told, [], 'nobody knows how often it comes')
  const someone = create(t)
  await someone.probe(30, { userAgent: 'Unheard-Of/1' })
  someone.probes.closing()
  t.strictSame(someone.told, [], 'nobody knows what it needs')
})

t.test(
  'probe lint › a known checker on another path, without showing a path that may be a secret',
  async t => {
    const { probes, codes, told, clock, probe } = create(t)
    const refuse = (url: string, userAgent?: string) => {
      const request = requestOf('10.0.1.7', { url, ...(userAgent !== undefined && { userAgent }) })
      probes.onRefused({ status: 404, socket: request.socket, request })
    }
    for (let i = 0; i < 9; i += 1) refuse('/ping')
    await probe(1, { userAgent: 'Unheard-Of/1' })
    for (let i = 0; i < 9; i += 1) refuse('/ping', 'Unheard-Of/1')
    t.strictSame(codes(), [], 'anybody may ask for anything')
    refuse('/ping', ELB)
    refuse('/ping', ELB)
    t.strictSame(codes(), [])
    refuse('/ping', ELB)
    await clock.advance(5000)
    t.match(
      told[0]?.msg,
      /^ELB-HealthChecker \(10.0.1.7\) gets 404 for GET \/ping; set that health check to GET \/health$/,
    )
    await probe(1)
    t.strictSame(codes(), [], 'it is mended')
    for (let i = 0; i < 3; i += 1) refuse('/s3cret', ELB)
    t.match(probes.document().lint, [{ code: 'probe-refused', message: /404 for GET of another path/ }])
    await probe(6)
    for (let i = 0; i < 9; i += 1) {
      refuse('/ping', ELB)
      await clock.advance(15_000)
    }
    t.strictSame(codes(), ['probe-refused'], 'it comes')
  },
)

t.test('probe lint › no probe for five intervals, by kind, as nodes come and go', async t => {
  const { probe, codes, clock, told } = create(t)
  await probe(6, { address: '10.0.1.7' })
  await probe(6, { address: '10.0.2.9' })
  t.strictSame(codes(), [], 'another node probes')
  await clock.advance(60_000)
  t.strictSame(codes(), [])
  await clock.advance(5000)
  t.strictSame(codes(), ['probes-missing'])
  await clock.advance(5000)
  t.match(told, [
    {
      lint: 'probes-missing',
      msg: /^no probe of ELB-HealthChecker \(10.0.2.9\) for 1m.*, and it probed every 15s; /,
    },
  ])
  await probe(1, { address: '10.0.1.7' })
  t.strictSame(codes(), [])
  await clock.advance(3_600_000)
  t.strictSame(codes(), ['probes-missing'])
  t.equal(told.length, 1, 'once, whichever node it is')
})

t.test(
  'probe lint › people, peers and unknown clients of this host are not missed; nobody is in Standby',
  async t => {
    for (const who of [
      { userAgent: 'curl/8.5.0' },
      { userAgent: 'health-sidecar/0.1.0' },
      { userAgent: 'Unheard-Of/1', address: '127.0.0.1' },
    ]) {
      const { probe, clock, codes } = create(t)
      await probe(30, who)
      await clock.advance(3_600_000)
      t.strictSame(codes(), [])
    }
    const { probe, probes, clock, codes, standby } = create(t)
    await probe(30, { userAgent: 'Unheard-Of/1' })
    await clock.advance(3_600_000)
    t.strictSame(codes(), ['probes-missing'], 'a balancer that nobody knows is')
    t.match(probes.document().lint, [{ message: /^no probe of 10\.0\.1\.7 for 1h/ }])
    standby()
    t.strictSame(codes(), [])
  },
)
