import type { Failure, Outcome, SmokeRequest } from './exchange.ts'

const MAX_HEAD_BYTES = 65_536

const malformed: Failure = { kind: 'malformed', code: 'NOT_CGI' }
const tooLarge: Failure = { kind: 'malformed', code: 'HEADERS_TOO_LARGE' }

interface Head {
  readonly status: number
  readonly headers: Record<string, string>
}

/** A header of CGI (RFC 3875, section 6.3). */
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/
const STATUS = /^[1-5]\d\d( |$)/

const parseHead = (text: string): Head | undefined => {
  const headers: Record<string, string> = {}
  for (const line of text.split(/\r?\n/)) {
    const [, name = '', value = ''] = HEADER.exec(line) ?? []
    if (name === '') return undefined
    const key = name.toLowerCase()
    // of two statuses, nobody knows which one the server takes
    if (key === 'status' && Object.hasOwn(headers, key)) return undefined
    headers[key] = Object.hasOwn(headers, key) ? `${headers[key]}, ${value}` : value
  }
  const { status, ...others } = headers
  if (status !== undefined && !STATUS.test(status)) return undefined
  const byDefault = 'location' in others ? 302 : 200
  return { status: status === undefined ? byDefault : Number(status.slice(0, 3)), headers: others }
}

/** The body has the length that its header says, if it says one. */
const isWhole = (
  { headers }: Head,
  { bytes, method }: { bytes: number; method: SmokeRequest['method'] },
): boolean => {
  const length = headers['content-length']
  return length === undefined || method === 'HEAD' || bytes >= Number(length)
}

/** Parses what a CGI program writes: headers, an empty line, and a body up to the end. */
export const createCgiReader = ({
  method,
  maxBodyBytes,
}: Pick<SmokeRequest, 'method' | 'maxBodyBytes'>): {
  /** The outcome as soon as there is one. */
  push(chunk: Buffer): Outcome | undefined
  /** The outcome after the end of the output. */
  end(): Outcome
} => {
  let start = Buffer.alloc(0)
  let head: Head | undefined
  const body: Buffer[] = []
  let bodyBytes = 0

  const answer = (answered: Head): Outcome => ({
    kind: 'answer',
    ...answered,
    body: Buffer.concat(body).subarray(0, maxBodyBytes),
    truncated: bodyBytes > maxBodyBytes,
  })
  const take = (bytes: Buffer, answered: Head): Outcome | undefined => {
    body.push(bytes)
    bodyBytes += bytes.length
    return bodyBytes > maxBodyBytes ? answer(answered) : undefined
  }

  return {
    push: chunk => {
      if (head) return take(chunk, head)
      start = Buffer.concat([start, chunk])
      const text = start.toString('latin1', 0, MAX_HEAD_BYTES)
      const end = /\r?\n\r?\n/.exec(text)
      if (!end) return start.length > MAX_HEAD_BYTES ? tooLarge : undefined
      head = parseHead(text.slice(0, end.index))
      if (!head) return malformed
      return take(start.subarray(end.index + end[0].length), head)
    },
    end: () => {
      if (!head) return start.length === 0 ? { kind: 'closed', code: 'CLOSED' } : malformed
      return isWhole(head, { bytes: bodyBytes, method })
        ? answer(head)
        : { kind: 'cut-short', code: 'CLOSED' }
    },
  }
}
