import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { isMapping } from '../lib/json.ts'
import { FileError } from './file-error.ts'
import type { OperationName, Results, Tasks } from './operations.ts'
import { readerProgram } from './reader-program.ts'

/** Operations that run at once in one reader process, whether they hang or not. */
export const READER_THREADS = 40

/** The process ended before it answered. */
export class ReaderEnded extends Error {}

/** A process that does to files what this one must not wait for. */
export interface Reader extends Disposable {
  /** Rejects with a FileError; with ReaderEnded if the process is gone, or could not be started. */
  operate<Name extends OperationName>(name: Name, task: Tasks[Name]): Promise<Results[Name]>
}

/** For a small process: without threads that compile or collect garbage. */
const FLAGS = [
  '--disable-sigusr1',
  '--single-threaded',
  '--v8-pool-size=0',
  '--no-maglev',
  '--max-semi-space-size=1',
]

const spawnReader = async (): Promise<ChildProcess> => {
  const { spawn } = await import('node:child_process')
  return spawn(process.execPath, [...FLAGS, ...readerProgram()], {
    // the environment of this process may hold secrets
    env: { UV_THREADPOOL_SIZE: String(READER_THREADS) },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  })
}

/**
 * Starts a reader process. It ends with this process, and keeps it alive only while it has something to answer. Rejects with
 * ReaderEnded.
 */
export const startReader = async (): Promise<Reader> => {
  const child = await spawnReader().catch((cause: unknown) => {
    throw new ReaderEnded('a reader process cannot be started', { cause })
  })
  child.unref()
  child.channel?.unref()

  const answers = new EventEmitter()
  const pending = new Map<string, (error: Error) => void>()
  let ended = false
  const end = (): void => {
    ended = true
    for (const reject of pending.values()) reject(new ReaderEnded())
    pending.clear()
  }
  child.on('error', end).on('exit', end).on('disconnect', end)
  child.on('message', message => isMapping(message) && answers.emit(String(message['id']), message))

  let count = 0
  return {
    async operate(name, task) {
      if (ended) throw new ReaderEnded()
      const id = String((count += 1))
      const { promise, resolve, reject } = Promise.withResolvers<Results[typeof name]>()
      pending.set(id, reject)
      child.channel?.ref()
      answers.once(id, ({ value, error }) => {
        pending.delete(id)
        if (pending.size === 0) child.channel?.unref()
        if (error) reject(new FileError(error.code, task.path, error.message))
        else resolve(value)
      })
      child.send({ id, name, task }, failure => failure && end())
      return promise
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}
