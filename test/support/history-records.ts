import type { Change, HistoryRecord, RecordBase } from '../../src/history/record.ts'

const BEGAN_AT = Date.UTC(2026, 10, 26, 3)

/** Writes down what a daemon of a test went through, second by second. */
export class TestHistory {
  readonly records: HistoryRecord[] = []
  #base: Pick<RecordBase, 'pid' | 'bootId' | 'release' | 'phase' | 'verdict' | 'answer' | 'since'> = {
    pid: 1,
    bootId: 'boot',
    release: 'v1',
    phase: 'serving',
    verdict: 'pass',
    answer: 200,
    since: new Date(BEGAN_AT).toISOString(),
  }
  #seq = 0
  #startedAt = 0
  /** The wall clock's error. */
  clockMs = 0

  /** A record `second` seconds after 03:00 UTC. */
  at(second: number, change: Change, standing: Partial<RecordBase> = {}): this {
    if (change.event === 'start') {
      this.#seq = 0
      this.#startedAt = second
    }
    const { probes, seq = this.#seq + 1, startup, ...rest } = standing
    const time = new Date(BEGAN_AT + second * 1000 + this.clockMs).toISOString()
    const verdict = standing.verdict ?? this.#base.verdict
    const answer = verdict === 'fail' ? 503 : 200
    const since = answer === this.#base.answer ? this.#base.since : time
    this.#base = { ...this.#base, ...rest, verdict, answer, since: standing.since ?? since }
    this.#seq = seq
    this.records.push({
      time,
      seq,
      uptimeMs: (second - this.#startedAt) * 1000,
      ...change,
      ...this.#base,
      ...(startup && { startup }),
      ...(probes && { probes }),
    })
    return this
  }

  get lines(): readonly string[] {
    return this.records.map(record => JSON.stringify(record))
  }
}

export const start: Change = { event: 'start', version: '1.0', configHash: 'abc', latched: true }
export const stop: Change = { event: 'stop' }
export const alive: Change = { event: 'alive' }

const before = { verdictBefore: 'pass', phaseBefore: 'serving' } as const

type CheckChange = Extract<Change, { readonly event: 'check' }>

export const pageFails: CheckChange = {
  event: 'check',
  check: 'page',
  type: 'smoke',
  status: 'fail',
  reason: 'SMOKE_STATUS_UNEXPECTED',
  message: '500 for GET /',
  tookMs: 3,
  statusBefore: 'pass',
  timesBefore: 7,
  ...before,
}

export const failed: Change = {
  event: 'verdict',
  rule: 'failed',
  decidedBy: [
    {
      check: 'page',
      type: 'smoke',
      status: 'fail',
      reason: 'SMOKE_STATUS_UNEXPECTED',
      healthyThreshold: 1,
      unhealthyThreshold: 1,
    },
  ],
  output: 'page: 500 for GET /',
  ...before,
}

export const pagePasses: CheckChange = {
  event: 'check',
  check: 'page',
  type: 'smoke',
  status: 'pass',
  tookMs: 3,
  statusBefore: 'fail',
  reasonBefore: 'SMOKE_STATUS_UNEXPECTED',
  timesBefore: 9,
  verdictBefore: 'fail',
  phaseBefore: 'serving',
}

export const allPass: Change = {
  event: 'verdict',
  rule: 'all-pass',
  decidedBy: [],
  verdictBefore: 'fail',
  phaseBefore: 'serving',
}
