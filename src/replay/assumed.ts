import type { CheckState } from '../core/check-state.ts'
import type { Finding } from '../core/finding.ts'
import type { Starting } from '../core/lifecycle.ts'
import type { PeerView } from '../core/peers.ts'
import type { Policy } from '../core/verdict.ts'
import { roundSpacingMs } from '../monitor/cadence.ts'
import { GRACE_MS } from '../monitor/check-runner.ts'
import type { Assumption } from './found.ts'

// What is assumed where nothing was recorded. Times are monotonic milliseconds.

/** Peers that see no trouble, from now on. */
export const alone = (now: number): PeerView => ({
  last: { known: 1, answers: [], at: now },
  gapMs: 0,
  passing: Infinity,
  lonely: 0,
  proved: [],
})

/** A check of which nothing was recorded: it passes, or it fails. */
export const assumedState = (
  name: string,
  { assumed, now }: { readonly assumed: Assumption; readonly now: number },
): CheckState => {
  const passes = assumed === 'best'
  const finding: Finding = passes
    ? { status: 'pass' }
    : { status: 'fail', reason: 'CHECK_NEVER_RAN', message: 'it is not recorded' }
  return {
    name,
    last: { finding, at: now },
    standing: passes ? 'pass' : 'fail',
    passesInARow: passes ? Infinity : 0,
    failuresInARow: passes ? 0 : Infinity,
  }
}

/** How long the rest of a start takes at least, or at most, if every round passes. Milliseconds. */
export const unrecordedStartMs = (
  { rounds, needed }: Starting,
  { policy, assumed }: { readonly policy: Policy; readonly assumed: Assumption },
): number => {
  const missing = needed - rounds
  if (assumed === 'best') return missing * roundSpacingMs(policy, 0)
  const roundMs = Math.max(...policy.checks.map(({ timeoutMs }) => timeoutMs)) + GRACE_MS
  return (missing + 1) * (roundSpacingMs(policy, 1) + roundMs)
}
