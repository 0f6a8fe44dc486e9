/** Where and how the app listens. */
export interface Target {
  /** What is spoken there. It is configured and never guessed: a wrong guess occupies a worker of the app. */
  readonly protocol: 'http' | 'uwsgi'
  readonly endpoint: Endpoint
  /** As configured. It can hold no credentials: `targetPattern` leaves no place for them. */
  readonly text: string
}

/** What `net.connect` takes. */
export type Endpoint = { readonly path: string } | { readonly host: string; readonly port: number }

/** A Unix socket's path has at most 107 bytes (unix(7)). */
export const targetPattern =
  '^(http|uwsgi)(\\+unix:/[^\\s@?#]{1,106}|://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5})$'

/** Reads what `targetPattern` lets through. */
export const parseTarget = (text: string): Target => {
  const protocol = text.startsWith('uwsgi') ? 'uwsgi' : 'http'
  const [, path] = text.split('+unix:')
  if (path !== undefined) return { protocol, endpoint: { path }, text }
  const authority = text.slice(text.indexOf('://') + 3)
  const colon = authority.lastIndexOf(':')
  const host = authority.slice(0, colon).replace(/^\[|\]$/g, '')
  return { protocol, endpoint: { host, port: Number(authority.slice(colon + 1)) }, text }
}
