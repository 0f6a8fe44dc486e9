import { answerOf } from '../core/answer.ts'
import { statuses } from '../core/status.ts'
import { causes } from '../core/finding.ts'
import type { Drain, Phase } from '../core/lifecycle.ts'
import { holdsOf } from '../core/holds.ts'
import type { Verdict } from '../core/verdict.ts'
import { version } from '../lib/version.ts'
import type { LabelOf, MetricName, NameOf } from './metric-list.ts'

/** What is so at the time of a scrape. */
export interface Snapshot {
  readonly verdict: Verdict
  /** While starting: rounds that have passed in a row, and how many are needed. */
  readonly startUp: { readonly rounds: number; readonly needed: number } | undefined
  readonly drain: Drain | undefined
  readonly isRequired: (check: string) => boolean
  readonly release: string | undefined
  readonly isReloadRefused: boolean
  /** Undefined without peers, and while it is not known. */
  readonly arePeersAnswering: boolean | undefined
  /** How long the release took to prove itself, if it has. */
  readonly startUpMs: number | undefined
  /** Monotonic milliseconds. */
  readonly lastProbeAt: number | undefined
  readonly now: number
  /** Unix time in seconds at a monotonic time. */
  readonly unixTimeAt: (at: number) => number
}

/** The value of one series. */
export interface AnyReading {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

interface Reading<Name extends MetricName> extends AnyReading {
  readonly labels: Readonly<Record<LabelOf<Name>, string>>
}

const PHASES: readonly Phase[] = ['starting', 'serving', 'draining']
export const VERDICTS: readonly Verdict['status'][] = ['pass', 'warn', 'fail']

const one = (value: number | undefined) => (value === undefined ? [] : [{ labels: {}, value }])

const truth = (isTrue: boolean): number => (isTrue ? 1 : 0)

/** The series of each gauge. A series that is not there has no value now. */
export const readings: {
  readonly [Name in NameOf<'gauge'>]: (snapshot: Snapshot) => readonly Reading<Name>[]
} = {
  serving: ({ verdict }) => one(truth(answerOf(verdict.status) === 200)),
  verdict: ({ verdict }) =>
    VERDICTS.map(status => ({ labels: { status }, value: truth(status === verdict.status) })),
  phase: ({ verdict }) => PHASES.map(phase => ({ labels: { phase }, value: truth(phase === verdict.phase) })),
  check_status: ({ verdict }) =>
    verdict.checks.flatMap(({ name: check, finding }) =>
      statuses.map(status => ({ labels: { check, status }, value: truth(status === finding.status) })),
    ),
  check_reason_info: ({ verdict }) =>
    verdict.checks.flatMap(({ name: check, finding }) =>
      finding.status === 'pass' ? [] : [{ labels: { check, reason: finding.reason }, value: 1 }],
    ),
  holding(snapshot) {
    const held = new Set(holdsOf(snapshot.verdict, snapshot.isRequired).map(({ hold }) => hold.cause))
    return causes.map(cause => ({ labels: { cause }, value: truth(held.has(cause)) }))
  },
  hold_left_seconds: snapshot =>
    holdsOf(snapshot.verdict, snapshot.isRequired).map(({ name: check, hold: { cause, until } }) => ({
      labels: { check, cause },
      value: (until - snapshot.now) / 1000,
    })),
  startup_rounds: ({ startUp }) =>
    startUp
      ? [
          { labels: { kind: 'passed' }, value: startUp.rounds },
          { labels: { kind: 'needed' }, value: startUp.needed },
        ]
      : [],
  startup_duration_seconds: ({ startUpMs }) => one(startUpMs && startUpMs / 1000),
  last_probe_timestamp_seconds: ({ lastProbeAt, unixTimeAt }) =>
    one(lastProbeAt === undefined ? 0 : unixTimeAt(lastProbeAt)),
  drain_until_timestamp_seconds: ({ verdict, drain, unixTimeAt }) =>
    one(
      verdict.phase === 'draining' && drain
        ? drain.until === undefined
          ? Infinity
          : unixTimeAt(drain.until)
        : undefined,
    ),
  config_last_reload_successful: ({ isReloadRefused }) => one(truth(!isReloadRefused)),
  peers_answering: ({ arePeersAnswering: are }) => one(are === undefined ? undefined : truth(are)),
  build_info: () => [{ labels: { version }, value: 1 }],
  release_info: ({ release }) => (release === undefined ? [] : [{ labels: { release }, value: 1 }]),
}

const isGauge = (name: string): name is NameOf<'gauge'> => Object.hasOwn(readings, name)

export const gaugeNames = Object.keys(readings).filter(isGauge)
