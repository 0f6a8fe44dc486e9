import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { Dialect } from './dialect.ts'
import type { EnvFile } from './env-file.ts'
import { parseEnvFile } from './parse-env-file.ts'

/** An environment cannot be larger than what execve(2) takes, a quarter of an 8 MiB stack. */
const MAX_ENV_FILE_BYTES = 2 * 1024 * 1024

/** Why a file could not be read. */
export interface EnvFileFault {
  readonly code: 'missing' | 'forbidden' | 'not-a-file' | 'too-large' | 'unreadable'
  /** A sentence that names the file. */
  readonly message: string
}

export type EnvFileAnswer =
  | { readonly ok: true; readonly file: EnvFile; readonly stamp: FileStamp }
  | { readonly ok: false; readonly fault: EnvFileFault }

/** Which version of a file was read. Two stamps that are equal stand for the same text. */
export interface FileStamp {
  readonly id: string
  /** Milliseconds since 1970: when the text was written. */
  readonly modifiedAtMs: number
}

const faultOf = (error: unknown, path: string): EnvFileFault => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error'
  if (code === 'ENOENT' || code === 'ENOTDIR') return { code: 'missing', message: `${path} does not exist` }
  if (code === 'EACCES' || code === 'EPERM')
    return {
      code: 'forbidden',
      message: `${path} may not be read: ${code}; give this program's user the right to`,
    }
  return { code: 'unreadable', message: `${path} cannot be read: ${code}` }
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
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    return utf8.decode(bytes)
  } catch {
    return bytes.toString('latin1').split('\n').map(decodeLine).join('\n')
  }
}

const readAll = async (handle: FileHandle, size: number): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let left = MAX_ENV_FILE_BYTES + 1
  while (left > 0) {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(Math.min(left, size + 1)) })
    if (bytesRead === 0) break
    chunks.push(buffer.subarray(0, bytesRead))
    left -= bytesRead
  }
  return Buffer.concat(chunks)
}

const stampOf = async (
  handle: FileHandle,
): Promise<FileStamp & { readonly size: number; readonly isFile: boolean }> => {
  const stat = await handle.stat({ bigint: true })
  const id = [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(':')
  return { id, modifiedAtMs: Number(stat.mtimeMs), size: Number(stat.size), isFile: stat.isFile() }
}

/**
 * Reads an environment file from disk as its reader would. What stands in the way is a value: never throws.
 */
export const readEnvFile = async (path: string, dialect: Dialect): Promise<EnvFileAnswer> => {
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would never end.
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const { id, modifiedAtMs, size, isFile } = await stampOf(handle)
    if (!isFile) return { ok: false, fault: { code: 'not-a-file', message: `${path} is not a file` } }
    const tooLarge = { code: 'too-large', message: `${path} is larger than 2 MiB` } as const
    if (size > MAX_ENV_FILE_BYTES) return { ok: false, fault: tooLarge }
    const bytes = await readAll(handle, size)
    if (bytes.length > MAX_ENV_FILE_BYTES) return { ok: false, fault: tooLarge }
    return { ok: true, file: parseEnvFile(decode(bytes), dialect), stamp: { id, modifiedAtMs } }
  } catch (error) {
    return { ok: false, fault: faultOf(error, path) }
  }
}
