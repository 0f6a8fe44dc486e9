import { join } from 'node:path'
import { appendToFile, readFileEnd } from '../files/files.ts'
import { FileError } from '../files/file-error.ts'
import { othersCanWrite } from '../files/others-can-write.ts'
import { othersCanWriteBeside } from '../host/state-file.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'

/** The size that the file never exceeds. */
const LIMIT_BYTES = 1024 * 1024
/** What is left of it when its oldest lines go: then it has room for a while. */
const KEPT_BYTES = 768 * 1024
/** For its user and group, as the log. */
const MODE = 0o640

export const historyFileIn = (stateDir: string): string => join(stateDir, 'history.jsonl')

/** Why a history could not be read or written: a sentence without an end. */
export const whyNot = (error: unknown): string => {
  const code = codeOrUnknown(error)
  if (code === 'ELOOP') return 'it is a symbolic link; remove it'
  if (code === 'EISDIR') return 'it is a directory; remove it'
  if (code === 'NOT_A_FILE') return 'it is a pipe, a socket or a device; remove it'
  if (code === 'ENOSPC' || code === 'EDQUOT') return `${code}: make room on its disk`
  if (code === 'EROFS') return `${code}: its file system is read-only`
  if (code === 'EACCES' || code === 'EPERM') return `${code}: let this user have it`
  return error instanceof FileError && !/^E[A-Z0-9]+$/.test(error.code) ? error.message : code
}

const refuseOthersBeside = async (file: string): Promise<void> => {
  const unsafe = await othersCanWriteBeside(file)
  if (unsafe !== undefined) throw new FileError('UNSAFE', file, unsafe)
}

/** Appends lines. Rejects with a FileError, also if others than root and this user can write there. */
export const appendToHistory = async (stateDir: string, text: string): Promise<void> => {
  const file = historyFileIn(stateDir)
  await refuseOthersBeside(file)
  await appendToFile(file, { text, mode: MODE, limitBytes: LIMIT_BYTES, keptBytes: KEPT_BYTES })
}

/**
 * The lines of a history, oldest first, among them lines that are no records. Rejects with a FileError, with the code ENOENT if
 * there is none. `trusted`: also if others than root and this user can write to it.
 */
export const readHistoryLines = async (
  stateDir: string,
  { trusted, maxBytes = LIMIT_BYTES }: { readonly trusted: boolean; readonly maxBytes?: number },
): Promise<readonly string[]> => {
  const file = historyFileIn(stateDir)
  if (trusted) await refuseOthersBeside(file)
  const { bytes, isPart, rights } = await readFileEnd(file, { maxBytes })
  const unsafe = trusted ? othersCanWrite(file, rights) : undefined
  if (unsafe !== undefined) throw new FileError('UNSAFE', file, unsafe)
  const lines = bytes.toString('utf8').split('\n')
  // the first line may have lost its beginning; after the last newline there is nothing, or a torn line
  return lines.slice(isPart ? 1 : 0).filter(line => line !== '')
}
