import { decodeSource } from '../../../python/decode-source.ts'
import { importIn, spelledModule } from '../../../python/imports.ts'
import type { Binding, ModuleName } from '../../../python/imports.ts'
import { NotUnderstood } from '../../../python/not-understood.ts'
import { codeOf, mayReachNames, spellsAny, withScopes } from '../../../python/scopes.ts'
import { bodyOf, isName, isOperator, notUnderstood } from '../../../python/statements.ts'
import type { LogicalLine, Token } from '../../../python/token.ts'
import { tokenize } from '../../../python/tokenize.ts'

/** A source that is read together with the modules that it imports. */
export interface ModuleSource {
  /** Where the file is; relative imports start there. */
  readonly path: string
  readonly lines: readonly LogicalLine[]
  readonly text: string
}

/** A module that has to be read before a source is understood. */
export interface NeededModule {
  /** The file that imports it. */
  readonly from: string
  readonly module: ModuleName
}

/** By `neededKey`: the modules that were read, or null for those that could not be found. */
export type KnownModules = ReadonlyMap<string, { readonly path: string; readonly source: Buffer } | null>

export const neededKey = ({ from, module }: NeededModule): string => `${spelledModule(module)} ${from}`

/** Raised where the answer depends on a module that was not read yet. */
export class ModuleNeeded extends Error {
  override readonly name = 'ModuleNeeded'
  readonly needed: NeededModule

  constructor(needed: NeededModule) {
    super(neededKey(needed))
    this.needed = needed
  }
}

export const parseModule = (source: Buffer, path: string): ModuleSource => {
  const text = decodeSource(source)
  return { path, text, lines: tokenize(text) }
}

/** The module, if it could be found. Throws ModuleNeeded. */
export const openModule = (needed: NeededModule, known: KnownModules): ModuleSource | undefined => {
  const found = known.get(neededKey(needed))
  if (found === undefined) throw new ModuleNeeded(needed)
  return found === null ? undefined : parseModule(found.source, found.path)
}

/** Whether a line has `import *` anywhere. */
export const importsAll = ({ tokens }: LogicalLine): boolean =>
  tokens.some((token, i) => isName(token, 'import') && isOperator(tokens[i + 1], '*'))

/** Whether a name is an attribute's, or only has one of its attributes read or is called. */
const isReference = ({ tokens }: { readonly tokens: readonly Token[] }, at: number): boolean => {
  if (isAttribute(tokens, at)) return true
  const [first] = tokens
  if (isName(first, 'class')) return at > 1
  return isOperator(tokens[at + 1], '.') && !isName(first, 'import') && !isName(first, 'from')
}

/** Whether a name comes after a dot. Three dots are one token, as in `from ...shop import x`. */
export const isAttribute = (tokens: readonly Token[], at: number): boolean =>
  isOperator(tokens[at - 1], '.') || isOperator(tokens[at - 1], '...')

/** Where a name at the top level of a module comes from: an import, or a class of the module. */
export type Origin =
  | { readonly kind: 'import'; readonly binding: Binding; readonly line: LogicalLine }
  | { readonly kind: 'class'; readonly at: number }

/**
 * The one origin of `name` at the top level of a module, for lines before `before`; undefined if it has none. Throws
 * NotUnderstood if the name has another use that could bind it.
 */
export const originOf = (
  { lines }: Pick<ModuleSource, 'lines'>,
  name: string,
  before: number = lines.length,
): Origin | undefined => {
  let origin: Origin | undefined
  let at = -1
  for (const [line, { functions }] of withScopes(lines)) {
    at++
    if (isName(line.tokens[0], 'global') && line.tokens.some(token => isName(token, name)))
      throw notUnderstood(line, `${name} is bound again`)
    if (functions.length > 0) continue
    const isTop = line.indent === 0
    for (const code of codeOf(line.tokens))
      for (const [i, token] of code.entries()) {
        if (mayReachNames(code, i) && spellsAny(lines, [name]))
          throw notUnderstood(token, `it may bind ${name}, which a string spells`)
        if (!isName(token, name) || isReference({ tokens: code }, i)) continue
        const next = isTop && code === line.tokens ? originIn(line, { name, at }) : undefined
        if (!next || (origin && !isSame(origin, next))) throw notUnderstood(token, `${name} is bound again`)
        if (next.kind === 'class' && origin) throw notUnderstood(token, `${name} is bound again`)
        if (at < before) origin = next
      }
  }
  return origin
}

const originIn = (
  line: LogicalLine,
  { name, at }: { readonly name: string; readonly at: number },
): Origin | undefined => {
  if (isName(line.tokens[0], 'class')) return { kind: 'class', at }
  const bindings = importIn(line)?.bindings.filter(binding => binding.name === name) ?? []
  const [binding, ...others] = bindings
  if (!binding || others.some(other => dottedName(other) !== dottedName(binding))) return undefined
  return { kind: 'import', binding, line }
}

const isSame = (one: Origin, other: Origin): boolean =>
  one.kind === 'import' && other.kind === 'import' && dottedName(one.binding) === dottedName(other.binding)

/** What a binding stands for: `django.db.migrations`. */
export const dottedName = ({ module, attribute }: Binding): string =>
  [spelledModule(module), attribute].filter(part => part !== undefined && part !== '').join('.')

export interface ClassSource {
  readonly head: LogicalLine
  /** The dotted names of its bases. */
  readonly bases: readonly (readonly string[])[]
  readonly body: readonly LogicalLine[]
}

/** The class whose head is the line `at`. Throws NotUnderstood for a decorator, and for a base that is no name. */
export const classAt = (lines: readonly LogicalLine[], at: number): ClassSource => {
  const [head] = lines.slice(at)
  if (!head) throw new NotUnderstood('it has no such class')
  if (isOperator(lines[at - 1]?.tokens[0], '@')) throw notUnderstood(head, 'its class is decorated')
  const { tokens } = head
  const colon = endOfHead(tokens)
  const inline = tokens.slice(colon + 1)
  const bases = basesIn(tokens.slice(2, colon), head)
  if (inline.length === 0) return { head, bases, body: bodyOf(lines, at) }
  if ((lines[at + 1]?.indent ?? 0) > head.indent)
    throw notUnderstood(lines[at + 1], 'its indentation is wrong')
  return { head, bases, body: [{ indent: head.indent + 1, tokens: inline }] }
}

/** The index of the colon that ends a class's head. */
const endOfHead = (tokens: readonly Token[]): number => {
  let depth = 0
  for (const [i, token] of tokens.entries()) {
    if (token.type !== 'operator') continue
    if ('([{'.includes(token.text)) depth++
    else if (')]}'.includes(token.text)) depth--
    else if (token.text === ':' && depth === 0) return i
  }
  throw notUnderstood(tokens[0], 'a class has no body')
}

const basesIn = (tokens: readonly Token[], head: LogicalLine): readonly (readonly string[])[] => {
  if (tokens.length === 0) return []
  if (!isOperator(tokens[0], '(') || !isOperator(tokens.at(-1), ')'))
    throw notUnderstood(head, 'a base of its class is not a name')
  const bases: string[][] = [[]]
  for (const token of tokens.slice(1, -1)) {
    const parts = bases.at(-1) ?? []
    if (isOperator(token, ',') && parts.length > 0) bases.push([])
    else if (token.type === 'name') parts.push(token.text)
    else if (!isOperator(token, '.')) throw notUnderstood(token, 'a base of its class is not a name')
  }
  return bases.filter(parts => parts.length > 0)
}
