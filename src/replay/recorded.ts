import type { Drain } from '../core/lifecycle.ts'
import type { Finding, Problem } from '../core/finding.ts'
import type { PeerView } from '../core/peers.ts'
import type { CheckRecord, HistoryRecord, KnownPeers, PeersRecord } from '../history/record.ts'
import type { DrainDocument } from '../status/status-document.ts'

/**
 * What a record tells of progress. It does not tell for how long the app was silent, so that is taken to be for ever.
 */
export const progressOf = (progress: boolean): Pick<Problem, 'progress' | 'silentForMs'> =>
  progress ? { progress } : { silentForMs: Infinity }

/** The finding of a record. */
export const findingOf = ({
  status,
  reason = '',
  cause,
  isEverybodys,
  progress,
  message = '',
  evidence,
}: Pick<
  CheckRecord,
  'status' | 'reason' | 'cause' | 'isEverybodys' | 'progress' | 'message' | 'evidence'
>): Finding =>
  status === 'pass'
    ? { status }
    : {
        status,
        reason,
        message,
        ...(cause && { cause }),
        ...(isEverybodys && { isEverybodys }),
        ...(progress !== undefined && progressOf(progress)),
        ...(evidence && { evidence }),
      }

/** What peers said; undefined if they are no longer asked. Of more sweeps than two, two are recorded. */
export const peersOf = ({
  passing,
  lonely,
}: PeersRecord): Pick<PeerView, 'passing' | 'lonely'> | undefined =>
  passing === null ? undefined : { passing, lonely: lonely ? Infinity : 0 }

/** What peers had said by a record of all that is known. */
export const viewOfPeers = ({ at, ...said }: KnownPeers): PeerView => ({
  last: { known: 1, answers: [], at },
  ...said,
})

/** The drain of a record. Its end is in monotonic milliseconds of the recorded daemon. */
export const drainOf = (
  { drain }: { readonly drain?: DrainDocument | null },
  { time, uptimeMs }: HistoryRecord,
): Drain | undefined => {
  if (!drain) return undefined
  const { reason, until } = drain
  return {
    reason,
    ...(until !== undefined && { until: uptimeMs + Date.parse(until) - Date.parse(time) }),
  }
}

/**
 * Whether its number, its times and those of its runs go on from the record before in its run, if there is one: a daemon's
 * clock never goes back.
 */
export const isInOrder = (
  { runs = [], uptimeMs, seq }: HistoryRecord,
  before: HistoryRecord | undefined,
): boolean => {
  const times = [...runs.map(([at]) => at), uptimeMs]
  return seq > (before?.seq ?? 0) && times.every((at, i) => at >= (times[i - 1] ?? before?.uptimeMs ?? 0))
}
