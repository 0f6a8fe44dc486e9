import { setImmediate as turn } from 'node:timers/promises'
import { Composer, Lexer, Parser } from 'yaml'
import type { CST, Document, LineCounter } from 'yaml'

/**
 * The most lexemes in a file: keys, values, blanks and line ends each count. A check of twelve keys has about 80, and the
 * parser needs about 2 µs for each.
 */
const MAX_LEXEMES = 40_000
/** After so many, other work gets its turn: a reload must not hold up answers. */
const LEXEMES_A_TURN = 1000

/** A mistake in the syntax of a file. */
export interface SyntaxMistake {
  readonly offset: number
  /** The parser's own messages can quote the file, and so a secret: this one does not. */
  readonly message: string
}

export type Yaml =
  | { readonly ok: true; readonly document: Document.Parsed }
  | { readonly ok: false; readonly mistakes: readonly SyntaxMistake[] }

const MAX_MISTAKES = 20

/**
 * Parses YAML 1.2 in steps, between which other work gets its turn. Leaves duplicate keys to the caller: the parser's own
 * search for them takes quadratic time.
 */
export const readYaml = async (text: string, lines: LineCounter): Promise<Yaml> => {
  lines.addNewLine(0)
  const parser = new Parser(lines.addNewLine)
  const tokens: CST.Token[] = []
  let lexemes = 0
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token)
    lexemes += 1
    if (lexemes > MAX_LEXEMES) {
      const message = 'found too many keys and values; make the configuration smaller'
      return { ok: false, mistakes: [{ offset: 0, message }] }
    }
    if (lexemes % LEXEMES_A_TURN === 0) await turn()
  }
  for (const token of parser.end()) tokens.push(token)
  if (lexemes > LEXEMES_A_TURN) await turn()
  return compose(tokens, text.length)
}

const compose = (tokens: readonly CST.Token[], length: number): Yaml => {
  const { stackTraceLimit } = Error
  // a file can have as many errors as tokens, and a stack trace costs more than all the rest
  Error.stackTraceLimit = 0
  try {
    const [document, second] = new Composer({ uniqueKeys: false }).compose(tokens, true, length)
    if (!document) return { ok: false, mistakes: [{ offset: 0, message: 'invalid YAML: no document' }] }
    const mistakes = document.errors
      .slice(0, MAX_MISTAKES)
      .map(({ pos, code }) => ({ offset: pos[0], message: `invalid YAML: ${inWords(code)}` }))
    if (second) mistakes.push({ offset: second.range[0], message: 'invalid YAML: multiple docs' })
    return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, document }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

const inWords = (code: string): string => code.toLowerCase().replaceAll('_', ' ')
