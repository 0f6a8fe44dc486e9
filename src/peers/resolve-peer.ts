import { Resolver } from 'node:dns/promises'
import { isIP, SocketAddress } from 'node:net'
import { codeOrUnknown } from '../lib/describe-error.ts'
import type { Family } from './peer-listener.ts'

/** Where a peer listens. `host` is an IP address. */
export interface Peer {
  readonly host: string
  readonly port: number
}

/** A host as it was configured: by a name or an address. */
export interface NamedPeer {
  readonly host: string
  readonly port: number
}

export interface ResolvePeerOptions {
  /** Those in which the hosts of this fleet listen. */
  readonly families: readonly Family[]
  /** What tests replace. */
  readonly resolver?: {
    resolve4(name: string): Promise<readonly string[]>
    resolve6(name: string): Promise<readonly string[]>
  }
}

/** Some addresses, and names behind which there may be more. */
export interface ResolvedPeers {
  readonly peers: readonly Peer[]
  readonly unread: readonly string[]
}

const DNS_TIMEOUT_MS = 1000

/** Node throws at a port above it. */
const MAX_PORT = 65_535

/** One text for one address: it must not count twice. An IPv4 address that is written as an IPv6 one is an IPv4 one. */
const canonical = (host: string): string =>
  isIP(host) === 6 && !host.includes('%')
    ? new SocketAddress({ address: host, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '')
    : host

/** Whether the DNS says that a name has no addresses. Any other error says nothing. */
const isNone = (error: unknown): boolean => ['ENOTFOUND', 'ENODATA'].includes(codeOrUnknown(error))

/** Resolves by DNS alone: getaddrinfo(3) would hold one of the few threads for as long as a resolver is silent. */
export const resolvePeer = async (
  { host, port }: NamedPeer,
  { families, resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 1 }) }: ResolvePeerOptions,
): Promise<ResolvedPeers> => {
  if (port > MAX_PORT) return { peers: [], unread: [`${host}:${port}`] }
  const peerAt = (address: string): Peer => ({ host: canonical(address), port })
  if (isIP(host)) return { peers: [peerAt(host)], unread: [] }
  const answers = await Promise.allSettled(
    families.map(async family => await (family === 4 ? resolver.resolve4(host) : resolver.resolve6(host))),
  )
  const peers = answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value.map(peerAt) : []))
  const isRead =
    peers.length > 0 || answers.every(answer => answer.status === 'fulfilled' || isNone(answer.reason))
  return { peers, unread: isRead ? [] : [host] }
}
