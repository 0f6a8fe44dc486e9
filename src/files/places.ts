import type { OperationName, Results, Tasks } from './operations.ts'
import { READER_THREADS, ReaderEnded } from './reader-process.ts'
import type { Reader } from './reader-process.ts'
import type { Timers } from './timers.ts'

// Node does all that it does to files on the few threads of libuv's pool, which DNS and others need as well, and an
// operation on a dead file system keeps its thread for good. So only few operations run in this process at a time. While one
// of them is stuck, all others run in a reader process, where they harm nobody if they get stuck too.

/** Operations that run at once in a reader process, apart from those that are stuck. */
const MAX_RUNNING = 16
/** With so many stuck operations a reader process is full, and the next one starts. */
const MAX_STUCK = READER_THREADS - MAX_RUNNING
/** In all, then, 112 operations can be stuck before any other has to wait. */
const MAX_READERS = 4
/** How long no reader process is started after one that never answered. */
const NO_READER_MS = 30_000

type Operate = <Name extends OperationName>(name: Name, task: Tasks[Name]) => Promise<Results[Name]>

/** Where operations run. */
export interface Place {
  readonly operate: Operate
  /** The operation takes long: it makes room for others. */
  getsStuck(job: object): void
  isStuck(job: object): boolean
  /** The operation has returned. */
  leave(job: object): void
}

/** An operation that waits for a place. */
export interface Waiting {
  readonly job: object
  readonly run: (place: Place) => void
  /** It was in a reader process that ended. */
  readonly hereOnly: boolean
}

export interface Places {
  /** Runs it as soon as a place has room. */
  wait(operation: Waiting): void
}

export interface PlacesOptions {
  readonly timers: Timers
  /** How many operations run at once in this process. The rest of its threads is for others. */
  readonly maxHere: number
  readonly here: { readonly operate: Operate }
  readonly startReader: () => Promise<Reader>
}

/** A place that counts. */
interface CountedPlace extends Place {
  readonly running: Set<object>
  readonly stuck: Set<object>
}

interface ReaderPlace extends CountedPlace {
  end(): void
}

export const createPlaces = ({ timers, maxHere, here: { operate }, startReader }: PlacesOptions): Places => {
  let readers: readonly ReaderPlace[] = []
  let waiting: readonly Waiting[] = []
  let stuckCount = 0
  let noReaderUntil = -Infinity

  const createPlace = (operateThere: Operate): CountedPlace => {
    const running = new Set<object>()
    const stuck = new Set<object>()
    return {
      operate: operateThere,
      running,
      stuck,
      getsStuck(job) {
        if (!running.delete(job)) return
        stuck.add(job)
        stuckCount += 1
        startWaiting()
      },
      isStuck: job => stuck.has(job),
      leave(job) {
        if (stuck.delete(job)) stuckCount -= 1
        else running.delete(job)
        startWaiting()
        if (readers.length > 0) endIdleReaders()
      },
    }
  }

  const here = createPlace(operate)

  const addReader = (): ReaderPlace => {
    const starting = startReader()
    let hasAnswered = false
    const reader: ReaderPlace = {
      ...createPlace(async (name, task) => {
        try {
          return await (await starting).operate(name, task)
        } catch (error) {
          if (error instanceof ReaderEnded) {
            readers = readers.filter(other => other !== reader)
            if (!hasAnswered) noReaderUntil = timers.now() + NO_READER_MS
          }
          throw error
        } finally {
          hasAnswered = true
        }
      }),
      end: () =>
        void starting.then(
          process => process[Symbol.dispose](),
          () => {},
        ),
    }
    readers = [...readers, reader]
    return reader
  }

  const readerWithRoom = (): CountedPlace | undefined => {
    const last = readers.at(-1)
    const isFull = last && last.stuck.size >= MAX_STUCK && readers.length < MAX_READERS
    const reader = last && !isFull ? last : addReader()
    return reader.running.size < MAX_RUNNING ? reader : undefined
  }

  const placeFor = ({ hereOnly }: Waiting): CountedPlace | undefined => {
    if (!hereOnly && stuckCount > 0 && timers.now() >= noReaderUntil) return readerWithRoom()
    return here.running.size + here.stuck.size < maxHere ? here : undefined
  }

  /** A reader process is kept for as long as anything is stuck. */
  const endIdleReaders = (): void => {
    const kept = stuckCount > 0 ? readers.at(-1) : undefined
    const idle = readers.filter(reader => reader !== kept && reader.running.size + reader.stuck.size === 0)
    readers = readers.filter(reader => !idle.includes(reader))
    for (const reader of idle) reader.end()
  }

  function startWaiting(): void {
    if (waiting.length === 0) return
    const before = waiting
    waiting = []
    for (const operation of before) {
      const place = placeFor(operation)
      if (place) {
        place.running.add(operation.job)
        operation.run(place)
      } else waiting = [...waiting, operation]
    }
  }

  return {
    wait(operation) {
      waiting = [...waiting, operation]
      startWaiting()
    },
  }
}
