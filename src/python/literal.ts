import { NotUnderstood } from './not-understood.ts'
import type { Token } from './token.ts'

/**
 * Reads a literal list or tuple of pairs of strings from all of `tokens`. Throws NotUnderstood for anything else. A pair
 * must be a tuple, because Django uses it as a key.
 */
export const readPairs = (tokens: readonly Token[], line: number): (readonly [string, string])[] => {
  const reader = new LiteralReader(tokens, line)
  const pairs = reader.pairs()
  reader.expectEnd()
  return pairs
}

/** Reads a literal string from all of `tokens`. Throws NotUnderstood for anything else. */
export const readText = (tokens: readonly Token[], line: number): string => {
  const reader = new LiteralReader(tokens, line)
  const text = reader.text()
  reader.expectEnd()
  return text
}

/**
 * Reads a literal string, or a list or tuple of strings, from all of `tokens`. Throws NotUnderstood for anything else,
 * and for strings side by side.
 */
export const readTexts = (tokens: readonly Token[], line: number): string | readonly string[] => {
  const reader = new LiteralReader(tokens, line)
  const texts = reader.texts()
  reader.expectEnd()
  return texts
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
      // one pair in parentheses without a comma is not a tuple of pairs
      if (!this.#skip(',') && (!this.#peek(close) || (close === ')' && pairs.length === 1))) this.#refuse()
    }
    return pairs
  }

  texts(): string | readonly string[] {
    const close = this.#skip('[') ? ']' : this.#skip('(') ? ')' : undefined
    if (close === undefined) return this.#oneString()
    const texts: string[] = []
    while (!this.#skip(close)) {
      texts.push(this.#oneString())
      if (this.#skip(',')) continue
      if (!this.#skip(close)) this.#refuse()
      // one string in parentheses without a comma is that string
      return texts.length === 1 && close === ')' ? (texts[0] ?? '') : texts
    }
    return texts
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

  #oneString(): string {
    const token = this.#tokens[this.#at++]
    return token?.type === 'string' && token.value !== undefined ? token.value : this.#refuse()
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
    throw new NotUnderstood('it is not a literal', this.#tokens[this.#at]?.line ?? this.#line)
  }
}
