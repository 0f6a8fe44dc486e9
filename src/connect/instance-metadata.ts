import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { codeOrUnknown } from '../lib/describe-error.ts'
import { TIME_IS_UP, beforeAbort } from '../lib/deadline.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import { readBounded } from '../lib/read-bounded.ts'

const IPV4_ENDPOINT = 'http://169.254.169.254'
/** Only instances of the Nitro system in a subnet with IPv6 have it, and only once it is turned on. */
const IPV6_ENDPOINT = 'http://[fd00:ec2::254]'
/** For one question, token included. */
const TIMEOUT_MS = 1000
/** The longest that the service grants. */
const TOKEN_TTL_SECONDS = 21_600
/** What is asked here answers with a line. */
const MAX_BODY_BYTES = 4096
/** What may be sent back in a header. */
const TOKEN = /^[\x21-\x7e]{1,1024}$/

/** What the instance metadata service says of one path. */
export type MetadataAnswer =
  | { readonly kind: 'value'; readonly text: string }
  /** 404: the service works, and has no such thing for this instance. */
  | { readonly kind: 'absent' }
  /** Nothing that can be used. `why` is a clause: it follows "the instance metadata service". */
  | { readonly kind: 'unknown'; readonly why: string }

/** The instance metadata service of EC2, by IMDSv2. */
export interface InstanceMetadata {
  /** Asks for a path below `/latest/meta-data/`. Never rejects, and takes a second at most. */
  get(path: string, signal?: AbortSignal): Promise<MetadataAnswer>
}

/** The endpoint that AWS's own SDKs would use in this environment. */
export const metadataEndpoint = (env: ProcessEnv): string => {
  const { AWS_EC2_METADATA_SERVICE_ENDPOINT: given, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: mode } = env
  if (given !== undefined && URL.parse(given)?.protocol === 'http:') return given
  return mode?.toLowerCase() === 'ipv6' ? IPV6_ENDPOINT : IPV4_ENDPOINT
}

interface Response {
  readonly status: number
  readonly text: string
}

const tooLarge = new Error('the answer is too large')

interface Question {
  readonly method: 'GET' | 'PUT'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** One request on a connection of its own: no proxy, and no redirect is followed. */
const exchange = async (endpoint: string, question: Question): Promise<Response> => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const outgoing = request(new URL(question.path, endpoint), { ...question, agent: false }, resolve)
  outgoing.on('error', reject).end()
  try {
    const response = await promise
    const body = await readBounded(response, MAX_BODY_BYTES)
    if (!body) throw tooLarge
    return { status: response.statusCode ?? 0, text: body.toString('latin1') }
  } finally {
    outgoing.destroy()
  }
}

const unknown = (why: string): MetadataAnswer => ({ kind: 'unknown', why })

const HINT = 'check that this is an EC2 instance; in a container, raise the metadata service’s hop limit to 2'

const refusal = (status: number, what: string): MetadataAnswer =>
  unknown(
    status === 403
      ? 'is turned off for this instance (403): turn it on'
      : `answered ${status} to a request for ${what}`,
  )

const late = unknown(`did not answer in time: ${HINT}`)

const failure = (error: unknown): MetadataAnswer => {
  if (error === tooLarge) return unknown(`answered with more than ${MAX_BODY_BYTES} bytes: ${HINT}`)
  const code = codeOrUnknown(error)
  if (code === 'ABORT_ERR') return late
  return code.startsWith('HPE_')
    ? unknown(`answered with something that is not HTTP: ${HINT}`)
    : unknown(`cannot be reached: ${code}: ${HINT}`)
}

/**
 * A client that keeps its token, and renews it once for a question that is refused (401).
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */
export const createInstanceMetadata = (endpoint: string): InstanceMetadata => {
  let token: string | undefined
  /** Questions at the same time share one request for a token. */
  let asking: Promise<Response> | undefined

  const askForToken = async (): Promise<Response> => {
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': `${TOKEN_TTL_SECONDS}` }
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    try {
      const response = await exchange(endpoint, { method: 'PUT', path: '/latest/api/token', headers, signal })
      if (response.status === 200 && TOKEN.test(response.text)) token = response.text
      return response
    } finally {
      asking = undefined
    }
  }

  /** The token that is kept, unless that was refused; else another one. */
  const tokenBut = async (refused: string | undefined): Promise<Response> => {
    if (token !== undefined && token !== refused) return { status: 200, text: token }
    asking ??= askForToken()
    return await asking
  }

  const askOnce = async (
    path: string,
    { refused, signal }: { readonly refused: string | undefined; readonly signal: AbortSignal },
  ): Promise<MetadataAnswer | { readonly kind: 'expired'; readonly token: string }> => {
    const { status, text } = await tokenBut(refused)
    if (status !== 200) return refusal(status, 'a token')
    if (!TOKEN.test(text)) return unknown(`answered with something that is not a token: ${HINT}`)
    const headers = { 'x-aws-ec2-metadata-token': text }
    const answer = await exchange(endpoint, {
      method: 'GET',
      path: `/latest/meta-data/${path}`,
      headers,
      signal,
    })
    if (answer.status === 401) return { kind: 'expired', token: text }
    if (answer.status === 404) return { kind: 'absent' }
    return answer.status === 200 ? { kind: 'value', text: answer.text } : refusal(answer.status, path)
  }

  const ask = async (path: string, signal: AbortSignal): Promise<MetadataAnswer> => {
    const first = await askOnce(path, { refused: undefined, signal })
    if (first.kind !== 'expired') return first
    const second = await askOnce(path, { refused: first.token, signal })
    return second.kind === 'expired' ? refusal(401, path) : second
  }

  return {
    async get(path, signal) {
      const timeout = AbortSignal.timeout(TIMEOUT_MS)
      const limit = signal ? AbortSignal.any([signal, timeout]) : timeout
      try {
        const answer = await beforeAbort(ask(path, limit), limit)
        return answer === TIME_IS_UP ? late : answer
      } catch (error) {
        return limit.aborted ? late : failure(error)
      }
    },
  }
}
