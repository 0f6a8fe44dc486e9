import type { Answer } from '../core/answer.ts'
import type { Status } from '../core/status.ts'
import { isSameRun } from '../history/read-history.ts'
import type { HistoryRecord } from '../history/record.ts'

/** A time in which something was in one state. Milliseconds since 1970, by the wall clock; the end is Infinity if it goes on. */
export interface Stretch<State> {
  readonly state: State
  readonly from: number
  readonly to: number
}

/** What a history tells of the states of the host and of its checks, oldest first. */
export interface Stretches {
  /** what probes were answered; between two of them, no daemon answered */
  readonly answer: readonly Stretch<Answer>[]
  readonly checks: ReadonlyMap<string, readonly Stretch<Status>[]>
}

/** The stretches of one subject, of which the latest may go on. */
class Timeline<State> {
  readonly past: Stretch<State>[] = []
  #open: { readonly state: State; readonly from: number } | undefined

  note(state: State, at: number): void {
    if (this.#open?.state === state) return
    this.end(at)
    this.#open = { state, from: at }
  }

  /** One that the clock, which was set back, makes end before its begin is left out. */
  end(at: number): void {
    if (this.#open && at >= this.#open.from) this.past.push({ ...this.#open, to: at })
    this.#open = undefined
  }
}

/** Follows the records. A run of the daemon ends with its last record. */
export const stretchesIn = (records: readonly HistoryRecord[]): Stretches => {
  const answer = new Timeline<Answer>()
  const checks = new Map<string, Timeline<Status>>()
  const endAll = (at: number): void => {
    answer.end(at)
    for (const check of checks.values()) check.end(at)
  }

  let last: HistoryRecord | undefined
  for (const record of records) {
    const at = Date.parse(record.time)
    if (last && !isSameRun(last, record)) endAll(Date.parse(last.time))
    last = record
    if (record.event === 'stop') {
      endAll(at)
      continue
    }
    answer.note(record.answer, at)
    if (record.event === 'check') {
      const check = checks.get(record.check) ?? new Timeline<Status>()
      checks.set(record.check, check)
      check.note(record.status, at)
    }
    if (record.event === 'config' && record.outcome === 'taken' && record.checks) {
      const names = new Set(record.checks.map(({ name }) => name))
      for (const [name, check] of checks) if (!names.has(name)) check.end(at)
    }
  }
  if (last) endAll(last.event === 'now' ? Infinity : Date.parse(last.time))
  return {
    answer: answer.past,
    checks: new Map(Array.from(checks, ([name, { past }]) => [name, past])),
  }
}
