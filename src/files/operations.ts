import { close, constants, fstat, open, opendir, read, stat } from 'node:fs'
import type { Stats, Dirent } from 'node:fs'
import { access, readlink, realpath, rm, statfs } from 'node:fs/promises'
import { promisify } from 'node:util'
import { codeOrUnknown } from '../lib/describe-error.ts'
import { appendToFile, readEnd } from './append.ts'
import type { AppendTask, FileEnd } from './append.ts'
import { FileError, tooLarge } from './file-error.ts'
import { replaceFile } from './replace.ts'
import type { ReplaceTask } from './replace.ts'
import { stampOf } from './stamp.ts'
import type { FileStamp } from './stamp.ts'

// What is done to files, as plain data in and out: it runs in this process or in a reader process.

const { O_NOCTTY, O_NONBLOCK, O_RDONLY, W_OK } = constants

export interface FileStats {
  readonly stamp: FileStamp
  readonly isFile: boolean
  readonly isDirectory: boolean
  /** The permission bits, the sticky bit among them. */
  readonly mode: number
  readonly ownerUid: number
}

export interface FileContent {
  /** Of the very file that was read. */
  readonly stats: FileStats
  readonly bytes: Buffer
}

export interface DirectoryEntry {
  readonly name: string
  readonly kind: 'file' | 'directory' | 'link' | 'other'
}

/** Of the file system that has a path, as an ordinary user may use it. */
export interface SpaceStats {
  /** The path without symbolic links. */
  readonly realPath: string
  readonly freeBytes: number
  readonly totalBytes: number
  readonly freeInodes: number
  /** 0 on a file system that makes inodes as it needs them. */
  readonly totalInodes: number
}

const statsOf = (stats: Stats): FileStats => ({
  stamp: stampOf(stats),
  isFile: stats.isFile(),
  isDirectory: stats.isDirectory(),
  mode: stats.mode & 0o7777,
  ownerUid: stats.uid,
})

const notAFile = (path: string, stats: Stats): FileError =>
  stats.isDirectory()
    ? new FileError('EISDIR', path, `${path} is a directory`)
    : new FileError('NOT_A_FILE', path, `${path} is not a file`)

type Callback<Value> = (error: Error | null, value?: Value) => void

/** Reads until the end of the file, or until there is more than `maxBytes`. */
const readUpTo = (
  fd: number,
  { sizeBytes, maxBytes }: { readonly sizeBytes: number; readonly maxBytes: number },
  done: Callback<Buffer>,
): void => {
  // a byte more than there should be, so that one read shows the end; files of /proc have size 0
  const chunkBytes = sizeBytes > 0 ? sizeBytes + 1 : 64 * 1024
  const readOn = (before: Buffer): void => {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, maxBytes + 1 - before.length))
    read(fd, chunk, 0, chunk.length, null, (error, bytesRead) => {
      if (error) return done(error)
      const bytes =
        before.length === 0
          ? chunk.subarray(0, bytesRead)
          : Buffer.concat([before, chunk.subarray(0, bytesRead)])
      const isEnd = bytesRead === 0 || (bytes.length === sizeBytes && bytesRead < chunk.length)
      if (isEnd || bytes.length > maxBytes) return done(null, bytes)
      readOn(bytes)
    })
  }
  readOn(Buffer.alloc(0))
}

/** What each operation takes. */
export interface Tasks {
  /** A regular file of at most `maxBytes`; with `startOnly`, its first `maxBytes`. */
  readonly read: { readonly path: string; readonly maxBytes: number; readonly startOnly: boolean }
  readonly stat: { readonly path: string }
  /** A directory of at most `maxEntries`. */
  readonly list: { readonly path: string; readonly maxEntries: number }
  /** Where a symbolic link points to. */
  readonly readlink: { readonly path: string }
  /** The free space of the file system that has the path. */
  readonly space: { readonly path: string }
  /** Whether this user may write to the path, as far as its rights and its mount say. */
  readonly writable: { readonly path: string }
  /** A file with all of a new text. Its directory is made; those above it are not. */
  readonly replace: ReplaceTask
  /** Lines at the end of a file, which stays below a size. */
  readonly append: AppendTask
  /** The last `maxBytes` of a regular file. */
  readonly readEnd: { readonly path: string; readonly maxBytes: number }
  /** A file that may not be there. */
  readonly remove: { readonly path: string }
}

