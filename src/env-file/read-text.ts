import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { codeOf } from '../lib/describe-error.ts'

/** Far more than an environment needs, and small enough that parsing never blocks the program. */
const MAX_BYTES = 256 * 1024

/** Why a file could not be read. */
export interface FileFault {
  readonly code: 'missing' | 'forbidden' | 'not-a-file' | 'too-large' | 'unreadable'
  /** A sentence that names the file. */
  readonly message: string
}

/** Identifies the version of a file that was read. */
export interface FileStamp {
  /** Equal if inode, size and times are equal. */
  readonly id: string
  /** Wall clock, milliseconds since 1970: when the file was last written or replaced, or its permissions changed. */
  readonly changedAtMs: number
  /** Wall clock, milliseconds since 1970: when the text was last written. */
  readonly writtenAtMs: number
}

export type TextAnswer =
  | { readonly ok: true; readonly text: string; readonly stamp: FileStamp }
  | { readonly ok: false; readonly fault: FileFault }

const faultOf = (error: unknown, path: string): FileFault => {
  const code = codeOf(error) ?? 'an unknown error'
  if (code === 'ENOENT' || code === 'ENOTDIR') return { code: 'missing', message: `${path} does not exist` }
  if (code === 'EACCES' || code === 'EPERM')
    return {
      code: 'forbidden',
      message: `${path} cannot be read (${code}); let the user of health-sidecar read it`,
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

const readAll = async (handle: FileHandle, size: number): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let left = MAX_BYTES + 1
  while (left > 0) {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(Math.min(left, size + 1)) })
    if (bytesRead === 0) break
    chunks.push(buffer.subarray(0, bytesRead))
    left -= bytesRead
  }
  return Buffer.concat(chunks)
}

const stampOf = ({ dev, ino, size, mtimeNs, ctimeNs, mtimeMs, ctimeMs }: BigIntStats): FileStamp => ({
  id: [dev, ino, size, mtimeNs, ctimeNs].join(':'),
  changedAtMs: Number(ctimeMs),
  writtenAtMs: Number(mtimeMs),
})

/** The stamp of a file, at the cost of one stat. Undefined if the file cannot be reached. Never throws. */
export const stampFile = async (path: string): Promise<FileStamp | undefined> => {
  try {
    return stampOf(await stat(path, { bigint: true }))
  } catch {
    return undefined
  }
}

/** Reads a text file. Never throws: a file that cannot be read is a fault. */
export const readText = async (path: string): Promise<TextAnswer> => {
  try {
    // Without O_NONBLOCK, opening a pipe without a writer would never return.
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stats = await handle.stat({ bigint: true })
    if (!stats.isFile()) return { ok: false, fault: { code: 'not-a-file', message: `${path} is not a file` } }
    const tooLarge = { code: 'too-large', message: `${path} is larger than 256 KiB` } as const
    if (stats.size > MAX_BYTES) return { ok: false, fault: tooLarge }
    const bytes = await readAll(handle, Number(stats.size))
    if (bytes.length > MAX_BYTES) return { ok: false, fault: tooLarge }
    return { ok: true, text: decode(bytes), stamp: stampOf(stats) }
  } catch (error) {
    return { ok: false, fault: faultOf(error, path) }
  }
}
