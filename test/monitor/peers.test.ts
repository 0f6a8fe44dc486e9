import t from 'tap'
import { proven } from '../../src/core/host-state.ts'
import { publicStatus } from '../../src/core/public-status.ts'
import type { Finding } from '../../src/core/finding.ts'
import { Monitor } from '../../src/monitor/monitor.ts'
import { shuffled } from '../../src/peers/choose-peers.ts'
import { followPeers } from '../../src/peers/follow-peers.ts'
import { checkPolicy } from '../support/check-policy.ts'
import { holdFor } from '../support/hold-for.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { FakeCheck, pass } from './fake-monitor.ts'

const PATIENCE_MS = 30_000

const late: Finding = { status: 'unknown', cause: 'busy', reason: 'SMOKE_NO_ANSWER', message: 'late' }
const progress: Finding = { ...late, progress: true }
const stuck: Finding = {
  status: 'fail',
  reason: 'SMOKE_NO_ANSWER',
  silentForMs: PATIENCE_MS,
  message: 'stuck',
}

/** Hosts that ask each other, on one clock. A page is silent until its host is told to answer. */
const fleetOf = (size: number, { healthyThreshold = 1 } = {}) => {
  const clock = new ManualClock()
  let seed = 7
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  const page = checkPolicy('page', { healthyThreshold })
  const policy = {
    checks: [page],
    holdMs: { ...holdFor(900_000), shared: Infinity, busy: Infinity },
    startupHealthyThreshold: 1,
    asksPeers: true,
  }
  const hosts = Array.from({ length: size }, (_, index) => {
    const check = new FakeCheck()
    /** Each 503 of the host, by the time at which it began. */
    const left: number[] = []
    const monitor = new Monitor({
      policy,
      checks: new Map([['page', check]]),
      deadlineMs: 4000,
      clock,
      random,
      host: proven(clock.now()),
      listeners: [{ verdictChanged: ({ verdict }) => verdict.status === 'fail' && left.push(clock.now()) }],
    })
    return {
      address: `10.0.0.${index}`,
      monitor,
      left,
      answers: (finding: Finding = pass) => check.says(finding),
      goesSilent() {
        const since = clock.now()
        check.answer = async () => (clock.now() - since < PATIENCE_MS ? late : stuck)
      },
      get answer() {
        return publicStatus(monitor.current())
      },
    }
  })
  for (const { monitor, address } of hosts) {
    monitor.start()
    const following = followPeers({
      doubts: () => monitor.doubts(),
      hear: sweep => monitor.hearPeers(sweep),
      isOn: () => true,
      async choose(count) {
        const others = hosts.filter(host => host.address !== address)
        const peers = shuffled(others, random).slice(0, count)
        return {
          peers: peers.map(host => ({ host: host.address, port: 80 })),
          unread: [],
          known: others.length,
        }
      },
      hasAnswered: false,
      answered() {},
      ask: async ({ host }) => hosts.find(each => each.address === host)?.answer ?? 'silent',
      freshForMs: () => page.freshForMs,
      clock,
      random,
      logger: { log() {} },
    })
    t.teardown(() => following[Symbol.dispose]())
  }
  return { clock, hosts, answers: () => hosts.map(({ answer }) => answer) }
}

t.test('peers › a fleet whose apps are all silent holds, and passes once they answer', async t => {
  const { clock, hosts, answers } = fleetOf(4, { healthyThreshold: 2 })
  await clock.advance(20_000)
  for (const host of hosts) host.goesSilent()
  await clock.advance(3_600_000)
  t.strictSame(answers(), ['warn', 'warn', 'warn', 'warn'])
  for (const { monitor } of hosts)
    t.match(monitor.current().checks, [{ because: 'not-alone', finding: { reason: 'PEERS_MAY_SEE_IT' } }])
  for (const host of hosts) host.answers(progress)
  await clock.advance(60_000)
  t.strictSame(answers(), ['warn', 'warn', 'warn', 'warn'], 'busy, and no longer silent')
  for (const host of hosts) host.answers()
  await clock.advance(15_000)
  t.strictSame(answers(), ['pass', 'pass', 'pass', 'pass'], 'nobody warns because others do')
  for (const { left } of hosts) t.strictSame(left, [])
})

t.test('peers › an overload that reaches one host after the other takes none out', async t => {
  const { clock, hosts } = fleetOf(4)
  for (const host of hosts) {
    await clock.advance(4000)
    host.goesSilent()
  }
  await clock.advance(600_000)
  for (const { left } of hosts) t.strictSame(left, [])
})

t.test('peers › a stuck app whose peers pass is found by its patience, and stays out', async t => {
  const { clock, hosts, answers } = fleetOf(3)
  const [alone, ...others] = hosts
  if (!alone) throw new Error('no host')
  await clock.advance(20_000)
  const since = clock.now()
  alone.goesSilent()
  await clock.advance(PATIENCE_MS + 11_000)
  t.strictSame(answers(), ['fail', 'pass', 'pass'])
  t.ok((alone.left[0] ?? Infinity) - since <= PATIENCE_MS, `${(alone.left[0] ?? Infinity) - since} ms`)
  await clock.advance(30_000)
  for (const host of others) host.answers(progress)
  await clock.advance(300_000)
  t.strictSame(answers(), ['fail', 'warn', 'warn'], 'its load has moved to them')
  alone.answers(progress)
  await clock.advance(11_000)
  t.strictSame(answers(), ['warn', 'warn', 'warn'])
  t.equal(alone.left.length, 1)
})

t.test('peers › a fleet of one host has nobody to ask: silence is proof', async t => {
  const { clock, hosts, answers } = fleetOf(1)
  await clock.advance(20_000)
  hosts[0]?.goesSilent()
  await clock.advance(PATIENCE_MS - 1)
  t.strictSame(answers(), ['warn'])
  await clock.advance(11_000)
  t.strictSame(answers(), ['fail'])
})
