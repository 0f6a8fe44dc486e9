import { FileError } from './file-error.ts'
import type { OperationName, Results, Tasks } from './operations.ts'
import { createPlaces } from './places.ts'
import type { Place, StartReader } from './places.ts'
import { ReaderEnded } from './reader-process.ts'
import { afterPoll } from './timers.ts'
import type { Timers } from './timers.ts'

/** An operation that takes longer is stuck: no other operation waits behind it. */
export const STUCK_AFTER_MS = 1000
/** An operation that takes longer hangs: who waits for it is told so, and so is who asks again before it returns. */
export const HANGS_AFTER_MS = 5000

export interface AskOptions {
  /** How long the caller waits; the operation goes on without it. Default and maximum: `HANGS_AFTER_MS`. */
  readonly limitMs?: number
}

/** An operation that has not returned for `HANGS_AFTER_MS`. */
export interface HangingOperation {
  readonly path: string
  readonly since: Date
}

export interface FileAccess {
  /**
   * At most one operation of a name runs on a path: who asks for it meanwhile joins it, and gets its result. Rejects with a
   * FileError; its code is HUNG if there is no result in time.
   */
  ask<Name extends OperationName>(name: Name, task: Tasks[Name], options?: AskOptions): Promise<Results[Name]>
  /** The longest first. */
  hanging(): readonly HangingOperation[]
}

export interface FileAccessOptions {
  readonly timers: Timers
  /** How many operations run at once in this process. The rest of its threads is for others. */
  readonly maxHere: number
  readonly here: Pick<Place, 'operate'>
  readonly startReader: StartReader
}

interface Job<Name extends OperationName> {
  readonly path: string
  readonly since: Date
  readonly result: Promise<Results[Name]>
  hangs: boolean
  isStarted: boolean
}

type Jobs = { readonly [Name in OperationName]: Map<string, Job<Name>> }

/** A write is joined whatever it writes: two of them on one path never run at once. */
const keyOf = (task: {
  readonly path: string
  readonly maxBytes?: number
  readonly startOnly?: boolean
}): string => [task.path, task.maxBytes, task.startOnly].join('\0')

const VERBS: Readonly<Record<OperationName, string>> = {
  read: 'reading',
  stat: 'reading',
  list: 'reading',
  readlink: 'reading',
  space: 'reading',
  replace: 'writing',
  remove: 'removing',
}

const hung = (name: OperationName, { path, isStarted }: Job<OperationName>): FileError => {
  const message = isStarted
    ? `${VERBS[name]} ${path} has not returned in time; its file system may be dead: check the mount`
    : `${VERBS[name]} ${path} has not begun in time, as too many other files hang: check their mounts`
  return new FileError('HUNG', path, message)
}

export const createFileAccess = (options: FileAccessOptions): FileAccess => {
  const { timers } = options
  const places = createPlaces(options)
  const jobs: Jobs = {
    read: new Map(),
    stat: new Map(),
    list: new Map(),
    readlink: new Map(),
    space: new Map(),
    replace: new Map(),
    remove: new Map(),
  }

  const begin = <Name extends OperationName>(name: Name, task: Tasks[Name]): Job<Name> => {
    const { promise: result, resolve, reject } = Promise.withResolvers<Results[Name]>()
    result.catch(() => {})
    const job = { path: task.path, since: timers.date(), result, hangs: false, isStarted: false }
    const key = keyOf(task)
    jobs[name].set(key, job)
    const limit = afterPoll(timers, HANGS_AFTER_MS, () => {
      job.hangs = true
      reject(hung(name, job))
    })
    const finish = (): void => {
      limit[Symbol.dispose]()
      jobs[name].delete(key)
    }

    const run = async (place: Place): Promise<void> => {
      job.isStarted = true
      const turn = places.enter(place)
      using _stuck = afterPoll(timers, STUCK_AFTER_MS, () => turn.isStuck())
      try {
        const value = await place.operate(name, task)
        finish()
        resolve(value)
      } catch (error) {
        // what did not hang in the reader may be done here; what did, must not
        if (error instanceof ReaderEnded && !turn.stuck) {
          job.isStarted = false
          return places.wait({ run, hereOnly: true })
        }
        finish()
        reject(error instanceof ReaderEnded ? hung(name, job) : error)
      } finally {
        turn.end()
      }
    }
    places.wait({ run, hereOnly: false })
    return job
  }

  return {
    async ask(name, task, { limitMs = HANGS_AFTER_MS } = {}) {
      const job = jobs[name].get(keyOf(task)) ?? begin(name, task)
      if (job.hangs) throw hung(name, job)
      if (limitMs >= HANGS_AFTER_MS) return job.result
      const { promise: late, reject } = Promise.withResolvers<never>()
      using _limit = afterPoll(timers, limitMs, () => reject(hung(name, job)))
      return await Promise.race([job.result, late])
    },
    hanging: () =>
      Object.values(jobs)
        .flatMap(ofName => [...ofName.values()])
        .filter(({ hangs }) => hangs)
        .map(({ path, since }) => ({ path, since }))
        .sort((a, b) => a.since.getTime() - b.since.getTime()),
  }
}
