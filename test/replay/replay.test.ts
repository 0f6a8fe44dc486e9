import t from 'tap'
import { roundSpacingMs } from '../../src/monitor/cadence.ts'
import { readRecord } from '../../src/history/read-record.ts'
import type { CheckSummary } from '../../src/history/record.ts'
import type { Difference, Replayed } from '../../src/replay/replayed.ts'
import { Replayer } from '../../src/replay/replayer.ts'
import { checkSummary } from '../support/check-policy.ts'
import { otherBy, policyBy, recordHost } from '../support/recorded-host.ts'
import type { Rules, Step } from '../support/recorded-host.ts'

const page = checkSummary('page')
const database = checkSummary('database', { shared: true, intervalMs: 15_000 })
const cache = checkSummary('cache', { required: false })
const recorded: Rules = { checks: [page, database, cache] }

const after = (ms: number): Step => ({ kind: 'time', ms })
const serving = after(60_000)
const is = (check: number, manner: 'pass' | 'fail' | 'stuck' | 'local' | 'busy'): Step => ({
  kind: 'manner',
  check,
  manner,
})
const outage = [is(0, 'fail'), after(60_000), is(0, 'pass'), after(60_000)]

const replay = (lines: readonly string[], other: Rules): Replayed => {
  const replayer = new Replayer(otherBy(other))
  for (const line of lines) {
    const record = readRecord(line)
    if (record) replayer.take(record)
  }
  return replayer.finish()
}

const told = ({ differences }: Replayed): string =>
  differences.map(({ recorded: was, replayed: is }) => `${was.answer}→${is.answer ?? 'unknown'}`).join(' ')

const lastsMs = ({ from, to }: Difference): number => Date.parse(to) - Date.parse(from)

const record = async (...steps: readonly Step[]) =>
  (await recordHost(recorded, { steps: [serving, ...steps, after(300_000)] })).lines

/** From the first hourly record on. */
const fromSnapshot = (lines: readonly string[]): readonly string[] =>
  lines.slice(lines.findIndex(line => /"event":"alive".*"states":/.test(line)))

const withChecks = (...checks: readonly CheckSummary[]): Rules => ({ ...recorded, checks })

t.test('replay › a shorter hold: differs from the very moment at which it ends', async t => {
  const lines = await record(is(0, 'local'), after(100_000), is(0, 'pass'), after(30_000))
  t.strictSame(replay(lines, recorded).differences, [])
  const replayed = replay(lines, { ...recorded, holdMs: 60_000 })
  t.match(replayed.differences, [
    {
      recorded: { answer: 200, why: [/^page: broke/, /an unknown holds \(cause: local\), until </] },
      replayed: {
        answer: 503,
        why: [/^page: broke/, 'rule: an unknown (cause: local) has lasted longer than hold allows'],
      },
    },
  ])
  const unknownSince = lines.map(line => JSON.parse(line)).find(({ status }) => status === 'unknown').time
  t.equal(Date.parse(replayed.differences[0]?.from ?? '') - Date.parse(unknownSince), 60_000)
})

t.test('replay › a host stays alone for as long as its peers go on passing, as it did', async t => {
  const rules: Rules = { ...recorded, peers: 'the others' }
  const sweep: readonly Step[] = [{ kind: 'peers', answer: 'pass' }, after(15_000)]
  const { lines } = await recordHost(rules, {
    steps: [serving, is(0, 'busy'), ...Array.from({ length: 8 }, () => sweep).flat(), is(0, 'pass'), serving],
  })
  t.match(lines.filter(line => line.includes('"event":"verdict"')).at(-2), '"rule":"alone"')
  t.strictSame(replay(lines, rules).differences, [])
})

t.test('replay › a check that was not there is unknown wherever it may decide, and nowhere else', async t => {
  const lines = await record(...outage)
  const added = checkSummary('queue')
  const replayed = replay(lines, withChecks(...recorded.checks, added))
  t.equal(told(replayed), '200→unknown 200→unknown', 'where another check fails it does not matter')
  t.match(replayed.differences[0]?.replayed.why, [/^no check queue was there when this was recorded$/])
  const optional = replay(lines, withChecks(...recorded.checks, { ...added, required: false }))
  t.match(optional, { differences: [], unknownMs: 0 })
  const renamed = replay(lines, withChecks(checkSummary('homepage'), database, cache))
  t.match(renamed.differences[0]?.replayed.why, [
    /no check homepage was there .*; if it is page under another name/,
  ])
  const other = replay(lines, withChecks({ ...page, asks: 'another page' }, database, cache))
  t.match(other.differences[0]?.replayed.why, [/^page asks something else/])
})

