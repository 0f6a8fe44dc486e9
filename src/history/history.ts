import { answerOf } from '../core/answer.ts'
import type { CheckState } from '../core/check-state.ts'
import type { Verdict } from '../core/verdict.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'
import type { Logger } from '../log/logger.ts'
import { dateAt } from '../monitor/clock.ts'
import type { Clock } from '../monitor/clock.ts'
import type { MonitorListener } from '../monitor/monitor-listener.ts'
import type { DrainDocument } from '../status/status-document.ts'
import { readHistoryLines } from './history-file.ts'
import { found, foundBefore, isSame, knownState } from './found.ts'
import { HistoryWriter } from './history-writer.ts'
import { ALIVE_EVERY_MS, lastAnswerIn } from './last-answer.ts'
import type { KnownAnswer } from './last-answer.ts'
import type {
  Change,
  CheckSummary,
  ConfigRecord,
  Configured,
  Counts,
  HistoryRecord,
  StartRecord,
} from './record.ts'
import { createRunLog, roundedMs } from './run-log.ts'
import { decidedBy, ruleOf } from './rule.ts'
import { lineOf } from './write-record.ts'

/** The last record is in it, even if many later lines are not records. */
const END_BYTES = 64 * 1024

/** Where things stand, for a record. */
export interface Standing {
  readonly verdict: Verdict
  /** Since when the answer has been this one. */
  readonly since: Date
  readonly release: string | undefined
  readonly startup?: { readonly rounds: number; readonly needed: number } | undefined
  readonly drain?: DrainDocument | undefined
  /** What is known of each check. */
  readonly states?: readonly CheckState[]
}

/** What outlives the daemon of each change: the records of history.jsonl. Nobody waits for the disk, and nothing throws. */
export interface History extends AsyncDisposable {
  /** What the daemon before this one answered last, where that is still true. */
  readonly known: KnownAnswer | undefined
  /** Why it is not written; undefined if nothing is wrong. */
  readonly complaint: string | undefined
  /** Told of each change by the monitor. */
  readonly listener: MonitorListener
  /** The daemon has a monitor. From now on `standing` is asked. */
  started(start: Omit<StartRecord, 'event' | keyof Configured>, standing: () => Standing): void
  /** The daemon listens: the history is written. One that could not listen leaves nothing. */
  open(): void
  /** A request of the public listener was answered. */
  answered(httpStatus: number): void
  configured(outcome: Pick<ConfigRecord, 'outcome' | 'mistakes'>): void
  /** Who ended the drain that is about to end. */
  resumedBy(by: string): void
  /**
   * The lines of all records, also of those that wait for the disk; then one of where things stand now. Rejects with a FileError.
   */
  read(): Promise<readonly string[]>
}

export interface HistoryOptions {
  readonly stateDir: string
  readonly bootId: string | undefined
  readonly release: string | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly summaryOf: (name: string) => CheckSummary | undefined
  /** The configuration in force. */
  readonly configuration: () => Configured
}

const countsOf = (counts: ReadonlyMap<number, number>): { readonly probes?: Counts } =>
  counts.size === 0 ? {} : { probes: Object.fromEntries(counts) }

/** A record has all that is known, at least so often, in milliseconds: the oldest records go. */
const SNAPSHOT_EVERY_MS = 3_600_000

/** More sweeps running in which every peer passes, or nobody can be asked, change nothing. */
const SWEEPS_TOLD = 2

const lastLines = async (stateDir: string): Promise<readonly string[]> => {
  try {
    return await readHistoryLines(stateDir, { trusted: true, maxBytes: END_BYTES })
  } catch {
    // whoever asks for the history is told why it cannot be read, and the first write fails if it cannot be written
    return []
  }
}

