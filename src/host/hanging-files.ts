import { hangingOperations } from '../files/files.ts'
import type { HangingOperation } from '../files/file-access.ts'
import { listNames } from '../lib/list-names.ts'
import type { Logger } from '../log/logger.ts'
import type { Clock } from '../monitor/clock.ts'

const LOOK_EVERY_MS = 1000
/** How many paths a message names. */
const NAMED = 20

export interface HangingFilesOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly hanging?: () => readonly HangingOperation[]
}

/** Tells which files hang: in the log when that changes, and in a note of the status for as long as it is so. */
export interface HangingFiles extends Disposable {
  /** A sentence; undefined if no file hangs. */
  readonly note: string | undefined
}

const pathsOf = (operations: readonly HangingOperation[]): readonly string[] => [
  ...new Set(operations.map(({ path }) => path)),
]

const noteOf = (operations: readonly HangingOperation[]): string | undefined => {
  const [oldest] = operations
  if (!oldest) return undefined
  const since = oldest.since.toISOString().replace(/\.\d+Z$/, 'Z')
  const paths = pathsOf(operations)
  return paths.length === 1
    ? `${oldest.path} has not answered since ${since}; its file system may be dead: check the mount`
    : `${paths.length} files have not answered since ${since}: ${listNames(paths, NAMED)}; their file systems may be dead: check the mounts`
}

export const followHangingFiles = (options: HangingFilesOptions): HangingFiles => {
  const { clock, logger, hanging = hangingOperations } = options
  let known: readonly string[] = []
  let next: Disposable

  const look = (): void => {
    next = clock.after(LOOK_EVERY_MS, look)
    const operations = hanging()
    const paths = pathsOf(operations)
    const begun = operations.filter(({ path }) => !known.includes(path))
    const ended = known.filter(path => !paths.includes(path))
    const msg = noteOf(begun)
    if (msg !== undefined)
      logger.log('warn', { event: 'files.hanging', msg, paths: pathsOf(begun).slice(0, NAMED) })
    if (ended.length > 0)
      logger.log('info', {
        event: 'files.answering',
        msg: `answering again: ${listNames(ended, NAMED)}`,
        paths: ended.slice(0, NAMED),
      })
    known = paths
  }
  next = clock.after(LOOK_EVERY_MS, look)

  return {
    get note() {
      return noteOf(hanging())
    },
    [Symbol.dispose]: () => next[Symbol.dispose](),
  }
}
