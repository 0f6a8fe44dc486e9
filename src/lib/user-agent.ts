import type { IncomingMessage } from 'node:http'

/** The User-Agent of a request. `headers` would parse all of them. */
export const userAgentOf = ({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): string | undefined => {
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.length === 10 && rawHeaders[i]?.toLowerCase() === 'user-agent')
      return rawHeaders[i + 1]
  return undefined
}

/** Whether another sidecar asks. It is no balancer, and no sign of one. */
export const isOfSidecar = (request: Pick<IncomingMessage, 'rawHeaders'>): boolean =>
  userAgentOf(request)?.startsWith('health-sidecar/') ?? false
