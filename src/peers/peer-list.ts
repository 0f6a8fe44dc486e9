import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { readText } from '../env-file/read-text.ts'

/** Where a peer listens. `host` is an IP address. */
export interface Peer {
  readonly host: string
  readonly port: number
}

/** The `peers` of a configuration: `dns:NAME`, `file:/path`, or a list of hosts. */
export type PeerSource = string | readonly string[]

export interface PeerListOptions {
  /** The port of a peer that names none, and the one that this host listens on itself. */
  readonly port: number
}

const DNS_TIMEOUT_MS = 1000

/** More than any fleet that one balancer serves; the rest of a longer list is ignored. */
const MAX_PEERS = 10_000

/** What a `host`, `host:port` or `[host]:port` names. */
const parsePeer = (text: string, port: number): Peer => {
  const [, bracketed, plain, given] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? []
  return { host: bracketed ?? plain ?? text, port: given === undefined ? port : Number(given) }
}

/** Resolves by DNS alone: getaddrinfo(3) would hold one of the few threads for as long as a resolver is silent. */
const resolveName = async ({ host, port }: Peer): Promise<readonly Peer[]> => {
  if (isIP(host)) return [{ host, port }]
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 1 })
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  return answers.flatMap(answer =>
    answer.status === 'fulfilled' ? answer.value.map(address => ({ host: address, port })) : [],
  )
}

const namesIn = async (source: PeerSource): Promise<readonly string[]> => {
  if (typeof source !== 'string') return source
  if (source.startsWith('dns:')) return [source.slice('dns:'.length)]
  const answer = await readText(source.slice('file:'.length))
  const lines = answer.ok ? answer.text.split('\n') : []
  return lines.map(line => line.replace(/#.*/, '').trim()).filter(line => line !== '')
}

/** Whether a peer is this very host: a host that asks itself would never find itself alone. */
const isSelf = ({ host, port }: Peer, ownPort: number): boolean => {
  const own = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? [])
  return port === ownPort && own.some(({ address }) => address === host)
}

/** The other hosts, as they are now. What cannot be read or resolved is left out. Never throws. */
export const listPeers = async (source: PeerSource, { port }: PeerListOptions): Promise<readonly Peer[]> => {
  const names = (await namesIn(source)).slice(0, MAX_PEERS)
  const peers = (await Promise.all(names.map(name => resolveName(parsePeer(name, port))))).flat()
  const byAddress = new Map(peers.map(peer => [`${peer.host} ${peer.port}`, peer]))
  return [...byAddress.values()].filter(peer => !isSelf(peer, port))
}

/** How the hosts of a fleet can be asked, as they all listen like this one. */
export interface PeerListener {
  /** The one that the balancer probes; 80 where the unit's socket has it. */
  readonly port: number
  /** Whether a question must begin with a header of the PROXY protocol. */
  readonly proxyProtocol: boolean
}

/** An address without the PROXY protocol, if there is one. */
export const peerListener = (addresses: readonly string[], proxied: readonly string[]): PeerListener => {
  const plain = addresses.filter(address => !proxied.includes(address))
  const candidates = plain.length > 0 ? plain : addresses
  const port = Number(candidates.map(address => /:(\d+)$/.exec(address)?.[1]).find(Boolean) ?? 80)
  return { port, proxyProtocol: plain.length === 0 }
}
