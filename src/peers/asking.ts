import type { Config } from '../config/config.ts'
import type { Asking } from './ask-some.ts'
import { askPeer } from './ask-peer.ts'
import type { OwnQuestions } from './own-questions.ts'
import { choosePeers } from './choose-peers.ts'
import { peerListener } from './peer-listener.ts'

/** What a question and its answer may take on their way, in milliseconds. */
const ON_THE_WAY_MS = 1000

/** How the peers of the configuration in force are found and asked. `random`: uniform in [0, 1). */
export const askingOf = (
  inForce: () => Pick<Config, 'peers' | 'listen' | 'proxied' | 'path' | 'deadline'>,
  { random, questions }: { readonly random: () => number; readonly questions: OwnQuestions },
): Asking => {
  const listener = () => peerListener(inForce().listen, inForce().proxied)
  return {
    choose: count => choosePeers(inForce().peers ?? [], { ...listener(), count, random }),
    ask: peer =>
      questions.ask(headers =>
        askPeer(peer, {
          path: inForce().path,
          // a peer whose findings are stale looks again first, and all hosts of a fleet have the same deadline
          timeoutMs: inForce().deadline + ON_THE_WAY_MS,
          proxyProtocol: listener().proxyProtocol,
          headers,
        }),
      ),
  }
}
