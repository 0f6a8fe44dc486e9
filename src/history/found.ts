import type { CheckState } from '../core/check-state.ts'
import type { Cause, Finding } from '../core/finding.ts'
import type { PeerView } from '../core/peers.ts'
import type { KnownPeers, KnownState } from './record.ts'
import { roundedMs } from './run-log.ts'

/** Whether there is progress, as far as the finding depends on it. */
const progressOf = (finding: Finding): { readonly progress?: boolean } => {
  if (finding.status === 'unknown' && finding.progress) return { progress: true }
  return finding.status === 'fail' && finding.silentForMs !== undefined ? { progress: false } : {}
}

/** Of an `unknown`, and of a warning that other hosts may see too. */
const causeOf = (finding: Finding): Cause | undefined => {
  if (finding.status === 'unknown') return finding.cause ?? 'local'
  return finding.status === 'warn' ? finding.cause : undefined
}

/** A finding, as records have it. */
export const found = (finding: Finding) => {
  const cause = causeOf(finding)
  return {
    status: finding.status,
    ...(finding.status !== 'pass' && { reason: finding.reason }),
    ...(cause && { cause }),
    ...(finding.status === 'unknown' && finding.isEverybodys && { isEverybodys: true as const }),
    ...progressOf(finding),
  }
}

export const foundBefore = (finding: Finding, times: number) => {
  const { status, reason, cause } = found(finding)
  return {
    statusBefore: status,
    ...(reason !== undefined && { reasonBefore: reason }),
    ...(cause !== undefined && { causeBefore: cause }),
    timesBefore: times,
  }
}

/** A check has a record when this changes. */
export const isSame = (a: Finding, b: Finding): boolean =>
  JSON.stringify(found(a)) === JSON.stringify(found(b))

export const knownState = ({
  name,
  standing,
  isStuck,
  passesInARow,
  failuresInARow,
  silentInARow,
  unknown,
  last,
}: CheckState): KnownState => ({
  name,
  ...(standing && { standing }),
  ...(isStuck && { isStuck }),
  passesInARow,
  failuresInARow,
  ...(silentInARow !== undefined && { silentInARow }),
  ...(unknown && { unknown: { cause: unknown.cause, since: roundedMs(unknown.since) } }),
  ...(last && { last: { at: roundedMs(last.at), ...found(last.finding) } }),
})

export const knownPeers = ({ last, gapMs, passing, lonely, proved }: PeerView): KnownPeers => ({
  at: roundedMs(last.at),
  gapMs: roundedMs(gapMs),
  passing,
  lonely,
  proved,
})
