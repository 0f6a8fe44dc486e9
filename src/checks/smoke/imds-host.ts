import { isIPv4 } from 'node:net'
import { Client } from 'undici'
import type { Dispatcher } from 'undici'
import { codeOrUnknown } from '../../lib/describe-error.ts'
import type { HostAnswer, HostSource } from './host-answer.ts'

const ENDPOINT = 'http://169.254.169.254'
const TIMEOUT_MS = 1000
/** The longest that the service grants. */
const TOKEN_TTL_SECONDS = 21_600
/** A token has 56 bytes. */
const MAX_RESPONSE_BYTES = 4096

interface Response {
  readonly status: number
  readonly text: string
}

const refusal = (status: number): HostAnswer => ({
  ok: false,
  message:
    status === 403
      ? 'the instance metadata service is turned off for this instance (403): turn it on, or configure another host'
      : `the instance metadata service answered ${status} to a request for local-ipv4`,
})

/**
 * The instance's private IPv4 address, by IMDSv2. It is requested until it is known, and then kept: the primary address
 * of an EC2 instance never changes. The token is kept too, and renewed once if it is refused (401).
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */
export const createImdsHost = ({
  imdsEndpoint = ENDPOINT,
}: { readonly imdsEndpoint?: string | undefined } = {}): HostSource => {
  let host: string | undefined
  let token: string | undefined

  const ask = async (signal: AbortSignal): Promise<HostAnswer> => {
    const client = new Client(imdsEndpoint, { maxResponseSize: MAX_RESPONSE_BYTES })
    const send = async (options: Dispatcher.RequestOptions): Promise<Response> => {
      const { statusCode, body } = await client.request({ ...options, signal })
      return { status: statusCode, text: await body.text() }
    }
    const renewToken = async (): Promise<Response> => {
      const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': `${TOKEN_TTL_SECONDS}` }
      const response = await send({ method: 'PUT', path: '/latest/api/token', headers })
      token = response.status === 200 ? response.text : undefined
      return response
    }
    const askForAddress = async (): Promise<Response> => {
      if (token === undefined) {
        const renewal = await renewToken()
        if (token === undefined) return renewal
      }
      const headers = { 'x-aws-ec2-metadata-token': token }
      return await send({ method: 'GET', path: '/latest/meta-data/local-ipv4', headers })
    }

    try {
      let response = await askForAddress()
      if (response.status === 401) {
        token = undefined
        response = await askForAddress()
      }
      if (response.status !== 200) return refusal(response.status)
      if (!isIPv4(response.text))
        return { ok: false, message: 'the instance metadata service answered without an IPv4 address' }
      host = response.text
      return { ok: true, host }
    } finally {
      void client.destroy()
    }
  }

  return async signal => {
    if (host !== undefined) return { ok: true, host }
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    try {
      return await ask(AbortSignal.any([signal, timeout]))
    } catch (error) {
      const why =
        timeout.aborted || signal.aborted
          ? 'did not answer in time'
          : `cannot be reached: ${codeOrUnknown(error)}`
      return {
        ok: false,
        message: `the instance metadata service ${why}: check that this is an EC2 instance; in a container, raise the metadata service's hop limit to 2`,
      }
    }
  }
}
