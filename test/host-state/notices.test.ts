import t from 'tap'
import type { MetadataAnswer } from '../../src/connect/instance-metadata.ts'
import {
  adviceOf,
  afterLook,
  drainReasonOf,
  isOutOfService,
  knownAs,
  lookIn,
  noticesOf,
} from '../../src/host/notices.ts'
import type { KnownNotices, Look } from '../../src/host/notices.ts'

const TIME = '2026-11-22T03:20:00Z'
const ABSENT = { kind: 'absent' } as const
const UNKNOWN = { kind: 'unknown', why: 'did not answer in time' } as const
const NOTHING: Look = { spot: ABSENT, rebalance: ABSENT, targetState: ABSENT }
const SILENCE: Look = { spot: UNKNOWN, rebalance: UNKNOWN, targetState: UNKNOWN }

const text = (value: string): MetadataAnswer => ({ kind: 'value', text: value })
const valueOf = <Fact>(value: Fact) => ({ kind: 'value', value }) as const

t.test('notices › of a kept value, what is none is left out', async t => {
  const all = { spot: { action: 'stop', time: TIME }, rebalance: TIME, targetState: 'Warmed:Stopped' }
  t.strictSame(noticesOf({ ...all, more: 1 }), all)
  for (const value of [null, undefined, 'x', 1, [], {}]) t.strictSame(noticesOf(value), {})
  for (const spot of [null, 'terminate', [], {}, { time: TIME }, { action: 'dance', time: TIME }])
    t.strictSame(noticesOf({ ...all, spot }), { rebalance: TIME, targetState: 'Warmed:Stopped' })
  for (const time of [undefined, null, 5, '', 'soon', `${TIME} `, '2026-11-22'])
    t.strictSame(noticesOf({ spot: { action: 'stop', time }, rebalance: time }), { spot: { action: 'stop' } })
  for (const targetState of [undefined, null, 5, '', 'A', 'standby', 'In Service', 'Warmed:', 'A'.repeat(32)])
    t.strictSame(noticesOf({ targetState }), {})
})

t.test('notices › a look keeps apart what is there, what is absent, and what is no answer', async t => {
  t.strictSame(
    lookIn({
      spot: text(`{"action": "hibernate", "time": "${TIME}"}`),
      rebalance: text(`{"noticeTime": "${TIME}"}`),
      targetState: text(' InService\n'),
    }),
    {
      spot: valueOf({ action: 'hibernate', time: TIME }),
      rebalance: valueOf(TIME),
      targetState: valueOf('InService'),
    },
  )
  t.strictSame(lookIn(NOTHING as Record<keyof Look, typeof ABSENT>), NOTHING)
  t.strictSame(lookIn(SILENCE as Record<keyof Look, typeof UNKNOWN>), SILENCE)
  const why = (path: string) => ({
    kind: 'unknown',
    why: `answered with something else to a request for ${path}`,
  })
  for (const garbage of ['', '<html>', '[]', 'null', '"x"', '{}'])
    t.strictSame(lookIn({ spot: text(garbage), rebalance: text(garbage), targetState: text(garbage) }), {
      spot: why('spot/instance-action'),
      rebalance: why('events/recommendations/rebalance'),
      targetState: why('autoscaling/target-lifecycle-state'),
    })
})

const ALL = { spot: { action: 'stop', time: TIME }, rebalance: TIME, targetState: 'Terminated' } as const

t.test('notices › each is withdrawn by the third look in a row that finds none', async t => {
  const look = (known: KnownNotices, ...looks: readonly Look[]) => looks.reduce(afterLook, known)
  for (const name of ['spot', 'rebalance', 'targetState'] as const) {
    const found: Look = {
      spot: valueOf(ALL.spot),
      rebalance: valueOf(ALL.rebalance),
      targetState: valueOf(ALL.targetState),
    }
    const without: Look = { ...found, [name]: ABSENT }
    const unknown: Look = { ...found, [name]: UNKNOWN }
    const { [name]: _, ...others } = ALL
    const afterTwo = look(knownAs(ALL), without, without)
    t.strictSame(afterTwo.notices, ALL, 'two are too few')
    t.strictSame(look(afterTwo, without).notices, others)
    t.strictSame(look(afterTwo, unknown).notices, ALL, 'a look without an answer is none of them')
    t.strictSame(look(afterTwo, unknown, without).notices, others, 'nor does it begin the count again')
    t.strictSame(look(afterTwo, found, without, without).notices, ALL, 'the count begins again')
    t.strictSame(look(afterTwo, found).missed, { spot: 0, rebalance: 0, targetState: 0 })
  }
  t.strictSame(look(knownAs({}), NOTHING, SILENCE).notices, {})
})

t.test('notices › another value counts at once', async t => {
  const found: Look = {
    spot: valueOf({ action: 'terminate' } as const),
    rebalance: valueOf('2026-11-22T04:00:00Z'),
    targetState: valueOf('InService'),
  }
  t.strictSame(afterLook(knownAs(ALL), found).notices, {
    spot: { action: 'terminate' },
    rebalance: '2026-11-22T04:00:00Z',
    targetState: 'InService',
  })
})

t.test('notices › an interruption and a termination take the host out, and nothing else does', async t => {
  const { spot, rebalance } = ALL
  const spotReason = `EC2 will stop this spot instance at ${TIME}`
  const groupReason = 'the scaling group terminates this instance'
  t.equal(drainReasonOf({ spot }), spotReason)
  t.equal(drainReasonOf({ spot: { action: 'terminate' } }), 'EC2 will terminate this spot instance')
  t.equal(drainReasonOf({ targetState: 'Terminated' }), groupReason)
  t.equal(drainReasonOf(ALL), `${spotReason}; ${groupReason}`)
  for (const targetState of ['InService', 'Standby', 'Detached', 'Warmed:Terminated'])
    t.equal(drainReasonOf({ rebalance, targetState }), undefined)
  t.equal(drainReasonOf({}), undefined)
})

t.test('notices › what an operator should know of those that drain nothing', async t => {
  t.match(adviceOf({ rebalance: TIME }), [new RegExp(`^EC2 recommends since ${TIME} to replace`)])
  t.equal(adviceOf({ rebalance: TIME }).length, 1)
  const advice = {
    Standby: /in Standby: .*exit-standby/,
    Detached: /\(Detached\): nothing replaces it/,
    'Warmed:Stopped': /warm pool \(Warmed:Stopped\)/,
    'Warmed:Running': /warm pool \(Warmed:Running\)/,
  }
  for (const [targetState, expected] of Object.entries(advice)) {
    const told = adviceOf({ targetState })
    t.match(told, [expected])
    t.equal(told.length, 1)
    t.equal(adviceOf({ rebalance: TIME, targetState }).length, 2)
    t.equal(isOutOfService(targetState), true, `${targetState} keeps the balancer away`)
  }
  for (const targetState of ['InService', 'Terminated', undefined]) {
    t.strictSame(adviceOf(targetState === undefined ? {} : { targetState }), [])
    t.equal(isOutOfService(targetState), false)
  }
})
