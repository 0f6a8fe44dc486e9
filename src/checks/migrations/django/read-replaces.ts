import { readPairs } from '../../../python/literal.ts'
import { NotUnderstood } from '../../../python/not-understood.ts'
import { withScopes } from '../../../python/scopes.ts'
import { assignedValue, isName, notUnderstood } from '../../../python/statements.ts'
import type { LogicalLine } from '../../../python/token.ts'
import { refuseReplacingBases, refuseRebinding } from './base-classes.ts'
import {
  ModuleNeeded,
  classAt,
  importsAll,
  isAttribute,
  openModule,
  originOf,
  parseModule,
} from './module-source.ts'
import type { ClassSource, KnownModules, ModuleSource, NeededModule } from './module-source.ts'
import { isPlainMigration } from './plain-migration.ts'
import { refuseSurprises } from './refuse-surprises.ts'

export type Replaces = readonly (readonly [app: string, name: string])[]

export type Reading =
  | { readonly ok: true; readonly replaces: Replaces }
  | {
      readonly ok: false
      /** Ends a sentence. */
      readonly why: string
      /** False if no code at the top level of the file is about the name Migration. */
      readonly hasMigration: boolean
      /** A module to read first, and then this source again. */
      readonly needs?: NeededModule
    }

/** Shared, as nearly every migration is like it. */
const NOTHING: Reading = { ok: true, replaces: [] }

interface Around {
  /** Where the file is. */
  readonly path?: string
  /** Modules that it imports, as far as they were needed before. */
  readonly known?: KnownModules
}

/**
 * What the migration in a Python source replaces, without running it: the literal `replaces` of its class `Migration`. A
 * class without one replaces nothing if none of its bases does. Whatever could make it something else for Python (a second
 * assignment, a decorator, code that reaches for the class by its name …) is not understood.
 */
export const readReplaces = (source: Buffer, { path = '', known = new Map() }: Around = {}): Reading => {
  if (isPlainMigration(source)) return NOTHING
  let hasMigration = true
  try {
    const module = parseModule(source, path)
    hasMigration = mentionsMigration(module.lines)
    return { ok: true, replaces: replacesOf(module, known) }
  } catch (error) {
    if (error instanceof ModuleNeeded)
      return { ok: false, why: 'it builds on another module', hasMigration, needs: error.needed }
    if (!(error instanceof NotUnderstood)) throw error
    const { message, line } = error
    return { ok: false, why: line === undefined ? message : `line ${line}: ${message}`, hasMigration }
  }
}

/** Whether code at the top level uses the name Migration itself, or could bind it by `import *`. */
const mentionsMigration = (lines: readonly LogicalLine[]): boolean => {
  for (const [line, { functions }] of withScopes(lines)) {
    if (functions.length > 0) continue
    if (importsAll(line)) return true
    if (line.tokens.some((token, i) => isName(token, 'Migration') && !isAttribute(line.tokens, i)))
      return true
  }
  return false
}

const replacesOf = (module: ModuleSource, known: KnownModules): Replaces => {
  const { lines } = module
  const at = lines.findIndex(line => line.indent === 0 && isClassMigration(line))
  if (at < 0) throw new NotUnderstood('it defines no class Migration of its own')
  const migration = classAt(lines, at)
  if (migration.bases.length === 0) throw notUnderstood(migration.head, 'its Migration has no base class')

  const assignment = migration.body.find(({ tokens }) => isName(tokens[0], 'replaces'))
  refuseSurprises(lines, { ...migration, at, assignment })
  refuseRebinding(
    module,
    { from: at, to: lines.length, name: 'Migration', dotted: undefined },
    { known, depth: 0 },
  )
  if (!assignment) {
    refuseReplacingBases({ module, at }, { known, depth: 0 })
    return []
  }
  refuseMeddlingBases(module, { migration, at, known })
  return readPairs(assignedValue(assignment), assignment.tokens[0]?.line ?? 0)
}

const isClassMigration = ({ tokens }: LogicalLine): boolean =>
  isName(tokens[0], 'class') && isName(tokens[1], 'Migration')

/** Code of a base class that could change the `replaces` of a class that derives from it. */
const MEDDLING = /\.\s*replaces\b|\bdef\s+replaces\b|__init_subclass__|__getattribute__|\bmetaclass\b/

/** Throws if the module of a base class can be read, and has code that could change a class's own `replaces`. */
const refuseMeddlingBases = (
  module: ModuleSource,
  {
    migration,
    at,
    known,
  }: { readonly migration: ClassSource; readonly at: number; readonly known: KnownModules },
): void => {
  const before = { ...module, lines: module.lines.slice(0, at) }
  for (const [root = ''] of migration.bases) {
    const origin = originOf(before, root, at)
    if (origin?.kind !== 'import' || /^django(?:\.|$)/.test(origin.binding.module.path)) continue
    const other = openModule({ from: module.path, module: origin.binding.module }, known)
    if (other && MEDDLING.test(other.text))
      throw notUnderstood(migration.head, `its base ${root} has code that may change replaces`)
  }
}
