import type { Finding } from '../core/finding.ts'
import type { CheckVerdict } from '../core/verdict.ts'
import type { Clock } from '../monitor/clock.ts'
import type { MonitorListener } from '../monitor/monitor-listener.ts'
import type { Level, Logger } from './logger.ts'

/** The shortest time between two lines about the same continuing failure. */
const REPEAT_MS = 60_000
/** A run that takes more than this share of its timeout is logged as slow. */
const SLOW_SHARE = 0.5

const levelOf: Readonly<Record<Finding['status'], Level>> = {
  pass: 'info',
  warn: 'warn',
  unknown: 'warn',
  fail: 'error',
}

const members = (finding: Finding) => ({
  status: finding.status,
  ...(finding.status !== 'pass' && { reason: finding.reason }),
  ...(finding.evidence && { evidence: finding.evidence }),
})

const sentence = (finding: Finding): string => (finding.status === 'pass' ? 'passes' : finding.message)

const isSame = (a: Finding | undefined, b: Finding): boolean =>
  a?.status === b.status && (a.status === 'pass' || b.status === 'pass' || a.reason === b.reason)

/** The names of the checks that have this effect on the verdict. */
const namesOf = (checks: readonly CheckVerdict[], effect: CheckVerdict['effect']): string[] =>
  checks.filter(check => check.effect === effect).map(({ name }) => name)

export interface MonitorLogOptions {
  readonly logger: Logger
  readonly clock: Clock
  readonly timeoutMsOf: (name: string) => number
}

/** Logs each change once, and a continuing failure at most once a minute. */
export const logMonitor = ({
  logger,
  clock,
  timeoutMsOf,
}: MonitorLogOptions): Required<
  Omit<
    MonitorListener,
    'proved' | 'peersHeard' | 'roundEnded' | 'drainChanged' | 'restarted' | 'answersMissed'
  >
> => {
  const loggedAt = new Map<string, number>()
  const changedAt = new Map<string, number>()

  /** Claims the right to log a line of this kind: true at most once in `REPEAT_MS`. */
  const claim = (key: string): boolean => {
    const now = clock.now()
    if (now - (loggedAt.get(key) ?? -Infinity) < REPEAT_MS) return false
    loggedAt.set(key, now)
    return true
  }

  return {
    checkAnswered({ name, finding, previous, tookMs }) {
      const line = { check: name, ...members(finding), tookMs: Math.round(tookMs) }
      const msg = `${name}: ${sentence(finding)}`
      if (!isSame(previous, finding)) {
        loggedAt.set(`persists ${name}`, clock.now())
        changedAt.set(name, clock.now())
        logger.log(levelOf[finding.status], {
          event: 'check.changed',
          msg,
          ...line,
          ...(previous && { previous: previous.status }),
        })
      } else if (finding.status !== 'pass' && claim(`persists ${name}`)) {
        const since = changedAt.get(name) ?? clock.now()
        changedAt.set(name, since)
        const persistsForMs = Math.round(clock.now() - since)
        logger.log(levelOf[finding.status], { event: 'check.persists', msg, ...line, persistsForMs })
      }
      const timeoutMs = timeoutMsOf(name)
      if (tookMs > timeoutMs * SLOW_SHARE && claim(`slow ${name}`)) {
        const slow = `${name}: slow: took ${Math.round(tookMs)} ms of its timeout of ${timeoutMs} ms`
        logger.log('warn', {
          event: 'check.slow',
          msg: slow,
          check: name,
          tookMs: Math.round(tookMs),
          timeoutMs,
        })
      }
      logger.log('debug', { event: 'check.answered', msg, ...line })
    },
    checkAbandoned({ name, runningForMs }) {
      const msg = `${name}: abandoned a run that ignores its timeout; its result will be ignored`
      logger.log('error', {
        event: 'check.abandoned',
        msg,
        check: name,
        runningForMs: Math.round(runningForMs),
      })
    },
    checkReturned({ name, runningForMs }) {
      const msg = `${name}: the abandoned run has ended`
      logger.log('info', {
        event: 'check.returned',
        msg,
        check: name,
        runningForMs: Math.round(runningForMs),
      })
    },
    verdictChanged({ verdict, previous }) {
      const { status, phase, output, checks } = verdict
      logger.log(status === 'fail' && phase === 'serving' ? 'error' : status === 'warn' ? 'warn' : 'info', {
        event: 'verdict.changed',
        msg: `${status} (${phase})${output ? `: ${output}` : ''}`,
        status,
        phase,
        previous: previous.status,
        previousPhase: previous.phase,
        failing: namesOf(checks, 'fail'),
        warning: namesOf(checks, 'warn'),
      })
    },
  }
}
