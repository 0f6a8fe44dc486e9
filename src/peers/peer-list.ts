import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { isLoopback, parseEndpoint } from '../connect/endpoint.ts'
import { readText } from '../env-file/read-text.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'

/** Where a peer listens. `host` is an IP address. */
export interface Peer {
  readonly host: string
  readonly port: number
}

/** The other hosts, as far as they can be learnt. */
export interface PeerList {
  readonly peers: readonly Peer[]
  /**
   * Names that could not be resolved, peers with a port that does not exist, and a file that could not be read: there may be
   * peers behind them.
   */
  readonly unread: readonly string[]
}

/** The `peers` of a configuration: `dns:NAME`, `file:/path`, or a list of hosts. */
export type PeerSource = string | readonly string[]

export interface PeerListOptions {
  /** The port of a peer that names none, and the one that this host listens on itself. */
  readonly port: number
  /** What tests replace. */
  readonly resolver?: {
    resolve4(name: string): Promise<readonly string[]>
    resolve6(name: string): Promise<readonly string[]>
  }
}

const DNS_TIMEOUT_MS = 1000

/** Node throws at a port above it. */
const MAX_PORT = 65_535

/** Nothing is sent to it. */
const ANY_PORT = 9

/** More than any fleet that one balancer serves; the rest of a longer list is ignored. */
const MAX_PEERS = 10_000

/** What a `host`, `host:port` or `[host]:port` names. */
const parsePeer = (text: string, port: number): Peer => {
  const [, bracketed, plain, given] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? []
  return { host: bracketed ?? plain ?? text, port: given === undefined ? port : Number(given) }
}

/** Resolves by DNS alone: getaddrinfo(3) would hold one of the few threads for as long as a resolver is silent. */
const resolveName = async ({ host, port }: Peer, given: PeerListOptions['resolver']): Promise<PeerList> => {
  if (port > MAX_PORT) return { peers: [], unread: [`${host}:${port}`] }
  if (isIP(host)) return { peers: [{ host, port }], unread: [] }
  const resolver = given ?? new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 1 })
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  const peers = answers.flatMap(answer =>
    answer.status === 'fulfilled' ? answer.value.map(address => ({ host: address, port })) : [],
  )
  const isRead =
    peers.length > 0 || answers.every(answer => answer.status === 'fulfilled' || isNone(answer.reason))
  return { peers, unread: isRead ? [] : [host] }
}

/** Whether the DNS says that a name has no addresses. Any other error says nothing. */
const isNone = (error: unknown): boolean => ['ENOTFOUND', 'ENODATA'].includes(codeOrUnknown(error))

const namesIn = async (
  source: PeerSource,
): Promise<{ readonly names: readonly string[]; readonly unread: readonly string[] }> => {
  if (typeof source !== 'string') return { names: source, unread: [] }
  if (source.startsWith('dns:')) return { names: [source.slice('dns:'.length)], unread: [] }
  const path = source.slice('file:'.length)
  const answer = await readText(path)
  if (!answer.ok) return { names: [], unread: answer.fault.code === 'missing' ? [] : [path] }
  const lines = answer.text.split('\n').map(line => line.replace(/#.*/, '').trim())
  return { names: lines.filter(line => line !== ''), unread: [] }
}

/**
 * Whether an address is this host's own. The kernel sends from that very address to it. Nothing is sent here. (To list the
 * addresses takes a netlink socket, which the service may not have.)
 */
const isOwnAddress = async (host: string): Promise<boolean> => {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4').on('error', () => resolve(false))
  socket.connect(ANY_PORT, host, (error?: Error) =>
    resolve(!error && socket.address().address === socket.remoteAddress().address),
  )
  const isOwn = await promise
  socket.close()
  return isOwn
}

/** Leaves out this very host: one that asks itself would never find itself alone. */
const withoutSelf = async (peers: readonly Peer[], ownPort: number): Promise<readonly Peer[]> => {
  const others: Peer[] = []
  for (const peer of peers) {
    if (peer.port !== ownPort || !(await isOwnAddress(peer.host))) others.push(peer)
    // between two of a long list, probes are answered
    await setImmediate()
  }
  return others
}

/** The other hosts, as they are now. Never throws. */
export const listPeers = async (
  source: PeerSource,
  { port, resolver }: PeerListOptions,
): Promise<PeerList> => {
  const { names, unread } = await namesIn(source)
  const found = await Promise.all(
    names.slice(0, MAX_PEERS).map(name => resolveName(parsePeer(name, port), resolver)),
  )
  const byAddress = new Map(
    found.flatMap(({ peers }) => peers).map(peer => [`${peer.host} ${peer.port}`, peer]),
  )
  return {
    peers: await withoutSelf([...byAddress.values()], port),
    unread: [...unread, ...found.flatMap(each => each.unread)],
  }
}

/** How the hosts of a fleet can be asked, as they all listen like this one. */
export interface PeerListener {
  /** The one that the balancer probes; 80 where the unit's socket has it. */
  readonly port: number
  /** Whether a question must begin with a header of the PROXY protocol. */
  readonly proxyProtocol: boolean
}

const isForThisHostAlone = (address: string): boolean =>
  address !== 'systemd' && isLoopback(parseEndpoint(address))

/** The first address that other hosts can reach; one without the PROXY protocol, if there is one. */
export const peerListener = (addresses: readonly string[], proxied: readonly string[]): PeerListener => {
  const reachable = addresses.filter(address => !isForThisHostAlone(address))
  const candidates = reachable.length > 0 ? reachable : addresses
  const chosen = candidates.find(address => !proxied.includes(address)) ?? candidates[0] ?? 'systemd'
  return { port: Number(/:(\d+)$/.exec(chosen)?.[1] ?? 80), proxyProtocol: proxied.includes(chosen) }
}
