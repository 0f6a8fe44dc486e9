import { constants } from 'node:fs'
import type { Stats } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { FileError } from './file-error.ts'
import { othersCanWrite } from './others-can-write.ts'
import type { Rights } from './others-can-write.ts'
import { makeDirectoryOf, replaceFile } from './replace.ts'

const { O_APPEND, O_CREAT, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants

export interface AppendTask {
  readonly path: string
  /** Whole lines. */
  readonly text: string
  readonly mode: number
  /** The file never gets larger. If it would, its oldest lines go, until `keptBytes` or less are left. */
  readonly limitBytes: number
  readonly keptBytes: number
}

const NEWLINE = 0x0a

/** As `open`. No symbolic link is followed, and nothing but a regular file is opened. */
const openRegular = async (path: string, flags: number, mode?: number): Promise<FileHandle> => {
  const handle = await open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, mode)
  const stats = await handle.stat()
  if (stats.isFile()) return handle
  await handle.close()
  throw stats.isDirectory()
    ? new FileError('EISDIR', path, `${path} is a directory`)
    : new FileError('NOT_A_FILE', path, `${path} is not a file`)
}

/** The last bytes of a file, at most `maxBytes`. */
const endOf = async (handle: FileHandle, maxBytes: number): Promise<Buffer> => {
  const { size } = await handle.stat()
  const bytes = Buffer.alloc(Math.min(size, maxBytes))
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(
      bytes,
      filled,
      bytes.length - filled,
      size - bytes.length + filled,
    )
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/** Whole lines at the end of a file. */
const linesAtEnd = async (handle: FileHandle, maxBytes: number): Promise<string> => {
  const end = await endOf(handle, maxBytes + 1)
  // the byte before tells whether the first line is whole
  const whole = end.length <= maxBytes ? end : end.subarray(end.indexOf(NEWLINE) + 1 || end.length)
  return whole.length === 0 || whole.at(-1) === NEWLINE ? whole.toString() : `${whole.toString()}\n`
}

const rightsOf = ({ mode, uid }: Stats): Rights => ({
  mode: mode & 0o7777,
  ownerUid: uid,
  isDirectory: false,
})

/** What others could have made, or can change, is not written to. */
const refuseOthers = async (handle: FileHandle, path: string): Promise<void> => {
  const stats = await handle.stat()
  const unsafe =
    othersCanWrite(path, rightsOf(stats)) ??
    (stats.nlink > 1 ? `${path} has another name (a hard link); remove the file` : undefined)
  if (unsafe !== undefined) throw new FileError('UNSAFE', path, unsafe)
}

/** Appends all of the bytes or none: what was written of them before an error is taken back. */
const writeWhole = async (handle: FileHandle, bytes: Buffer, sizeBefore: number): Promise<void> => {
  try {
    await handle.writeFile(bytes)
  } catch (error) {
    await handle.truncate(sizeBefore).catch(() => {})
    throw error
  }
}

/**
 * Appends lines, and makes the file and its directory if they are missing. If the file ends in a torn line, the new lines
 * start on a line of their own. A file that gets too large is replaced, so that a reader sees it before or after.
 */
export const appendToFile = async (task: AppendTask): Promise<undefined> => {
  const { path, text, mode, limitBytes, keptBytes } = task
  await makeDirectoryOf(path)
  let kept: string
  {
    await using handle = await openRegular(path, O_RDWR | O_APPEND | O_CREAT, mode)
    await refuseOthers(handle, path)
    const { size } = await handle.stat()
    // whatever the umask
    if (size === 0) await handle.chmod(mode)
    const isTorn = size > 0 && (await endOf(handle, 1))[0] !== NEWLINE
    const bytes = Buffer.from(isTorn ? `\n${text}` : text)
    if (size + bytes.length <= limitBytes) {
      await writeWhole(handle, bytes, size)
      return undefined
    }
    kept = await linesAtEnd(handle, keptBytes)
  }
  return await replaceFile({ path, text: kept + text, mode })
}

export interface FileEnd {
  readonly bytes: Buffer
  /** Whether the file has more. */
  readonly isPart: boolean
  /** Of the very file that was read. */
  readonly rights: Rights
}

/** The last bytes of a regular file. Follows no symbolic link. */
export const readEnd = async (path: string, maxBytes: number): Promise<FileEnd> => {
  await using handle = await openRegular(path, O_RDONLY)
  const stats = await handle.stat()
  const bytes = await endOf(handle, maxBytes)
  return { bytes, isPart: stats.size > maxBytes, rights: rightsOf(stats) }
}
