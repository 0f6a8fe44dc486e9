import { readFile, readlink } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Environment } from './interpolate.ts'

/** Longer than any name of a release; the rest of a file is not read into logs. */
const MAX_LENGTH = 200

/**
 * Which release is on the host: `file:/path` (its first line), `env:NAME`, `link:/path` (the last part of where the link
 * points to), or a literal. Undefined where none is configured or it cannot be read.
 */
export const readRelease = async (
  source: string | undefined,
  env: Environment,
): Promise<string | undefined> => {
  if (source === undefined) return undefined
  const [, kind, rest = ''] = /^(file|env|link):(.*)$/.exec(source) ?? []
  try {
    if (kind === 'file') return clean(await readFile(rest, 'utf8'))
    if (kind === 'link') return clean(basename(await readlink(rest)))
  } catch {
    return undefined
  }
  return clean(kind === 'env' ? (env[rest] ?? '') : source)
}

const clean = (text: string): string | undefined =>
  text.split('\n', 1)[0]?.trim().slice(0, MAX_LENGTH) || undefined
