import { answerOf } from '../core/answer.ts'
import type { CheckState } from '../core/check-state.ts'
import type { PeerView } from '../core/peers.ts'
import type { Verdict } from '../core/verdict.ts'
import type { Clock } from '../monitor/clock.ts'
import type { DrainDocument } from '../status/status-document.ts'
import { knownPeers, knownState } from './found.ts'
import { ALIVE_EVERY_MS } from './last-answer.ts'
import type { Change, Configured, Counts, HistoryRecord } from './record.ts'
import { createRunLog, roundedMs } from './run-log.ts'
import type { RunLog } from './run-log.ts'
import { lineOf } from './write-record.ts'

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
  /** What other hosts have said while this one holds. */
  readonly peers?: PeerView | undefined
}

export interface RecorderOptions {
  readonly bootId: string | undefined
  readonly clock: Clock
  /** The configuration in force. */
  readonly configuration: () => Configured
  /** Takes the line of a record, with its line feed. */
  readonly append: (line: string) => void
}

/** A record has all that is known, at least so often, in milliseconds: the oldest records go. */
const SNAPSHOT_EVERY_MS = 3_600_000

const countsOf = (counts: ReadonlyMap<number, number>): { readonly probes?: Counts } =>
  counts.size === 0 ? {} : { probes: Object.fromEntries(counts) }

/** Whether the record says how the daemon is configured: a snapshot is not due for another hour. */
const hasConfiguration = (change: Change): boolean =>
  change.event === 'start' || (change.event === 'config' && change.outcome === 'taken')

/**
 * Makes a record of each change: its number, where things stand, and what was counted since the record before. While
 * nothing changes, an `alive` record says from time to time that the daemon runs.
 */
export class Recorder implements Disposable {
  readonly #options: RecorderOptions
  readonly #runLog = createRunLog()
  #standing: (() => Standing) | undefined
  #before: Standing | undefined
  #seq = 0
  #counts = new Map<number, number>()
  #alive: Disposable | undefined
  /** When the latest record with all that is known was written; monotonic milliseconds. */
  #snapshotAt = -Infinity
  /** As its latest record has it. */
  #drain: DrainDocument | null = null

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  /** From now on `standing` is asked. A change before this has no record. */
  begin(standing: () => Standing): void {
    this.#standing = standing
  }

  /** Where things stand now; undefined before `begin`. */
  standing(): Standing | undefined {
    return this.#standing?.()
  }

  /** The release at the record before. */
  get releaseBefore(): string | undefined {
    return this.#before?.release
  }

  /** Members of a change: what was in force at the record before. */
  wasBefore(verdict: Verdict | undefined = this.#before?.verdict) {
    return {
      verdictBefore: verdict?.status ?? ('fail' as const),
      phaseBefore: verdict?.phase ?? ('starting' as const),
    }
  }

  write(change: Change, standing: Standing | undefined = this.standing()): void {
    if (!standing) return
    const { append, clock } = this.#options
    if (hasConfiguration(change)) this.#snapshotAt = clock.now()
    if (change.event === 'drain') this.#drain = change.drain
    append(lineOf({ ...this.#recordOf(change, standing), ...this.#runLog.take() }))
    this.#seq += 1
    this.#counts = new Map()
    this.#before = standing
    this.#alive?.[Symbol.dispose]()
    this.#alive = clock.after(ALIVE_EVERY_MS, () => this.#writeAlive())
    const isChange = change.event !== 'alive' && change.event !== 'stop'
    if (isChange && this.#isSnapshotDue) this.#writeAlive()
  }

  /** What changed nothing, and counts all the same. It waits for the next record, unless too much waits. */
  log(add: (runLog: Pick<RunLog, 'found' | 'round' | 'heard'>) => void): void {
    add(this.#runLog)
    if (this.#runLog.isFull) this.#writeAlive()
  }

  /** A request of the public listener was answered. */
  answered(httpStatus: number): void {
    this.#counts.set(httpStatus, (this.#counts.get(httpStatus) ?? 0) + 1)
  }

  /** The line of a record of where things stand now, which is not written; undefined before `begin`. */
  lineOfNow(): string | undefined {
    const standing = this.standing()
    return standing && lineOf(this.#recordOf({ event: 'now' }, standing))
  }

  /** Nothing has a record any more. */
  [Symbol.dispose](): void {
    this.#alive?.[Symbol.dispose]()
    this.#standing = undefined
  }

  #recordOf(change: Change, { verdict, since, release, startup }: Standing): HistoryRecord {
    const { bootId, clock } = this.#options
    const { status, phase } = verdict
    return {
      time: clock.date().toISOString(),
      seq: this.#seq + 1,
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
      ...countsOf(this.#counts),
    }
  }

  get #isSnapshotDue(): boolean {
    return this.#options.clock.now() - this.#snapshotAt >= SNAPSHOT_EVERY_MS
  }

  #writeAlive(): void {
    if (!this.#isSnapshotDue) return this.write({ event: 'alive' })
    const { clock, configuration } = this.#options
    this.#snapshotAt = clock.now()
    const { states = [], peers } = this.standing() ?? {}
    this.write({
      event: 'alive',
      ...configuration(),
      states: states.map(knownState),
      ...(this.#drain && { drain: this.#drain }),
      ...(peers && { peers: knownPeers(peers) }),
    })
  }
}
