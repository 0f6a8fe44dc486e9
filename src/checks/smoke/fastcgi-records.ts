/** Record types (FastCGI specification, section 8). */
const BEGIN_REQUEST = 1
const END_REQUEST = 3
const PARAMS = 4
const STDIN = 5
const STDOUT = 6
const STDERR = 7

const VERSION = 1
const REQUEST_ID = 1
const HEADER_BYTES = 8
const MAX_CONTENT_BYTES = 0xffff
const ROLE_RESPONDER = 1

const record = (type: number, content: Buffer): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES)
  header[0] = VERSION
  header[1] = type
  header.writeUInt16BE(REQUEST_ID, 2)
  header.writeUInt16BE(content.length, 4)
  return Buffer.concat([header, content])
}

/** Up to 127 in one byte, and else in four with the highest bit set. */
const encodedLength = (length: number): Buffer => {
  if (length < 0x80) return Buffer.from([length])
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE((length | 0x80000000) >>> 0)
  return bytes
}

const encodedVariable = ([name, value]: readonly [string, string]): readonly Buffer[] => {
  const [key, text] = [Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1')]
  return [encodedLength(key.length), encodedLength(text.length), key, text]
}

/**
 * A request without a body, which asks the server to close the connection after its answer.
 * https://fastcgi-archives.github.io/FastCGI_Specification.html
 * Throws a RangeError if the variables do not fit into one record.
 */
export const encodeRequest = (variables: readonly (readonly [string, string])[]): Buffer => {
  const params = Buffer.concat(variables.flatMap(encodedVariable))
  if (params.length > MAX_CONTENT_BYTES) throw new RangeError('FastCGI variables larger than 65535 bytes')
  const empty = Buffer.alloc(0)
  return Buffer.concat([
    record(BEGIN_REQUEST, Buffer.from([0, ROLE_RESPONDER, 0, 0, 0, 0, 0, 0])),
    record(PARAMS, params),
    record(PARAMS, empty),
    record(STDIN, empty),
  ])
}

export type Content =
  /** Of consecutive records: a server may write each byte into a record of its own. */
  | { readonly kind: 'output'; readonly parts: Buffer[] }
  | { readonly kind: 'end' }
  /** The server does not take the request, for example because it is overloaded. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'malformed' }

/** Takes the records of an answer from bytes as they arrive. After `malformed` there is nothing more. */
export const createRecordReader = (): { push(chunk: Buffer): readonly Content[] } => {
  let pending = Buffer.alloc(0)
  let isBroken = false

  const next = (): Content | 'ignored' | undefined => {
    if (pending.length < HEADER_BYTES) return undefined
    const [version, type] = pending
    const contentBytes = pending.readUInt16BE(4)
    const recordBytes = HEADER_BYTES + contentBytes + pending.readUInt8(6)
    const isKnown = type === END_REQUEST || type === STDOUT || type === STDERR
    if (version !== VERSION || !isKnown || pending.readUInt16BE(2) !== REQUEST_ID)
      return { kind: 'malformed' }
    if (pending.length < recordBytes) return undefined
    const bytes = pending.subarray(HEADER_BYTES, HEADER_BYTES + contentBytes)
    pending = pending.subarray(recordBytes)
    if (type === STDOUT) return { kind: 'output', parts: [bytes] }
    if (type === STDERR) return 'ignored'
    if (bytes.length < 8) return { kind: 'malformed' }
    return { kind: bytes[4] === 0 ? 'end' : 'refused' }
  }

  return {
    push: chunk => {
      const contents: Content[] = []
      pending = Buffer.concat([pending, chunk])
      while (!isBroken) {
        const content = next()
        if (content === undefined) break
        if (content === 'ignored') continue
        const last = contents.at(-1)
        if (content.kind === 'output' && last?.kind === 'output') last.parts.push(...content.parts)
        else contents.push(content)
        isBroken = content.kind === 'malformed'
      }
      return contents
    },
  }
}
