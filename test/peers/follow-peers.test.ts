import t from 'tap'
import type { PeerAnswer, PeerSweep } from '../../src/core/peers.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { followPeers } from '../../src/peers/follow-peers.ts'
import type { Peer } from '../../src/peers/peer-list.ts'
import { ManualClock } from '../support/manual-clock.ts'

const peersOf = (count: number): Peer[] =>
  Array.from({ length: count }, (_, i) => ({ host: `10.0.0.${i}`, port: 80 }))

const follow = ({ count = 8, freshForMs = 15_000, unread = [] as string[] } = {}) => {
  const clock = new ManualClock()
  const heard: (PeerSweep | undefined)[] = []
  const asked: number[] = []
  const state = { doubts: [] as string[], answer: 'pass' as PeerAnswer, isBroken: false }
  const logged: LogEvent[] = []
  let seed = 7
  const following = followPeers({
    doubts: () => state.doubts,
    hear: sweep => void heard.push(sweep),
    list: async () => {
      if (state.isBroken) throw new TypeError('secret')
      return { peers: peersOf(count), unread }
    },
    ask: async () => {
      asked.push(clock.now())
      return state.answer
    },
    freshForMs: () => freshForMs,
    clock,
    random: () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647,
    logger: { log: (_, event) => void logged.push(event) },
  })
  t.teardown(() => following[Symbol.dispose]())
  return { clock, heard, asked, state, following, logged }
}

t.test('peers › are asked by a host that has doubts, and by no other', async t => {
  const { clock, heard, asked } = follow()
  await clock.advance(600_000)
  t.equal(asked.length, 0)
  t.equal(heard.length, 0)
})

t.test('peers › five of them, once the doubt has lasted, and no more often than each 15 s', async t => {
  const { clock, heard, asked, state } = follow()
  state.doubts = ['page']
  await clock.advance(5000)
  t.equal(asked.length, 0, 'not for a blink')
  await clock.advance(120_000)
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
  const { clock, heard, state } = follow({ count: 1, unread: ['web.example'] })
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
