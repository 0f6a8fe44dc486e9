import { answerOf } from '../core/answer.ts'
import type { Answer } from '../core/answer.ts'
import { holdsOf } from '../core/holds.ts'
import type { CheckVerdict, Verdict } from '../core/verdict.ts'
import type { Clock } from '../monitor/clock.ts'
import type { MonitorListener } from '../monitor/monitor-listener.ts'
import { embedded } from './embedded-metric-format.ts'
import type { Metrics } from './embedded-metric-format.ts'
import type { OpenLogger } from './logger.ts'
import type { OnProbe } from './probe-log.ts'

const MINUTE_MS = 60_000
/** A host writes its line this far from the ends of a minute: a late timer gives no minute two lines of it, or none. */
const MARGIN_MS = 5000

/** Trouble that other hosts may have as well. To replace this host mends nothing. */
const isExcused = ({ finding }: CheckVerdict): boolean =>
  finding.status === 'unknown' && (finding.cause === 'shared' || finding.cause === 'busy')

type OutWhile = 'starting' | 'serving'

/** In which phase a host answers 503 for trouble of its own: neither on purpose, nor for what others may have too. */
const outWhile = ({ status, phase, checks }: Verdict): OutWhile | undefined => {
  if (answerOf(status) === 200 || phase === 'draining') return undefined
  const failing = checks.filter(({ effect }) => effect === 'fail')
  return failing.length > 0 && failing.every(isExcused) ? undefined : phase
}

/** By check, why it does not pass: reason codes, which are a closed list. */
const reasonsOf = ({ checks }: Verdict): Readonly<Record<string, string>> =>
  Object.fromEntries(
    checks.flatMap(({ name, finding }) => (finding.status === 'pass' ? [] : [[name, finding.reason]])),
  )

export interface EmbeddedMetricsOptions {
  /** `log.emf` in force: true, or the name of the service; false turns the lines off. */
  readonly service: () => string | boolean
  readonly current: () => Verdict
  /** Whether the check of this name is required. */
  readonly isRequired: (check: string) => boolean
  /** How many lines of all logs were dropped so far. */
  readonly dropped: () => number
  /** From 0 to 1: at which part of each minute this host writes. */
  readonly random: () => number
  readonly clock: Clock
  readonly logger: Pick<OpenLogger, 'logAlways'>
}

export interface EmbeddedMetrics extends Disposable {
  readonly listener: Required<Pick<MonitorListener, 'verdictChanged' | 'restarted' | 'proved'>>
  /** The same listener; each answer is counted too. */
  counting(onProbe: OnProbe): OnProbe
}

/** Logs this host's metrics for CloudWatch once a minute, whatever `log.level` is. */
export const logEmbeddedMetrics = (options: EmbeddedMetricsOptions): EmbeddedMetrics => {
  const { service, current, isRequired, dropped, random, clock, logger } = options
  const offsetMs = MARGIN_MS + random() * (MINUTE_MS - 2 * MARGIN_MS)
  let startedAt = clock.now()
  let out: { readonly phase: OutWhile; readonly since: number } | undefined = {
    phase: 'starting',
    since: startedAt,
  }
  let admittedAfterMs: number | undefined
  let answerChanges = 0
  let probes: Record<Answer, number> = { 200: 0, 503: 0 }
  let droppedBefore = dropped()

  const note = (verdict: Verdict): void => {
    const phase = outWhile(verdict)
    if (phase !== out?.phase) out = phase && { phase, since: clock.now() }
  }

  const outSeconds = (phase: OutWhile): number =>
    out?.phase === phase ? Math.round((clock.now() - out.since) / 1000) : 0

  /** The counts start over. */
  const take = (verdict: Verdict): Metrics => {
    const droppedNow = dropped()
    const metrics: Metrics = {
      Serving: Number(answerOf(verdict.status) === 200),
      Holding: Number(holdsOf(verdict, isRequired).length > 0),
      Starting: Number(verdict.phase === 'starting'),
      Draining: Number(verdict.phase === 'draining'),
      StartingSeconds: outSeconds('starting'),
      FailingSeconds: outSeconds('serving'),
      ...(admittedAfterMs !== undefined && { AdmittedAfterSeconds: Math.round(admittedAfterMs / 1000) }),
      AnswerChanges: answerChanges,
      ProbesPassed: probes[200],
      ProbesFailed: probes[503],
      DroppedLogLines: droppedNow - droppedBefore,
    }
    admittedAfterMs = undefined
    answerChanges = 0
    probes = { 200: 0, 503: 0 }
    droppedBefore = droppedNow
    return metrics
  }

  const write = (): void => {
    const verdict = current()
    note(verdict)
    const metrics = take(verdict)
    const name = service()
    if (name === false) return
    const { status, phase } = verdict
    logger.logAlways({
      event: 'status.measured',
      msg: `${status} (${phase})`,
      status,
      phase,
      reasons: reasonsOf(verdict),
      ...embedded(metrics, { service: name, date: clock.date() }),
    })
  }

  /** Each minute of the wall clock has one line of a host, even if the timers drift. */
  const waitMs = (): number => {
    const untilMs = (offsetMs - (clock.date().getTime() % MINUTE_MS) + MINUTE_MS) % MINUTE_MS
    // a timer may fire a little early
    return untilMs < MARGIN_MS ? untilMs + MINUTE_MS : untilMs
  }
  const schedule = (): Disposable =>
    clock.after(waitMs(), () => {
      timer = schedule()
      write()
    })
  let timer = schedule()

  return {
    listener: {
      verdictChanged({ verdict, previous }) {
        note(verdict)
        if (answerOf(verdict.status) !== answerOf(previous.status)) answerChanges += 1
      },
      restarted: () => void (startedAt = clock.now()),
      proved: () => void (admittedAfterMs = clock.now() - startedAt),
    },
    counting: onProbe => (answer, request) => {
      probes[answer] += 1
      onProbe(answer, request)
    },
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  }
}
