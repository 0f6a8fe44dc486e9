import { durationText } from '../lib/duration-text.ts'
import type { ProbesDocument } from '../status/status-document.ts'

/** A threshold that many set: docs/load-balancers.md does. */
const USUAL_THRESHOLD = 10
/** Until a checker of an unknown kind is known better. */
const LOW_THRESHOLD = 2

/** How soon a balancer takes out a host that answers 503. */
export interface NoticeTime {
  /** who probes; absent if its kind is not known */
  readonly checker?: string
  readonly address?: string
  readonly intervalSeconds: number
  /** failures in a row that it takes by default; the balancer's own setting is not visible here */
  readonly assumedThreshold: number
  readonly noticesAfterSeconds: number
}

/** A source that was silent for so many of its intervals is gone. */
const GONE_AFTER_INTERVALS = 5

/** From the probes that a daemon has seen: of the balancer that needs longest. Undefined if none is regular. */
export const noticeTimeOf = (probes: ProbesDocument | undefined): NoticeTime | undefined => {
  const sources = probes?.sources ?? []
  const latest = Math.max(...sources.map(({ time }) => Date.parse(time)))
  const regular = sources.flatMap(source => {
    const { intervalSeconds, checker, address, defaultUnhealthyThreshold, time } = source
    if (intervalSeconds === undefined) return []
    if (latest - Date.parse(time) > intervalSeconds * 1000 * GONE_AFTER_INTERVALS) return []
    const assumedThreshold = defaultUnhealthyThreshold ?? LOW_THRESHOLD
    const noticesAfterSeconds = intervalSeconds * assumedThreshold
    return [
      {
        ...(checker !== undefined && { checker }),
        ...(address !== undefined && { address }),
        intervalSeconds,
        assumedThreshold,
        noticesAfterSeconds,
      },
    ]
  })
  const known = regular.filter(({ checker }) => checker !== undefined)
  const [first, ...others] = known.length > 0 ? known : regular
  return others.reduce((a, b) => (b && a && b.noticesAfterSeconds > a.noticesAfterSeconds ? b : a), first)
}

const text = (seconds: number): string => durationText(Math.round(seconds) * 1000)

/** A line for the person who drains. */
export const noticeTimeText = (time: NoticeTime | undefined): string => {
  if (!time)
    return 'a load balancer notices after interval × unhealthy threshold: 150 s if it probes every 15 s, 10 failures'
  const { checker, address = 'a Unix socket', intervalSeconds, assumedThreshold, noticesAfterSeconds } = time
  const who = checker === undefined ? address : `${checker} (${address})`
  const failures = assumedThreshold === 1 ? '1 failure' : `${assumedThreshold} failures`
  const threshold = checker === undefined ? failures : `${failures}, its default`
  return `the balancer notices after about ${text(noticesAfterSeconds)}: ${who} probes every ${text(intervalSeconds)}; ${threshold} (${text(intervalSeconds * USUAL_THRESHOLD)} if it is set to ${USUAL_THRESHOLD})`
}
