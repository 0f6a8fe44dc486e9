import { setImmediate } from 'node:timers/promises'
import { isOwnAddress } from './own-address.ts'
import type { PeerListener } from './peer-listener.ts'
import { nameOf, readPeerNames } from './peer-names.ts'
import type { PeerSource } from './peer-names.ts'
import { resolvePeer } from './resolve-peer.ts'
import type { NamedPeer, Peer, ResolvedPeers, ResolvePeerOptions } from './resolve-peer.ts'

/** Some of the other hosts, at random. */
export interface ChosenPeers {
  /** Each once, and never this host. */
  readonly peers: readonly Peer[]
  /**
   * What was drawn and could not be read: a name, a file, a line of it. There may be peers behind it. A source that names
   * nobody, not even this host, is one of them: it is a mistake, or half written.
   */
  readonly unread: readonly string[]
  /** How many there are, this host not counted, as far as it was looked: a name that was not drawn counts as one. */
  readonly known: number
}

export interface ChoosePeersOptions
  extends Pick<PeerListener, 'port' | 'families'>, Pick<ResolvePeerOptions, 'resolver'> {
  /** How many are wanted. */
  readonly count: number
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** What tests replace. */
  readonly isOwn?: (host: string) => Promise<boolean>
}

/** More names and addresses are not looked at, if those before were no peers: a choice takes little, whatever the list is. */
const MAX_LOOKED_AT = 100

/** In random order (Fisher and Yates). */
export const shuffled = <T>(items: readonly T[], random: () => number): T[] => {
  const all = [...items]
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [all[i], all[j]]
    if (a !== undefined && b !== undefined) [all[i], all[j]] = [b, a]
  }
  return all
}

/**
 * Chooses whom to ask. Only those are resolved, and it is only of those that it is found out whether they are this host: one
 * that asks itself would never find itself alone. Never throws.
 */
export const choosePeers = async (source: PeerSource, options: ChoosePeersOptions): Promise<ChosenPeers> => {
  const { port, count, random, isOwn = isOwnAddress } = options
  const { names, unread } = await readPeerNames(source, port)
  const drawn = shuffled([...names, ...unread], random)
  const chosen = new Map<string, Peer>()
  const rest = new Set<string>()
  const own = new Set<string>()
  const missing: string[] = []
  let lookedAt = 0

  const take = async (peer: Peer): Promise<void> => {
    const key = `${peer.host} ${peer.port}`
    if (chosen.has(key) || own.has(key)) return
    if (chosen.size >= count || lookedAt >= MAX_LOOKED_AT) return void rest.add(key)
    lookedAt += 1
    if (peer.port === port && (await isOwn(peer.host))) own.add(key)
    else chosen.set(key, peer)
  }

  const resolve = async (item: NamedPeer | string): Promise<ResolvedPeers> =>
    typeof item === 'string' ? { peers: [], unread: [item] } : await resolvePeer(item, options)

  while (drawn.length > 0 && chosen.size + missing.length < count && lookedAt < MAX_LOOKED_AT) {
    const batch = drawn.splice(-count)
    lookedAt += batch.length
    for (const found of await Promise.all(batch.map(resolve))) {
      missing.push(...found.unread)
      for (const peer of shuffled(found.peers, random)) await take(peer)
    }
    // between two batches, probes are answered
    await setImmediate()
  }
  const known = chosen.size + rest.size + missing.length + drawn.length
  if (known + own.size === 0) return { peers: [], unread: [nameOf(source)], known: 1 }
  return { peers: [...chosen.values()], unread: missing, known }
}
