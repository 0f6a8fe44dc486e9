import { answerOf } from '../core/answer.ts'
import type { Answer } from '../core/answer.ts'
import type { Finding } from '../core/finding.ts'
import type { Configured, HistoryRecord, Run, VerdictRecord } from '../history/record.ts'
import { isSameRun, keyOf } from '../history/read-history.ts'
import { Hosts } from './hosts.ts'
import { Latches } from './latches.ts'
import { BEGINS, DISORDER, LONG, missing, NO_RUNS, NO_START } from './losses.ts'
import { drainOf, findingOf, isInOrder, peersOf } from './recorded.ts'
import type { Replayed } from './replayed.ts'
import { viewOf } from './sight.ts'
import type { OtherConfiguration } from './sight.ts'
import { Tally } from './tally.ts'
import type { Comparison, Moment } from './tally.ts'
import { recordedWhy } from './why.ts'

/** What follows so soon, in milliseconds, belongs to the same change: its records are written in one go. */
const ONE_CHANGE_MS = 20

/** Replays the records of one history, in their order, under another configuration. */
export class Replayer {
  readonly #other: OtherConfiguration
  readonly #tally = new Tally()
  readonly #limits = new Set<string>()
  /** The keys of the records: one that was written twice counts once. */
  readonly #taken = new Set<string>()
  #first: HistoryRecord | undefined
  #last: HistoryRecord | undefined
  #lastVerdict: VerdictRecord | undefined
  #configured: Configured | undefined
  /** Undefined while the records do not say what was known. */
  #hosts: Hosts | undefined
  #lost = BEGINS
  readonly #latches = new Latches()
  /** What each check found last, and since when; monotonic milliseconds. */
  readonly #found = new Map<string, { readonly finding: Finding; readonly since: number }>()
  /** Checks whose runs are told together, and until when. */
  readonly #regular = new Map<string, number>()
  /** The changes that are being taken in; they are one moment. */
  #moment: Moment | undefined

  /** The latest of these changes. */
  #latest: Moment | undefined
  /** Since the moment: when time alone may have changed a verdict. */
  #flips: readonly { readonly moment: Moment; readonly comparison: Comparison }[] = []

  constructor(other: OtherConfiguration) {
    this.#other = other
  }