/** Opens the history of a state directory. Never rejects; takes a few seconds at most. */
export const openHistory = async (options: HistoryOptions): Promise<History> => {
  const { stateDir, bootId, clock, logger, summaryOf, configuration } = options
  const known = lastAnswerIn(await lastLines(stateDir), { ...options, date: clock.date() })
  const writer = new HistoryWriter({ stateDir, clock, logger })
  let stand: (() => Standing) | undefined
  let seq = 0
  let before: Pick<Standing, 'verdict' | 'release'> | undefined
  let counts = new Map<number, number>()
  /** By check: how many runs in a row found what was found last. */
  const timesInARow = new Map<string, number>()
  let by: string | undefined
  let alive: Disposable | undefined
  const runLog = createRunLog()
  /** Of the last record of what peers said. */
  let heard: string | undefined
  let snapshotAt = -Infinity

  const recordOf = (change: Change, { verdict, since, release, startup }: Standing): HistoryRecord => {
    const { status, phase } = verdict
    return {
      time: clock.date().toISOString(),
      seq: seq + 1,
      pid: process.pid,
      uptimeMs: roundedMs(clock.now()),
      ...change,
      ...(bootId !== undefined && { bootId }),
      ...(release !== undefined && { release }),
      phase,
      verdict: status,
      answer: answerOf(status),
      since: since.toISOString(),
      ...(startup && { startup }),
      ...countsOf(counts),
    }
  }

  const writeAlive = (): void => {
    const isDue = clock.now() - snapshotAt >= SNAPSHOT_EVERY_MS
    if (isDue) snapshotAt = clock.now()
    write({
      event: 'alive',
      ...(isDue && { ...configuration(), states: (stand?.().states ?? []).map(knownState) }),
    })
  }

  const write = (change: Change, standing: Standing | undefined = stand?.()): void => {
    if (!standing) return
    writer.write(lineOf({ ...recordOf(change, standing), ...runLog.take() }))
    seq += 1
    counts = new Map()
    before = standing
    alive?.[Symbol.dispose]()
    alive = clock.after(ALIVE_EVERY_MS, writeAlive)
    const isChange = change.event !== 'alive' && change.event !== 'stop'
    if (isChange && clock.now() - snapshotAt >= SNAPSHOT_EVERY_MS) writeAlive()
  }

  const wasBefore = (verdict = before?.verdict) => ({
    verdictBefore: verdict?.status ?? ('fail' as const),
    phaseBefore: verdict?.phase ?? ('starting' as const),
  })

  const listener: MonitorListener = {
    checkAnswered({ name, finding, previous, tookMs }) {
      const times = timesInARow.get(name) ?? 1
      if (previous && isSame(previous, finding)) {
        timesInARow.set(name, times + 1)
        const usualMs = 2 * (summaryOf(name)?.intervalMs ?? 0)
        runLog.found(name, { ms: clock.now(), times: times + 1, usualMs })
        if (runLog.isFull) writeAlive()
        return
      }
      timesInARow.set(name, 1)
      const standing = stand?.()
      const judged = standing?.verdict.checks.find(check => check.name === name)
      const change: Change = {
        event: 'check',
        check: name,
        type: summaryOf(name)?.type ?? 'unknown',
        ...found(finding),
        ...(finding.status !== 'pass' && { message: finding.message }),
        ...(finding.evidence && { evidence: finding.evidence }),
        tookMs: Math.round(tookMs),
        ...(judged && judged.effect !== finding.status && { effect: judged.effect }),
        ...(judged?.because && { because: judged.because }),
        ...(previous && foundBefore(previous, times)),
        ...wasBefore(),
      }
      write(change, standing)
    },
    verdictChanged({ verdict, previous }) {
      write({
        event: 'verdict',
        rule: ruleOf(verdict),
        decidedBy: decidedBy(verdict, { summaryOf, dateOf: at => dateAt(clock, at) }),
        ...(verdict.output !== undefined && { output: verdict.output }),
        ...wasBefore(previous),
      })
    },
    drainChanged({ drain }) {
      const marker = stand?.().drain
      const document = drain && (marker?.reason === drain.reason ? marker : { reason: drain.reason })
      write({ event: 'drain', drain: document ?? null, ...(by !== undefined && { by }), ...wasBefore() })
      by = undefined
    },
    roundEnded({ startedAt, isObstructed }) {
      runLog.round({ ms: clock.now(), startedAt, isObstructed })
      if (runLog.isFull) writeAlive()
    },
    peersHeard({ peers }) {
      const said = {
        passing: peers ? Math.min(peers.passing, SWEEPS_TOLD) : null,
        ...(peers && peers.lonely >= SWEEPS_TOLD && { lonely: true as const }),
      }
      const text = peers && JSON.stringify(said)
      if (text === heard) return peers && runLog.heard(clock.now())
      heard = text
      write({ event: 'peers', ...said, ...wasBefore() })
    },
    restarted() {
      heard = undefined
      timesInARow.clear()
      const releaseBefore = before?.release
      write({ event: 'release', ...(releaseBefore !== undefined && { releaseBefore }), ...wasBefore() })
    },
  }

  return {
    known,
    listener,
    get complaint() {
      return writer.complaint
    },
    started(start, standing) {
      stand = standing
      snapshotAt = clock.now()
      write({ event: 'start', ...start, ...configuration() })
    },
    open: () => writer.open(),
    answered: httpStatus => void counts.set(httpStatus, (counts.get(httpStatus) ?? 0) + 1),
    configured(outcome) {
      const isTaken = outcome.outcome === 'taken'
      if (isTaken) snapshotAt = clock.now()
      const { configHash, ...rest } = configuration()
      write({ event: 'config', ...outcome, configHash, ...(isTaken && rest), ...wasBefore() })
    },
    resumedBy: name => void (by = name),
    async read() {
      const unwritten = writer.unwritten.map(line => line.trimEnd())
      const lines = await readHistoryLines(stateDir, { trusted: true }).catch((error: unknown) => {
        if (codeOrUnknown(error) === 'ENOENT') return []
        throw error
      })
      // some of them may have been written meanwhile
      const written = new Set(unwritten.length > 0 ? lines : [])
      const now = stand && lineOf(recordOf({ event: 'now' }, stand())).trimEnd()
      return [...lines, ...unwritten.filter(line => !written.has(line)), ...(now === undefined ? [] : [now])]
    },
    async [Symbol.asyncDispose]() {
      write({ event: 'stop' })
      alive?.[Symbol.dispose]()
      stand = undefined
      await writer[Symbol.asyncDispose]()
    },
  }
}
