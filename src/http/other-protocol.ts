import type { RefusedProtocol } from '../log/probe-log.ts'

/** How each protocol begins: RFC 9113, section 3.4; RFC 8446, section 5.1; HAProxy's proxy-protocol.txt, 2.1 and 2.2. */
const beginnings: readonly (readonly [RefusedProtocol, RegExp])[] = [
  ['HTTP/2', /^PRI \* HTTP\/2/],
  // oxlint-disable-next-line no-control-regex -- bytes
  ['TLS', /^\x16\x03/],
  // oxlint-disable-next-line no-control-regex -- bytes
  ['the PROXY protocol', /^PROXY |^\r\n\r\n\0\r\nQUIT\n/],
]
const MAX_BEGINNING_BYTES = 16

/** Which protocol a client speaks whose bytes are not HTTP/1; undefined if they do not say. */
export const otherProtocol = (bytes: unknown): RefusedProtocol | undefined => {
  const text = Buffer.isBuffer(bytes) ? bytes.toString('latin1', 0, MAX_BEGINNING_BYTES) : ''
  return beginnings.find(([, beginning]) => beginning.test(text))?.[0]
}
