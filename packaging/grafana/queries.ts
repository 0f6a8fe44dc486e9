import { PREFIX } from '../../src/metrics/metric-list.ts'
import type { MetricName } from '../../src/metrics/metric-list.ts'

type Selected = MetricName | `${MetricName}_bucket`

/** The hosts that the dashboard's variables choose. A job without a label `fleet` is one fleet. */
const HOSTS = 'job=~"$job", fleet=~"$fleet", instance=~"$instance"'

/** A metric of the hosts that the dashboard's variables choose. `more` are other matchers, such as `phase="draining"`. */
const of = (name: Selected, more = ''): string => `${PREFIX}${name}{${HOSTS}${more && `, ${more}`}}`

/** One series for each host, whatever other labels there are. */
const each = (expression: string): string => `max by (job, instance) (${expression})`

const phase = (name: 'starting' | 'serving' | 'draining'): string => of('phase', `phase="${name}"`)

const holding = each(of('holding'))
const ofChecks = 'check=~"$check"'
/** The range of a rate; Grafana fills it in. */
const RATE = '[$__rate_interval]'

const sum = (expression: string): string => `sum(${expression})`
/** 0 in the place of nothing, if there are hosts. */
const orZero = (expression: string): string => `(${expression}) or 0 * count(${of('serving')})`

/** What the dashboard asks Prometheus. */
export const queries = {
  hosts: `count(${of('serving')})`,
  serving: sum(of('serving')),
  holding: sum(holding),
  wellServing: `${sum(of('serving'))} - ${sum(holding)}`,
  starting: sum(phase('starting')),
  draining: sum(phase('draining')),
  failing: orZero(`count(${of('serving')} == 0 and on (job, instance) ${phase('serving')} == 1)`),
  unreachable: `count(up{${HOSTS}} == 0) or vector(0)`,
  /** Each host's state, its place in `STATES`. The terms exclude each other, but for a hold, which takes one off. */
  state: `4 * ${each(of('serving'))} - ${holding} + 2 * ${each(phase('draining'))} + ${each(phase('starting'))}`,
  holdEndsIn: `min(${of('hold_left_seconds')} < +Inf)`,
  /** Who holds, why, and for how much longer. */
  holds: `${of('hold_left_seconds')} * on (job, instance, check) group_left (reason) ${of('check_reason_info')}`,
  holdsByCause: `sum by (cause) (${of('holding')})`,
  reasons: `count by (check, reason) (${of('check_reason_info')})`,
  admittedLongest: `max(${of('startup_duration_seconds')})`,
  admittedMedian: `quantile(0.5, ${of('startup_duration_seconds')})`,
  rounds: `sum by (job, instance, kind) (${of('startup_rounds')})`,
  detectionMedian: `histogram_quantile(0.5, sum by (le) (increase(${of('detection_seconds_bucket')}[$__range])))`,
  detection95: `histogram_quantile(0.95, sum by (le) (increase(${of('detection_seconds_bucket')}[$__range])))`,
  probes: `sum by (code) (rate(${of('probes_total')}${RATE}))`,
  sinceProbe: `time() - (${of('last_probe_timestamp_seconds')} > 0)`,
  changes: `sum by (to) (increase(${of('verdict_changes_total')}${RATE}))`,
  durations: `sum by (le) (increase(${of('check_duration_seconds_bucket', ofChecks)}${RATE}))`,
  duration95: `histogram_quantile(0.95, sum by (le, check) (rate(${of('check_duration_seconds_bucket', ofChecks)}${RATE})))`,
  runs: `sum by (check, status) (rate(${of('check_runs_total', ofChecks)}${RATE}))`,
  versions: `count by (version) (${of('build_info')})`,
  releases: `count by (release) (${of('release_info')})`,
  refused: `count(${of('config_last_reload_successful')} == 0) or vector(0)`,
  unreached: `count(${of('peers_answering')} == 0) or vector(0)`,
  droppedLines: sum(`increase(${of('log_dropped_lines_total')}${RATE})`),
  /** Annotations: hosts that are drained, and a release in its first minutes on the first of its hosts. */
  drains: `${each(phase('draining'))} == 1`,
  newReleases: `group by (job, release) (${of('release_info')}) unless group by (job, release) (${of('release_info')} offset 5m)`,
} as const

/** The values of the dashboard's variables. */
export const variableQueries = {
  job: `label_values(${PREFIX}serving, job)`,
  fleet: `label_values(${PREFIX}serving{job=~"$job"}, fleet)`,
  instance: `label_values(${PREFIX}serving{job=~"$job", fleet=~"$fleet"}, instance)`,
  check: `label_values(${PREFIX}check_status{job=~"$job"}, check)`,
} as const
