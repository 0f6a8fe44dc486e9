import { spawnSync } from 'node:child_process'
import { UnavailableError } from './unavailable.ts'

/** Asks git of the newest commit, in place of a variable. The user who builds need not own the clone. */
const ofCommit = (format: string, variable: string): string => {
  const args = ['-c', 'safe.directory=*', 'log', '-1', `--format=${format}`]
  const { status, stdout, stderr, error } = spawnSync('git', args, { encoding: 'utf8' })
  if (status === 0) return stdout.trim()
  const said = (error?.message ?? stderr).trim()
  throw new UnavailableError(`there is no commit to take it from (${said}); set ${variable}`)
}

/**
 * The date of everything that is built, in seconds since 1970: SOURCE_DATE_EPOCH
 * (https://reproducible-builds.org/specs/source-date-epoch/), or that of the commit.
 */
export const sourceDate = (): number => {
  const text = process.env['SOURCE_DATE_EPOCH'] ?? ofCommit('%ct', 'SOURCE_DATE_EPOCH')
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new UnavailableError(
    `SOURCE_DATE_EPOCH is "${text}"; set it to seconds since 1970, such as $(date +%s)`,
  )
}

/** The commit that the image names: SOURCE_REVISION, or git's. */
export const sourceRevision = (): string =>
  process.env['SOURCE_REVISION'] ?? ofCommit('%H', 'SOURCE_REVISION')
