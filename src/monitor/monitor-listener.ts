import type { Finding } from '../core/finding.ts'
import type { Drain } from '../core/lifecycle.ts'
import type { PeerView } from '../core/peers.ts'
import type { Verdict } from '../core/verdict.ts'

/** Is told what happens, as it happens. Times are in milliseconds. */
export interface MonitorListener {
  checkAnswered?(event: {
    readonly name: string
    readonly finding: Finding
    readonly previous: Finding | undefined
    readonly tookMs: number
  }): void
  /** A probe is answered without the finding of a check: its run takes longer than the deadline. */
  answersMissed?(): void
  checkAbandoned?(event: { readonly name: string; readonly runningForMs: number }): void
  checkReturned?(event: { readonly name: string; readonly runningForMs: number }): void
  verdictChanged?(event: { readonly verdict: Verdict; readonly previous: Verdict }): void
  /** The host is taken out, put back, or stays out for another reason. The verdict follows. */
  drainChanged?(event: { readonly drain: Drain | undefined }): void
  /** Other hosts said something. Undefined: they are no longer asked. The verdict follows. */
  peersHeard?(event: { readonly peers: PeerView | undefined }): void
  /** Another release has to prove itself. The verdict follows. */
  restarted?(): void
  /**
   * A round of the start has ended. `isObstructed`: it could not pass, whatever the checks found. Its progress follows.
   */
  roundEnded?(event: { readonly startedAt: number; readonly isObstructed: boolean }): void
  /** The host has proved itself: its first pass, even if it is draining. */
  proved?(): void
}
