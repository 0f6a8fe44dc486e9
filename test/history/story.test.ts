import t from 'tap'
import { indexAt, momentAfter } from '../../src/history/moment.ts'
import { readHistory } from '../../src/history/read-history.ts'
import type { Change } from '../../src/history/record.ts'
import { storyOf } from '../../src/history/story.ts'
import {
  TestHistory,
  alive,
  allPass,
  failed,
  pageFails,
  pagePasses,
  start,
  stop,
} from '../support/history-records.ts'

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 26, 3, 0, second))

const outage = () =>
  new TestHistory()
    .at(0, start)
    .at(60, alive, { probes: { 200: 4 } })
    .at(70, pageFails, { verdict: 'fail', probes: { 200: 1 } })
    .at(70, failed, { verdict: 'fail' })
    .at(130, alive, { probes: { 503: 4, 404: 1 } })
    .at(160, pagePasses, { verdict: 'pass', probes: { 503: 2 } })
    .at(160, allPass)
    .at(200, alive, { probes: { 200: 3 } })

t.test(
  'story › a check and the verdict that it makes are one change, with the rule and who got what',
  async t => {
    const { entries, probesBefore } = storyOf(outage().records, 0)
    t.strictSame(probesBefore, {})
    t.match(entries, [
      {
        answerBefore: null,
        answer: 200,
        what: /^the daemon starts \(version 1.0, release v1\)$/,
        probes: { 200: 5 },
      },
      {
        time: at(70).toISOString(),
        answerBefore: 200,
        answer: 503,
        what: 'page pass→fail  SMOKE_STATUS_UNEXPECTED',
        why: ['500 for GET /', 'rule: a required check fails (unhealthy_threshold 1)'],
        probes: { 503: 6, 404: 1 },
      },
      {
        answerBefore: 503,
        answer: 200,
        what: 'page fail→pass',
        why: ['rule: every required check passes'],
        probes: { 200: 3 },
      },
    ])
    t.equal(entries.length, 3)
  },
)

t.test('story › from the middle, what was answered before the first change is told apart', async t => {
  const { entries, probesBefore } = storyOf(outage().records, 4)
  t.strictSame(probesBefore, { 503: 6, 404: 1 })
  t.equal(entries.length, 1)
})

t.test('story › an unknown that holds keeps the answer, and says for how long', async t => {
  const held: Change = {
    event: 'check',
    check: 'database',
    type: 'postgres',
    status: 'unknown',
    reason: 'DATABASE_REFUSED',
    cause: 'shared',
    tookMs: 1,
    effect: 'warn',
    because: 'held',
    statusBefore: 'pass',
    verdictBefore: 'pass',
    phaseBefore: 'serving',
  }
  const { records } = new TestHistory().at(0, start).at(5, held, { verdict: 'warn' })
  t.match(storyOf(records, 1).entries, [
    {
      answerBefore: 200,
      answer: 200,
      what: 'database pass→unknown  DATABASE_REFUSED',
      why: [
        'rule: nothing is proved against this host: an unknown holds (cause: shared), for as long as it lasts',
      ],
    },
  ])
})

/** The check `env` cannot tell, and holds for a while. */
const heldFor: Change = {
  event: 'check',
  check: 'env',
  type: 'env',
  status: 'unknown',
  reason: 'ENV_FILE_UNREADABLE',
  cause: 'local',
  message: 'no permission',
  tookMs: 1,
  effect: 'warn',
  because: 'held',
  heldUntil: at(900).toISOString(),
  statusBefore: 'pass',
  verdictBefore: 'warn',
  phaseBefore: 'serving',
}

t.test('story › a hold that has an end tells it, though no verdict changes', async t => {
  const { records } = new TestHistory().at(0, start).at(5, heldFor, { verdict: 'warn' })
  t.match(storyOf(records, 1).entries, [
    {
      why: [
        'no permission',
        `rule: nothing is proved against this host: an unknown holds (cause: local), until <${at(900).toISOString()}>`,
      ],
    },
  ])
})

t.test('story › an unknown after a failure is not told as a hold that keeps the host in service', async t => {
  const { records } = outage()
    .at(210, pageFails, { verdict: 'fail' })
    .at(210, failed)
    .at(220, {
      ...heldFor,
      check: 'page',
      statusBefore: 'fail',
      effect: 'fail',
      verdictBefore: 'fail',
    })
  const rule = 'rule: it has failed, and an unknown is no pass: it stays failing until it passes'
  t.match(storyOf(records, records.length - 1).entries, [{ answer: 503, why: ['no permission', rule] }])
  t.match(momentAfter(records, records.length - 1, at(230)), { why: ['page: no permission', rule] })
})

