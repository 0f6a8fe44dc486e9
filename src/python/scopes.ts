import { importIn } from './imports.ts'
import { isName, isOperator } from './statements.ts'
import type { LogicalLine, Token } from './token.ts'

/** The functions around a line, by their head lines, outermost first. */
export interface Scope {
  readonly functions: readonly LogicalLine[]
  /** Whether there is a class between the line and its function. */
  readonly inClass: boolean
}

interface Block {
  readonly head: LogicalLine
  readonly isFunction: boolean
}

/** Each line with its scope. The body of a function runs only when that function is called. */
export function* withScopes(lines: readonly LogicalLine[]): Generator<readonly [LogicalLine, Scope]> {
  const blocks: Block[] = []
  for (const line of lines) {
    while ((blocks.at(-1)?.head.indent ?? -1) >= line.indent) blocks.pop()
    const functions = blocks.filter(({ isFunction }) => isFunction).map(({ head }) => head)
    yield [line, { functions, inClass: blocks.length > 0 && blocks.at(-1)?.isFunction === false }]
    const isFunction = isFunctionHead(line)
    if (isFunction || isName(line.tokens[0], 'class')) blocks.push({ head: line, isFunction })
  }
}

const isFunctionHead = ({ tokens: [first, second] }: LogicalLine): boolean =>
  isName(first, 'def') || (isName(first, 'async') && isName(second, 'def'))

/**
 * The functions in which `name` is certainly a local variable: a parameter, or assigned, imported or looped over in the
 * body itself. A name that some function declares global is local nowhere.
 */
export const functionsWithLocal = (lines: readonly LogicalLine[], name: string): ReadonlySet<LogicalLine> => {
  const found = new Set<LogicalLine>()
  for (const [line, { functions, inClass }] of withScopes(lines)) {
    const { tokens } = line
    if (isName(tokens[0], 'global') && tokens.some(token => isName(token, name))) return new Set()
    if (isFunctionHead(line) && parametersOf(tokens).has(name)) found.add(line)
    const innermost = functions.at(-1)
    const isAssigned = isName(tokens[0], name) && (isOperator(tokens[1], '=') || isOperator(tokens[1], ':'))
    const isLooped = isName(tokens[0], 'for') && isName(tokens[1], name) && isName(tokens[2], 'in')
    const isImported = importIn(line)?.bindings.some(binding => binding.name === name)
    if (innermost && !inClass && (isAssigned || isLooped || isImported)) found.add(innermost)
  }
  return found
}

/** The names of a function's parameters. */
export const parametersOf = (tokens: readonly Token[]): ReadonlySet<string> => {
  const names = new Set<string>()
  let depth = 0
  for (const [i, token] of tokens.entries()) {
    if (token.type === 'operator' && '([{'.includes(token.text)) depth++
    else if (token.type === 'operator' && ')]}'.includes(token.text)) depth--
    else if (token.type === 'name' && depth === 1 && isParameterAt(tokens, i)) names.add(token.text)
    if (depth === 0 && isOperator(token, ')')) break
  }
  return names
}

const isParameterAt = (tokens: readonly Token[], at: number): boolean =>
  ['(', ',', '*', '**'].some(operator => isOperator(tokens[at - 1], operator))

/** The tokens of a line, and then those of each expression in its templates: each list is code of its own. */
export function* codeOf(tokens: readonly Token[]): Generator<readonly Token[]> {
  yield tokens
  for (const token of tokens)
    if (token.type === 'template') for (const expression of token.expressions) yield* codeOf(expression)
}

/** Builtins and attributes by which code can assign a name that is spelled in a string. */
const REACHING = new Set(['exec', 'eval', 'globals', 'locals', 'vars', 'setattr', '__dict__', '__setattr__'])

/** Whether the name at `at` could assign a name that is spelled in a string: `exec`, but not `cursor.exec`. */
export const mayReachNames = (tokens: readonly Token[], at: number): boolean => {
  const token = tokens[at]
  if (token?.type !== 'name' || !REACHING.has(token.text)) return false
  const isAttribute = isOperator(tokens[at - 1], '.') && !token.text.startsWith('__')
  return !isAttribute || ['builtins', '__builtins__'].some(owner => isName(tokens[at - 2], owner))
}

/** The strings in the code of some lines, docstrings left out: strings side by side are one, undefined is unknown text. */
export function* stringsIn(lines: readonly LogicalLine[]): Generator<string | undefined> {
  for (const { tokens } of lines) {
    if (tokens.every(({ type }) => type === 'string')) continue
    for (const code of codeOf(tokens)) yield* stringsInCode(code)
  }
}

function* stringsInCode(tokens: readonly Token[]): Generator<string | undefined> {
  let joined: string | undefined
  let isKnown = true
  for (const token of tokens) {
    if (token.type === 'string' || token.type === 'template') {
      const text = token.type === 'string' ? token.value : token.text
      if (text === undefined) isKnown = false
      joined = (joined ?? '') + (text ?? '')
      continue
    }
    if (joined !== undefined) yield isKnown ? joined : undefined
    joined = undefined
    isKnown = true
  }
  if (joined !== undefined) yield isKnown ? joined : undefined
}

/** Whether some string in the code of some lines, other than a docstring, contains one of the words, or could. */
export const spellsAny = (lines: readonly LogicalLine[], words: readonly string[]): boolean =>
  [...stringsIn(lines)].some(text => text === undefined || words.some(word => text.includes(word)))
