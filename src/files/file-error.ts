/** The codes of this program's own; every other code is the system's, such as ENOENT. */
export type OwnFileErrorCode =
  /** The operation has not returned, and may never return. */
  | 'HUNG'
  /** More bytes, or more directory entries, than this program reads. */
  | 'TOO_LARGE'
  /** A pipe, a socket or a device. */
  | 'NOT_A_FILE'

/** Why a file could not be read or written. The message is a sentence that names the file. */
export class FileError extends Error {
  readonly code: string
  readonly path: string
  constructor(code: string, path: string, message: string) {
    super(message)
    this.code = code
    this.path = path
  }
}

export const isHung = (error: unknown): error is FileError =>
  error instanceof FileError && error.code === 'HUNG'

export const hungFor = (seconds: number): string =>
  `has not returned for ${seconds} s; its file system may be dead: check the mount`

/** `64 KiB`, `8 MiB` */
const sizeInWords = (bytes: number): string =>
  bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MiB` : `${bytes / 1024} KiB`

export const tooLarge = (path: string, maxBytes: number): FileError =>
  new FileError('TOO_LARGE', path, `${path} is larger than ${sizeInWords(maxBytes)}`)
