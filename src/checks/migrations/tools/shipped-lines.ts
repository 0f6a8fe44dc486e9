import { codeOrUnknown } from '../../../lib/describe-error.ts'
import type { MigrationsProblem } from '../reasons.ts'
import { readTextFile } from '../../../files/files.ts'
import { unreadable } from '../unreadable.ts'
import type { Paths, ReadShipped, Shipped } from './tool.ts'

const missing = (path: string): MigrationsProblem => ({
  status: 'fail',
  reason: 'MIGRATIONS_MANIFEST_MISSING',
  message: `there is no manifest at ${path}: the release was built without one; write it when the release is built`,
  evidence: { path },
})

const invalid = (path: string, line: number): MigrationsProblem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_MANIFEST_INVALID',
  message: `line ${line} of ${path} names no migration; write the manifest again, one migration a line`,
  evidence: { path, line },
})

const incomplete = (
  path: string,
  counts: { readonly said: number; readonly named: number },
): MigrationsProblem => ({
  status: 'unknown',
  reason: 'MIGRATIONS_MANIFEST_INVALID',
  message: `${path} says that there are ${counts.said} migrations, and names ${counts.named}; write the manifest again, as a whole`,
  evidence: { path },
})

/**
 * Reads a manifest with one migration a line, as the table names it: for tools whose files do not say it. `keyIn` is the
 * key in a line that is not blank: null for a line to skip, undefined for a line that must not be there. `countIn` is how
 * many migrations a line says that there are.
 */
export const linesOf =
  (
    keyIn: (line: string) => string | null | undefined = line => line,
    countIn: (line: string) => number | undefined = () => undefined,
  ) =>
  ([path = '']: Paths): ReadShipped =>
  async () => {
    try {
      const shipped: Shipped[] = []
      let said: number | undefined
      const lines = (await readTextFile(path)).replace(/^\ufeff/, '').split('\n')
      for (const [i, text] of lines.entries()) {
        const name = text.trim()
        const key = name === '' ? null : keyIn(name)
        if (key === undefined) return { ok: false, problem: invalid(path, i + 1) }
        if (key !== null) shipped.push({ key, name })
        const count = countIn(name)
        if (count !== undefined) said = (said ?? 0) + count
      }
      if (said !== undefined && said !== shipped.length)
        return { ok: false, problem: incomplete(path, { said, named: shipped.length }) }
      return { ok: true, shipped }
    } catch (error) {
      return unreadable(path, { code: codeOrUnknown(error), missing: missing(path) })
    }
  }