  /** Takes the next record, in their order. */
  take(record: HistoryRecord): void {
    const last = this.#last
    if (record.event === 'now' || this.#taken.has(keyOf(record))) return
    this.#taken.add(keyOf(record))
    const goesOn = last !== undefined && isSameRun(last, record)
    if (!isInOrder(record, goesOn ? last : undefined)) {
      this.#limits.add(DISORDER)
      return this.#lose(DISORDER)
    }
    if (goesOn) {
      if (record.seq > last.seq + 1) this.#lose(missing(record.seq - last.seq - 1))
    } else {
      this.#endRun()
      if (record.event !== 'start') this.#lose(last ? NO_START : BEGINS)
    }
    this.#first ??= record
    const wallOf = (at: number): Moment => ({
      at,
      wallMs: Date.parse(record.time) - (record.uptimeMs - at),
    })
    if (record.omitted?.includes('runs')) this.#lose(LONG)
    this.#regular.clear()
    for (const [at, check, count] of record.runs ?? [])
      if (typeof check === 'string' && count !== undefined) this.#regular.set(check, at)
    for (const run of record.runs ?? []) {
      this.#advance(wallOf(run[0]))
      this.#run(run)
    }
    // a verdict comes of the run or the record before it
    this.#advance(wallOf(record.uptimeMs), { isSameChange: record.event === 'verdict' })
    this.#last = record
    this.#change(record)
    this.#hosts?.ranAs(record.startup ? 'starting' : 'serving', record.uptimeMs)
    this.#latches.keep(record, { configHash: this.#configured?.configHash, hosts: this.#hosts })
  }

  /** No record follows. Returns what came of it. */
  finish(): Replayed {
    this.#endRun()
    return {
      ...(this.#first && { from: this.#first.time }),
      ...(this.#last && { to: this.#last.time }),
      ...this.#tally.result,
      limits: [...this.#limits],
    }
  }

  /** What is known is no longer so. */
  #lose(why: string): void {
    this.#settle()
    this.#hosts = undefined
    this.#lost = why
  }

  #endRun(): void {
    this.#settle()
    if (this.#moment) this.#tally.end(this.#moment)
    this.#moment = undefined
    this.#latest = undefined
    this.#hosts = undefined
    this.#lastVerdict = undefined
    this.#found.clear()
  }

  /** Compares at the moment that is over, and at those before the next one at which time alone may change a verdict. */
  #advance(next: Moment, { isSameChange = false } = {}): void {
    const moment = this.#moment
    if (moment && (isSameChange || next.at - moment.at <= ONE_CHANGE_MS)) return void (this.#latest = next)
    const latest = this.#latest
    this.#settle()
    this.#moment = next
    this.#latest = next
    for (const [check, until] of this.#regular)
      if (until >= next.at) this.#hosts?.each(host => host.ranRegularly(check, next.at))
    if (!moment || !latest) return
    const offsetMs = next.wallMs - next.at
    this.#flips = (this.#hosts?.boundaries(latest.at, next.at) ?? []).map(at => {
      const flip = { at, wallMs: at + offsetMs }
      return { moment: flip, comparison: this.#compare(flip) }
    })
  }

  /**
   * The recorded daemon took note of what time alone changes at its next finding. So it is a difference only if there still is
   * one by then; and it began when time changed it.
   */
  #settle(): void {
    const moment = this.#moment
    if (!moment || !this.#last) return
    const now = this.#compare(this.#latest ?? moment)
    const flips = this.#flips
    this.#flips = []
    const isSame = now.replayed === now.recorded
    const begin = isSame
      ? undefined
      : flips.find(
          ({ comparison }) => comparison.replayed === now.replayed && comparison.recorded === now.recorded,
        )
    this.#tally.turn(begin?.moment ?? moment, now)
  }

  #compare({ at, wallMs }: Moment): Comparison {
    const last = this.#last
    const recorded: Answer = last?.answer ?? 503
    const lastVerdict = this.#lastVerdict
    const release = last?.release
    const verdicts = this.#hosts?.verdicts(at)
    const isDrained = !verdicts && last?.phase === 'draining'
    const replayed = verdicts
      ? commonAnswer(verdicts.map(({ status }) => answerOf(status)))
      : isDrained
        ? 503
        : null
    const hosts = this.#hosts
    const lost = this.#lost
    return {
      recorded,
      replayed,
      why: () => ({
        recorded: { answer: recorded, why: last ? recordedWhy(last, lastVerdict) : [] },
        replayed: {
          answer: replayed,
          why: !hosts
            ? [lost]
            : replayed === null
              ? hosts.doubts(at)
              : hosts.why(at, time => new Date(wallMs + time - at)),
        },
        release,
      }),
    }
  }

  #run(run: Run): void {
    const [at, what] = run
    if (what === undefined) return this.#hosts?.each(host => host.heard(at))
    if (typeof what === 'number')
      return this.#hosts?.each(host => host.round({ startedAt: what, at, isObstructed: run.length === 3 }))
    const found = this.#found.get(what)
    if (found) this.#hosts?.found(what, found.finding, { at, since: found.since })
  }

  #change(record: HistoryRecord): void {
    const at = record.uptimeMs
    switch (record.event) {
      case 'start':
        return this.#begin(record)
      case 'check': {
        const found = { finding: findingOf(record), since: at }
        this.#found.set(record.check, found)
        return this.#hosts?.found(record.check, found.finding, { at, since: at })
      }
      case 'verdict':
        return void (this.#lastVerdict = record)
      case 'drain':
        return this.#hosts?.each(host => host.drain(drainOf(record, record)))
      case 'peers':
        return this.#hosts?.each(host => host.hear(peersOf(record), at))
      case 'release':
        this.#found.clear()
        this.#lastVerdict = undefined
        return this.#hosts?.each(host => host.restart())
      case 'config':
        return record.outcome === 'taken' ? this.#reload(record) : undefined
      case 'alive':
        return this.#hosts ? undefined : this.#resume(record)
      case 'stop':
      case 'now':
        return undefined
    }
  }

  #begin(record: HistoryRecord & { readonly event: 'start' }): void {
    this.#lost = record.omitted?.includes('checks') ? LONG : NO_RUNS
    this.#configured = record
    const view = this.#view(record)
    this.#hosts = view && Hosts.started(view, record, this.#latches.found(record))
  }

  #reload(record: HistoryRecord & { readonly event: 'config' }): void {
    this.#configured = record
    const view = this.#view(record)
    if (!view) this.#lose(record.omitted?.includes('checks') ? LONG : NO_RUNS)
    else this.#hosts?.each(host => host.reload(view, record.uptimeMs))
  }

  /** From a record that says all that is known. */
  #resume(record: HistoryRecord & { readonly event: 'alive' }): void {
    const { states, checks, policy, configHash } = record
    if (!states || !checks || !policy || configHash === undefined) return
    this.#configured = { configHash, checks, policy }
    const view = this.#view(this.#configured)
    if (!view) return
    this.#hosts = Hosts.resumed(view, record, { states, needed: policy.startupHealthyThreshold })
    for (const { name, last } of states)
      if (last)
        this.#found.set(name, { finding: findingOf({ message: last.reason ?? '', ...last }), since: last.at })
  }

  #view(configured: Configured) {
    const view = viewOf(this.#other, configured)
    for (const limit of view?.limits ?? []) this.#limits.add(limit)
    return view
  }
}

const commonAnswer = ([first, ...rest]: readonly Answer[]): Answer | null =>
  first !== undefined && rest.every(answer => answer === first) ? first : null
