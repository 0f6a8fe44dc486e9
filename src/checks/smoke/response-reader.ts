import { HTTPParser } from 'http-parser-js'
import type { Failure, Outcome, SmokeRequest } from './exchange.ts'

/** Parses an answer from bytes as they arrive. */
export interface ResponseReader {
  /** The outcome as soon as there is one. Later bytes are ignored. */
  push(chunk: Buffer): Outcome | undefined
  /** The outcome after the server has closed the connection. */
  end(): Outcome
}

interface Head {
  readonly status: number
  readonly headers: Record<string, string>
}

/**
 * Thrown inside the parser's callbacks to stop it. Otherwise the parser would take a nonsensical length as a position and
 * loop for ever.
 */
class StopParsing extends Error {}

/** The part of a status line that is checked here, because the parser is too lenient: it reads 2000 as 200. */
const STATUS_LINE_BYTES = 'HTTP/1.1 200 '.length
const statusLine = /^HTTP\/1\.[01] \d{3}[ \r\n]$/

const malformed: Failure = { kind: 'malformed', code: 'NOT_HTTP' }
/** The head was valid, so it is the page that breaks. */
const broken: Failure = { kind: 'cut-short', code: 'CHUNK_INVALID' }

const merged = (flat: readonly string[]): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const [name = '', value = ''] = [flat[i]?.toLowerCase(), flat[i + 1]]
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  return headers
}

const hasSaneLength = (headers: readonly string[]): boolean =>
  headers.every((name, i) => {
    const isLength = i % 2 === 0 && name.toLowerCase() === 'content-length'
    return !isLength || /^\d{1,15}$/.test(headers[i + 1] ?? '')
  })

/** A chunk's size and extensions (RFC 9112, section 7.1). Twelve digits are more than any page has. */
const CHUNK_HEAD = /^[0-9a-f]{1,12}[ \t]*(;.*)?$/i

/** Has each line that a chunk begins with checked first: the parser takes one without a number for the last chunk. */
const checkChunkHeads = (parser: InstanceType<typeof HTTPParser>, refuse: () => void): void => {
  const consumeLine: () => string | undefined = Reflect.get(parser, 'consumeLine')
  Reflect.set(parser, 'consumeLine', () => {
    const line = consumeLine.call(parser)
    const isChunkHead = Reflect.get(parser, 'state') === 'BODY_CHUNKHEAD'
    if (isChunkHead && line !== undefined && !CHUNK_HEAD.test(line)) refuse()
    return line
  })
}

/** Whether the parser accepted its input until it was stopped. The parser returns its errors. */
const understands = (parse: () => unknown): boolean => {
  try {
    return !(parse() instanceof Error)
  } catch (error) {
    if (error instanceof StopParsing) return true
    throw error
  }
}

/**
 * Reads the raw HTTP that a uWSGI server sends: a status line, headers, and a body. The body ends at its length, or else
 * with the connection. Interim answers (1xx) are skipped.
 */
export const createResponseReader = ({
  method,
  maxBodyBytes,
}: Pick<SmokeRequest, 'method' | 'maxBodyBytes'>): ResponseReader => {
  const parser = new HTTPParser(HTTPParser.RESPONSE)
  const body: Buffer[] = []
  let bodyBytes = 0
  let start = ''
  let head: Head | undefined
  let outcome: Outcome | undefined

  const settle = (result: Outcome): never => {
    outcome = result
    throw new StopParsing()
  }
  const answer = (answered: Head, { truncated }: { readonly truncated: boolean }): Outcome => ({
    kind: 'answer',
    ...answered,
    body: Buffer.concat(body).subarray(0, maxBodyBytes),
    truncated,
  })

  checkChunkHeads(parser, () => settle(head ? broken : malformed))
  parser[HTTPParser.kOnHeadersComplete] = ({ statusCode, headers }) => {
    if (!hasSaneLength(headers)) settle(malformed)
    if (statusCode < 200) return
    head = { status: statusCode, headers: merged(headers) }
    if (method === 'HEAD') settle(answer(head, { truncated: false }))
  }
  parser[HTTPParser.kOnBody] = chunk => {
    if (!head) return
    body.push(chunk)
    bodyBytes += chunk.length
    if (bodyBytes > maxBodyBytes) settle(answer(head, { truncated: true }))
  }
  parser[HTTPParser.kOnMessageComplete] = () => {
    if (head) settle(answer(head, { truncated: false }))
  }

  return {
    push: chunk => {
      if (outcome) return outcome
      start += chunk.toString('latin1', 0, STATUS_LINE_BYTES - start.length)
      if (start.length === STATUS_LINE_BYTES && !statusLine.test(start)) outcome = malformed
      else if (!understands(() => parser.execute(chunk))) outcome ??= head ? broken : malformed
      return outcome
    },
    end: () => {
      if (!outcome) understands(() => parser.finish())
      return outcome ?? { kind: start === '' ? 'closed' : 'cut-short', code: 'CLOSED' }
    },
  }
}
