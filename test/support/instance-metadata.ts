import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Test } from 'tap'

/** How the service fails; `on` if it does not. */
export type MetadataMode =
  | 'on'
  /** `HttpEndpoint=disabled`: 403, to everything */
  | 'disabled'
  /** a container behind one hop too many: the answer to PUT is lost on its way */
  | 'beyond-hop-limit'
  /** it takes what is asked, and answers nothing at all */
  | 'silent'
  /** a server that is none of EC2: HTML for everything */
  | 'garbage'
  /** an answer without an end */
  | 'huge'
  /** bytes that are not HTTP */
  | 'not-http'
  /** 302 to another server, which would answer */
  | 'redirect'
  | 'broken'

/** An instance metadata service on loopback, by the rules of AWS's guide for IMDSv2 alone (`HttpTokens=required`). */
export interface InstanceMetadataService {
  readonly endpoint: string
  /** What it has, by its path below `/latest/meta-data/`. Anything else is a 404. */
  readonly values: Map<string, string>
  mode: MetadataMode
  /** `METHOD path status` of each request so far. */
  readonly seen: readonly string[]
  /** Lets every token expire. */
  expireTokens(): void
  /** Requests that came with a header of another's host, as a proxy adds it. */
  readonly redirected: () => number
}

const MAX_TTL_SECONDS = 21_600
const HTML =
  '<?xml version="1.0" encoding="iso-8859-1"?><html><head><title>404 - Not Found</title></head></html>'

/** Starts one, for the time of a test. */
export const startInstanceMetadata = async (t: Test): Promise<InstanceMetadataService> => {
  const seen: string[] = []
  const values = new Map<string, string>()
  const tokens = new Set<string>()
  let issued = 0
  let redirected = 0

  const issue = ({ headers }: IncomingMessage): readonly [status: number, text: string] => {
    if (headers['x-forwarded-for'] !== undefined) return [403, HTML]
    const ttl = Number(headers['x-aws-ec2-metadata-token-ttl-seconds'])
    if (!Number.isInteger(ttl) || ttl < 1 || ttl > MAX_TTL_SECONDS) return [400, HTML]
    issued += 1
    const token = `AQAEA-token-${issued}==`
    tokens.add(token)
    return [200, token]
  }

  const tell = ({ headers, url = '' }: IncomingMessage): readonly [status: number, text: string] => {
    if (!tokens.has(String(headers['x-aws-ec2-metadata-token']))) return [401, HTML]
    const value = values.get(url.replace('/latest/meta-data/', ''))
    return value === undefined ? [404, HTML] : [200, value]
  }

  const other = createServer((_request, response) => {
    redirected += 1
    response.end('10.0.0.66')
  }).listen(0, '127.0.0.1')
  await once(other, 'listening')

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const isToken = request.method === 'PUT' && request.url === '/latest/api/token'
    const note = (status: number | string): void =>
      void seen.push(`${request.method} ${request.url} ${status}`)
    const send = (status: number, text: string, headers = {}): void => {
      note(status)
      response.writeHead(status, { 'content-type': 'text/plain', server: 'EC2ws', ...headers }).end(text)
    }
    switch (service.mode) {
      case 'on':
        return send(...(isToken ? issue(request) : tell(request)))
      case 'disabled':
        return send(403, HTML)
      case 'beyond-hop-limit':
        return isToken ? note('lost') : send(...tell(request))
      case 'silent':
        return note('silent')
      case 'garbage':
        return send(200, isToken ? 'token' : HTML)
      case 'huge':
        note(200)
        response.writeHead(200)
        response.on('drain', () => response.write('x'.repeat(65_536)))
        response.write('x'.repeat(65_536))
        return
      case 'not-http':
        note('?')
        request.socket.end('SSH-2.0-OpenSSH_9.2p1\r\n')
        return
      case 'redirect':
        return send(302, '', { location: `http://127.0.0.1:${portOf(other)}${request.url}` })
      case 'broken':
        return send(503, HTML)
    }
  }

  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const each of [server, other]) {
      each.closeAllConnections()
      each.close()
    }
  })
  const service: InstanceMetadataService = {
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    values,
    mode: 'on',
    seen,
    expireTokens: () => tokens.clear(),
    redirected: () => redirected,
  }
  return service
}

const portOf = (server: ReturnType<typeof createServer>): number => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
