import type { IncomingMessage } from 'node:http'
import { version } from './version.ts'

const OWN_PRODUCT = 'health-sidecar'

/** What a sidecar sends. */
export const OWN_USER_AGENT = `${OWN_PRODUCT}/${version}`

/** The User-Agent of a request. `headers` would parse all of them. */
export const userAgentOf = ({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): string | undefined => {
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.length === 10 && rawHeaders[i]?.toLowerCase() === 'user-agent')
      return rawHeaders[i + 1]
  return undefined
}

/** Whether a User-Agent is that of a sidecar of any version. It is no balancer, and no sign of one. */
export const isOfSidecar = (userAgent: string | undefined): boolean =>
  userAgent?.startsWith(`${OWN_PRODUCT}/`) ?? false
