import { spelledModule } from '../../../python/imports.ts'
import type { ModuleName } from '../../../python/imports.ts'
import { NotUnderstood } from '../../../python/not-understood.ts'
import { isName, notUnderstood } from '../../../python/statements.ts'
import type { LogicalLine } from '../../../python/token.ts'
import { importIn } from '../../../python/imports.ts'
import { classAt, dottedName, importsAll, openModule, originOf } from './module-source.ts'
import type { KnownModules, ModuleSource } from './module-source.ts'

const DJANGO = new Set(['django.db.migrations.Migration', 'django.db.migrations.migration.Migration'])
/** How many modules deep an import is followed. */
const MAX_DEPTH = 5

interface Place {
  readonly module: ModuleSource
  /** The line of a class's head. */
  readonly at: number
}

interface Search {
  readonly known: KnownModules
  readonly depth: number
}

/**
 * Throws NotUnderstood unless every base of the class is Django's Migration, or a class that certainly says nothing about
 * what it replaces. Throws ModuleNeeded for a base in a module that was not read yet.
 */
export const refuseReplacingBases = ({ module, at }: Place, { known, depth }: Search): void => {
  if (depth > MAX_DEPTH) throw new NotUnderstood('its base classes are in too many modules')
  const { bases } = classAt(module.lines, at)
  for (const [root = '', ...rest] of bases) {
    if (root === 'object' && rest.length === 0) continue
    // `class Migration(Migration)`: the base is what the name meant before
    const isOwnName = isName(module.lines[at]?.tokens[1], root)
    const searched = isOwnName ? { ...module, lines: module.lines.slice(0, at) } : module
    const origin = originOf(searched, root, at)
    if (!origin) throw notUnderstood(module.lines[at], `${root} is not imported at the top of the file`)
    if (origin.kind === 'class') {
      refuseMention(module, origin.at)
      refuseReplacingBases({ module, at: origin.at }, { known, depth: depth + 1 })
      continue
    }
    const dotted = [dottedName(origin.binding), ...rest].join('.')
    const importAt = module.lines.indexOf(origin.line)
    refuseRebinding(
      module,
      { from: importAt, to: at, name: root, dotted: dottedName(origin.binding) },
      { known, depth },
    )
    if (DJANGO.has(dotted)) continue
    if (
      origin.binding.attribute === undefined &&
      origin.binding.module.path === 'django' &&
      DJANGO.has(dotted)
    )
      continue
    const { module: owner, name } = classIn(origin.binding.module, [origin.binding.attribute, ...rest])
    refuseImported(module, { owner, name, line: module.lines[at] }, { known, depth: depth + 1 })
  }
}

/** The module that holds a class, and the class's name in it. */
const classIn = (
  module: ModuleName,
  parts: readonly (string | undefined)[],
): { readonly module: ModuleName; readonly name: string } => {
  const names = parts.filter(part => part !== undefined)
  const path = [module.path, ...names.slice(0, -1)].filter(part => part !== '').join('.')
  return { module: { level: module.level, path }, name: names.at(-1) ?? '' }
}

interface Imported {
  readonly owner: ModuleName
  readonly name: string
  /** Where it is used, for messages. */
  readonly line: LogicalLine | undefined
}

/** Throws unless the class of another module says nothing about what it replaces. */
const refuseImported = (
  { path }: ModuleSource,
  { owner, name, line }: Imported,
  { known, depth }: Search,
): void => {
  if (depth > MAX_DEPTH) throw new NotUnderstood('its base classes are in too many modules')
  const module = openModule({ from: path, module: owner }, known)
  if (!module)
    throw notUnderstood(line, `its base ${name} is in ${spelledModule(owner)}, which cannot be found`)
  if (module.text.includes('replaces'))
    throw notUnderstood(
      line,
      `its base ${name} is in ${spelledModule(owner)}, which says something about replaces`,
    )
  const origin = originOf(module, name)
  if (!origin) throw notUnderstood(line, `${spelledModule(owner)} does not define ${name} itself`)
  const from = origin.kind === 'class' ? origin.at : module.lines.indexOf(origin.line)
  const dotted = origin.kind === 'class' ? undefined : dottedName(origin.binding)
  refuseRebinding(module, { from, to: module.lines.length, name, dotted }, { known, depth })
  if (origin.kind === 'class')
    return refuseReplacingBases({ module, at: origin.at }, { known, depth: depth + 1 })
  if (dotted !== undefined && DJANGO.has(dotted)) return
  const next = classIn(origin.binding.module, [origin.binding.attribute])
  refuseImported(
    module,
    { owner: next.module, name: next.name, line: origin.line },
    { known, depth: depth + 1 },
  )
}

/** Throws if a class of the same file mentions `replaces`. */
const refuseMention = ({ lines }: ModuleSource, at: number): void => {
  const after = lines.slice(at + 1)
  const end = after.findIndex(({ indent }) => indent === 0)
  const own = [lines[at], ...(end < 0 ? after : after.slice(0, end))]
  for (const line of own)
    for (const token of line?.tokens ?? [])
      if (isName(token, 'replaces')) throw notUnderstood(token, 'its base class says what it replaces')
}

interface Bound {
  /** Lines, from the one that binds the name. */
  readonly from: number
  readonly to: number
  readonly name: string
  /** What the name stands for, if it is imported. */
  readonly dotted: string | undefined
}

/** Throws if an `import *` between two lines could bind the name to something else. */
export const refuseRebinding = (
  module: ModuleSource,
  { from, to, name, dotted }: Bound,
  search: Search,
): void => {
  for (const line of module.lines.slice(from + 1, to).filter(importsAll)) {
    const all = importIn(line)?.all
    if (!all || mayBind(module, { all, name, dotted }, search))
      throw notUnderstood(line, `it imports all names of a module, which may bind ${name}`)
  }
}

const mayBind = (
  { path }: ModuleSource,
  {
    all,
    name,
    dotted,
  }: { readonly all: ModuleName; readonly name: string; readonly dotted: string | undefined },
  { known, depth }: Search,
): boolean => {
  if (depth > MAX_DEPTH) return true
  if (all.level === 0 && all.path.startsWith('django.')) return all.path.startsWith('django.db.migrations')
  const module = openModule({ from: path, module: all }, known)
  if (!module) return true
  const origin = originOf(module, name)
  if (origin && (origin.kind === 'class' || dottedName(origin.binding) !== dotted)) return true
  const others = module.lines.filter(importsAll).map(line => importIn(line)?.all)
  return others.some(
    other => !other || mayBind(module, { all: other, name, dotted }, { known, depth: depth + 1 }),
  )
}
