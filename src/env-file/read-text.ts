import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { codeOf } from '../lib/describe-error.ts'

/** Far more than an environment needs, and so little that no text can hold up the program while it is parsed. */
const MAX_BYTES = 256 * 1024

/** Why a file could not be read. */
export interface FileFault {
  readonly code: 'missing' | 'forbidden' | 'not-a-file' | 'too-large' | 'unreadable'
  /** A sentence that names the file. */
  readonly message: string
}

/** Which version of a file was read. */
export interface FileStamp {
  /** Equal for the same inode with the same size and times. */
  readonly id: string
  /** Wall clock, milliseconds since 1970: when the file was last written, replaced, or had its rights changed. */
  readonly changedAtMs: number
  /** Likewise: when the text was written. */
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
      message: `${path} may not be read (${code}); give the user of health-sidecar the right to`,
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
 * Bytes as text. A line that is not UTF-8 has each of its bytes from 0x80 on stand as a lone surrogate, which no valid
 * text holds, so that every dialect can do with it what its reader does.
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

/** The stamp of a file, for one stat; undefined where it cannot be had. Never throws. */
export const stampFile = async (path: string): Promise<FileStamp | undefined> => {
  try {
    return stampOf(await stat(path, { bigint: true }))
  } catch {
    return undefined
  }
}

/** Reads a text file. What stands in the way is a value: never throws. */
export const readText = async (path: string): Promise<TextAnswer> => {
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would never end.
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