t.test('story › drain, resume, release, configuration', async t => {
  const serving = { verdictBefore: 'pass', phaseBefore: 'serving' } as const
  const draining = { verdictBefore: 'fail', phaseBefore: 'draining' } as const
  const rule = (name: 'draining' | 'starting'): Change => ({
    event: 'verdict',
    rule: name,
    decidedBy: [],
    ...serving,
  })
  const { records } = new TestHistory()
    .at(0, start)
    .at(
      10,
      { event: 'drain', drain: { reason: 'kernel', by: 'alice', until: at(99).toISOString() }, ...serving },
      { verdict: 'fail', phase: 'draining' },
    )
    .at(10, rule('draining'))
    .at(20, { event: 'drain', drain: null, by: 'bob', ...draining }, { verdict: 'pass', phase: 'serving' })
    .at(20, { ...allPass, ...draining })
    .at(
      30,
      { event: 'release', releaseBefore: 'v1', ...serving },
      { release: 'v2', verdict: 'fail', phase: 'starting' },
    )
    .at(30, rule('starting'), { startup: { rounds: 0, needed: 5 } })
    .at(40, {
      event: 'config',
      outcome: 'refused',
      configHash: 'x',
      mistakes: ['c.yaml:1:2: no'],
      ...serving,
    })
    .at(50, { event: 'drain', drain: null, ...draining })
  t.strictSame(
    storyOf(records, 1).entries.map(({ answerBefore, answer, what }) => [answerBefore, answer, what]),
    [
      [200, 503, `drain: kernel, by alice, until <${at(99).toISOString()}>`],
      [503, 200, 'resumed by bob'],
      [200, 503, 'another release: v2 (before: v1)'],
      [503, 503, 'a configuration is refused; the one before stays'],
      [503, 503, 'the drain ends'],
    ],
  )
  t.match(storyOf(records, 1).entries[2]?.why, ['it has to prove itself', /\(0 of 5 have\)$/])
  t.match(storyOf(records, 1).entries[3]?.why, ['c.yaml:1:2: no'])
})

t.test('story › tells a stop from an end without a word, and that from a reboot', async t => {
  const { records } = new TestHistory()
    .at(0, start)
    .at(10, stop)
    .at(20, start, { pid: 2 })
    .at(40, start, { pid: 3 })
    .at(60, start, { pid: 4, bootId: 'another' })
  t.match(
    storyOf(records, 0).entries.map(({ answerBefore, answer, what }) => [answerBefore, answer, what]),
    [
      [null, 200, /starts/],
      [200, null, /stops/],
      [null, 200, /starts/],
      [200, null, /ended without a word/],
      [null, 200, /starts/],
      [200, null, /the host went down/],
      [null, 200, /starts/],
    ],
  )
})

t.test('story › tells of a step of the clock, forward, back, and over a restart', async t => {
  const history = new TestHistory().at(0, start).at(1, alive)
  history.clockMs = 3_600_000
  history.at(2, alive)
  history.clockMs = -7_200_000
  history.at(3, alive).at(4, stop)
  history.clockMs = -14_400_000
  history.at(5, start, { pid: 2 })
  t.match(
    storyOf(history.records, 0)
      .entries.map(({ what }) => what)
      .filter(what => what.includes('clock')),
    ['the clock was set forward by 1h', 'the clock was set back by 3h', 'the clock was set back by 1h59m'],
  )
})

t.test('moment › what was answered then, why, and what each check had found since when', async t => {
  const { records } = outage()
  const then = (second: number) => momentAfter(records, indexAt(records, at(second)), at(second))
  t.equal(then(-1), undefined)
  t.match(then(65), { answer: 200, phase: 'serving', release: 'v1', checks: [] })
  t.match(then(100), {
    answer: 503,
    since: at(70).toISOString(),
    why: ['page: 500 for GET /', /^rule: a required check fails/],
    checks: [
      { check: 'page', status: 'fail', reason: 'SMOKE_STATUS_UNEXPECTED', since: at(70).toISOString() },
    ],
    recorded: at(70).toISOString(),
  })
  t.match(then(1000), { answer: 200, since: at(160).toISOString(), checks: [{ status: 'pass' }] })
})

