import {
  codeOf,
  functionsWithLocal,
  mayReachNames,
  parametersOf,
  spellsAny,
  stringsIn,
  withScopes,
} from '../../../python/scopes.ts'
import type { Scope } from '../../../python/scopes.ts'
import { isName, isOperator, notUnderstood } from '../../../python/statements.ts'
import type { LogicalLine, Token } from '../../../python/token.ts'
import { isAttribute } from './module-source.ts'
import type { ClassSource } from './module-source.ts'

/** Attributes of a migration that have nothing to do with what it replaces. */
const HARMLESS = new Set(['operations', 'dependencies', 'run_before', 'atomic', 'initial'])

/** The class that is read, and where its `replaces` is assigned. */
export interface Known extends ClassSource {
  /** The index of the class's head. */
  readonly at: number
  readonly assignment: LogicalLine | undefined
}

/** Throws if something other than the known lines could have a say in what the migration replaces. */
export const refuseSurprises = (lines: readonly LogicalLine[], known: Known): void => {
  const roots = known.bases.map(([root = '']) => root)
  const spelled = spellsAny(lines, ['replaces', 'Migration', ...roots])
  const exactly = spellsExactly(lines)
  const locals = functionsWithLocal(lines, 'Migration')
  const end = lines.findIndex((line, i) => i > known.at && line.indent === 0)
  let index = -1
  for (const [line, scope] of withScopes(lines)) {
    index++
    const inClass = index >= known.at && (end < 0 || index < end) && scope.functions.length === 0
    for (const code of codeOf(line.tokens))
      for (const [i, token] of code.entries()) {
        const use: Use = { line, code, at: i, scope, inClass, isAfter: index > known.at }
        if (isName(token, 'replaces')) refuseReplaces(use, known)
        if (isName(token, 'Migration') && line !== known.head) refuseMigration(use, locals)
        const isReaching = inClass || (spelled && (scope.functions.length === 0 || exactly))
        if (isReaching && mayReachNames(code, i))
          throw notUnderstood(token, 'it may assign a name that a string spells')
      }
    const isGlobal = isName(line.tokens[0], 'global')
    if (
      isGlobal &&
      line.tokens.some(token => isName(token, 'Migration') || roots.some(root => isName(token, root)))
    )
      throw notUnderstood(line, 'a function assigns a global name of the class or of its base')
  }
  if (known.head.tokens.filter(token => isName(token, 'Migration')).length > known.bases.length + 1)
    throw notUnderstood(known.head, 'the name Migration is used for more than its class')
}

const spellsExactly = (lines: readonly LogicalLine[]): boolean =>
  [...stringsIn(lines)].some(text => text === 'replaces' || text === 'Migration')

interface Use {
  readonly line: LogicalLine
  /** The line's tokens, or those of an expression in a template. */
  readonly code: readonly Token[]
  /** The index of the name. */
  readonly at: number
  readonly scope: Scope
  /** Whether it is in the body of Migration, but in no method. */
  readonly inClass: boolean
  /** Whether it comes after the head of Migration. */
  readonly isAfter: boolean
}

/** Elsewhere `replaces` is a name like any other: a variable of a function, of the module or of another class. */
const refuseReplaces = ({ line, code, at, inClass }: Use, { assignment, head }: Known): void => {
  const isInline = line === head && assignment !== undefined && code[at] === assignment.tokens[0]
  if ((line === assignment && code === line.tokens && at === 0) || isInline) return
  const isKeyword =
    isOperator(code[at + 1], '=') &&
    depthAt(code, at) > 0 &&
    !(isFunctionHead(code) && parametersOf(code).has('replaces'))
  if (inClass || isAttribute(code, at) || isKeyword)
    throw notUnderstood(code[at], 'replaces is more than one assignment')
}

const isFunctionHead = (code: readonly Token[]): boolean => isName(code[0], 'def') || isName(code[1], 'def')

const depthAt = (code: readonly Token[], at: number): number => {
  let depth = 0
  for (const token of code.slice(0, at)) {
    if (token.type !== 'operator') continue
    if ('([{'.includes(token.text)) depth++
    else if (')]}'.includes(token.text)) depth--
  }
  return depth
}

const refuseMigration = (use: Use, locals: ReadonlySet<LogicalLine>): void => {
  const { line, code, at, scope, isAfter } = use
  const inFunction = scope.functions.length > 0
  // what the name means before the class is over with its definition
  const isEarlier = !inFunction && !isAfter && !isAttribute(code, at)
  const isLocal = scope.functions.some(head => locals.has(head)) || (locals.has(line) && isFunctionHead(code))
  const isImportPath = isName(code[0], 'from') && code.slice(at).some(token => isName(token, 'import'))
  const isRenamed = isName(code[at + 1], 'as') && (isName(code[0], 'from') || isName(code[0], 'import'))
  const isBase = isName(code[0], 'class') && at > 1 && code === line.tokens
  if (isEarlier || isLocal || isImportPath || isRenamed || isBase) return
  if (isAttribute(code, at) ? isRead(code, at) : isHarmless(code, at)) return
  throw notUnderstood(code[at], 'the name Migration is used for more than its class')
}

/** `Migration.operations` and `super(Migration, self)` */
const isHarmless = (tokens: readonly Token[], at: number): boolean => {
  const [attribute, after] = tokens.slice(at + 2)
  const reads = isOperator(tokens[at + 1], '.') && attribute?.type === 'name' && HARMLESS.has(attribute.text)
  const isSuper = isName(tokens[at - 2], 'super') && isOperator(tokens[at - 1], '(')
  return (reads && !isOperator(after, '=')) || isSuper
}

const ASSIGNING = new Set([
  '=',
  '+=',
  '-=',
  '*=',
  '/=',
  '|=',
  '&=',
  '^=',
  '@=',
  '%=',
  '**=',
  '//=',
  '>>=',
  '<<=',
  ':=',
])
const TARGETING = ['del', 'for', 'as', 'import', 'with', 'async']

/** Whether `x.Migration` is only read in its statement: no target of an assignment, a loop, a `with` or a `del`. */
const isRead = (tokens: readonly Token[], at: number): boolean => {
  if (TARGETING.some(word => tokens.slice(0, at).some(token => isName(token, word))))
    return isName(tokens[0], 'for') && tokens.slice(0, at).some(token => isName(token, 'in'))
  let depth = depthAt(tokens, at)
  for (const token of tokens.slice(at + 1)) {
    if (token.type !== 'operator') continue
    if ('([{'.includes(token.text)) depth++
    else if (')]}'.includes(token.text)) depth--
    else if (token.text === ';' && depth === 0) return true
    else if (ASSIGNING.has(token.text) && depth === 0) return false
  }
  return true
}
