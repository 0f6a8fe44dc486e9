import { codeOrUnknown } from '../../../lib/describe-error.ts'
import type { MigrationsProblem } from '../reasons.ts'
import { readTextFile } from '../../../files/files.ts'
import { unreadable } from '../django/release.ts'
import type { Paths, ReadShipped } from './tool.ts'

const missing = (path: string): MigrationsProblem => ({
  status: 'fail',
  reason: 'MIGRATIONS_MANIFEST_MISSING',
  message: `there is no manifest at ${path}: the release was built without it`,
  evidence: { path },
})

/** Reads a manifest that names one migration a line, as the table does: for tools whose files do not tell. */
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
