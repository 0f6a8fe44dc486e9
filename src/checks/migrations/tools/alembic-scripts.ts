import { join } from 'node:path'
import { codeOrUnknown } from '../../../lib/describe-error.ts'
import { readTextFile } from '../../../files/files.ts'
import { unreadable } from '../django/release.ts'
import { createDirectoryListing } from './directory-listing.ts'
import { directoryMissing, notUnderstood } from './shipped-files.ts'
import type { Paths, ReadShipped, Shipped } from './tool.ts'

/** As alembic/script/base.py has it: `_only_source_rev_file`. */
const SCRIPT = /^(?!\.#|__init__).*\.py$/

type Literal = string | null | readonly string[]

const STRING = String.raw`(?:"[^"\\\n#]*"|'[^'\\\n#]*')`
const GAP = String.raw`(?:\s|#[^\n]*\n)*`
/** None, a string, or a tuple or list of strings, and nothing behind it on its line. */
const LITERAL = new RegExp(
  String.raw`^(?:None|${STRING}|\(${GAP}\)|[([]${GAP}${STRING}${GAP}(?:,${GAP}${STRING}${GAP})*,?${GAP}[)\]])[ \t]*(?:#[^\n]*)?(?:\r?\n|$)`,
)

/**
 * What a module assigns to a name at the beginning of a line; undefined for what is no literal. A name that is assigned
 * twice, or in a block, is not taken for granted.
 */
const assigned = (text: string, name: string): { readonly value: Literal } | 'absent' | undefined => {
  const assignment = new RegExp(`(?:^|[;=])[ \\t\\f]*${name}\\s*(?::[^=\\n]*)?=(?!=)`, 'gm')
  const [mention, ...others] = text.matchAll(assignment)
  if (!mention) return 'absent'
  if (others.length > 0 || !mention[0].startsWith(name)) return undefined
  const rest = text.slice(mention.index + mention[0].length).replace(/^[ \t]+/, '')
  const literal = LITERAL.exec(rest)?.[0].replace(/#[^\n]*/g, '')
  if (literal === undefined) return undefined
  if (literal.startsWith('None')) return { value: null }
  const strings = [...literal.matchAll(new RegExp(STRING, 'g'))].map(([quoted]) => quoted.slice(1, -1))
  return { value: /^["']/.test(literal) ? (strings[0] ?? '') : strings }
}

const listOf = (value: Literal): readonly string[] =>
  value === null ? [] : typeof value === 'string' ? [value] : value

/** One script of Alembic's, read without running it; undefined where that cannot tell. */
export const parseAlembicScript = (text: string): Shipped | undefined => {
  const revision = assigned(text, 'revision')
  const down = assigned(text, 'down_revision')
  const depends = assigned(text, 'depends_on')
  if (revision === undefined || revision === 'absent' || typeof revision.value !== 'string') return undefined
  if (revision.value === '' || down === undefined || down === 'absent' || depends === undefined)
    return undefined
  const parents = [...listOf(down.value), ...(depends === 'absent' ? [] : listOf(depends.value))]
  return { key: revision.value, name: revision.value, parents }
}

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
          const script = parseAlembicScript(await readTextFile(path))
          if (!script)
            return {
              ok: false,
              problem: notUnderstood(path, 'revision, down_revision or depends_on is no literal'),
            }
          shipped.set(`${script.key} ${path}`, script)
          parents.push({ path, keys: script.parents ?? [] })
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
