import type { SmokeFinding } from './reasons.ts'
import { mostSevere } from '../../core/status.ts'
import type { Status } from '../../core/status.ts'
import { toTenths } from '../../lib/round.ts'

/** The result of one request, and how long it took. */
export interface Sample {
  readonly finding: SmokeFinding
  readonly latencyMs: number
  /** The time was up before the request had ended. */
  readonly timedOut: boolean
}

/** One run, as far as its samples are concerned. */
export interface SampledRun {
  /** How many requests the run was to send. */
  readonly wanted: number
  /** How long the run was, in milliseconds. */
  readonly tookMs: number
  readonly subject: string
}

const countOf = (samples: readonly Sample[], status: Status): number =>
  samples.filter(({ finding }) => finding.status === status).length

/**
 * Whether a sample counts. A request that timed out is evidence only if it had its fair share of the run: one part for
 * each request, and one for what precedes them. A request that was sent in the last milliseconds shows nothing.
 */
const counts = ({ timedOut, latencyMs }: Sample, { wanted, tookMs }: SampledRun): boolean =>
  !timedOut || latencyMs >= tookMs / (wanted + 1)

const worstOf = (samples: readonly [Sample, ...Sample[]]): SmokeFinding => {
  const status = mostSevere(samples.map(sample => sample.finding.status))
  const { finding } = samples.find(sample => sample.finding.status === status) ?? samples[0]
  return finding
}

/**
 * Combines the samples of one run: if any of them fails, the run fails with the first failure. The evidence is that
 * sample's, with the latency of the slowest one and, if several were wanted, the counts. Fewer samples than wanted prove
 * nothing, unless one of them failed.
 */
export const combineSamples = (samples: readonly [Sample, ...Sample[]], run: SampledRun): SmokeFinding => {
  const { wanted, subject } = run
  const [first, ...others] = samples.filter(sample => counts(sample, run))
  const finding = worstOf(first ? [first, ...others] : samples)
  const latencyMs = toTenths(Math.max(...samples.map(sample => sample.latencyMs)))
  const counted = first ? 1 + others.length : 0
  const evidence = {
    ...finding.evidence,
    latencyMs,
    ...(wanted > 1 && { samples: counted, failedSamples: countOf(first ? [first, ...others] : [], 'fail') }),
  }
  if (!first && wanted === 1)
    return {
      status: 'unknown',
      reason: 'CHECK_TIMED_OUT',
      message: `${subject} was sent too late in the run to be answered in time: see what delays the source of its Host, or set a longer timeout for the check`,
      evidence,
    }
  const isDecided = first && (finding.status === 'fail' || finding.status === 'unknown')
  if (counted < wanted && !isDecided)
    return {
      status: 'unknown',
      // those that had enough time were answered as expected
      ...(first && { cause: 'busy' as const }),
      reason: 'SMOKE_TOO_SLOW',
      message: `there was time for only ${counted} of ${wanted} requests of ${subject}: set fewer samples, or a longer timeout for the check`,
      evidence,
    }
  if (wanted === 1 || finding.status === 'pass') return { ...finding, evidence }
  const count = `${countOf([first ?? samples[0], ...others], finding.status)} of ${counted} requests`
  return { ...finding, message: `${count}: ${finding.message}`, evidence }
}
