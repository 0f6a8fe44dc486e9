import type { CheckType } from '../../core/check.ts'
import type { Finding } from '../../core/finding.ts'
import type { GeneralReason } from '../../core/reason.ts'
import { isHung } from '../../files/file-error.ts'
import { measureSpace, readTextFile } from '../../files/files.ts'
import type { SpaceStats } from '../../files/operations.ts'
import { codeOrUnknown } from '../../lib/describe-error.ts'
import { TIME_IS_UP, beforeAbort } from '../../lib/deadline.ts'
import type { CheckContext } from '../context.ts'
import { diskSchema } from './config.ts'
import type { DiskConfig } from './config.ts'
import { isReadOnly } from './mount.ts'

const diskReasons = [
  'DISK_FULL',
  'DISK_INODES_USED_UP',
  'DISK_READ_ONLY',
  'DISK_PATH_MISSING',
  'DISK_UNREADABLE',
] as const

type DiskReason = (typeof diskReasons)[number]
type DiskFinding = Finding<DiskReason | GeneralReason>

interface Measured extends SpaceStats {
  readonly readOnly: boolean | undefined
}

const measure = async (path: string): Promise<Measured> => {
  const space = await measureSpace(path)
  const mountInfo = await readTextFile('/proc/self/mountinfo')
  return { ...space, readOnly: isReadOnly(mountInfo, space.realPath) }
}

/** A limit in bytes or inodes: a number as it is, a percentage of the total. */
const limitOf = (limit: number | string, total: number): number =>
  typeof limit === 'number' ? limit : (Number.parseFloat(limit) / 100) * total

const percent = (part: number, total: number): number =>
  total > 0 ? Math.floor((1000 * part) / total) / 10 : 100

export const judgeSpace = (measured: Measured, config: DiskConfig): DiskFinding => {
  const { path, min_free, min_free_inodes, allow_read_only } = config
  const { freeBytes, totalBytes, freeInodes, totalInodes, readOnly } = measured
  const evidence = {
    path,
    freeBytes,
    freePercent: percent(freeBytes, totalBytes),
    freeInodesPercent: percent(freeInodes, totalInodes),
    readOnly,
  }
  if (readOnly === true && !allow_read_only)
    return {
      status: 'fail',
      reason: 'DISK_READ_ONLY',
      message: `the file system of ${path} is read-only: see the kernel's log for errors of the disk, and remount it`,
      evidence,
    }
  if (freeBytes < limitOf(min_free, totalBytes))
    return {
      status: 'fail',
      reason: 'DISK_FULL',
      message: `the file system of ${path} has ${evidence.freePercent} % free space, less than min_free: remove files, or enlarge it`,
      evidence,
    }
  if (freeInodes < limitOf(min_free_inodes, totalInodes))
    return {
      status: 'fail',
      reason: 'DISK_INODES_USED_UP',
      message: `the file system of ${path} has ${evidence.freeInodesPercent} % free inodes, less than min_free_inodes: remove small files`,
      evidence,
    }
  return { status: 'pass', evidence }
}

const judgeError = (error: unknown, path: string): DiskFinding => {
  const code = codeOrUnknown(error)
  const evidence = { path, code }
  if (isHung(error)) return { status: 'unknown', reason: 'DISK_UNREADABLE', message: error.message, evidence }
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return {
      status: 'fail',
      reason: 'DISK_PATH_MISSING',
      message: `${path} does not exist: mount its file system, or correct the path`,
      evidence,
    }
  return {
    status: 'unknown',
    reason: 'DISK_UNREADABLE',
    message: `cannot look at ${path} (${code}): give health-sidecar's user search permission on the directories above it`,
    evidence,
  }
}

/** The file system of a path has free space and inodes, and is not read-only. */
export const disk: CheckType<DiskConfig, CheckContext, DiskReason> = {
  type: 'disk',
  reasons: diskReasons,
  componentType: 'system',
  schema: diskSchema,
  create: config => ({
    async run(signal) {
      try {
        const measured = await beforeAbort(measure(config.path), signal)
        if (measured !== TIME_IS_UP) return judgeSpace(measured, config)
        const message = `${config.path} did not answer in time; its file system may be dead: check the mount`
        return { status: 'unknown', reason: 'DISK_UNREADABLE', message, evidence: { path: config.path } }
      } catch (error) {
        return judgeError(error, config.path)
      }
    },
    async [Symbol.asyncDispose]() {},
  }),
}
