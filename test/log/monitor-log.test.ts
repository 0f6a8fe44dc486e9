import t from 'tap'
import type { Finding } from '../../src/core/finding.ts'
import type { LogEvent, Logger } from '../../src/log/logger.ts'
import { logMonitor } from '../../src/log/monitor-log.ts'
import { ManualClock } from '../support/manual-clock.ts'

const pass: Finding = { status: 'pass', evidence: { httpStatus: 200 } }
const fail: Finding = { status: 'fail', reason: 'SMOKE_CLOSED', message: 'closed', evidence: { target: 'x' } }
const refused: Finding = { status: 'unknown', reason: 'DATABASE_REFUSED', message: 'refused' }

const listen = () => {
  const clock = new ManualClock()
  const lines: (LogEvent & { level: string })[] = []
  const logger: Logger = {
    log: (level, event) => void (level !== 'debug' && lines.push({ level, ...event })),
  }
  const log = logMonitor({ logger, clock, timeoutMsOf: () => 2000 })
  let previous: Finding | undefined
  const answer = (finding: Finding, tookMs = 1) => {
    log.checkAnswered({ name: 'page', finding, previous, tookMs })
    previous = finding
  }
  return { clock, lines, log, answer }
}

t.test('check › a change is logged once, with its evidence', async t => {
  const { answer, lines } = listen()
  for (const finding of [pass, pass, pass, fail, fail, refused, pass]) answer(finding)
  t.match(lines, [
    { level: 'info', event: 'check.changed', status: 'pass', check: 'page', evidence: { httpStatus: 200 } },
    {
      level: 'error',
      event: 'check.changed',
      status: 'fail',
      reason: 'SMOKE_CLOSED',
      previous: 'pass',
      msg: 'page: closed',
      evidence: { target: 'x' },
    },
    { level: 'warn', event: 'check.changed', status: 'unknown', reason: 'DATABASE_REFUSED' },
    { level: 'info', event: 'check.changed', status: 'pass', previous: 'unknown' },
  ])
  t.equal(lines.length, 4)
})

t.test('check › a failure that goes on is repeated at most once a minute', async t => {
  const { answer, lines, clock } = listen()
  for (let second = 0; second < 180; second += 1) {
    answer(fail)
    await clock.advance(1000)
  }
  t.strictSame(
    lines.map(({ event, persistsForMs }) => [event, persistsForMs]),
    [
      ['check.changed', undefined],
      ['check.persists', 60_000],
      ['check.persists', 120_000],
    ],
  )
})

t.test('check › a slow run is told of, at most once a minute', async t => {
  const { answer, lines, clock } = listen()
  for (let second = 0; second < 90; second += 1) {
    answer(pass, 1500)
    await clock.advance(1000)
  }
  t.match(
    lines.filter(({ event }) => event === 'check.slow'),
    [{ level: 'warn', tookMs: 1500, timeoutMs: 2000 }, { level: 'warn' }],
  )
  t.equal(lines.length, 3)
})

t.test('verdict › a change names what stands against a pass', async t => {
  const { log, lines } = listen()
  log.verdictChanged({
    previous: { status: 'pass', phase: 'serving', checks: [] },
    verdict: {
      status: 'fail',
      phase: 'serving',
      output: 'page: closed',
      checks: [
        { name: 'page', effect: 'fail', finding: fail },
        { name: 'db', effect: 'warn', finding: refused, because: 'held' },
      ],
    },
  })
  t.match(lines, [
    {
      level: 'error',
      event: 'verdict.changed',
      status: 'fail',
      msg: 'fail (serving): page: closed',
      failing: ['page'],
      warning: ['db'],
      previous: 'pass',
      previousPhase: 'serving',
    },
  ])
})
