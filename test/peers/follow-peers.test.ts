import t from 'tap'
import type { PeerAnswer, PeerSweep } from '../../src/core/peers.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { shuffled } from '../../src/peers/choose-peers.ts'
import { followPeers } from '../../src/peers/follow-peers.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { createRandom } from '../support/random.ts'

const follow = ({
  count = 8,
  freshForMs = 15_000,
  unread = [],
  hasAnswered = false,
  answer = 'pass',
}: {
  readonly count?: number
  readonly freshForMs?: number
  readonly unread?: string[]
  readonly hasAnswered?: boolean
  readonly answer?: PeerAnswer
} = {}) => {
  const clock = new ManualClock()
  const seeded = createRandom(7)
  const random = () => seeded.next()
  const heard: (PeerSweep | undefined)[] = []
  /** When a peer was asked. */
  const asked: number[] = []
  const state = { doubts: [] as string[], answer, isBroken: false, isOn: true, count, answered: 0 }
  const logged: LogEvent[] = []
  const following = followPeers({
    isOn: () => state.isOn,
    doubts: () => state.doubts,
    hear: sweep => void heard.push(sweep),
    choose: async wanted => {
      if (state.isBroken) throw new TypeError('secret')
      const peers = Array.from({ length: state.count }, (_, i) => ({ host: `10.0.0.${i}`, port: 80 }))
      return { peers: shuffled(peers, random).slice(0, wanted), unread, known: state.count + unread.length }
    },
    ask: async () => {
      asked.push(clock.now())
      return state.answer
    },
    freshForMs: () => freshForMs,
    hasAnswered,
    answered: () => void (state.answered += 1),
    clock,
    random,
    logger: { log: (_, event) => void logged.push(event) },
  })
  t.teardown(() => following[Symbol.dispose]())
  const events = () => logged.map(({ event }) => event)
  return { clock, heard, asked, state, following, logged, events }
}

t.test('peers › are not heard by a host without doubts, which only learns whether they answer', async t => {
  const { clock, heard, asked, state, following, events } = follow()
  await clock.advance(10_000)
  t.equal(asked.length, 5)
  t.equal(following.reach.hasAnswered, true)
  await clock.advance(600_000)
  t.ok(asked.length <= 15, `${asked.length / 5} sweeps in 10 minutes`)
  t.strictSame(heard, [])
  t.equal(state.answered, 1, 'told once')
  t.strictSame(events(), [], 'and nothing is in the log')
})

t.test('peers › nobody is asked where none are configured', async t => {
  const { clock, asked, state, heard } = follow()
  state.isOn = false
  state.doubts = ['page']
  await clock.advance(600_000)
  t.strictSame([asked, heard], [[], []])
})

t.test('peers › that have never answered are nobody to ask; an operator is told, once', async t => {
  const { clock, heard, state, following, logged, events } = follow({ answer: 'silent' })
  await clock.advance(10_000)
  t.match(following.reach, { isAnswered: undefined, note: undefined }, 'they may be starting')
  await clock.advance(65_000)
  t.equal(following.reach.isAnswered, false, 'the second time')
  await clock.advance(600_000)
  t.match(following.reach, { isAnswered: false, hasAnswered: false })
  t.match(
    following.reach.note,
    /^no answer from any of 8 peers \(asked: 10\.0\.0\.\d:80, .*\), ever: this host decides as if it had no `peers`; open that port between the hosts, or correct `peers`$/,
  )
  t.match(logged, [{ event: 'peers.unreachable', msg: /^no answer from any of 8 peers/, known: 8 }])
  t.equal(logged.length, 1)
  state.doubts = ['page']
  await clock.advance(30_000)
  t.match(heard, [{ neverAnswered: true }, { neverAnswered: true }])
  state.answer = 'warn'
  await clock.advance(20_000)
  t.notOk(heard.at(-1)?.neverAnswered)
  t.match(following.reach, { isAnswered: true, hasAnswered: true, note: undefined })
  t.equal(state.answered, 1)
  t.strictSame(
    events().filter(event => event !== 'peers.asked'),
    ['peers.unreachable', 'peers.reachable'],
  )
})