t.test(
  'replay › a check that is removed, or no longer required, or fails more often before it counts',
  async t => {
    const lines = await record(...outage)
    for (const other of [
      withChecks(database, cache),
      withChecks({ ...page, required: false }, database, cache),
    ])
      t.equal(told(replay(lines, other)), '503→200')
    const late = replay(lines, withChecks({ ...page, unhealthyThreshold: 3 }, database, cache))
    t.equal(told(late), '503→200')
    const [difference] = late.differences
    t.ok(difference && lastsMs(difference) > 20_000 && lastsMs(difference) < 23_000, 'for two intervals')
    t.match(difference?.replayed.why, [/./, /unhealthy_threshold 3/])
  },
)

t.test(
  'replay › a check that now depends on another: known if that was seen at the time, else unknown',
  async t => {
    const dependent = withChecks({ ...page, dependsOn: ['database'] }, database, cache)
    const unseen = replay(await record(...outage), dependent)
    t.equal(told(unseen), '503→unknown')
    t.match(unseen.differences[0]?.replayed.why, [
      /^page: whether database passed when it failed is not recorded$/,
    ])
    const rules = { ...recorded, checks: [{ ...page, dependsOn: ['database'] }, database, cache] }
    const { lines } = await recordHost(rules, {
      steps: [
        serving,
        is(1, 'fail'),
        is(0, 'fail'),
        after(60_000),
        is(0, 'pass'),
        is(1, 'pass'),
        after(60_000),
      ],
    })
    const independent = replay(lines, withChecks(page, { ...database, required: false }, cache))
    const excused = replay(
      lines,
      withChecks({ ...page, dependsOn: ['database'] }, { ...database, required: false }, cache),
    )
    t.equal(told(independent), '503→200')
    t.ok(lastsMs(independent.differences[0]!) < 16_000, 'until the page fails on its own')
    t.equal(told(excused), '503→200')
    t.ok(lastsMs(excused.differences[0]!) > 45_000, 'for as long as the database fails')
  },
)

t.test('replay › more rounds than were recorded: 503 at first, then unknown, then as it was', async t => {
  const lines = await record()
  const replayed = replay(lines, { ...recorded, rounds: 6 })
  t.equal(told(replayed), '200→503 200→unknown')
  t.match(replayed.differences[1]?.replayed.why, [/more rounds than were recorded/])
  t.equal(lastsMs(replayed.differences[0]!), 3 * roundSpacingMs(policyBy(recorded), 0))
  t.equal(replayed.from, readRecord(lines[0] ?? '')?.time)
  t.ok(replayed.sameMs > 200_000)
  t.match(told(replay(lines, { ...recorded, rounds: 1 })), '503→200')
})

t.test('replay › another cadence is a limit: nothing is called the same', async t => {
  const replayed = replay(await record(), withChecks({ ...page, intervalMs: 5000 }, database, cache))
  t.match(replayed, {
    differences: [],
    limits: [/^page: interval was 10s, not 5s; what it would have found/],
  })
})

t.test('replay › another patience leaves open what it decides', async t => {
  const lines = await record(is(0, 'busy'), after(50_000), is(0, 'pass'), after(30_000))
  const patient = { ...page, patienceMs: 30_000 }
  const impatient = replay(lines, withChecks({ ...patient, patienceMs: 10_000 }, database, cache))
  t.equal(told(impatient), '', 'a host that recorded none has none')
  const { lines: more } = await recordHost(
    { ...recorded, checks: [patient, database, cache] },
    { steps: [serving, is(0, 'busy'), after(50_000), is(0, 'pass'), after(60_000)] },
  )
  const shorter = replay(more, withChecks({ ...patient, patienceMs: 10_000 }, database, cache))
  t.equal(told(shorter), '200→unknown')
  const [doubt] = shorter.differences
  t.match(doubt?.replayed.why, [/a patience of 10s may have found something else/])
  t.equal(doubt?.replayed.why.length, 1)
  const queue = checkSummary('queue')
  const both = replay(more, withChecks({ ...patient, patienceMs: 10_000 }, database, cache, queue))
  t.equal(told(both), '200→unknown', 'the best of both against the worst of both')
})

t.test('replay › a longer patience leaves open only what a lack of progress decided, and when', async t => {
  const patient = { ...page, patienceMs: 30_000 }
  const longer = withChecks({ ...patient, patienceMs: 60_000 }, database, cache)
  const linesOf = async (manner: 'stuck' | 'fail') => {
    const steps = [serving, is(0, manner), after(120_000), is(0, 'pass'), after(60_000)]
    return (await recordHost(withChecks(patient, database, cache), { steps })).lines
  }
  const stuck = replay(await linesOf('stuck'), longer)
  t.equal(told(stuck), '503→unknown')
  const openMs = lastsMs(stuck.differences[0]!)
  t.ok(openMs >= 30_000 && openMs < 42_000, `${openMs} ms`)
  t.equal(told(replay(await linesOf('fail'), longer)), '')
})

