import type { SmokeFinding } from './reasons.ts'
import { mostSevere } from '../../core/status.ts'
import type { Status } from '../../core/status.ts'
import { toTenths } from '../../lib/round.ts'

/** What one request found, and how long that took. */
export interface Sample {
  readonly finding: SmokeFinding
  readonly latencyMs: number
}

const countOf = (samples: readonly Sample[], status: Status): number =>
  samples.filter(({ finding }) => finding.status === status).length

/**
 * What the samples of one run mean together: any that fails is a failure, told by the first of them. Its evidence is
 * that sample's, with the latency of the slowest, and the counts where more than one was `wanted`. Fewer samples than
 * were wanted prove nothing, unless one has failed.
 */
export const foldSamples = (
  samples: readonly [Sample, ...Sample[]],
  { wanted, subject }: { readonly wanted: number; readonly subject: string },
): SmokeFinding => {
  const status = mostSevere(samples.map(sample => sample.finding.status))
  const { finding } = samples.find(sample => sample.finding.status === status) ?? samples[0]
  const latencyMs = toTenths(Math.max(...samples.map(sample => sample.latencyMs)))
  if (wanted === 1) return { ...finding, evidence: { ...finding.evidence, latencyMs } }

  const sent = samples.length
  const counts = { samples: sent, failedSamples: countOf(samples, 'fail') }
  const evidence = { ...finding.evidence, latencyMs, ...counts }
  if (sent < wanted && finding.status !== 'fail')
    return {
      status: 'unknown',
      reason: 'SMOKE_TOO_SLOW',
      message: `there was time for only ${sent} of ${wanted} requests of ${subject}: take fewer samples, or give the check a longer timeout`,
      evidence,
    }
  if (finding.status === 'pass') return { status: 'pass', evidence }
  const count = `${countOf(samples, finding.status)} of ${sent} requests`
  return { ...finding, message: `${count}: ${finding.message}`, evidence }
}
