import { addressPattern, parseAddress, parseSocketPath, socketPathPattern } from '../../connect/endpoint.ts'
import type { Endpoint } from '../../connect/endpoint.ts'

export type Protocol = 'https' | 'http' | 'uwsgi' | 'fastcgi'

/** Where and how the app listens. */
export interface Target {
  /** The protocol there. It is configured and never guessed: a wrong guess occupies a worker of the app. */
  readonly protocol: Protocol
  readonly endpoint: Endpoint
  /** As configured. It can hold no credentials: `targetPattern` leaves no place for them. */
  readonly text: string
}

export const targetPattern = `^(https?|uwsgi|fastcgi)(\\+unix:${socketPathPattern}|://${addressPattern})$`

const protocols: readonly Protocol[] = ['https', 'http', 'uwsgi', 'fastcgi']

/** uWSGI ends the name of an abstract socket with a zero byte; other servers do not. */
const isUwsgiName = (protocol: Protocol, path: string): boolean =>
  protocol === 'uwsgi' && path.startsWith('@')

/** Reads what `targetPattern` lets through. */
export const parseTarget = (text: string): Target => {
  const protocol = protocols.find(name => text.startsWith(name)) ?? 'http'
  const [, path] = text.split('+unix:')
  if (path !== undefined)
    return { protocol, endpoint: parseSocketPath(isUwsgiName(protocol, path) ? `${path}\0` : path), text }
  return { protocol, endpoint: parseAddress(text.slice(text.indexOf('://') + 3)), text }
}
