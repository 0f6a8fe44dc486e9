import { isIP } from 'node:net'
import { hostname } from 'node:os'

// A browser can be made to ask this listener in the name of a hostile page: by a form or a script of that page, or by a
// name of the attacker's that resolves to this address (DNS rebinding). Nobody has to log in here, so both are refused.

/** What a browser says about a request. */
export interface ClientHeaders {
  readonly host?: string | undefined
  readonly origin?: string | undefined
}

/**
 * Domains that no name server of the public DNS answers for: the local host (RFC 6761, section 6.3), and private networks
 * such as EC2's `ip-10-0-0-1.ec2.internal` (ICANN reserved `internal` in 2024).
 */
const PRIVATE_DOMAINS = ['localhost', 'internal']

/** The host of `host:port`, in lower case and without the root's dot; undefined if it is malformed. */
export const hostOf = (authority: string): string | undefined => {
  const [, address, name] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@?#\s]+))(?::\d*)?$/i.exec(authority) ?? []
  return (address ?? name)?.toLowerCase().replace(/\.$/, '')
}

/** Whether a name is the pattern; `*.example.com` is every name below that domain. */
const fits = (name: string, pattern: string): boolean => {
  const wanted = pattern.toLowerCase()
  return wanted.startsWith('*.') ? name.endsWith(wanted.slice(1)) : name === wanted
}

/**
 * Whether a Host is one that no stranger can point at this address: an address itself, a name without a dot (the public DNS
 * has none), a name in a private domain, this host's own name, or one that the configuration lets in.
 */
const isTrustedHost = (authority: string, names: readonly string[]): boolean => {
  const host = hostOf(authority)
  if (host === undefined) return false
  if (isIP(host) !== 0 || !host.includes('.')) return true
  if (PRIVATE_DOMAINS.some(domain => fits(host, `*.${domain}`))) return true
  return [hostname(), ...names].some(name => fits(host, name))
}

/** Whether a page from elsewhere sends the request. Without an Origin, none does, or none can read the answer. */
const isOwnOrigin = (origin: string, host: string | undefined): boolean =>
  host !== undefined && origin.toLowerCase() === `http://${host.toLowerCase()}`

/** A request that is refused: an HTTP status, and a sentence for whoever asked in good faith. */
export interface Distrust {
  readonly status: 421 | 403
  readonly message: string
}

/**
 * Why a request to the admin listener is not answered; undefined if it is. `names` is what `admin.hosts` lists. A client
 * without a Host speaks HTTP/1.0, which no browser does.
 */
export const distrustOf = (
  { host, origin }: ClientHeaders,
  names: readonly string[],
): Distrust | undefined => {
  if (host !== undefined && !isTrustedHost(host, names))
    return {
      status: 421,
      message:
        'the Host of this request is not let in; ask by address, or add the name to `admin.hosts` and restart the service',
    }
  if (origin !== undefined && !isOwnOrigin(origin, host))
    return { status: 403, message: 'a page from elsewhere sends this request, which is refused' }
  return undefined
}
