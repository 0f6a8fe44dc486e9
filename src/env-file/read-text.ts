import { adviseForbidden, adviseMissing } from '../files/advise-access.ts'
import { isHung } from '../files/file-error.ts'
import { readFile, statFile } from '../files/files.ts'
import type { FileStamp } from '../files/stamp.ts'
import { codeOf } from '../lib/describe-error.ts'

/** Far more than an environment needs, and small enough that parsing never blocks the program. */
const MAX_BYTES = 256 * 1024

/** Why a file could not be read. */
export interface FileFault {
  readonly code: 'missing' | 'forbidden' | 'not-a-file' | 'too-large' | 'unreadable'
  /** A sentence that names the file. */
  readonly message: string
}

export type TextAnswer =
  | { readonly ok: true; readonly text: string; readonly stamp: FileStamp }
  | { readonly ok: false; readonly fault: FileFault }

const faultOf = (error: unknown, path: string, maxBytes = MAX_BYTES): FileFault => {
  const code = codeOf(error) ?? 'an unknown error'
  if (code === 'EISDIR' || code === 'NOT_A_FILE')
    return { code: 'not-a-file', message: `${path} is not a file` }
  if (code === 'TOO_LARGE')
    return { code: 'too-large', message: `${path} is larger than ${maxBytes / 1024} KiB` }
  if (isHung(error)) return { code: 'unreadable', message: error.message }
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return { code: 'missing', message: `${path} does not exist${adviseMissing(path)}` }
  if (code === 'EACCES' || code === 'EPERM')
    return {
      code: 'forbidden',
      message: `${path} cannot be read (${code}); ${adviseForbidden(path)}`,
    }
  return { code: 'unreadable', message: `${path} cannot be read (${code})` }
}

const decodeLine = (latin1: string): string => {
  const text = Buffer.from(latin1, 'latin1').toString('utf8')
  return text.includes('\ufffd')
    ? latin1.replace(/[\u0080-\u00ff]/g, c => String.fromCharCode(0xdc00 + c.charCodeAt(0)))
    : text
}

/**
 * Decodes bytes. In a line that is not UTF-8, each byte from 0x80 becomes a lone surrogate, which valid text never
 * contains. So each dialect can treat the line as its reader does.
 */
const decode = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1').split('\n').map(decodeLine).join('\n')
  }
}

/** The stamp of a file, at the cost of one stat; or why there is none. Never throws. */
export const stampFile = async (
  path: string,
): Promise<{ readonly stamp: FileStamp } | { readonly fault: FileFault }> => {
  try {
    return { stamp: (await statFile(path)).stamp }
  } catch (error) {
    return { fault: faultOf(error, path) }
  }
}

/** Reads a text file. Never throws: a file that cannot be read is a fault. */
export const readText = async (path: string, { maxBytes = MAX_BYTES } = {}): Promise<TextAnswer> => {
  try {
    const { stats, bytes } = await readFile(path, { maxBytes })
    return { ok: true, text: decode(bytes), stamp: stats.stamp }
  } catch (error) {
    return { ok: false, fault: faultOf(error, path, maxBytes) }
  }
}
