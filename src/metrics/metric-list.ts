/** What every name of a metric begins with. */
export const PREFIX = 'health_sidecar_'

interface Metric {
  readonly type: 'gauge' | 'counter' | 'histogram'
  readonly labels: readonly string[]
  /** What it means, in words for whoever reads the scrape. */
  readonly help: string
  /** Of a histogram: the upper bounds, in seconds. */
  readonly buckets?: readonly number[]
}

/**
 * Every metric, by its name without the prefix. Alerts, dashboards and docs/metrics.md rely on the names, labels and
 * meanings. Each label has few values: names of configured checks, and words of closed lists. A release is one at a time.
 */
export const metricList = {
  serving: { type: 'gauge', labels: [], help: '1 if a probe is answered 200 now, else 0.' },
  verdict: {
    type: 'gauge',
    labels: ['status'],
    help: '1 for the status of the verdict: pass and warn answer 200, fail answers 503. 0 for the others.',
  },
  phase: {
    type: 'gauge',
    labels: ['phase'],
    help: '1 for the phase of the host: starting, serving or draining. 0 for the others.',
  },
  check_status: {
    type: 'gauge',
    labels: ['check', 'status'],
    help: '1 for the status of the finding that counts now: pass, warn, fail or unknown. 0 for the others.',
  },
  check_reason_info: {
    type: 'gauge',
    labels: ['check', 'reason'],
    help: '1 for the reason code of a check that does not pass. Absent while it passes.',
  },
  holding: {
    type: 'gauge',
    labels: ['cause'],
    help: '1 if the host answers 200 only because an unknown with this cause (shared, busy or local) of a required check holds, else 0.',
  },
  hold_left_seconds: {
    type: 'gauge',
    labels: ['check', 'cause'],
    help: 'Time until the hold of a required check ends and the host answers 503; +Inf if it has no limit. Absent while it does not hold.',
  },
  startup_rounds: {
    type: 'gauge',
    labels: ['kind'],
    help: 'Rounds that have passed in a row (passed), and those that the first 200 takes (needed). Absent unless starting.',
  },
  startup_duration_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Time that this release took to prove itself. Absent until it has, and after a restart that found its latch.',
  },
  last_probe_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    help: 'When a probe was last answered 200 or 503, in Unix time; 0 if none has been. What peers ask is no probe.',
  },
  drain_until_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    help: 'When the drain ends by itself, in Unix time; +Inf if it lasts until it is ended. Absent unless draining.',
  },
  config_last_reload_successful: {
    type: 'gauge',
    labels: [],
    help: '0 if the configuration was refused when it was last re-read, and the one before it is still in force; else 1.',
  },
  peers_answering: {
    type: 'gauge',
    labels: [],
    help: '1 if a peer answered when some were last asked, 0 if none did in two sweeps running. Absent without peers, and while it is not known.',
  },
  build_info: { type: 'gauge', labels: ['version'], help: '1 for the version of health-sidecar.' },
  release_info: {
    type: 'gauge',
    labels: ['release'],
    help: '1 for the release of the app. Absent if none is configured or known.',
  },
  check_runs_total: {
    type: 'counter',
    labels: ['check', 'status'],
    help: 'Runs of a check that ended, by the status of the finding.',
  },
  verdict_changes_total: {
    type: 'counter',
    labels: ['to'],
    help: 'Changes of the status of the verdict, by what it became: pass, warn or fail.',
  },
  probes_total: {
    type: 'counter',
    labels: ['code'],
    help: 'Requests of the public listener that were answered, by HTTP status: 200 and 503 are probes, others are refused.',
  },
  log_dropped_lines_total: {
    type: 'counter',
    labels: [],
    help: 'Lines that the log and the log of probes did not take.',
  },
  check_duration_seconds: {
    type: 'histogram',
    labels: ['check'],
    help: 'How long the runs of a check took.',
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 5, 10],
  },
  detection_seconds: {
    type: 'histogram',
    labels: [],
    help: 'Time from the last pass of a check to the 503 that its failure caused. The fault is not older.',
    buckets: [1, 2, 5, 10, 15, 30, 60, 120, 300, 900],
  },
} as const satisfies Readonly<Record<string, Metric>>

export type MetricName = keyof typeof metricList
export type NameOf<Type extends Metric['type']> = {
  [Name in MetricName]: (typeof metricList)[Name]['type'] extends Type ? Name : never
}[MetricName]
export type LabelOf<Name extends MetricName> = (typeof metricList)[Name]['labels'][number]
