/** Where and how the app listens. */
export interface Target {
  readonly protocol: 'http'
  readonly endpoint: Endpoint
  /** As configured. It can hold no credentials: `targetPattern` leaves no place for them. */
  readonly text: string
}

/** What `net.connect` takes. */
export type Endpoint = { readonly path: string } | { readonly host: string; readonly port: number }

/** `http+unix:/path` or `http://host:port`. A Unix socket's path has at most 107 bytes (unix(7)). */
export const targetPattern =
  '^http(\\+unix:/[^\\s@?#]{1,106}|://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5})$'

/** Reads what `targetPattern` lets through. */
export const parseTarget = (text: string): Target => {
  const protocol = 'http'
  const [, path] = text.split('+unix:')
  if (path !== undefined) return { protocol, endpoint: { path }, text }
  const authority = text.slice(text.indexOf('://') + 3)
  const colon = authority.lastIndexOf(':')
  const host = authority.slice(0, colon).replace(/^\[|\]$/g, '')
  return { protocol, endpoint: { host, port: Number(authority.slice(colon + 1)) }, text }
}
