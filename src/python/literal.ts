import { NotUnderstood } from './not-understood.ts'
import type { Token } from './token.ts'

/**
 * Reads a literal list or tuple of pairs of strings, the whole of `tokens`. Throws NotUnderstood for anything else. A
 * pair has to be a tuple, as Django looks it up as a key.
 */
export const readPairs = (tokens: readonly Token[], line: number): (readonly [string, string])[] => {
  const reader = new LiteralReader(tokens, line)
  const pairs = reader.pairs()
  reader.expectEnd()
  return pairs
}

/** Reads a literal string, the whole of `tokens`. Throws NotUnderstood for anything else. */
export const readText = (tokens: readonly Token[], line: number): string => {
  const reader = new LiteralReader(tokens, line)
  const text = reader.text()
  reader.expectEnd()
  return text
}

class LiteralReader {
  readonly #tokens: readonly Token[]
  #at = 0
  #line: number

  constructor(tokens: readonly Token[], line: number) {
    this.#tokens = tokens
    this.#line = line
  }

  pairs(): (readonly [string, string])[] {
    const close = this.#skip('[') ? ']' : this.#skip('(') ? ')' : this.#refuse()
    const pairs: (readonly [string, string])[] = []
    while (!this.#skip(close)) {
      pairs.push(this.#pair())
      // a single pair in parentheses is no tuple of pairs without a comma
      if (!this.#skip(',') && (!this.#peek(close) || (close === ')' && pairs.length === 1))) this.#refuse()
    }
    return pairs
  }

  /** One string, or several side by side. */
  text(): string {
    let text = ''
    let token = this.#tokens[this.#at]
    if (token?.type !== 'string') return this.#refuse()
    while (token?.type === 'string') {
      if (token.value === undefined) return this.#refuse()
      text += token.value
      token = this.#tokens[++this.#at]
    }
    if (token?.type === 'template') return this.#refuse()
    return text
  }

  expectEnd(): void {
    if (this.#at < this.#tokens.length) this.#refuse()
  }

  #pair(): readonly [string, string] {
    if (!this.#skip('(')) this.#refuse()
    const first = this.text()
    if (!this.#skip(',')) this.#refuse()
    const second = this.text()
    this.#skip(',')
    if (!this.#skip(')')) this.#refuse()
    return [first, second]
  }

  #peek(operator: string): boolean {
    const token = this.#tokens[this.#at]
    return token?.type === 'operator' && token.text === operator
  }

  #skip(operator: string): boolean {
    const found = this.#peek(operator)
    if (found) this.#at++
    return found
  }

  #refuse(): never {
    throw new NotUnderstood('it is no literal', this.#tokens[this.#at]?.line ?? this.#line)
  }
}