t.test('peers › that have answered once and no longer do are an outage', async t => {
  for (const hasAnswered of [false, true]) {
    const { clock, heard, state, following } = follow({ hasAnswered })
    // before a restart of the sidecar, or since its start
    if (!hasAnswered) await clock.advance(10_000)
    state.answer = 'silent'
    state.doubts = ['page']
    await clock.advance(60_000)
    t.ok(heard.length >= 3)
    for (const sweep of heard) t.notOk(sweep?.neverAnswered)
    t.match(following.reach, { isAnswered: false, hasAnswered: true })
    t.match(
      following.reach.note,
      /, and one answered before: until one does, an app that makes no progress is kept/,
    )
  }
})

t.test('peers › other ones, of a reload, have never answered yet', async t => {
  const { clock, heard, asked, state, following } = follow()
  await clock.advance(10_000)
  state.answer = 'silent'
  following.changed(false)
  t.match(following.reach, { hasAnswered: false, isAnswered: undefined })
  const before = asked.length
  await clock.advance(10_000)
  t.equal(asked.length, before + 5, 'they are asked soon')
  state.doubts = ['page']
  await clock.advance(10_000)
  t.match(heard, [{ neverAnswered: true }])
})

t.test('peers › of a list that a reload has edited, it is still known that they can answer', async t => {
  const { clock, heard, state, following, events } = follow()
  following.changed(true)
  t.equal(following.reach.hasAnswered, false, 'none has answered before')
  await clock.advance(10_000)
  state.answer = 'silent'
  state.doubts = ['page']
  following.changed(true)
  t.match(following.reach, { hasAnswered: true, isAnswered: undefined })
  await clock.advance(60_000)
  t.ok(heard.length >= 3)
  for (const sweep of heard) t.notOk(sweep?.neverAnswered)
  t.match(following.reach, { isAnswered: false, note: /, and one answered before: / })
  t.ok(events().includes('peers.unreachable'))
})

/** A host whose one peer answers when it is told to. */
const followSlow = () => {
  const clock = new ManualClock()
  const { promise, resolve } = Promise.withResolvers<PeerAnswer>()
  const heard: unknown[] = []
  let asked = 0
  const following = followPeers({
    isOn: () => true,
    doubts: () => ['page'],
    hear: sweep => void heard.push(sweep),
    choose: async () => ({ peers: [{ host: '10.0.0.1', port: 80 }], unread: [], known: 1 }),
    ask: () => {
      asked += 1
      return promise
    },
    freshForMs: () => 0,
    hasAnswered: false,
    answered() {},
    clock,
    random: () => 0,
    logger: { log() {} },
  })
  t.teardown(() => following[Symbol.dispose]())
  return { clock, resolve, heard, following, asked: () => asked }
}

t.test('peers › what those before a reload answered late is not taken for an answer of others', async t => {
  const { clock, resolve, heard, following, asked } = followSlow()
  await clock.advance(7000)
  t.equal(asked(), 1)
  following.changed(false)
  resolve('pass')
  await clock.advance(0)
  t.equal(following.reach.hasAnswered, false)
  t.strictSame(heard, [])
  await clock.advance(7000)
  t.equal(asked(), 2)
  t.match(heard, [{ known: 1 }], 'the others are heard')
})

t.test('peers › what they answer once it is over is not heard, and nobody is asked again', async t => {
  const { clock, resolve, heard, following, asked } = followSlow()
  await clock.advance(7000)
  t.equal(asked(), 1)
  following[Symbol.dispose]()
  resolve('pass')
  await clock.advance(60_000)
  t.equal(asked(), 1)
  t.strictSame(heard, [])
})