t.test('moment › a failure that has become another one is told as it is now', async t => {
  const late: Change = { ...pageFails, reason: 'SMOKE_NO_ANSWER', message: 'no answer', statusBefore: 'fail' }
  const rule = 'rule: a required check fails (unhealthy_threshold 1)'
  const { records } = outage().at(210, pageFails, { verdict: 'fail' }).at(210, failed)
  const whyAfter = (...changes: readonly Change[]) => {
    const history = outage().at(210, pageFails, { verdict: 'fail' }).at(210, failed)
    for (const change of changes) history.at(220, change)
    return momentAfter(history.records, history.records.length - 1, at(230))?.why
  }
  t.strictSame(momentAfter(records, records.length - 1, at(230))?.why, ['page: 500 for GET /', rule])
  t.strictSame(whyAfter(late), ['page: no answer', rule])
  t.strictSame(
    whyAfter({ ...pagePasses, because: 'below-healthy-threshold', healthyThreshold: 3 }),
    ['rule: it passes less often in a row than counts (healthy_threshold 3)'],
    'the failure before a pass is over',
  )
  t.strictSame(whyAfter({ ...late, check: 'other' }), ['page: 500 for GET /', rule], 'of another check')
})

t.test('moment › between two daemons nobody answered, or it is not known', async t => {
  const stopped = new TestHistory().at(0, start).at(10, stop).at(20, start, { pid: 2 }).records
  t.match(momentAfter(stopped, indexAt(stopped, at(15)), at(15)), {
    answer: null,
    since: at(10).toISOString(),
  })
  const killed = new TestHistory().at(0, start).at(20, start, { pid: 2 }).records
  t.match(momentAfter(killed, indexAt(killed, at(15)), at(15)), {
    answer: 200,
    why: [/nothing has changed/, /ended without a word between .* it may have answered nobody/],
  })
})

t.test('moment › what a daemon before it or another release found does not count', async t => {
  const release: Change = { event: 'release', verdictBefore: 'pass', phaseBefore: 'serving' }
  const restarted = outage().at(300, start, { pid: 2 }).records
  t.match(momentAfter(restarted, restarted.length - 1, at(300)), { checks: [] })
  const deployed = outage().at(300, release, { release: 'v2', phase: 'starting', verdict: 'fail' }).records
  t.match(momentAfter(deployed, deployed.length - 1, at(300)), {
    checks: [],
    phase: 'starting',
    release: 'v2',
  })
})

t.test('moment › of a time that came twice, the later one', async t => {
  const history = new TestHistory().at(0, start).at(10, alive).at(100, alive)
  history.clockMs = -95_000
  history.at(101, { ...pageFails }, { verdict: 'fail' }).at(200, alive)
  t.equal(indexAt(history.records, at(50)), 3)
})

t.test('read › skips what is no record, and counts it', async t => {
  const { lines, records } = outage()
  const [first = '', ...rest] = lines
  const torn = ['', '{', 'null', '[]', '{"time":"2026-11-26T03:00:00Z"}', first.slice(0, 100), '\0\0\0']
  const read = readHistory([...torn, first, first.replace('"start"', '"dance"'), ...rest])
  t.strictSame(read.records, records)
  t.match(read, { unreadable: torn.length + 1, missing: 0, isShared: false })
})

t.test('read › no member of another type gets through', async t => {
  const wrong: unknown[] = [null, {}, [], true, 'x', 1]
  for (const record of outage().records)
    for (const [name, value] of Object.entries(record))
      for (const other of wrong.filter(each => typeof each !== typeof value || each === null)) {
        const { records } = readHistory([JSON.stringify({ ...record, [name]: other })])
        t.doesNotThrow(
          () => {
            storyOf(records, 0)
            momentAfter(records, records.length - 1, at(0))
          },
          `${record.event} ${name}: ${JSON.stringify(other)}`,
        )
      }
})

t.test('read › a record that was written twice counts once; a gap is told; so are two daemons', async t => {
  const { lines } = outage()
  t.equal(readHistory(lines.flatMap(line => [line, line])).records.length, lines.length)
  t.equal(readHistory(lines.filter((_line, i) => i !== 2 && i !== 5)).missing, 2)
  const two = new TestHistory()
    .at(0, start)
    .at(1, start, { pid: 2 })
    .at(2, alive, { pid: 1 })
    .at(3, alive, { pid: 2 })
  t.equal(readHistory(two.lines).isShared, true)
})
