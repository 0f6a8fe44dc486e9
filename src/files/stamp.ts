import type { Stats } from 'node:fs'

/** Which version of a file or a directory was seen. */
export interface FileStamp {
  /**
   * Equal for the same inode with the same size and times. The time of the last change of status (ctime) is one of them:
   * rsync, tar and reproducible builds set the time of modification to whatever they like.
   */
  readonly id: string
  /** Wall clock, milliseconds since 1970: when the file was last written, replaced, or had its rights changed (ctime). */
  readonly changedAtMs: number
  /** Likewise: when the content was written (mtime). */
  readonly writtenAtMs: number
}

export const stampOf = ({ dev, ino, size, mtimeMs, ctimeMs }: Stats): FileStamp => ({
  id: `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`,
  changedAtMs: ctimeMs,
  writtenAtMs: mtimeMs,
})

/** Longer than the coarsest timestamps in use, the 2 s of FAT. */
const SETTLES_AFTER_MS = 3000

/**
 * Whether a stamp can be relied on. A second change right after the first may leave the same stamp behind, so a file that
 * changed just now, or in the future by its clock, must be read again.
 */
export const isSettled = ({ changedAtMs, writtenAtMs }: FileStamp, nowMs: number): boolean =>
  Math.max(changedAtMs, writtenAtMs) < nowMs - SETTLES_AFTER_MS

/**
 * Milliseconds until a file that changed a moment ago has settled; 0 if it has. A time in the future counts as settled, as
 * the clock may be wrong by years. The clock gives whole milliseconds, and so does this with the stamp: else a change in
 * the same millisecond would be in the future.
 */
export const settlesInMs = ({ changedAtMs }: Pick<FileStamp, 'changedAtMs'>, nowMs: number): number => {
  const ageMs = nowMs - Math.floor(changedAtMs)
  return ageMs >= 0 && ageMs < SETTLES_AFTER_MS ? SETTLES_AFTER_MS - ageMs : 0
}