/** What each operation gives. */
export interface Results {
  readonly read: FileContent
  readonly stat: FileStats
  readonly list: readonly DirectoryEntry[]
  readonly readlink: string
  readonly space: SpaceStats
  readonly writable: undefined
  readonly replace: undefined
  readonly append: undefined
  readonly readEnd: FileEnd
  readonly remove: undefined
}

export type OperationName = keyof Tasks

type Operation<Name extends OperationName> = (task: Tasks[Name]) => Promise<Results[Name]>

/**
 * A pipe or a device is refused, not waited for. By callbacks, which for many small files takes half the time of promises. The
 * descriptor is closed before the result is given, as that may hang too.
 */
const readFile: Operation<'read'> = ({ path, maxBytes, startOnly }) => {
  const { promise, resolve, reject } = Promise.withResolvers<FileContent>()
  open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, (openError, fd) => {
    if (openError) return reject(openError)
    const end: Callback<FileContent> = (error, content) =>
      close(fd, () => (content ? resolve(content) : reject(error ?? new Error('no content'))))
    fstat(fd, (statError, stats) => {
      if (statError) return end(statError)
      if (!stats.isFile()) return end(notAFile(path, stats))
      if (stats.size > maxBytes && !startOnly) return end(tooLarge(path, maxBytes))
      readUpTo(fd, { sizeBytes: Math.min(stats.size, maxBytes), maxBytes }, (readError, bytes) => {
        if (!bytes) return end(readError)
        if (bytes.length > maxBytes && !startOnly) return end(tooLarge(path, maxBytes))
        end(null, { stats: statsOf(stats), bytes: bytes.subarray(0, maxBytes) })
      })
    })
  })
  return promise
}

const kindOf = (entry: Dirent): DirectoryEntry['kind'] => {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'directory'
  return entry.isSymbolicLink() ? 'link' : 'other'
}

const listDirectory: Operation<'list'> = async ({ path, maxEntries }) => {
  const entries: DirectoryEntry[] = []
  for await (const entry of await promisify(opendir)(path, { bufferSize: 1000 })) {
    entries.push({ name: entry.name, kind: kindOf(entry) })
    if (entries.length > maxEntries)
      throw new FileError('TOO_LARGE', path, `${path} holds more than ${maxEntries} entries`)
  }
  return entries
}

const measureSpace: Operation<'space'> = async ({ path }) => {
  const { bsize, blocks, bavail, files, ffree } = await statfs(path)
  return {
    realPath: await realpath(path),
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
    freeInodes: ffree,
    totalInodes: files,
  }
}

const operations: { readonly [Name in OperationName]: Operation<Name> } = {
  read: readFile,
  stat: async ({ path }) => statsOf(await promisify(stat)(path)),
  list: listDirectory,
  readlink: ({ path }) => readlink(path),
  space: measureSpace,
  writable: async ({ path }) => {
    await access(path, W_OK)
    return undefined
  },
  replace: replaceFile,
  append: appendToFile,
  readEnd: ({ path, maxBytes }) => readEnd(path, maxBytes),
  remove: async ({ path }) => {
    await rm(path, { force: true })
    return undefined
  },
}

const PARTICIPLES: Readonly<Record<OperationName, string>> = {
  read: 'read',
  stat: 'read',
  list: 'read',
  readlink: 'read',
  space: 'read',
  writable: 'written',
  replace: 'written',
  append: 'written',
  readEnd: 'read',
  remove: 'removed',
}

/** Runs one operation in this process. Rejects with a FileError. */
export const operate = async <Name extends OperationName>(
  name: Name,
  task: Tasks[Name],
): Promise<Results[Name]> => {
  try {
    return await operations[name](task)
  } catch (error) {
    if (error instanceof FileError) throw error
    const code = codeOrUnknown(error)
    throw new FileError(code, task.path, `${task.path} cannot be ${PARTICIPLES[name]} (${code})`)
  }
}
