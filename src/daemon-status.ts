import type { Verdict } from './core/verdict.ts'
import type { ConfiguredHistory } from './history/configured-history.ts'
import type { Standing } from './history/recorder.ts'
import type { FollowedHost } from './host/follow-host.ts'
import type { HangingFiles } from './host/hanging-files.ts'
import type { KeptLatch } from './host/latch.ts'
import type { FollowedRelease } from './host/release.ts'
import type { InForce } from './in-force.ts'
import type { Clock } from './monitor/clock.ts'
import type { FollowedPeers } from './peers/follow-peers.ts'
import type { FollowedProbes } from './probes/follow-probes.ts'
import { createAnswerSince } from './status/answer-since.ts'
import type { StatusDocument } from './status/status-document.ts'

/** What a running daemon says of itself. */
export interface DaemonStatus {
  /** Sentences: what an operator should know, beside the checks. */
  readonly notes: () => readonly string[]
  /** The status document of a verdict; without one, of the current verdict. */
  readonly document: (verdict?: Verdict) => StatusDocument
  /** Where things stand, for the history. */
  readonly standing: () => Standing
  /** To be called when the verdict has changed: it says since when the answer has been this one. */
  readonly changed: (verdict: Verdict) => void
}

/** All that it tells of. */
export interface DaemonStatusOptions {
  readonly inForce: Pick<InForce, 'config' | 'monitor' | 'startUp' | 'document'>
  readonly release: Pick<FollowedRelease, 'current' | 'problem'>
  readonly latch: Pick<KeptLatch, 'complaint'>
  readonly history: Pick<ConfiguredHistory, 'known' | 'complaint'>
  readonly host: Pick<FollowedHost, 'complaint' | 'notes' | 'documents'>
  readonly peers: Pick<FollowedPeers, 'reach'>
  readonly hangingFiles: Pick<HangingFiles, 'note'>
  readonly probes: Pick<FollowedProbes, 'document'>
  /** Why the latest configuration was refused; undefined if it was not. */
  readonly refusal: () => string | undefined
  readonly clock: Clock
}

export const createDaemonStatus = (options: DaemonStatusOptions): DaemonStatus => {
  const { inForce, release, latch, history, host, peers, hangingFiles, probes, refusal, clock } = options
  const answer = createAnswerSince(() => clock.date(), history.known)
  const notes = () =>
    [
      refusal(),
      release.problem(),
      host.complaint,
      latch.complaint,
      history.complaint,
      peers.reach.note,
      hangingFiles.note,
      ...host.notes,
      ...inForce.config.warnings,
    ].filter(note => note !== undefined)
  return {
    notes,
    document: (verdict = inForce.monitor.current()) =>
      inForce.document(verdict, {
        notes: notes(),
        answeredSince: answer.note(verdict),
        ...host.documents,
        probes: probes.document(),
      }),
    standing() {
      const verdict = inForce.monitor.current()
      return {
        verdict,
        since: answer.note(verdict),
        release: release.current(),
        startup: inForce.startUp(),
        states: inForce.monitor.host.states,
        peers: inForce.monitor.host.life.peers,
        drain: host.documents.drain,
      }
    },
    changed: verdict => void answer.note(verdict),
  }
}
