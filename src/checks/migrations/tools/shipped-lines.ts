import { codeOrUnknown } from '../../../lib/describe-error.ts'
import type { MigrationsProblem } from '../reasons.ts'
import { readTextFile } from '../../../files/files.ts'
import { unreadable } from '../unreadable.ts'
import type { Paths, ReadShipped } from './tool.ts'

const missing = (path: string): MigrationsProblem => ({
  status: 'fail',
  reason: 'MIGRATIONS_MANIFEST_MISSING',
  message: `there is no manifest at ${path}: the release was built without one; write it when the release is built`,
  evidence: { path },
})

/** Reads a manifest with one migration a line, as the table names it: for tools whose files do not say it. */
export const linesOf =
  ([path = '']: Paths): ReadShipped =>
  async () => {
    try {
      const lines = (await readTextFile(path)).split('\n').map(line => line.trim())
      return { ok: true, shipped: lines.filter(line => line !== '').map(key => ({ key, name: key })) }
    } catch (error) {
      return unreadable(path, { code: codeOrUnknown(error), missing: missing(path) })
    }
  }
