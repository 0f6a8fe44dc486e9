import { isDeepStrictEqual } from 'node:util'
import type { Config } from './config/config.ts'
import type { KeptLatch } from './host/latch.ts'
import type { InForce } from './in-force.ts'
import { longestFreshForMs } from './monitor/cadence.ts'
import { askingOf } from './peers/asking.ts'
import { followPeers } from './peers/follow-peers.ts'
import type { OwnQuestions } from './peers/own-questions.ts'
import type { FollowedPeers, FollowPeersOptions } from './peers/follow-peers.ts'
import { isEdited } from './peers/peer-names.ts'

export interface ConfiguredPeers extends Pick<FollowedPeers, 'reach'>, Disposable {
  /** Another configuration is in force. */
  taken(before: Pick<Config, 'peers'>): void
  /** Keeps what is known of a host that has proved itself for a restart under this configuration. */
  keepLatch(config: Config): Promise<void>
}

/** Asks the peers of the configuration in force, for the monitor in charge. */
export const followConfiguredPeers = ({
  inForce,
  latch,
  questions,
  random,
  ...rest
}: {
  readonly inForce: InForce
  readonly latch: Pick<KeptLatch, 'keep' | 'peersAnswered'>
  readonly questions: OwnQuestions
} & Pick<FollowPeersOptions, 'clock' | 'random' | 'logger'>): ConfiguredPeers => {
  const keepLatch = (config: Config) =>
    latch.keep(config, { ...inForce.monitor.against(), peersAnswered: peers.reach.hasAnswered })
  const peers = followPeers({
    ...rest,
    ...askingOf(() => inForce.config, { random, questions }),
    random,
    isOn: () => inForce.config.peers !== undefined,
    doubts: () => inForce.monitor.doubts(),
    hear: sweep => inForce.monitor.hearPeers(sweep),
    freshForMs: () => longestFreshForMs(inForce.policy),
    hasAnswered: latch.peersAnswered,
    answered() {
      if (inForce.monitor.host.life.phase === 'serving') void keepLatch(inForce.config)
    },
  })
  return {
    get reach() {
      return peers.reach
    },
    taken({ peers: before }) {
      const { peers: after } = inForce.config
      if (!isDeepStrictEqual(before, after)) peers.changed(isEdited(before, after))
    },
    keepLatch,
    [Symbol.dispose]: () => peers[Symbol.dispose](),
  }
}
