import { join } from 'node:path'
import { codeOrUnknown } from '../../../lib/describe-error.ts'
import { readFile } from '../../../files/files.ts'
import { unreadable } from '../unreadable.ts'
import { readAlembicScript } from './alembic-script.ts'
import { createDirectoryListing } from './directory-listing.ts'
import { directoryMissing, notUnderstood } from './shipped-files.ts'
import type { Paths, ReadShipped, Shipped } from './tool.ts'

/** Alembic's own rule, from alembic/script/base.py: `_only_source_rev_file`. */
const SCRIPT = /^(?!\.#|__init__).*\.py$/

/** Reads the scripts in Alembic's versions directories. */
export const alembicScripts = (directories: Paths): ReadShipped => {
  const listing = createDirectoryListing()
  return async () => {
    const shipped = new Map<string, Shipped>()
    const parents: { readonly path: string; readonly keys: readonly string[] }[] = []
    for (const directory of directories)
      try {
        for (const file of (await listing.files(directory, 0)).filter(name => SCRIPT.test(name))) {
          const path = join(directory, file)
          const reading = readAlembicScript((await readFile(path)).bytes)
          if (!reading.ok) return { ok: false, problem: notUnderstood(path, reading.why) }
          const { script } = reading
          shipped.set(`${script.key} ${path}`, script)
          parents.push({ path, keys: script.parents })
        }
      } catch (error) {
        return unreadable(directory, { code: codeOrUnknown(error), missing: directoryMissing(directory) })
      }
    const keys = new Set(Array.from(shipped.values(), ({ key }) => key))
    const dangling = parents.find(script => script.keys.some(key => !keys.has(key)))
    if (dangling)
      return {
        ok: false,
        problem: notUnderstood(dangling.path, 'it builds on a revision that is not shipped, or on a label'),
      }
    return { ok: true, shipped: [...shipped.values()] }
  }
}
