import { codeOf } from '../../../lib/describe-error.ts'
import { AT_ONCE, readFile, statFile } from '../../../files/files.ts'
import { isSettled } from '../../../files/stamp.ts'
import { readFollowingImports } from './follow-imports.ts'
import { readReplaces } from './read-replaces.ts'
import type { Reading } from './read-replaces.ts'

export type SourceAnswer =
  | {
      readonly path: string
      readonly reading: Reading
      /** Pairs of strings that look like an app and one of its migrations. */
      readonly named: readonly NamedMigration[]
    }
  /** The file could not be read. */
  | { readonly path: string; readonly code: string }

export type NamedMigration = readonly [label: string, name: string]

/** `('shop', '0001_initial')` */
const NAMED = /\(\s*['"]([A-Za-z_]\w*)['"]\s*,\s*['"]([\w-]+)['"]\s*,?\s*\)/g

const namedIn = (source: Buffer): readonly NamedMigration[] =>
  Array.from(source.toString('latin1').matchAll(NAMED), ([, label = '', name = '']) => [label, name] as const)

/** Reads migrations, and again only those that have changed. */
export interface Sources {
  /** In the order of `paths`. What was read before and is not asked for now is forgotten. */
  read(paths: readonly string[]): Promise<readonly SourceAnswer[]>
}

/** More than any migration written by hand, and read in a fraction of a second. */
const MAX_SOURCE_BYTES = 8 * 1024 * 1024

const TOO_LARGE: Reading = { ok: false, why: 'it is larger than 8 MiB', hasMigration: true }

interface Known {
  readonly reading: Reading
  readonly named: readonly NamedMigration[]
}

/** `withNames`: whether the answers have `named`, which is else empty. */
export const createSources = ({ withNames = false } = {}): Sources => {
  let known = new Map<string, { readonly stamp: string } & Known>()

  const readOne = async (path: string, keep: typeof known): Promise<SourceAnswer> => {
    const before = known.get(path)
    if (before && (await statFile(path)).stamp.id === before.stamp) {
      keep.set(path, before)
      return { path, reading: before.reading, named: before.named }
    }
    const { stats, bytes } = await readFile(path, { maxBytes: MAX_SOURCE_BYTES })
    const reading = readReplaces(bytes, { path })
    const named = withNames ? namedIn(bytes) : []
    // the modules that it imports can change without a change of this file
    if (!reading.ok && reading.needs)
      return { path, reading: await readFollowingImports(bytes, { path, readIfThere }), named }
    if (isSettled(stats.stamp, Date.now())) keep.set(path, { stamp: stats.stamp.id, reading, named })
    return { path, reading, named }
  }

  const answerOf = async (path: string, keep: typeof known): Promise<SourceAnswer> => {
    try {
      return await readOne(path, keep)
    } catch (error) {
      const code = codeOf(error)
      if (code === undefined) throw error
      return code === 'TOO_LARGE' ? { path, reading: TOO_LARGE, named: [] } : { path, code }
    }
  }

  return {
    read: async paths => {
      const keep: typeof known = new Map()
      const answers: SourceAnswer[] = []
      const indexes = paths.keys()
      let hangs = false
      const work = async () => {
        for (const index of indexes) {
          const path = paths[index] ?? ''
          // where one file hangs, so do its neighbours
          const answer: SourceAnswer = hangs ? { path, code: 'HUNG' } : await answerOf(path, keep)
          hangs ||= 'code' in answer && answer.code === 'HUNG'
          answers[index] = answer
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
      known = keep
      return answers
    },
  }
}

const readIfThere = async (path: string): Promise<Buffer | undefined> => {
  try {
    return (await readFile(path, { maxBytes: MAX_SOURCE_BYTES })).bytes
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined
    throw error
  }
}
