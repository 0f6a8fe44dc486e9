import { isUtf8 } from 'node:buffer'
import { NotUnderstood } from './not-understood.ts'

/** PEP 263: a comment with a coding on the first line, or on the second after a comment or a blank line. */
const DECLARATION = /^(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))?[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)/
const FIRST_LINE_DECLARATION = /^[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)/
const UTF8 = /^(?:utf-?8|utf-?8-.*|u8|utf8?-?sig|us-ascii|ascii|646)$/i
const LATIN1 = /^(?:latin-?1|iso-?8859-?1|l1|8859|cp819)$/i
const BOM = [0xef, 0xbb, 0xbf]
const NEWLINE = 0x0a

/** The text of a Python source, in its declared encoding, or in UTF-8. Throws NotUnderstood. */
export const decodeSource = (source: Buffer): string => {
  const hasBom = BOM.every((byte, i) => source[i] === byte)
  const bytes = hasBom ? source.subarray(BOM.length) : source
  if (bytes.includes(0)) throw new NotUnderstood('it contains a null byte')
  const encoding = declaredEncoding(bytes.toString('latin1', 0, endOfHead(bytes)))
  if (LATIN1.test(encoding) && !hasBom) return bytes.toString('latin1')
  if (!UTF8.test(encoding)) throw new NotUnderstood('its encoding is not UTF-8', 1)
  if (!isUtf8(bytes)) throw new NotUnderstood('it is not UTF-8')
  return bytes.toString('utf8')
}

/** The offset of the end of the second line. */
const endOfHead = (bytes: Buffer): number => {
  const first = bytes.indexOf(NEWLINE)
  const second = first < 0 ? -1 : bytes.indexOf(NEWLINE, first + 1)
  return second < 0 ? bytes.length : second
}

const declaredEncoding = (head: string): string =>
  (FIRST_LINE_DECLARATION.exec(head) ?? DECLARATION.exec(head))?.[1]?.replaceAll('_', '-') ?? 'utf-8'
