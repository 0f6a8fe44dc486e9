import { close, constants, fstat, open, read } from 'node:fs'
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { readReplaces } from './read-replaces.ts'
import type { Reading } from './read-replaces.ts'
import { isSettled, stampOf } from './stamp.ts'

export type SourceAnswer =
  | { readonly path: string; readonly reading: Reading }
  /** The file could not be read. */
  | { readonly path: string; readonly code: string }

/** Reads migrations, and again only those that have changed. */
export interface Sources {
  /** In the order of `paths`. What was read before and is not asked for now is forgotten. */
  read(paths: readonly string[]): Promise<readonly SourceAnswer[]>
}

/** How many files are asked for at once; the threads that answer are fewer, and are then never out of work. */
const AT_ONCE = 64
/** More than any migration written by hand, and read in a fraction of a second. */
const MAX_SOURCE_BYTES = 8 * 1024 * 1024

const TOO_LARGE: Reading = { ok: false, why: 'it is larger than 8 MiB', hasMigration: true }

export const createSources = (): Sources => {
  let known = new Map<string, { readonly stamp: string; readonly reading: Reading }>()

  const readOne = async (path: string, keep: typeof known): Promise<SourceAnswer> => {
    const before = known.get(path)
    if (before && stampOf(await stat(path)) === before.stamp) {
      keep.set(path, before)
      return { path, reading: before.reading }
    }
    const { stats, bytes } = await readWithStats(path)
    const reading = bytes ? readReplaces(bytes) : TOO_LARGE
    if (isSettled(stats)) keep.set(path, { stamp: stampOf(stats), reading })
    return { path, reading }
  }

  return {
    read: async paths => {
      const keep: typeof known = new Map()
      const answers: SourceAnswer[] = []
      const indexes = paths.keys()
      const work = async () => {
        for (const index of indexes) {
          const path = paths[index] ?? ''
          answers[index] = await readOne(path, keep).catch((error: NodeJS.ErrnoException) => {
            if (error.code === undefined) throw error
            return { path, code: error.code }
          })
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
      known = keep
      return answers
    },
  }
}

interface Content {
  /** Of the very file that was read. */
  readonly stats: Stats
  /** Undefined where the file is too large. */
  readonly bytes: Buffer | undefined
}

/**
 * A file in three steps, which for many small ones takes half the time of fs.promises. A pipe is not waited for.
 * Rejects with the system's error.
 */
const readWithStats = (path: string): Promise<Content> => {
  const { promise, resolve, reject } = Promise.withResolvers<Content>()
  open(path, constants.O_RDONLY | constants.O_NONBLOCK, (openError, fd) => {
    if (openError) return reject(openError)
    const end = (error: Error | null, content?: Content) => {
      close(fd, () => {})
      if (content) resolve(content)
      else reject(error ?? new Error('no content'))
    }
    fstat(fd, (statError, stats) => {
      if (statError) return end(statError)
      if (stats.size > MAX_SOURCE_BYTES) return end(null, { stats, bytes: undefined })
      if (!stats.isFile()) return end(Object.assign(new Error('not a file'), { code: 'EISDIR' }))
      const buffer = Buffer.allocUnsafe(stats.size)
      read(fd, buffer, 0, stats.size, 0, (readError, length) =>
        end(readError, { stats, bytes: buffer.subarray(0, length) }),
      )
    })
  })
  return promise
}
