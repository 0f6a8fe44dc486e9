import { basename } from 'node:path'
import { adviseForbidden } from '../files/advise-access.ts'
import { FileError } from '../files/file-error.ts'
import { readFileStart, readLink } from '../files/files.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'
import type { ProcessEnv } from '../lib/process-env.ts'

/** Longer than any name of a release; the rest of a file is not read into logs. */
const MAX_LENGTH = 200
/** The first line is in it, however large the file is. */
const MAX_BYTES = 4096
/** A release that cannot be read in time is re-read a second later. */
const LIMIT_MS = 1000

/** Which release is on the host. */
export interface FollowedRelease {
  /** Undefined if none is configured, or if it was never readable. */
  readonly current: () => string | undefined
  /**
   * Why the configured release cannot be read now, and what to do; undefined if it can, or if none is configured. A host
   * that starts is not admitted without its release: what passes then could be any release.
   */
  readonly problem: () => string | undefined
  /**
   * Re-reads it. True if another release is there now. A release that cannot be read, as in mid-deploy, is no other one.
   * Nor is the first one that can be read.
   */
  readonly look: () => Promise<boolean>
}

type Reading = { readonly ok: true; readonly release: string } | { readonly ok: false; readonly why: string }

/**
 * Follows the release that a configuration names: `file:/path` (its first line), `env:NAME`, `link:/path` (the last part
 * of its target), or a literal.
 */
export const followRelease = async (
  source: string | undefined,
  env: ProcessEnv,
): Promise<FollowedRelease> => {
  let current: string | undefined
  let problem: string | undefined

  const look = async (): Promise<boolean> => {
    if (source === undefined) return false
    const reading = await read(source, env)
    problem = reading.ok
      ? undefined
      : `the release is not known: ${reading.why}; no release is admitted until it is known`
    if (!reading.ok || reading.release === current) return false
    const isFirst = current === undefined
    current = reading.release
    return !isFirst
  }

  await look()
  return { current: () => current, problem: () => problem, look }
}

const read = async (source: string, env: ProcessEnv): Promise<Reading> => {
  const [, kind, rest = ''] = /^(file|env|link):(.*)$/.exec(source) ?? []
  try {
    if (kind === 'file') return readingOf(await readStart(rest), `${rest} is empty`)
    if (kind === 'link')
      return readingOf(basename(await readLink(rest, { limitMs: LIMIT_MS })), `${rest} points to no name`)
  } catch (error) {
    return { ok: false, why: whyUnreadable(error, rest) }
  }
  if (kind === 'env') return readingOf(env[rest] ?? '', `the variable ${rest} is not set`)
  return readingOf(source, 'its name is empty')
}

const readingOf = (text: string, why: string): Reading => {
  const release = text.split('\n', 1)[0]?.trim().slice(0, MAX_LENGTH)
  return release ? { ok: true, release } : { ok: false, why }
}

const whyUnreadable = (error: unknown, path: string): string => {
  const code = codeOrUnknown(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return `${path} does not exist`
  if (code === 'EACCES' || code === 'EPERM')
    return `${path} may not be read (${code}); ${adviseForbidden(path)}`
  return error instanceof FileError ? error.message : `${path} cannot be read (${code})`
}

const readStart = async (path: string): Promise<string> =>
  (await readFileStart(path, { maxBytes: MAX_BYTES, limitMs: LIMIT_MS })).bytes.toString('utf8')
