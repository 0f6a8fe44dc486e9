import { isIP } from 'node:net'
import { SIGNATURE } from '../connect/proxy-header.ts'

/** What the first bytes of a connection are, of which more may come. */
export type ProxyHeader =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid' }
  /** `source` is the client's address; undefined if the connection is the sender's own, or the header does not tell. */
  | { readonly kind: 'complete'; readonly bytes: number; readonly source: string | undefined }

const INCOMPLETE = { kind: 'incomplete' } as const
const INVALID = { kind: 'invalid' } as const

const FIRST = Buffer.from('PROXY ')
/** Of a line with its end (section 2.1). */
const MAX_FIRST_BYTES = 107
/** Of a header of version 2. nginx takes as many. */
const MAX_SECOND_BYTES = 4096

/** Reads a header of the PROXY protocol (https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt). */
export const parseProxyHeader = (bytes: Buffer): ProxyHeader => {
  if (startsAs(bytes, FIRST)) return bytes.length < FIRST.length ? INCOMPLETE : parseFirst(bytes)
  if (startsAs(bytes, SIGNATURE)) return parseSecond(bytes)
  return INVALID
}

/** Whether the bytes are the start, or as much of it as they are. */
const startsAs = (bytes: Buffer, start: Buffer): boolean => {
  const length = Math.min(bytes.length, start.length)
  return bytes.subarray(0, length).equals(start.subarray(0, length))
}

const isPort = (text = ''): boolean => /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535

const parseFirst = (bytes: Buffer): ProxyHeader => {
  const start = bytes.toString('latin1', 0, MAX_FIRST_BYTES)
  const end = start.indexOf('\r\n')
  if (end < 0) return bytes.length < MAX_FIRST_BYTES ? INCOMPLETE : INVALID
  const [, family, source = '', destination = '', from, to, ...more] = start.slice(0, end).split(' ')
  const complete = { kind: 'complete', bytes: end + 2 } as const
  if (family === 'UNKNOWN') return { ...complete, source: undefined }
  const version = { TCP4: 4, TCP6: 6 }[family ?? '']
  const isWell = isIP(source) === version && isIP(destination) === version && isPort(from) && isPort(to)
  return isWell && more.length === 0 && !source.includes('%') ? { ...complete, source } : INVALID
}

/** The bytes of the addresses of each family, and of the client's own (section 2.2). */
const families: readonly { readonly bytes: number; readonly own: number }[] = [
  { bytes: 0, own: 0 },
  { bytes: 12, own: 4 },
  { bytes: 36, own: 16 },
  { bytes: 216, own: 0 },
]

const addressOf = (bytes: Buffer): string | undefined => {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return undefined
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16))
  return groups.join(':')
}

const parseSecond = (bytes: Buffer): ProxyHeader => {
  const at = SIGNATURE.length
  const head = at + 4
  const [command, family] = [bytes[at], bytes[at + 1]]
  if (command !== undefined && command !== 0x20 && command !== 0x21) return INVALID
  const known = family === undefined ? undefined : families[family >> 4]
  if (family !== undefined && (!known || (family & 15) > 2)) return INVALID
  if (bytes.length < head || !known || family === undefined) return INCOMPLETE
  const length = bytes.readUInt16BE(at + 2)
  const isLocal = command === 0x20
  // what follows LOCAL is skipped, whatever it is
  if (head + length > MAX_SECOND_BYTES || (!isLocal && length < known.bytes)) return INVALID
  if (bytes.length < head + length) return INCOMPLETE
  const isStream = (family & 15) === 1
  const source = isLocal || !isStream ? undefined : addressOf(bytes.subarray(head, head + known.own))
  return { kind: 'complete', bytes: head + length, source }
}
