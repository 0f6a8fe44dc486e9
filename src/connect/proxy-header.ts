import { isIP } from 'node:net'
import type { Socket } from 'node:net'

/** The versions of the PROXY protocol (https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt). */
export const proxyVersions = ['v1', 'v2'] as const
export type ProxyVersion = (typeof proxyVersions)[number]

/** What begins a header of version 2 (section 2.2). */
export const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

/** Version 2, the command LOCAL, no family, and no bytes after the header. */
export const LOCAL = Buffer.concat([SIGNATURE, Buffer.from([0x20, 0, 0, 0])])

type Ends = Pick<Socket, 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort'>

/** A zone is no part of an address in a header. */
const plain = (address = ''): string => address.replace(/%.*/, '')

const firstVersion = (ends: Ends): string => {
  const [source, destination] = [plain(ends.localAddress), plain(ends.remoteAddress)]
  const family = isIP(source)
  if (family === 0 || family !== isIP(destination)) return 'PROXY UNKNOWN\r\n'
  return `PROXY TCP${family} ${source} ${destination} ${ends.localPort} ${ends.remotePort}\r\n`
}

/**
 * The header of a connection that is made on the sender's own account, as for a health check. Version 2 has the command
 * LOCAL for that. Version 1 has no such thing: over TCP it names the two ends of the connection itself, because some
 * servers refuse UNKNOWN; a Unix socket has no ends to name.
 */
export const proxyHeader = (version: ProxyVersion, ends: Ends): Buffer =>
  version === 'v2' ? LOCAL : Buffer.from(firstVersion(ends), 'latin1')
