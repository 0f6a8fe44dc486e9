import type { AppendTask, FileEnd } from './append.ts'
import { createFileAccess } from './file-access.ts'
import type { AskOptions, FileAccess, HangingOperation } from './file-access.ts'
import { operate } from './operations.ts'
import type { DirectoryEntry, FileContent, FileStats, SpaceStats } from './operations.ts'
import { startReader } from './reader-process.ts'
import { settlesInMs } from './stamp.ts'
import type { FileStamp } from './stamp.ts'
import { systemTimers } from './timers.ts'

// All that this program does to files that may be on a dead file system goes through here. One for the whole process, as
// libuv's threads are.

/** Node's own default (cli.html#uv_threadpool_sizesize). */
const DEFAULT_THREADS = 4

let access: FileAccess | undefined

const files = (): FileAccess =>
  (access ??= createFileAccess({
    timers: systemTimers,
    maxHere: Math.max(1, Math.floor(Number(process.env['UV_THREADPOOL_SIZE'] ?? DEFAULT_THREADS) / 2)),
    here: { operate },
    startReader,
  }))

/** Far more than any file that is read here, and little enough to be parsed without a long stall. */
const MAX_FILE_BYTES = 8 * 1024 * 1024
/** More than any release has in one directory. */
const MAX_ENTRIES = 100_000

/** How many files of one tree are asked for at once; if the tree hangs, as many operations hang. */
export const AT_ONCE = 4

export interface ReadOptions extends AskOptions {
  /** Default: `MAX_FILE_BYTES`. A larger file is a FileError with the code TOO_LARGE. */
  readonly maxBytes?: number
}

let lastChangeAtMs = 0

const noted = ({ changedAtMs }: FileStamp): void => {
  if (Math.floor(changedAtMs) <= Date.now()) lastChangeAtMs = Math.max(lastChangeAtMs, changedAtMs)
}

/**
 * Milliseconds until all files and directories that were read or looked at have settled, as `settlesInMs` says; undefined if
 * they had at `sinceMs` of the wall clock already. What has been known from them since then may be half of what somebody was
 * writing.
 */
export const filesSettleInMs = (sinceMs: number): number | undefined => {
  const last = { changedAtMs: lastChangeAtMs }
  if (lastChangeAtMs < sinceMs && settlesInMs(last, sinceMs) === 0) return undefined
  return settlesInMs(last, Date.now())
}

/** All of a regular file. Rejects with a FileError, as every function here does. */
export const readFile = async (path: string, options: ReadOptions = {}): Promise<FileContent> => {
  const { maxBytes = MAX_FILE_BYTES, ...rest } = options
  const content = await files().ask('read', { path, maxBytes, startOnly: false }, rest)
  noted(content.stats.stamp)
  return content
}

/** The first bytes of a regular file, however large it is. */
export const readFileStart = async (
  path: string,
  options: AskOptions & { readonly maxBytes: number },
): Promise<FileContent> => {
  const content = await files().ask('read', { path, maxBytes: options.maxBytes, startOnly: true }, options)
  noted(content.stats.stamp)
  return content
}

/** All of a text file, as UTF-8. */
export const readTextFile = async (path: string, options: ReadOptions = {}): Promise<string> =>
  (await readFile(path, options)).bytes.toString('utf8')

export const statFile = async (path: string, options: AskOptions = {}): Promise<FileStats> => {
  const stats = await files().ask('stat', { path }, options)
  noted(stats.stamp)
  return stats
}

/** What is in a directory, in no order. One with more than `MAX_ENTRIES` is a FileError with the code TOO_LARGE. */
export const listDirectory = (path: string, options: AskOptions = {}): Promise<readonly DirectoryEntry[]> =>
  files().ask('list', { path, maxEntries: MAX_ENTRIES }, options)

/** Where a symbolic link points to. */
export const readLink = (path: string, options: AskOptions = {}): Promise<string> =>
  files().ask('readlink', { path }, options)

/** The free space of the file system that has the path. */
export const measureSpace = (path: string, options: AskOptions = {}): Promise<SpaceStats> =>
  files().ask('space', { path }, options)

/** Rejects if the rights of a path, or its mount, let this user write nothing there. A full disk is no reason. */
export const checkWritable = async (path: string, options: AskOptions = {}): Promise<void> => {
  await files().ask('writable', { path }, options)
}

/**
 * Replaces a file, so that a reader sees all of the text or nothing of it. Follows no symbolic link. Not to be called for a
 * path while an earlier call is in flight.
 */
export const replaceFile = async (
  path: string,
  options: AskOptions & { readonly text: string; readonly mode: number },
): Promise<void> => {
  const { text, mode, ...rest } = options
  await files().ask('replace', { path, text, mode }, rest)
}

/**
 * Appends whole lines to a file, which never gets larger than `limitBytes`: the oldest lines go then, until `keptBytes` or
 * less are left. All of the text is appended or nothing of it; after the code HUNG it may still be. A file that others can
 * write to is refused with the code UNSAFE. Not to be called for a path while an earlier call is in flight.
 */
export const appendToFile = async (
  path: string,
  options: AskOptions & Omit<AppendTask, 'path'>,
): Promise<void> => {
  const { limitMs, ...task } = options
  await files().ask('append', { path, ...task }, limitMs === undefined ? {} : { limitMs })
}

/** The last bytes of a regular file. Follows no symbolic link. */
export const readFileEnd = (
  path: string,
  options: AskOptions & { readonly maxBytes: number },
): Promise<FileEnd> => files().ask('readEnd', { path, maxBytes: options.maxBytes }, options)

/** Removes a file; one that is not there is no error. */
export const removeFile = async (path: string, options: AskOptions = {}): Promise<void> => {
  await files().ask('remove', { path }, options)
}

export const hangingOperations = (): readonly HangingOperation[] => access?.hanging() ?? []
