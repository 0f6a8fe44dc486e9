import { NotUnderstood } from './not-understood.ts'
import type { LogicalLine, Token } from './token.ts'

/** The statements of a class body, without statements nested in them. */
export const bodyOf = (lines: readonly LogicalLine[], classAt: number): LogicalLine[] => {
  const after = lines.slice(classAt + 1)
  const end = after.findIndex(({ indent }) => indent === 0)
  const inside = end < 0 ? after : after.slice(0, end)
  const indent = inside[0]?.indent ?? 0
  const outdented = inside.find(line => line.indent < indent)
  if (outdented) throw notUnderstood(outdented, 'its indentation is wrong')
  return inside.filter(line => line.indent === indent)
}

export const isName = (token: Token | undefined, text: string): boolean =>
  token?.type === 'name' && token.text === text

export const isOperator = (token: Token | undefined, text: string): boolean =>
  token?.type === 'operator' && token.text === text

export const notUnderstood = (where: LogicalLine | Token | undefined, message: string): NotUnderstood =>
  new NotUnderstood(message, where && ('tokens' in where ? where.tokens[0]?.line : where.line))

/** The tokens of the value in `name = value` or `name: type = value`. Throws NotUnderstood for any other line. */
export const assignedValue = (line: LogicalLine): readonly Token[] => {
  const equals = line.tokens.findIndex(token => isOperator(token, '='))
  if (equals < 1 || (equals > 1 && !isOperator(line.tokens[1], ':')))
    throw notUnderstood(line, `${textOf(line.tokens[0])} is not simply assigned`)
  return line.tokens.slice(equals + 1)
}

const textOf = (token: Token | undefined): string => (token?.type === 'name' ? token.text : 'something')
