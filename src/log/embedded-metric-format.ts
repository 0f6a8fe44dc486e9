/** Where CloudWatch lists these metrics. */
export const NAMESPACE = 'HealthSidecar'

/**
 * All that a line can have, with CloudWatch's units. A gauge is 0 or 1, and each host has one line a minute: so the sum over
 * a minute counts hosts, and the average is a share of the fleet.
 */
export const METRIC_UNITS = {
  /** Gauge: the answer is 200. */
  Serving: 'Count',
  /** Gauge: the answer is 200 only because the unknown of a required check holds. */
  Holding: 'Count',
  /** Gauge: the host has not proved itself yet. */
  Starting: 'Count',
  /** Gauge: the host is taken out on purpose. */
  Draining: 'Count',
  /** For how long the host has been starting, if nothing but itself keeps it from its first 200; otherwise 0. */
  StartingSeconds: 'Seconds',
  /** For how long a host that was in service has answered 503 for trouble of its own; otherwise 0. */
  FailingSeconds: 'Seconds',
  /** From the start, of the daemon or of another release, to the first 200. In one line alone. */
  AdmittedAfterSeconds: 'Seconds',
  /** Since the line before: how often the answer changed. */
  AnswerChanges: 'Count',
  /** Since the line before: probes that were answered 200. */
  ProbesPassed: 'Count',
  /** Since the line before: probes that were answered 503. */
  ProbesFailed: 'Count',
  /** Since the line before: lines of the log that were dropped. */
  DroppedLogLines: 'Count',
} as const

export type Metrics = Readonly<Partial<Record<keyof typeof METRIC_UNITS, number>>>

/**
 * The members that make a log line one of CloudWatch's Embedded Metric Format
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 * `service` is its only dimension: each value of a dimension is another set of metrics to pay, so a host, which is replaced
 * all the time, is none. Host, release and reasons are members of the line, to be searched.
 */
export const embedded = (
  metrics: Metrics,
  { service, date }: { readonly service: string | true; readonly date: Date },
) => ({
  _aws: {
    Timestamp: date.getTime(),
    CloudWatchMetrics: [
      {
        Namespace: NAMESPACE,
        Dimensions: [service === true ? [] : ['Service']],
        Metrics: Object.entries(METRIC_UNITS).flatMap(([Name, Unit]) =>
          Name in metrics ? [{ Name, Unit }] : [],
        ),
      },
    ],
  },
  ...(service !== true && { Service: service }),
  ...metrics,
})
