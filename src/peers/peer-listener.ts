import { isIP } from 'node:net'
import { isLoopback, parseAddress } from '../connect/endpoint.ts'

export type Family = 4 | 6

/** How the hosts of a fleet can be asked, as they all listen like this one. */
export interface PeerListener {
  /** The one that the balancer probes; 80 where the unit's socket has it. */
  readonly port: number
  /** The families of addresses at which that port is open. */
  readonly families: readonly Family[]
  /** Whether a question must begin with a header of the PROXY protocol. */
  readonly proxyProtocol: boolean
}

const BOTH: readonly Family[] = [4, 6]

/** Undefined for a Unix socket, and for those of systemd, whose addresses are not known. */
const endpointOf = (address: string) => (/:\d+$/.test(address) ? parseAddress(address) : undefined)

const isReachable = (address: string): boolean => {
  const endpoint = endpointOf(address)
  return address === 'systemd' || (endpoint !== undefined && !isLoopback(endpoint))
}

const portOf = (address: string): number => {
  const endpoint = endpointOf(address)
  return endpoint && 'port' in endpoint ? endpoint.port : 80
}

/** `[::]` takes both. */
const familiesOf = (address: string): readonly Family[] => {
  const endpoint = endpointOf(address)
  const host = endpoint && 'host' in endpoint ? endpoint.host : ''
  const family = isIP(host)
  return family === 4 ? [4] : family === 6 && !/^[0:]+$/.test(host) ? [6] : BOTH
}

/** The first address that other hosts can reach; one without the PROXY protocol, if there is one. */
export const peerListener = (addresses: readonly string[], proxied: readonly string[]): PeerListener => {
  const reachable = addresses.filter(isReachable)
  const candidates = reachable.length > 0 ? reachable : addresses
  const chosen = candidates.find(address => !proxied.includes(address)) ?? candidates[0] ?? 'systemd'
  const port = portOf(chosen)
  const alike = candidates.filter(address => portOf(address) === port)
  const families = BOTH.filter(family => [chosen, ...alike].some(each => familiesOf(each).includes(family)))
  return { port, families, proxyProtocol: proxied.includes(chosen) }
}
