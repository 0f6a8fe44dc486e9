import { restsOnSilence, withoutSilence } from './check-state.ts'
import type { CheckState } from './check-state.ts'
import type { Finding, Problem } from './finding.ts'
import { isAlone, mayBeShared } from './peers.ts'
import type { PeerView } from './peers.ts'

/** A shared or busy `unknown`: it holds, and may be everybody's, or this host's own. */
const isSharedOrBusy = (finding: Finding): finding is Problem =>
  finding.status === 'unknown' &&
  (finding.cause === 'shared' || finding.cause === 'busy') &&
  finding.isEverybodys !== true

/** Whether peers can tell whose trouble it is, while this host serves. */
export const isDoubt = (finding: Finding, state: CheckState): boolean =>
  isSharedOrBusy(finding) || restsOnSilence(state, finding) || state.isStuck === true

/** If the peers do not see the trouble, an `unknown` is proof against this host. Any other finding stays as it is. */
const unlessAlone = (finding: Finding, peers: PeerView | undefined, now: number): Finding => {
  if (!isSharedOrBusy(finding) || !isAlone(peers, now)) return finding
  const asked = peers.last.answers.map(({ peer }) => peer)
  const who = asked.length === 0 ? 'its peers' : asked.join(', ')
  return {
    status: 'fail',
    reason: 'PEERS_DO_NOT_SEE_IT',
    message: `${finding.message}; but ${who} ${asked.length === 1 ? 'passes' : 'pass'}: the trouble is this host's own`,
    evidence: { ...finding.evidence, unknown: finding.reason, peers: asked },
  }
}

const troubles = { warn: 'warns', fail: 'fails', silent: 'does not answer' } as const

const whatPeersSay = (peers: PeerView | undefined): string => {
  if (!peers) return 'its peers are asked first whether they are in trouble too'
  const troubled = peers.last.answers.flatMap(({ peer, answer }) =>
    answer === 'pass' ? [] : [`${peer} ${troubles[answer]}`],
  )
  return troubled.length === 0
    ? 'its peers have not passed in two sweeps running yet'
    : `${troubled.join(', ')}, so the trouble may be everybody's; if it is this host's own, drain it`
}

/** A lack of progress that may be everybody's proves nothing against this host. Any other finding stays as it is. */
const heldWithPeers = (finding: Finding, state: CheckState, peers: PeerView | undefined): Finding =>
  finding.status === 'fail' && restsOnSilence(state, finding)
    ? {
        status: 'unknown',
        reason: 'PEERS_MAY_SEE_IT',
        cause: 'busy',
        message: `${finding.message}; but ${whatPeersSay(peers)}`,
        evidence: { ...finding.evidence, failure: finding.reason },
      }
    : finding

/** What a finding of a serving host counts as, and what its check has settled on, with what the peers said. */
export const seenWithPeers = (
  finding: Finding,
  state: CheckState,
  {
    isAsked,
    peers,
    now,
  }: {
    /** Whether peers are asked about this check. */
    readonly isAsked: boolean
    readonly peers: PeerView | undefined
    readonly now: number
  },
): { readonly finding: Finding; readonly standing: CheckState['standing'] } =>
  isAsked && mayBeShared(peers, state.name, now)
    ? { finding: heldWithPeers(finding, state, peers), standing: withoutSilence(state).standing }
    : { finding: unlessAlone(finding, peers, now), standing: state.standing }

/**
 * The names of the checks that stand failing for a lack of progress alone. If the peers pass, that is proof against
 * this host.
 */
export const stuckChecks = (states: readonly CheckState[]): string[] =>
  states.filter(({ isStuck }) => isStuck).map(({ name }) => name)
