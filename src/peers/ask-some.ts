import type { PeerSweep } from '../core/peers.ts'
import type { ChosenPeers } from './choose-peers.ts'
import type { AnyAnswer } from './own-questions.ts'
import type { Peer } from './resolve-peer.ts'

/** So many peers are asked in one sweep. */
const MAX_ASKED = 5

/** How peers are found and asked. */
export interface Asking {
  /** Up to so many of the other hosts, at random. Never rejects. */
  readonly choose: (count: number) => Promise<ChosenPeers>
  readonly ask: (peer: Peer) => Promise<AnyAnswer>
}

const nameOf = ({ host, port }: Peer): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Asks some peers, all at once. One that turns out to be this very host does not count. */
export const askSome = async ({ choose, ask }: Asking): Promise<Pick<PeerSweep, 'known' | 'answers'>> => {
  const { peers, unread, known } = await choose(MAX_ASKED)
  const answered = await Promise.all(
    peers.map(async peer => ({ peer: nameOf(peer), answer: await ask(peer) })),
  )
  // nobody can be asked there, and somebody may be there
  const silent = unread.map(peer => ({ peer, answer: 'silent' as const }))
  const answers = answered.flatMap(({ peer, answer }) => (answer === 'own' ? [] : [{ peer, answer }]))
  return { known: known - (answered.length - answers.length), answers: [...answers, ...silent] }
}
