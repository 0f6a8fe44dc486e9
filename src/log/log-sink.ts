import { close, constants, fstatSync, open, openSync, readSync, write } from 'node:fs'
import { Socket } from 'node:net'
import { promisify } from 'node:util'

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDWR } = constants

/** What takes bytes, without ever blocking the event loop. */
export interface LogSink {
  /** Calls back with how many of the bytes were taken, which may be fewer; or with the system's error. */
  write(bytes: Buffer, taken: (error: Error | null, bytesTaken: number) => void): void
  /** So much is offered at once, but for a longer line. */
  readonly maxWriteBytes: number
  /** Whether an error is the end of it: a disk that is full may have room again, a pipe has no second reader. */
  readonly endsOnError: boolean
  /** Whether what was written before ends in the middle of a line. */
  readonly endsInMidLine: boolean
  close(): void
}

const endsInMidLine = (fd: number): boolean => {
  const stats = fstatSync(fd)
  if (!stats.isFile() || stats.size === 0) return false
  const last = Buffer.from('\n')
  try {
    readSync(fd, last, { position: stats.size - 1 })
  } catch {
    // a stdout that is a file may be for writing alone
  }
  return last.toString() !== '\n'
}

/** Written by Node's own threads: a disk that stalls holds up one of them. */
const fileSink = (fd: number): LogSink => ({
  write: (bytes, taken) => write(fd, bytes, taken),
  maxWriteBytes: 64 * 1024,
  endsOnError: false,
  endsInMidLine: endsInMidLine(fd),
  close: () => close(fd, () => {}),
})

/** A pipe takes so much whole, or not at all (PIPE_BUF in pipe(7)): a line that is given up has not begun to arrive. */
const PIPE_BUF_BYTES = 4096

/** A pipe or a socket, made non-blocking: a thread that waits for its reader could not be ended, nor could the process. */
const streamSink = (fd: number): LogSink => {
  const socket = new Socket({ fd, readable: false, writable: true })
  // told to the callback of the write as well
  socket.on('error', () => {})
  return {
    write: (bytes, taken) => void socket.write(bytes, error => taken(error ?? null, bytes.length)),
    maxWriteBytes: PIPE_BUF_BYTES,
    endsOnError: true,
    endsInMidLine: false,
    close: () => void socket.destroy(),
  }
}

const sinkOf = (fd: number): LogSink => {
  const stats = fstatSync(fd)
  return stats.isFIFO() || stats.isSocket() ? streamSink(fd) : fileSink(fd)
}

/** Whether stdout is the stream to the journal that the variable JOURNAL_STREAM names (systemd.exec(5)). */
export const isJournal = (journalStream: string | undefined): boolean => {
  const { dev, ino } = fstatSync(1)
  return journalStream === `${dev}:${ino}`
}

/** A named pipe is opened for reading too: so it needs no reader to be opened, and outlives each that comes and goes. */
const FLAGS = O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK
const MODE = 0o640

/** Opens `stdout` or a path. Throws the system's error. */
export const openSink = (file: string): LogSink => sinkOf(file === 'stdout' ? 1 : openSync(file, FLAGS, MODE))

/** The same for a path, without waiting for the disk. */
export const openSinkAsync = async (path: string): Promise<LogSink> =>
  sinkOf(await promisify(open)(path, FLAGS, MODE))
