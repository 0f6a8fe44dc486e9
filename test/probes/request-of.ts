import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'

/** A request of a client: its address, what it calls itself, and what it asks for. */
export const requestOf = (
  address: string | undefined,
  { userAgent, url = '/health', method = 'GET' }: { userAgent?: string; url?: string; method?: string } = {},
): IncomingMessage => {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: address })
  const request = new IncomingMessage(socket)
  if (userAgent !== undefined) request.rawHeaders.push('Host', 'x', 'User-Agent', userAgent)
  return Object.assign(request, { url, method })
}
