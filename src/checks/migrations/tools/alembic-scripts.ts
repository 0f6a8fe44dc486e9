import { join } from 'node:path'
import { codeOrUnknown } from '../../../lib/describe-error.ts'
import { readFile } from '../../../files/files.ts'
import { excludedBy } from '../exclude.ts'
import { unreadable } from '../unreadable.ts'
import { readAlembicScript } from './alembic-script.ts'
import { createDirectoryListing } from './directory-listing.ts'
import { directoryMissing, notUnderstood } from './shipped-files.ts'
import type { Paths, ReaderOptions, ReadShipped, Shipped } from './tool.ts'
import { findUnread } from './unread-files.ts'

/** Alembic's own rule, from alembic/script/base.py: `_only_source_rev_file`. */
const SCRIPT = /^(?!\.#|__init__).*\.py$/
/** What Alembic runs too if `sourceless` is set. */
const BYTECODE = /^(?!\.#|__init__)(.*\.py)[co]$/

const isScript = (name: string): boolean => SCRIPT.test(name)

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/**
 * Reads the scripts in Alembic's versions directories and in all their subfolders, as Alembic does with
 * `recursive_version_locations`. A file in a subfolder that never mentions `revision` is no script: without that setting,
 * Alembic ignores it.
 */
export const alembicScripts = (directories: Paths, { exclude }: ReaderOptions): ReadShipped => {
  const listing = createDirectoryListing()
  const isExcluded = excludedBy(['__pycache__', ...exclude])
  return async () => {
    const shipped: Shipped[] = []
    const parents: { readonly path: string; readonly keys: readonly string[] }[] = []
    for (const directory of directories)
      try {
        const files = await listing.files(directory, { depth: Infinity, isExcluded, hidden: true })
        for (const file of files) {
          const path = join(directory, file)
          const source = BYTECODE.exec(nameOf(file))?.[1]
          if (source !== undefined && !files.includes(file.slice(0, -1)))
            return {
              ok: false,
              problem: notUnderstood(path, `there is no ${source}; ship it, or delete the bytecode`),
            }
          if (!SCRIPT.test(nameOf(file))) continue
          const text = (await readFile(path)).bytes
          if (file.includes('/') && !text.includes('revision')) continue
          const reading = readAlembicScript(text)
          if (!reading.ok) return { ok: false, problem: notUnderstood(path, reading.why) }
          const { script } = reading
          shipped.push(file.includes('/') ? { ...script, name: `${script.key} (${file})` } : script)
          parents.push({ path, keys: script.parents })
        }
        const unread = await findUnread(listing, directory, {
          depth: Infinity,
          isExcluded,
          isMigration: isScript,
        })
        if (unread) return { ok: false, problem: unread }
      } catch (error) {
        return unreadable(directory, { code: codeOrUnknown(error), missing: directoryMissing(directory) })
      }
    const keys = new Set(shipped.map(({ key }) => key))
    const dangling = parents.find(script => script.keys.some(key => !keys.has(key)))
    if (dangling)
      return {
        ok: false,
        problem: notUnderstood(dangling.path, 'it builds on a revision that is not shipped, or on a label'),
      }
    return { ok: true, shipped }
  }
}
