/** What `net.connect` takes. */
export type Endpoint = { readonly path: string } | { readonly host: string; readonly port: number }

/**
 * The path of a Unix socket, or the name of an abstract one after an `@`: at most 107 bytes (unix(7)). It leaves no place
 * for credentials.
 */
export const socketPathPattern = '(/[^\\s@?#]{1,106}|@[A-Za-z0-9._/-]{1,106})'

/** Reads what `socketPathPattern` lets through. The name of an abstract socket follows a zero byte. */
export const parseSocketPath = (text: string): Endpoint => ({ path: text.replace(/^@/, '\0') })

/** Whether an endpoint is on this host for sure: a Unix socket, or a loopback address. */
export const isLoopback = (endpoint: Endpoint): boolean =>
  'path' in endpoint || /^(localhost|127(\.\d+){3}|::1)$/i.test(endpoint.host)

/** Whether an endpoint is a Unix socket that has a file. */
export const hasSocketFile = (endpoint: Endpoint): boolean =>
  'path' in endpoint && !endpoint.path.startsWith('\0')

/** A port from 1 to 65535, without leading zeros. */
export const portPattern =
  '([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])'

/** A host name or address, and a port from 1 to 65535. It leaves no place for credentials. */
export const addressPattern = `([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\]):${portPattern}`

/** Reads what `addressPattern` lets through: `localhost:80`, `[::1]:80`. */
export const parseAddress = (text: string): Endpoint => {
  const colon = text.lastIndexOf(':')
  const host = text.slice(0, colon).replace(/^\[|\]$/g, '')
  return { host, port: Number(text.slice(colon + 1)) }
}

/** `unix:/path` or `host:port`. */
export const endpointPattern = `^(unix:${socketPathPattern}|${addressPattern})$`

/** Reads what `endpointPattern` lets through. */
export const parseEndpoint = (text: string): Endpoint =>
  text.startsWith('unix:') ? parseSocketPath(text.slice('unix:'.length)) : parseAddress(text)
