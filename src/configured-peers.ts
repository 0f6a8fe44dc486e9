import type { Config } from './config/config.ts'
import type { InForce } from './in-force.ts'
import { longestFreshForMs } from './monitor/cadence.ts'
import { askPeer } from './peers/ask-peer.ts'
import { followPeers } from './peers/follow-peers.ts'
import type { FollowPeersOptions } from './peers/follow-peers.ts'
import { listPeers, peerListener } from './peers/peer-list.ts'

/** Asks the peers of the configuration in force, for the monitor in charge. What this host listens on is the first's. */
export const followConfiguredPeers = (
  { listen, proxied }: Config,
  {
    inForce,
    ...rest
  }: { readonly inForce: InForce } & Pick<FollowPeersOptions, 'clock' | 'random' | 'logger'>,
): Disposable => {
  const { port, proxyProtocol } = peerListener(listen, proxied)
  return followPeers({
    ...rest,
    doubts: () => (inForce.config.peers === undefined ? [] : inForce.monitor.doubts()),
    hear: sweep => inForce.monitor.hearPeers(sweep),
    list: () => listPeers(inForce.config.peers ?? [], { port }),
    ask: peer => askPeer(peer, { path: inForce.config.path, proxyProtocol }),
    freshForMs: () => longestFreshForMs(inForce.policy),
  })
}
