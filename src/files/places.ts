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

/** Where operations run. */
export interface Place {
  readonly operate: <Name extends OperationName>(name: Name, task: Tasks[Name]) => Promise<Results[Name]>
  running: number
  stuck: number
}

export type StartReader = () => Promise<Reader>

/** An operation that waits for a place. */
export interface Waiting {
  readonly run: (place: Place) => Promise<void>
  readonly hereOnly: boolean
}

/** One operation in its place. */
export interface Turn {
  readonly stuck: boolean
  isStuck(): void
  end(): void
}

export interface Places {
  /** Runs it as soon as a place has room. */
  wait(operation: Waiting): void
  enter(place: Place): Turn
}

export interface PlacesOptions {
  readonly timers: Timers
  readonly maxHere: number
  readonly here: Pick<Place, 'operate'>
  readonly startReader: StartReader
}

interface ReaderPlace extends Place {
  end(): void
}

export const createPlaces = ({ timers, maxHere, here: { operate }, startReader }: PlacesOptions): Places => {
  const here: Place = { operate, running: 0, stuck: 0 }
  let readers: readonly ReaderPlace[] = []
  let waiting: readonly Waiting[] = []
  let noReaderUntil = -Infinity

  const isAnyStuck = () => [here, ...readers].some(({ stuck }) => stuck > 0)

  const addReader = (): ReaderPlace => {
    const starting = startReader()
    let hasAnswered = false
    const place: ReaderPlace = {
      running: 0,
      stuck: 0,
      async operate(name, task) {
        try {
          return await (await starting).operate(name, task)
        } catch (error) {
          if (error instanceof ReaderEnded) {
            readers = readers.filter(other => other !== place)
            if (!hasAnswered) noReaderUntil = timers.now() + NO_READER_MS
          }
          throw error
        } finally {
          hasAnswered = true
        }
      },
      end: () =>
        void starting.then(
          reader => reader[Symbol.dispose](),
          () => {},
        ),
    }
    readers = [...readers, place]
    return place
  }

  const readerWithRoom = (): Place | undefined => {
    const last = readers.at(-1)
    const isFull = last && last.stuck >= MAX_STUCK && readers.length < MAX_READERS
    const reader = last && !isFull ? last : addReader()
    return reader.running < MAX_RUNNING ? reader : undefined
  }

  const placeFor = ({ hereOnly }: Waiting): Place | undefined => {
    if (!hereOnly && isAnyStuck() && timers.now() >= noReaderUntil) return readerWithRoom()
    return here.running + here.stuck < maxHere ? here : undefined
  }

  /** A reader process is kept for as long as anything is stuck. */
  const endIdleReaders = (): void => {
    const kept = isAnyStuck() ? readers.at(-1) : undefined
    const idle = readers.filter(reader => reader !== kept && reader.running + reader.stuck === 0)
    readers = readers.filter(reader => !idle.includes(reader))
    for (const reader of idle) reader.end()
  }

  const startWaiting = (): void => {
    const before = waiting
    waiting = []
    for (const operation of before) {
      const place = placeFor(operation)
      if (place) void operation.run(place)
      else waiting = [...waiting, operation]
    }
  }

  return {
    wait(operation) {
      waiting = [...waiting, operation]
      startWaiting()
    },
    enter(place) {
      let stuck = false
      place.running += 1
      return {
        get stuck() {
          return stuck
        },
        isStuck() {
          stuck = true
          place.running -= 1
          place.stuck += 1
          startWaiting()
        },
        end() {
          if (stuck) place.stuck -= 1
          else place.running -= 1
          startWaiting()
          endIdleReaders()
        },
      }
    },
  }
}