t.test('peers › a host that is the only one of its list has no fault', async t => {
  const { clock, state, following, logged, events } = follow({ count: 0 })
  await clock.advance(600_000)
  t.match(following.reach, { isAnswered: undefined, note: undefined })
  t.strictSame(events(), [])
  state.doubts = ['page']
  await clock.advance(6000)
  t.match(logged, [{ event: 'peers.asked', msg: 'peers asked about page: there are none', known: 0 }])
  state.doubts = []
  state.count = 2
  await clock.advance(70_000)
  t.equal(following.reach.isAnswered, true, 'the others are found within about a minute')
})

t.test('peers › five of them, once the doubt has lasted, and no more often than each 15 s', async t => {
  const { clock, heard, asked, state } = follow()
  await clock.advance(20_000)
  asked.length = 0
  state.doubts = ['page']
  await clock.advance(5000)
  t.equal(asked.length, 0, 'not for a blink')
  await clock.advance(1000)
  t.equal(asked.length, 5)
  await clock.advance(119_000)
  t.ok(heard.length >= 6 && heard.length <= 8, `${heard.length} sweeps in 2 minutes`)
  t.equal(asked.length, heard.length * 5)
  for (const sweep of heard) {
    t.match(sweep, { known: 8 })
    t.equal(new Set(sweep?.answers.map(({ peer }) => peer)).size, 5)
  }
  t.ok(new Set(heard.flatMap(sweep => sweep?.answers.map(({ peer }) => peer))).size > 5, 'at random')
  const gaps = heard.slice(1).map((sweep, i) => (sweep?.at ?? 0) - (heard[i]?.at ?? 0))
  t.ok(
    gaps.every(gap => gap >= 15_000),
    gaps.join(', '),
  )
})

t.test('peers › where none can be learnt, one may be there that does not answer', async t => {
  const { clock, heard, state, logged } = follow({ count: 1, unread: ['web.example'] })
  state.doubts = ['page']
  await clock.advance(7000)
  t.match(heard, [
    {
      known: 2,
      answers: [
        { peer: '10.0.0.0:80', answer: 'pass' },
        { peer: 'web.example', answer: 'silent' },
      ],
    },
  ])
  t.match(logged, [
    {
      event: 'peers.asked',
      msg: 'peers asked about page: 10.0.0.0:80 pass, web.example silent',
      checks: ['page'],
      known: 2,
    },
  ])
})

t.test('peers › that the program fails to ask are told of once, and asked again', async t => {
  const { clock, heard, state, logged } = follow()
  state.doubts = ['page']
  state.isBroken = true
  await clock.advance(60_000)
  t.strictSame(heard, [])
  t.match(logged, [{ event: 'peers.broke', msg: /^the peers cannot be asked: TypeError at .*; report it$/ }])
  t.equal(logged.length, 1)
  state.isBroken = false
  await clock.advance(20_000)
  t.match(heard, [{ known: 8 }])
})

t.test('peers › are given the time that they may answer from older findings', async t => {
  const { clock, heard, state } = follow({ freshForMs: 60_000 })
  state.doubts = ['page']
  await clock.advance(66_000)
  t.equal(heard.length, 1)
  await clock.advance(12_000)
  t.equal(heard.length, 2)
})

t.test('peers › what they said is forgotten with the doubt, and a new doubt begins again', async t => {
  const { clock, heard, state } = follow({ count: 2 })
  state.doubts = ['page']
  await clock.advance(10_000)
  t.match(heard, [{ answers: [{ answer: 'pass' }, { answer: 'pass' }] }])
  state.doubts = []
  await clock.advance(60_000)
  t.strictSame(heard.slice(1), [undefined])
  state.doubts = ['page']
  await clock.advance(5000)
  t.equal(heard.length, 2)
  await clock.advance(2000)
  t.equal(heard.length, 3)
})

t.test('peers › nobody is asked once it is over', async t => {
  const { clock, asked, state, following } = follow()
  state.doubts = ['page']
  following[Symbol.dispose]()
  await clock.advance(60_000)
  t.equal(asked.length, 0)
})