t.test('replay › peers that were not asked may have passed, or not', async t => {
  const lines = await record(is(0, 'busy'), after(60_000), is(0, 'pass'), after(60_000))
  const replayed = replay(lines, { ...recorded, peers: 'the others' })
  t.equal(told(replayed), '200→unknown')
  t.match(replayed.differences[0]?.replayed.why, [/^what its peers would have said is not recorded$/])
})

t.test('replay › a drain ends at its time, whenever the recorded daemon took note', async t => {
  const lines = await record({ kind: 'drain', ms: 45_000 }, is(0, 'fail'), after(120_000), is(0, 'pass'))
  const replayed = replay(lines, withChecks({ ...page, required: false }, database, cache))
  t.equal(told(replayed), '503→200')
  const { drain } = JSON.parse(lines.find(line => line.includes('"event":"drain"')) ?? '')
  const offMs = Date.parse(replayed.differences[0]?.from ?? '') - Date.parse(drain.until)
  t.ok(Math.abs(offMs) <= 1, `${offMs} ms`)
})

t.test('replay › what a lost record left open, and nothing else tells, is said to be that', async t => {
  const rules: Rules = { ...recorded, holdMs: 100_000_000 }
  const { lines } = await recordHost(rules, {
    steps: [serving, is(0, 'fail'), after(11_000), is(0, 'local'), after(7_400_000), is(0, 'pass'), serving],
  })
  const wary = { ...rules, checks: [{ ...page, unhealthyThreshold: 9 }, database, cache] }
  const replayed = replay(fromSnapshot(lines), wary)
  t.equal(told(replayed), '503→unknown')
  t.strictSame(replayed.differences[0]?.replayed.why, [
    'it follows from something before this that is not recorded',
  ])
})

t.test('replay › what is missing is unknown, until the daemon says all that it knows', async t => {
  const lines = await record(...outage, after(3_600_000), after(300_000))
  const missing = lines.filter((_line, i) => i !== 7)
  t.match(replay(missing, recorded).differences[0]?.replayed.why, [/^1 record is missing before this/])
  const rest = lines.slice(lines.findIndex(line => line.includes('"serving"')) + 1)
  const rotated = replay(rest, recorded)
  t.match(told(rotated), /^\d+→unknown/)
  t.match(rotated.differences[0]?.replayed.why, [/^the records begin in the middle of a run/])
  t.ok(rotated.sameMs > 300_000, 'from the hourly record on')
  t.equal(rotated.counts.different, 0)
  const older = rest.map(line => JSON.stringify({ ...JSON.parse(line), states: undefined }))
  t.equal(replay(older, recorded).sameMs, 0, 'an older version did not say it')
})

t.test('replay › a drain whose begin is lost ends when it did', async t => {
  const drain: Step = { kind: 'drain', ms: 4_000_000 }
  const rest = fromSnapshot(await record(drain, after(4_200_000)))
  t.match(JSON.parse(rest[0] ?? ''), { phase: 'draining', drain: { reason: 'kernel', until: /^2026/ } })
  const replayed = replay(rest, recorded)
  t.strictSame([replayed.differences, replayed.unknownMs], [[], 0])
  const over = fromSnapshot(await record(drain, { kind: 'resume' }, after(4_200_000)))
  t.notOk('drain' in JSON.parse(over[0] ?? ''), 'one that has ended is not told')
})

t.test('replay › what peers said is known, though its record is lost', async t => {
  const rules: Rules = { ...recorded, holdMs: 100_000_000, peers: 'the others' }
  const said = (answer: 'pass' | 'fail') =>
    Array.from({ length: 250 }, (): Step[] => [{ kind: 'peers', answer }, after(15_000)]).flat()
  for (const [manner, first, later, answer] of [
    ['busy', 'pass', 'pass', 503],
    ['busy', 'fail', 'fail', 200],
    ['stuck', 'pass', 'fail', 503],
    ['stuck', 'fail', 'fail', 200],
  ] as const) {
    const { lines } = await recordHost(rules, {
      steps: [serving, is(0, manner), ...said(first).slice(0, 8), ...said(later), is(0, 'pass'), serving],
    })
    const rest = fromSnapshot(lines)
    t.match(JSON.parse(rest[0] ?? ''), { answer, peers: {} })
    const replayed = replay(rest, rules)
    t.strictSame([replayed.differences, replayed.unknownMs], [[], 0], `${manner} ${answer}`)
    t.notOk('peers' in JSON.parse(rest.at(-1) ?? ''))
  }
})

