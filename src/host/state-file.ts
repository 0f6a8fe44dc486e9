import { dirname } from 'node:path'
import { FileError } from '../files/file-error.ts'
import { checkWritable, readFile, removeFile, replaceFile, statFile } from '../files/files.ts'
import { othersCanWrite } from '../files/others-can-write.ts'
import type { FileStats } from '../files/operations.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'
import { parseJson } from '../lib/json.ts'

// The small JSON files of the state directory.

const MAX_BYTES = 64 * 1024
/**
 * They are on a local disk or in memory: one that takes longer hangs, and nothing waits for it. It is long enough for a host
 * that is short of CPU while it boots, as a host must not serve while its drain marker is unread.
 */
const LIMIT_MS = 5000
/** For its user and group. */
const MODE = 0o640

export type StateReading =
  | { readonly kind: 'value'; readonly value: unknown; readonly stats: FileStats }
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged'; readonly why: string }

/** The system's code, or a sentence. */
export const whyOf = (error: unknown): string =>
  error instanceof FileError && !/^E[A-Z0-9]+$/.test(error.code) ? error.message : codeOrUnknown(error)

/** Reads a JSON file. Never rejects, and takes five seconds at most. */
export const readStateFile = async (path: string): Promise<StateReading> => {
  try {
    const { bytes, stats } = await readFile(path, { maxBytes: MAX_BYTES, limitMs: LIMIT_MS })
    const value = parseJson(bytes.toString('utf8'))
    return value === undefined ? { kind: 'damaged', why: 'it is not JSON' } : { kind: 'value', value, stats }
  } catch (error) {
    return codeOrUnknown(error) === 'ENOENT' ? { kind: 'absent' } : { kind: 'damaged', why: whyOf(error) }
  }
}

/** By path: the write in flight. */
const writes = new Map<string, Promise<void>>()

/**
 * Writes a JSON file, so that a reader sees all of it or nothing, after the writes to it that came before. Makes its directory, but
 * no others. Rejects with a FileError.
 */
export const writeStateFile = async (
  path: string,
  value: unknown,
  { mode = MODE }: { readonly mode?: number } = {},
): Promise<void> => {
  const before = writes.get(path)
  const write = (async () => {
    await before?.catch(() => {})
    await replaceFile(path, { text: `${JSON.stringify(value)}\n`, mode })
  })()
  writes.set(path, write)
  try {
    await write
  } finally {
    if (writes.get(path) === write) writes.delete(path)
  }
}

/** Removes a file; one that is not there is no error. Rejects with a FileError. */
export const removeStateFile = removeFile

/** Who else can replace a file in its directory; undefined where there is none yet. Rejects with a FileError. */
export const othersCanWriteBeside = async (file: string): Promise<string | undefined> => {
  const directory = dirname(file)
  try {
    return othersCanWrite(directory, await statFile(directory, { limitMs: LIMIT_MS }))
  } catch (error) {
    if (codeOrUnknown(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Why no file in a directory can be replaced or removed now; undefined if it can. Never rejects. */
export const whyFixedIn = async (directory: string): Promise<string | undefined> => {
  try {
    await checkWritable(directory, { limitMs: LIMIT_MS })
    return undefined
  } catch (error) {
    return whyOf(error)
  }
}
