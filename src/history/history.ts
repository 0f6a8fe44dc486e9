import { codeOrUnknown } from '../lib/describe-error.ts'
import type { Logger } from '../log/logger.ts'
import { dateAt } from '../monitor/clock.ts'
import type { Clock } from '../monitor/clock.ts'
import type { MonitorListener } from '../monitor/monitor-listener.ts'
import { readHistoryLines } from './history-file.ts'
import { found, foundBefore, isSame } from './found.ts'
import { HistoryWriter } from './history-writer.ts'
import { lastAnswerIn } from './last-answer.ts'
import type { KnownAnswer } from './last-answer.ts'
import type { Change, CheckSummary, ConfigRecord, Configured, StartRecord } from './record.ts'
import { Recorder } from './recorder.ts'
import type { Standing } from './recorder.ts'
import { decidedBy, ruleOf, ruleOfCheck } from './rule.ts'

/** The last record is in it, even if many later lines are not records. */
const END_BYTES = 64 * 1024

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
  const recorder = new Recorder({ bootId, clock, configuration, append: line => writer.write(line) })
  const ruleContext = { summaryOf, dateOf: (at: number) => dateAt(clock, at) }
  /** By check: how many runs in a row found what was found last. */
  const timesInARow = new Map<string, number>()
  /** Of the last record of what peers said. */
  let heard: string | undefined
  /** Who ended the drain that is about to end. */
  let by: string | undefined

  const listener: MonitorListener = {
    checkAnswered({ name, finding, previous, tookMs }) {
      const times = timesInARow.get(name) ?? 1
      if (previous && isSame(previous, finding)) {
        timesInARow.set(name, times + 1)
        const usualMs = 2 * (summaryOf(name)?.intervalMs ?? 0)
        return recorder.log(log => log.found(name, { ms: clock.now(), times: times + 1, usualMs }))
      }
      timesInARow.set(name, 1)
      const standing = recorder.standing()
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
        ...(judged?.because && ruleOfCheck(judged, ruleContext)),
        ...(previous && foundBefore(previous, times)),
        ...recorder.wasBefore(),
      }
      recorder.write(change, standing)
    },
    verdictChanged({ verdict, previous }) {
      recorder.write({
        event: 'verdict',
        rule: ruleOf(verdict),
        decidedBy: decidedBy(verdict, ruleContext),
        ...(verdict.output !== undefined && { output: verdict.output }),
        ...recorder.wasBefore(previous),
      })
    },
    drainChanged({ drain }) {
      const marker = recorder.standing()?.drain
      const document = drain && (marker?.reason === drain.reason ? marker : { reason: drain.reason })
      recorder.write({
        event: 'drain',
        drain: document ?? null,
        ...(by !== undefined && { by }),
        ...recorder.wasBefore(),
      })
      by = undefined
    },
    roundEnded({ startedAt, isObstructed }) {
      recorder.log(log => log.round({ ms: clock.now(), startedAt, isObstructed }))
    },
    peersHeard({ peers }) {
      const said = {
        passing: peers ? Math.min(peers.passing, SWEEPS_TOLD) : null,
        ...(peers && peers.lonely >= SWEEPS_TOLD && { lonely: true as const }),
      }
      const text = peers && JSON.stringify(said)
      if (text === heard) return peers && recorder.log(log => log.heard(clock.now()))
      heard = text
      recorder.write({ event: 'peers', ...said, ...recorder.wasBefore() })
    },
    restarted() {
      heard = undefined
      timesInARow.clear()
      const { releaseBefore } = recorder
      recorder.write({
        event: 'release',
        ...(releaseBefore !== undefined && { releaseBefore }),
        ...recorder.wasBefore(),
      })
    },
  }

  return {
    known,
    listener,
    get complaint() {
      return writer.complaint
    },
    started(start, standing) {
      recorder.begin(standing)
      recorder.write({ event: 'start', ...start, ...configuration() })
    },
    open: () => writer.open(),
    answered: httpStatus => recorder.answered(httpStatus),
    configured(outcome) {
      const isTaken = outcome.outcome === 'taken'
      const { configHash, ...rest } = configuration()
      recorder.write({
        event: 'config',
        ...outcome,
        configHash,
        ...(isTaken && rest),
        ...recorder.wasBefore(),
      })
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
      const now = recorder.lineOfNow()?.trimEnd()
      return [...lines, ...unwritten.filter(line => !written.has(line)), ...(now === undefined ? [] : [now])]
    },
    async [Symbol.asyncDispose]() {
      recorder.write({ event: 'stop' })
      recorder[Symbol.dispose]()
      await writer[Symbol.asyncDispose]()
    },
  }
}
