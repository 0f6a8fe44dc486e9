import { isName, isOperator } from './statements.ts'
import type { LogicalLine, Token } from './token.ts'

/** Each line, and whether it is in the body of a function: it then runs only when that function is called. */
export function* withScopes(lines: readonly LogicalLine[]): Generator<readonly [LogicalLine, boolean]> {
  const functions: number[] = []
  for (const line of lines) {
    while ((functions.at(-1) ?? -1) >= line.indent) functions.pop()
    yield [line, functions.length > 0]
    const [first, second] = line.tokens
    const isFunction = isName(first, 'def') || (isName(first, 'async') && isName(second, 'def'))
    if (isFunction) functions.push(line.indent)
  }
}

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

/** Whether a line imports all names of a module: `from x import *`. */
export const importsAll = ({ tokens }: LogicalLine): boolean =>
  tokens.some((token, i) => isName(token, 'import') && isOperator(tokens[i + 1], '*'))
