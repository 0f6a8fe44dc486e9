import { FileError } from './file-error.ts'
import type { OperationName, Results, Tasks } from './operations.ts'
import { createPlaces } from './places.ts'
import type { Place, PlacesOptions } from './places.ts'
import { ReaderEnded } from './reader-process.ts'

/** An operation that takes longer is stuck: no other operation waits behind it. */
export const STUCK_AFTER_MS = 1000
/** An operation that takes longer hangs: who waits for it is told so, and so is who asks again before it returns. */
export const HANGS_AFTER_MS = 5000
/** How often the operations in flight are looked at. A look that is late, as after a stall, counts once. */
const LOOK_EVERY_MS = 100

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

/** An operation in flight. */
interface Job<Name extends OperationName = OperationName> {
  readonly path: string
  readonly result: Promise<Results[Name]>
  /** A look at it. */
  readonly look: () => void
  /** Undefined until it hangs. */
  hangsSince: Date | undefined
  place: Place | undefined
}

type Jobs = { readonly [Name in OperationName]: Map<string, Job<Name>> }

/** A write is joined whatever it writes: two of them on one path never run at once. */
const keyOf = (task: {
  readonly path: string
  readonly maxBytes?: number
  readonly startOnly?: boolean
}): string => (task.maxBytes === undefined ? task.path : `${task.path}\0${task.maxBytes} ${task.startOnly}`)

const VERBS: Readonly<Record<OperationName, string>> = {
  read: 'reading',
  stat: 'reading',
  list: 'reading',
  readlink: 'reading',
  space: 'reading',
  writable: 'reading',
  replace: 'writing',
  append: 'writing',
  readEnd: 'reading',
  remove: 'removing',
}

const hung = (name: OperationName, { path, place }: Pick<Job, 'path' | 'place'>): FileError => {
  const message = place
    ? `${VERBS[name]} ${path} has not returned in time; its file system may be dead: check the mount`
    : `${VERBS[name]} ${path} has not begun in time, as too many other files hang: check their mounts`
  return new FileError('HUNG', path, message)
}

export const createFileAccess = (options: PlacesOptions): FileAccess => {
  const { timers } = options
  const places = createPlaces(options)
  const jobs: Jobs = {
    read: new Map(),
    stat: new Map(),
    list: new Map(),
    readlink: new Map(),
    space: new Map(),
    writable: new Map(),
    replace: new Map(),
    append: new Map(),
    readEnd: new Map(),
    remove: new Map(),
  }
  const all = (): readonly Job[] => Object.values(jobs).flatMap(ofName => [...ofName.values()])

  let isLooking = false
  const lookSoon = (): void => {
    isLooking = true
    timers.after(LOOK_EVERY_MS, () => {
      const inFlight = all()
      for (const job of inFlight) job.look()
      if (inFlight.length > 0) lookSoon()
      else isLooking = false
    })
  }

  const begin = <Name extends OperationName>(name: Name, task: Tasks[Name]): Job<Name> => {
    const { promise: result, resolve, reject } = Promise.withResolvers<Results[Name]>()
    const key = keyOf(task)
    let looks = 0
    let looksInPlace = 0

    const run = (place: Place): void => {
      job.place = place
      looksInPlace = 0
      const succeed = (value: Results[Name]): void => {
        jobs[name].delete(key)
        place.leave(job)
        resolve(value)
      }
      const fail = (error: unknown): void => {
        const wasStuck = place.isStuck(job)
        place.leave(job)
        if (error instanceof ReaderEnded && !wasStuck) {
          job.place = undefined
          return places.wait({ job, run, hereOnly: true })
        }
        jobs[name].delete(key)
        // what was stuck in the reader process would be stuck here
        reject(error instanceof ReaderEnded ? hung(name, job) : error)
      }
      place.operate(name, task).then(succeed, fail)
    }

    const job: Job<Name> = {
      path: task.path,
      result,
      hangsSince: undefined,
      place: undefined,
      look() {
        looks += 1
        looksInPlace += 1
        if (looksInPlace * LOOK_EVERY_MS >= STUCK_AFTER_MS) job.place?.getsStuck(job)
        if (job.hangsSince || looks * LOOK_EVERY_MS < HANGS_AFTER_MS) return
        job.hangsSince = new Date(timers.date().getTime() - HANGS_AFTER_MS)
        reject(hung(name, job))
      },
    }
    jobs[name].set(key, job)
    if (!isLooking) lookSoon()
    places.wait({ job, run, hereOnly: false })
    return job
  }

  /** Rejects if there is no result in `limitMs`. */
  const limited = async <Name extends OperationName>(
    name: Name,
    job: Job<Name>,
    limitMs: number,
  ): Promise<Results[Name]> => {
    const { promise: late, reject } = Promise.withResolvers<never>()
    // not ahead of the answers that have arrived: after a stall, timers come first
    const tell = () => setImmediate(() => setImmediate(() => reject(hung(name, job))))
    using _limit = timers.after(limitMs, tell)
    late.catch(() => {})
    return await Promise.race([job.result, late])
  }

  return {
    ask(name, task, { limitMs = HANGS_AFTER_MS } = {}) {
      const job = jobs[name].get(keyOf(task)) ?? begin(name, task)
      if (job.hangsSince) return Promise.reject(hung(name, job))
      return limitMs < HANGS_AFTER_MS ? limited(name, job, limitMs) : job.result
    },
    hanging: () =>
      all()
        .flatMap(({ path, hangsSince }) => (hangsSince ? [{ path, since: hangsSince }] : []))
        .sort((a, b) => a.since.getTime() - b.since.getTime()),
  }
}
