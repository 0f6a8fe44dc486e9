import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import type { Finding } from '../../src/core/finding.ts'
import type { CheckVerdict, Verdict } from '../../src/core/verdict.ts'
import { openHistory } from '../../src/history/history.ts'
import { lastAnswerIn } from '../../src/history/last-answer.ts'
import { linesSince } from '../../src/history/lines-since.ts'
import { readRecord } from '../../src/history/read-record.ts'
import type { Change } from '../../src/history/record.ts'
import { decidedBy } from '../../src/history/rule.ts'
import { lineOf } from '../../src/history/write-record.ts'
import type { LogEvent } from '../../src/log/logger.ts'
import { TestHistory, alive, start, stop } from '../support/history-records.ts'
import { checkSummary } from '../support/check-policy.ts'
import { ManualClock } from '../support/manual-clock.ts'

const pass: Finding = { status: 'pass' }
const fail: Finding = { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed', evidence: { target: 'x' } }

const held: Finding = { status: 'unknown', cause: 'local', reason: 'CHECK_HUNG', message: 'hung' }

const verdictOf = (finding: Finding): Verdict => {
  if (finding.status === 'unknown') {
    const hold = { cause: 'local', since: 0, until: 900_000 } as const
    const check = { name: 'page', effect: 'warn', finding, because: 'held', hold } as const
    return { status: 'warn', phase: 'serving', checks: [check] }
  }
  const status = finding.status === 'fail' ? 'fail' : 'pass'
  return { status, phase: 'serving', checks: [{ name: 'page', effect: status, finding }] }
}

const open = async (stateDir: string) => {
  const clock = new ManualClock()
  const events: LogEvent[] = []
  const history = await openHistory({
    stateDir,
    bootId: 'boot',
    release: 'v1',
    clock,
    logger: { log: (_level, event) => void events.push(event) },
    summaryOf: name => checkSummary(name, { unhealthyThreshold: 2 }),
    configuration: () => ({
      configHash: 'abc',
      checks: [checkSummary('page')],
      policy: { startupHealthyThreshold: 1, spread: 0 },
    }),
  })
  let verdict = verdictOf(pass)
  const since = clock.date()
  history.started({ version: '1.0', latched: true }, () => ({
    verdict,
    since,
    release: 'v1',
  }))
  let previous: Finding | undefined
  const find = (finding: Finding) => {
    const before = verdict
    verdict = verdictOf(finding)
    history.listener.checkAnswered?.({ name: 'page', finding, previous, tookMs: 1.2 })
    if (verdict.status !== before.status) history.listener.verdictChanged?.({ verdict, previous: before })
    previous = finding
  }
  return { history, clock, events, find }
}

const recordsIn = (stateDir: string) =>
  readFileSync(join(stateDir, 'history.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

t.test('history › each change is a record, with what was before and who got what since', async t => {
  const dir = t.testdir()
  const { history, find } = await open(dir)
  history.open()
  for (const finding of [pass, pass, pass]) find(finding)
  for (const status of [200, 200, 404]) history.answered(status)
  find(fail)
  history.answered(503)
  find(fail)
  find(pass)
  await history[Symbol.asyncDispose]()
  const records = recordsIn(dir)
  t.match(records, [
    {
      event: 'start',
      seq: 1,
      version: '1.0',
      bootId: 'boot',
      release: 'v1',
      verdict: 'pass',
      answer: 200,
      latched: true,
    },
    { event: 'check', check: 'page', type: 'smoke', status: 'pass', tookMs: 1 },
    {
      event: 'check',
      status: 'fail',
      reason: 'SMOKE_CLOSED',
      message: 'closed',
      evidence: { target: 'x' },
      statusBefore: 'pass',
      timesBefore: 3,
      verdictBefore: 'pass',
      verdict: 'fail',
      answer: 503,
      probes: { 200: 2, 404: 1 },
    },
    {
      event: 'verdict',
      rule: 'failed',
      decidedBy: [{ check: 'page', reason: 'SMOKE_CLOSED', unhealthyThreshold: 2 }],
      verdictBefore: 'pass',
      verdict: 'fail',
    },
    {
      event: 'check',
      status: 'pass',
      statusBefore: 'fail',
      reasonBefore: 'SMOKE_CLOSED',
      timesBefore: 2,
      probes: { 503: 1 },
    },
    { event: 'verdict', rule: 'all-pass', decidedBy: [] },
    { event: 'stop', seq: 7 },
  ])
  t.equal(records.length, 7)
  t.ok(
    records.every(record => Object.keys(record)[0] === 'time'),
    'time comes first',
  )
  t.strictSame(
    records.map(record => readRecord(JSON.stringify(record))),
    records,
    'each is read as it was written',
  )
})

t.test('history › the record of a check has the end of its hold, which no verdict may tell', async t => {
  const dir = t.testdir()
  const { history, clock, find } = await open(dir)
  history.open()
  find(held)
  await history[Symbol.asyncDispose]()
  const heldUntil = new Date(clock.date().getTime() + 900_000 - clock.now()).toISOString()
  const record = recordsIn(dir).find(({ event }) => event === 'check')
  t.match(record, { because: 'held', effect: 'warn', heldUntil, unhealthyThreshold: 2 })
  t.strictSame(readRecord(JSON.stringify(record)), record)
})

t.test('history › a daemon that only lives has a record every five minutes', async t => {
  const dir = t.testdir()
  const { history, clock } = await open(dir)
  history.open()
  history.answered(200)
  await clock.advance(900_000)
  await history[Symbol.asyncDispose]()
  t.match(
    recordsIn(dir).map(({ event, probes }) => [event, probes]),
    [['start'], ['alive', { 200: 1 }], ['alive', undefined], ['alive'], ['stop']],
  )
})

t.test('history › the one who could not listen leaves nothing', async t => {
  const dir = t.testdir()
  const { history } = await open(dir)
  await history[Symbol.asyncDispose]()
  t.throws(() => recordsIn(dir), { code: 'ENOENT' })
})

t.test('history › is read with what is not written yet, and where things stand now', async t => {
  const dir = t.testdir()
  const { history, find } = await open(dir)
  const eventsOf = async () => (await history.read()).map(line => JSON.parse(line).event)
  find(pass)
  t.strictSame(await eventsOf(), ['start', 'check', 'now'])
  history.open()
  history.answered(200)
  t.strictSame(await eventsOf(), ['start', 'check', 'now'])
  await history[Symbol.asyncDispose]()
  t.strictSame(
    recordsIn(dir).map(({ event }) => event),
    ['start', 'check', 'stop'],
    'which is never written',
  )
})

const unsafe: readonly (readonly [string, (t: Test) => string, RegExp])[] = [
  [
    'a directory that others can write to',
    t => (chmodSync(t.testdirName, 0o777), t.testdirName),
    /everybody can write to/,
  ],
  [
    'a file that others can write to',
    t => {
      writeFileSync(join(t.testdirName, 'history.jsonl'), '')
      chmodSync(join(t.testdirName, 'history.jsonl'), 0o666)
      return t.testdirName
    },
    /everybody can write to .*history\.jsonl/,
  ],
  [
    'a symbolic link',
    t => {
      writeFileSync(join(t.testdirName, 'victim'), 'precious')
      symlinkSync(join(t.testdirName, 'victim'), join(t.testdirName, 'history.jsonl'))
      return t.testdirName
    },
    /it is a symbolic link; remove it/,
  ],
  [
    'a pipe',
    t => (execFileSync('mkfifo', [join(t.testdirName, 'history.jsonl')]), t.testdirName),
    /it is a pipe, a socket or a device; remove it/,
  ],
  [
    'a directory in its place',
    t => (mkdirSync(join(t.testdirName, 'history.jsonl')), t.testdirName),
    /it is a directory; remove it/,
  ],
]

for (const [what, prepare, complaint] of unsafe)
  t.test(`history › ${what}: refused, told of once, and nothing else suffers`, async t => {
    t.testdir()
    const { history, events, find, clock } = await open(prepare(t))
    history.open()
    find(fail)
    for (let turn = 0; history.complaint === undefined && turn < 10_000; turn += 1) await clock.advance(0)
    t.match(history.complaint, complaint)
    t.match(events, [{ event: 'history.unwritable', msg: complaint }])
    await t.rejects(history.read())
    await history[Symbol.asyncDispose]()
    if (what === 'a symbolic link') t.equal(readFileSync(join(t.testdirName, 'victim'), 'utf8'), 'precious')
  })

t.test('record › one that is too long goes without what makes it so, and is a record still', async t => {
  const [record] = new TestHistory().at(0, {
    event: 'check',
    check: 'page',
    type: 'smoke',
    status: 'fail',
    reason: 'SMOKE_CLOSED',
    message: 'm'.repeat(100_000),
    evidence: { long: 'x'.repeat(100_000) },
    tookMs: 1,
    verdictBefore: 'pass',
    phaseBefore: 'serving',
  }).records
  const line = lineOf(record!)
  t.ok(line.length < 4096)
  t.match(readRecord(line), { omitted: ['evidence'], message: 'm'.repeat(1000), check: 'page' })
})

t.test('record › is one line, and commands no terminal', async t => {
  const [record] = new TestHistory().at(0, start, { release: 'v1\n\u001b[31m\u0085\u2028\u202e' }).records
  const line = lineOf(record!)
  t.match(line, /^[\x20-\x7e]+\n$/)
  t.strictSame(readRecord(line), record)
})

t.test('record › of another form is none', async t => {
  const run = (...runs: unknown[]) => ({ ...JSON.parse(new TestHistory().at(0, alive).lines[0] ?? ''), runs })
  for (const runs of [[[1, 'page']], [[1, 'page', 3]], [[1, 0]], [[1, 0, true]], [[1]]])
    t.ok(readRecord(JSON.stringify(run(...runs))), JSON.stringify(runs))
  for (const runs of [
    ['1'],
    [[]],
    [['1']],
    [[1, 'page', 'x']],
    [[1, 0, false]],
    [[1, 'page', 1, 1]],
    [[1, null]],
  ])
    t.equal(readRecord(JSON.stringify(run(...runs))), undefined, JSON.stringify(runs))
  const [first] = new TestHistory().at(0, start).records
  t.ok(readRecord(JSON.stringify(first)))
  for (const part of [{ configHash: 7 }, { checks: {} }, { policy: {} }, { uptimeMs: 1e12 + 1 }])
    t.equal(readRecord(JSON.stringify({ ...first, ...part })), undefined, JSON.stringify(part))
  const [known] = new TestHistory().at(0, { ...alive, drain: { reason: 'kernel' } } as Change).records
  t.ok(readRecord(JSON.stringify(known)))
  for (const part of [{ drain: {} }, { peers: {} }, { peers: { at: 1, passing: 2 } }])
    t.equal(readRecord(JSON.stringify({ ...known, ...part })), undefined, JSON.stringify(part))
})

t.test('history › all that is known is told once an hour, whatever is refused meanwhile', async t => {
  const dir = t.testdir()
  const { history, clock } = await open(dir)
  history.open()
  const known = () => recordsIn(dir).filter(({ event, states }) => event === 'alive' && states)
  for (let minute = 0; minute < 55; minute += 5) {
    await clock.advance(300_000)
    history.configured({ outcome: 'refused', mistakes: [] })
  }
  const early = (await history.read()).filter(line => line.includes('"states"'))
  t.strictSame(early, [])
  await clock.advance(600_000)
  await history[Symbol.asyncDispose]()
  t.match(known(), [{ configHash: 'abc', checks: [{ name: 'page' }], states: [] }])
})

t.test('record › a verdict names what decided it, and nothing else', async t => {
  const held: CheckVerdict = {
    name: 'page',
    effect: 'warn',
    because: 'held',
    finding: { status: 'unknown', reason: 'DATABASE_REFUSED', message: 'refused' },
    hold: { cause: 'shared', since: 0, until: 1000 },
  }
  const context = { summaryOf: () => undefined, dateOf: (at: number) => new Date(at) }
  t.strictSame(decidedBy({ status: 'warn', phase: 'serving', checks: [held] }, context), [
    {
      check: 'page',
      type: 'unknown',
      status: 'unknown',
      reason: 'DATABASE_REFUSED',
      cause: 'shared',
      because: 'held',
      heldUntil: '1970-01-01T00:00:01.000Z',
    },
  ])
})

t.test('lines since › begins with the first record from then on, and passes over what is none', async t => {
  const history = new TestHistory().at(0, start).at(10, alive).at(20, alive)
  history.clockMs = -100_000
  const { lines } = history.at(21, alive)
  t.strictSame(linesSince(['torn', ...lines, '{"time":"2026'], undefined), lines)
  t.strictSame(linesSince(lines, new Date('2026-11-26T03:00:10Z')), lines.slice(1))
  t.strictSame(linesSince(lines, new Date('2027-01-01')), [])
})

t.test(
  'last answer › goes on over a restart on the same boot, with the same release, if it was not long',
  async t => {
    const now = (second: number, more = {}) => ({
      bootId: 'boot',
      release: 'v1',
      date: new Date(Date.UTC(2026, 10, 26, 3, 0, second)),
      ...more,
    })
    const since = new Date('2026-11-26T03:00:00Z')
    const { lines } = new TestHistory().at(0, start).at(100, alive)
    t.strictSame(lastAnswerIn(lines, now(101)), { answer: 200, since })
    t.strictSame(
      lastAnswerIn([...lines, '{"time":"torn'], now(460)),
      { answer: 200, since },
      'killed meanwhile',
    )
    t.equal(lastAnswerIn(lines, now(461)), undefined, 'away for too long')
    t.equal(lastAnswerIn(lines, now(99)), undefined, 'the clock was set back')
    t.equal(lastAnswerIn(lines, now(101, { bootId: 'another' })), undefined)
    t.equal(lastAnswerIn(lines, now(101, { bootId: undefined })), undefined)
    t.equal(lastAnswerIn(lines, now(101, { release: 'v2' })), undefined)
    t.equal(lastAnswerIn(lines, now(101, { release: undefined })), undefined)
    t.equal(lastAnswerIn([], now(101)), undefined)
    const stopped = new TestHistory().at(0, start).at(100, stop).lines
    t.match(lastAnswerIn(stopped, now(160)), { answer: 200 })
    t.equal(lastAnswerIn(stopped, now(161)), undefined, 'nobody answered for a minute')
  },
)
