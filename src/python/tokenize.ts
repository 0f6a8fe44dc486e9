import { NotUnderstood } from './not-understood.ts'
import { isStringPrefix, isTemplatePrefix, readString } from './string-literal.ts'
import type { LogicalLine, Token } from './token.ts'

const NAME = /[\p{ID_Continue}\u00b7\u0387\u1369-\u1371\u19da]+|[^\p{ASCII}]/uy
const ASCII_NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const IDENTIFIER = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u
const NUMBER = /(?:0[xXoObB][0-9A-Fa-f_]+|(?:[0-9][0-9_]*\.?|\.[0-9])[0-9_]*(?:[eE][+-]?[0-9_]+)?)[jJlL]?/y
const OPERATOR = /\*\*=?|\/\/=?|>>=?|<<=?|->|:=|\.\.\.|<>|[-+*/%&|^@=!<>]=|[-+*/%&|^@=<>~.,:;()[\]{}]/y
const OPENING = '([{'
const CLOSING = ')]}'
const TAB = 8

/**
 * Divides Python source into logical lines of tokens (The Python Language Reference, chapter 2), without comments, blank
 * lines and line continuations. Throws NotUnderstood.
 */
export const tokenize = (source: string): LogicalLine[] => new Tokenizer(source).lines()

class Tokenizer {
  readonly #text: string
  readonly #lines: LogicalLine[] = []
  readonly #brackets: string[] = []
  #tokens: Token[] = []
  #indent = 0
  #at = 0
  #line: number

  constructor(source: string, line = 1) {
    this.#text = source.replace(/\r\n?/g, '\n')
    this.#line = line
  }

  /** The tokens of an expression, which may span several physical lines. */
  expression(): readonly Token[] {
    this.#brackets.push('(')
    while (this.#at < this.#text.length) this.#readNext()
    if (this.#brackets.length !== 1) throw new NotUnderstood('a bracket is not closed', this.#line)
    return this.#tokens
  }

  lines(): LogicalLine[] {
    this.#readIndent()
    while (this.#at < this.#text.length) this.#readNext()
    if (this.#brackets.length > 0) throw new NotUnderstood('a bracket is not closed', this.#line)
    this.#endLine()
    return this.#lines
  }

  #readNext(): void {
    const char = this.#text.charAt(this.#at)
    if (char === '\n') this.#newline()
    else if (char === ' ' || char === '\t' || char === '\f') this.#at++
    else if (char === '#') this.#at = this.#endOfPhysicalLine()
    else if (char === '\\') this.#continueLine()
    else if (char === '"' || char === "'") this.#string('')
    else this.#nameOrNumberOrOperator()
  }

  #newline(): void {
    this.#at++
    this.#line++
    if (this.#brackets.length > 0) return
    this.#endLine()
    this.#readIndent()
  }

  #endLine(): void {
    if (this.#tokens.length > 0) this.#lines.push({ indent: this.#indent, tokens: this.#tokens })
    this.#tokens = []
  }

  #readIndent(): void {
    let indent = 0
    for (; ; this.#at++) {
      const char = this.#text.charAt(this.#at)
      if (char === ' ') indent++
      else if (char === '\t') indent += TAB - (indent % TAB)
      else if (char === '\f') indent = 0
      else break
    }
    // versions of Python differ in what its indentation is then
    if (this.#text.charAt(this.#at) === '\\')
      throw new NotUnderstood('a line begins with a backslash', this.#line)
    this.#indent = indent
  }

  #continueLine(): void {
    if (this.#text.charAt(this.#at + 1) !== '\n')
      throw new NotUnderstood('a backslash does not end its line', this.#line)
    this.#at += 2
    this.#line++
  }

  #endOfPhysicalLine(): number {
    const end = this.#text.indexOf('\n', this.#at)
    return end < 0 ? this.#text.length : end
  }

  #nameOrNumberOrOperator(): void {
    const line = this.#line
    const number = /[0-9.]/.test(this.#text.charAt(this.#at)) ? this.#match(NUMBER) : undefined
    if (number !== undefined) {
      this.#tokens.push({ type: 'number', text: number, line })
      return
    }
    const name = this.#name()
    if (name !== undefined) {
      const next = this.#text.charAt(this.#at)
      if ((next === '"' || next === "'") && isStringPrefix(name)) this.#string(name)
      else this.#tokens.push({ type: 'name', text: name, line })
      return
    }
    const operator = this.#match(OPERATOR)
    if (operator === undefined) throw new NotUnderstood('a character has no meaning in Python 3', line)
    this.#nest(operator)
    this.#tokens.push({ type: 'operator', text: operator, line })
  }

  #name(): string | undefined {
    const ascii = this.#match(ASCII_NAME)
    if (this.#text.charCodeAt(this.#at) < 0x80 || this.#at >= this.#text.length) return ascii
    const rest = this.#match(NAME)
    if (rest === undefined) return ascii
    const name = `${ascii ?? ''}${rest}`.normalize('NFKC')
    if (!IDENTIFIER.test(name)) throw new NotUnderstood('a character has no meaning in Python', this.#line)
    return name
  }

  #nest(operator: string): void {
    if (OPENING.includes(operator)) this.#brackets.push(operator)
    else if (CLOSING.includes(operator) && this.#brackets.pop() !== OPENING.charAt(CLOSING.indexOf(operator)))
      throw new NotUnderstood('a bracket closes nothing', this.#line)
  }

  #string(prefix: string): void {
    const line = this.#line
    const start = this.#at
    const { end, value, expressions } = readString(this.#text, { prefix, start, line })
    const text = this.#text.slice(start, end)
    this.#tokens.push(
      isTemplatePrefix(prefix)
        ? {
            type: 'template',
            text,
            expressions: expressions.map(source => new Tokenizer(source, line).expression()),
            line,
          }
        : { type: 'string', value, line },
    )
    this.#at = end
    this.#line += text.split('\n').length - 1
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)?.[0]
    if (match !== undefined) this.#at += match.length
    return match
  }
}
