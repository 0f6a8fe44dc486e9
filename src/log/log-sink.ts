import { close, constants, fstatSync, open, openSync, readSync, write } from 'node:fs'
import { Socket } from 'node:net'
import { promisify } from 'node:util'

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDWR } = constants

/** A destination of bytes. It never blocks the event loop. */
export interface LogSink {
  /** Calls back with the number of bytes taken, which may be fewer, or with the system's error. */
  write(bytes: Buffer, taken: (error: Error | null, bytesTaken: number) => void): void
  /** The most bytes to offer in one write. One longer line is offered whole. */
  readonly maxWriteBytes: number
  /** Whether an error ends the sink. A full disk may have room again; a broken pipe stays broken. */
  readonly endsOnError: boolean
  /** Whether the existing content ends in the middle of a line. */
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
    // stdout may be a file that is open for writing only
  }
  return last.toString() !== '\n'
}

/** Writes on libuv's threads: a stalled disk blocks one thread. */
const fileSink = (fd: number): LogSink => ({
  write: (bytes, taken) => write(fd, bytes, taken),
  maxWriteBytes: 64 * 1024,
  endsOnError: false,
  endsInMidLine: endsInMidLine(fd),
  close: () => close(fd, () => {}),
})

/** A pipe takes up to this many bytes whole or not at all (PIPE_BUF in pipe(7)): a dropped line is never partly written. */
const PIPE_BUF_BYTES = 4096

/** A non-blocking pipe or socket. A thread that waits for a reader could not be stopped, and the process could not exit. */
const streamSink = (fd: number): LogSink => {
  const socket = new Socket({ fd, readable: false, writable: true })
  // the callback of the write gets the error too
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

/** Whether stdout is the journal's stream, as the variable JOURNAL_STREAM says (systemd.exec(5)). */
export const isJournal = (journalStream: string | undefined): boolean => {
  const { dev, ino } = fstatSync(1)
  return journalStream === `${dev}:${ino}`
}

/** Opens for reading too: a named pipe then opens without a reader, and stays open when a reader leaves. */
const FLAGS = O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK
const MODE = 0o640

/** Opens `stdout` or a path. Throws the system's error. */
export const openSink = (file: string): LogSink => sinkOf(file === 'stdout' ? 1 : openSync(file, FLAGS, MODE))

/** The same for a path, without waiting for the disk. */
export const openSinkAsync = async (path: string): Promise<LogSink> =>
  sinkOf(await promisify(open)(path, FLAGS, MODE))