t.test('replay › times that go back were damaged: nothing from there on is called the same', async t => {
  const lines = await record(...outage)
  const middle = lines.findIndex(line => line.includes('"event":"verdict"') && line.includes('"pass"')) + 1
  for (const damage of [
    ({ uptimeMs, ...rest }: Record<string, unknown>) => ({ ...rest, uptimeMs: Number(uptimeMs) - 500_000 }),
    (one: Record<string, unknown>) => ({ ...one, runs: [[1e11, 'page']] }),
    (one: Record<string, unknown>) => ({ ...one, runs: [[-1, 'page']] }),
  ]) {
    const damaged = lines.map((line, i) => (i < middle ? line : JSON.stringify(damage(JSON.parse(line)))))
    const replayed = replay(damaged, recorded)
    t.match(replayed.limits, [/^a record is not in order by its number or its times, and was passed over/])
    t.equal(replayed.counts.different, 0)
    t.ok(replayed.sameMs < 100_000, `${replayed.sameMs} ms are the same`)
  }
})

t.test('replay › a run whose start is lost is not passed over as if it were written twice', async t => {
  const { lines } = await recordHost(recorded, {
    steps: [serving, ...outage, after(300_000), { kind: 'restart' }, after(300_000)],
  })
  const start = lines.findLastIndex(line => line.includes('"event":"start"'))
  // a container restarts: its daemon has the same process id on the same boot
  const lost = lines.toSpliced(start, 1)
  const replayed = replay(lost, recorded)
  t.match(replayed.limits, [/^a record is not in order by its number or its times, and was passed over/])
  t.equal(replayed.counts.different, 0)
  const other = lines.map((line, i) => (i < start ? line : line.replace(/"pid":\d+/, '"pid":1')))
  t.match(replay(other.toSpliced(start, 1), recorded).differences[0]?.replayed.why, [
    'the start of this daemon is not among the records',
  ])
  const olderLast = [...lines.slice(4, start), ...lines.slice(1, 4)]
  t.match(replay(olderLast, recorded).limits, [/^a record is not in order/], 'nor is the older half')
  t.strictSame(
    replay(
      lines.flatMap(line => [line, line]),
      recorded,
    ),
    replay(lines, recorded),
    'twice is once',
  )
})

t.test('replay › a record of a time that no host can have is no record', async t => {
  const [line = ''] = await record()
  t.ok(readRecord(line))
  for (const part of [
    { uptimeMs: 1e300 },
    { uptimeMs: -1e300 },
    { time: '+275760-09-13T00:00:00.000Z' },
    { since: '-271821-04-20T00:00:00.000Z' },
  ])
    t.equal(readRecord(JSON.stringify({ ...JSON.parse(line), ...part })), undefined)
})

t.test('replay › a record of an older version is unknown, and not the same', async t => {
  const lines = (await record(...outage)).map(line => {
    const { policy: _policy, runs: _runs, ...old } = JSON.parse(line)
    return JSON.stringify(old)
  })
  const replayed = replay(lines, recorded)
  t.match(replayed, { sameMs: 0, counts: { different: 0 } })
  t.match(replayed.differences[0]?.replayed.why, [
    /^this was recorded by a version that did not write down each run/,
  ])
})

t.test('replay › a restart goes on from what the other configuration would have kept', async t => {
  const flaky: Step[] = [is(2, 'fail'), after(60_000), { kind: 'restart' }, after(60_000), is(2, 'pass')]
  const { lines } = await recordHost(recorded, { steps: [...flaky, after(700_000)] })
  const strict = replay(lines, withChecks(page, database, { ...cache, required: true }))
  t.equal(told(strict), '200→503 200→503 200→unknown', 'it had not passed, so that it starts again')
  t.ok(strict.sameMs > 300_000, 'and passes in the end')
})

t.test('replay › what failed before a restart does so after it, until it passes', async t => {
  const lines = await record(is(0, 'fail'), after(30_000), is(0, 'local'), { kind: 'restart' }, after(60_000))
  const same = replay(lines, recorded)
  t.strictSame(same.differences, [])
  t.ok(same.sameMs > 300_000)
  const lenient = replay(lines, withChecks({ ...page, required: false }, database, cache))
  t.match(told(lenient), /^503→200/)
})

t.test('replay › a hold goes on after a restart, as it did', async t => {
  const lines = await record(is(0, 'local'), after(100_000), { kind: 'restart' }, after(100_000))
  t.match(
    lines.find(line => line.includes('"held":')),
    /"event":"start"/,
  )
  const same = replay(lines, recorded)
  t.strictSame(same.differences, [])
  t.ok(same.sameMs > 300_000)
})
