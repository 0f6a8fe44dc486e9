import { basename } from 'node:path'
import { readFileStart, readLink } from '../files/files.ts'
import type { ProcessEnv } from '../lib/process-env.ts'

/** Longer than any name of a release; the rest of a file is not read into logs. */
const MAX_LENGTH = 200
/** The first line is in it, however large the file is. */
const MAX_BYTES = 4096
/** A release that cannot be read in time is looked at again a second later. */
const LIMIT_MS = 1000

/** Which release is on the host. */
export interface FollowedRelease {
  /** Undefined where none is configured, or where it has never been readable. */
  readonly current: () => string | undefined
  /** Looks again; true where another release is there now. One that cannot be read, as in mid-deploy, is no other one. */
  readonly look: () => Promise<boolean>
}

/**
 * Follows the release that a configuration names: `file:/path` (its first line), `env:NAME`, `link:/path` (the last part
 * of where the link points to), or a literal.
 */
export const followRelease = async (
  source: string | undefined,
  env: ProcessEnv,
): Promise<FollowedRelease> => {
  let current = await read(source, env)
  return {
    current: () => current,
    look: async () => {
      const found = await read(source, env)
      if (found === undefined || found === current) return false
      current = found
      return true
    },
  }
}

const read = async (source: string | undefined, env: ProcessEnv): Promise<string | undefined> => {
  if (source === undefined) return undefined
  const [, kind, rest = ''] = /^(file|env|link):(.*)$/.exec(source) ?? []
  try {
    if (kind === 'file') return clean(await readStart(rest))
    if (kind === 'link') return clean(basename(await readLink(rest, { limitMs: LIMIT_MS })))
  } catch {
    return undefined
  }
  return clean(kind === 'env' ? (env[rest] ?? '') : source)
}

const readStart = async (path: string): Promise<string> =>
  (await readFileStart(path, { maxBytes: MAX_BYTES, limitMs: LIMIT_MS })).bytes.toString('utf8')

const clean = (text: string): string | undefined =>
  text.split('\n', 1)[0]?.trim().slice(0, MAX_LENGTH) || undefined
