import { request } from 'node:http'
import { connect } from 'node:net'
import { LOCAL } from '../connect/proxy-header.ts'
import type { PeerAnswer } from '../core/peers.ts'
import { isMapping, parseJson } from '../lib/json.ts'
import { OWN_USER_AGENT } from '../lib/user-agent.ts'
import type { Peer } from './resolve-peer.ts'

/** Far more than the body of a public answer. */
const MAX_BODY_BYTES = 1024

const verdictIn = (httpStatus: number | undefined, body: string): PeerAnswer => {
  const document = parseJson(body)
  const status = isMapping(document) ? document['status'] : undefined
  if (httpStatus === 200 && (status === 'pass' || status === 'warn')) return status
  return httpStatus === 503 && status === 'fail' ? 'fail' : 'silent'
}

/**
 * Asks a peer's public listener for its verdict. Anything but a sidecar's own answer within `timeoutMs` milliseconds is
 * `silent`. Never throws.
 */
export const askPeer = async (
  { host, port }: Peer,
  {
    path,
    timeoutMs,
    proxyProtocol = false,
    headers: more = {},
  }: {
    readonly path: string
    readonly timeoutMs: number
    readonly proxyProtocol?: boolean
    readonly headers?: Readonly<Record<string, string>>
  },
): Promise<PeerAnswer> => {
  const { promise, resolve } = Promise.withResolvers<PeerAnswer>()
  const silent = (): void => resolve('silent')
  const signal = AbortSignal.timeout(timeoutMs)
  const createConnection = () => {
    const socket = connect({ host, port })
    socket.write(LOCAL)
    return socket
  }
  const own = proxyProtocol ? { createConnection } : { agent: false as const }
  const headers = { 'user-agent': OWN_USER_AGENT, ...more }
  const options = { host, port, path, headers, signal, ...own }
  const outgoing = request(options, response => {
    let body = ''
    response.setEncoding('utf8').on('error', silent)
    response.on('data', (chunk: string) => {
      body += chunk
      if (body.length <= MAX_BODY_BYTES) return
      silent()
      outgoing.destroy()
    })
    response.on('end', () => resolve(verdictIn(response.statusCode, body)))
    response.on('close', silent)
  })
  outgoing.on('error', silent).on('close', silent).end()
  return await promise
}
