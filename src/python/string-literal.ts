import { NotUnderstood } from './not-understood.ts'

/** Where a string ends, and its value. */
export interface StringLiteral {
  /** The offset after the closing quote. */
  readonly end: number
  /** Absent for bytes, for templates, and for strings with an escape that this program does not read. */
  readonly value: string | undefined
  /** Of a template: the sources of the expressions in it, without conversion and format. */
  readonly expressions: readonly string[]
}

const PREFIX = /^(?:r|u|b|f|t|br|rb|fr|rf|tr|rt)$/i

/** Whether a name before a quote is a string's prefix. */
export const isStringPrefix = (name: string): boolean => PREFIX.test(name)

export const isTemplatePrefix = (prefix: string): boolean => /[ft]/i.test(prefix)

/** Reads the string whose opening quote is at `start`. Throws NotUnderstood if it does not end. */
export const readString = (
  text: string,
  { prefix, start, line }: { readonly prefix: string; readonly start: number; readonly line: number },
): StringLiteral => {
  const quote = text.startsWith(text.charAt(start).repeat(3), start)
    ? text.charAt(start).repeat(3)
    : text.charAt(start)
  const from = start + quote.length
  if (isTemplatePrefix(prefix)) {
    const expressions: string[] = []
    const end = endOfTemplate(text, { from, quote, raw: /r/i.test(prefix), line, expressions })
    return { end, value: undefined, expressions }
  }
  const close = closingQuote(text, { from, quote, line })
  const body = text.slice(from, close)
  const end = close + quote.length
  if (/b/i.test(prefix)) return { end, value: undefined, expressions: [] }
  return { end, value: /r/i.test(prefix) ? body : unescaped(body), expressions: [] }
}

interface Body {
  readonly from: number
  readonly quote: string
  readonly line: number
}

interface Template extends Body {
  readonly raw: boolean
  /** Collects the sources of the expressions. */
  readonly expressions: string[]
}

const closingQuote = (text: string, { from, quote, line }: Body): number => {
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '\\') at++
    else if (char === '\n' && quote.length === 1) break
    else if (text.startsWith(quote, at)) return at
  }
  throw new NotUnderstood('a string does not end', line)
}

/** How deeply strings may be nested in the expressions of templates. */
const MAX_DEPTH = 20

/**
 * The offset after a template's closing quote, by the grammar of Python 3.12 (PEP 701): an expression may contain any
 * string. A template that older versions accept ends at the same place.
 */
const endOfTemplate = (text: string, body: Template, depth = 0): number => {
  const { quote, raw, line } = body
  if (depth > MAX_DEPTH) throw new NotUnderstood('strings are nested too deeply', line)
  let at = body.from
  while (at < text.length) {
    const char = text.charAt(at)
    if (char === '\\') {
      const next = text.charAt(at + 1)
      if (next === 'N' && !raw && text.charAt(at + 2) === '{') at = indexOrThrow(text, '}', at, line) + 1
      else at += next === '{' || next === '}' ? 1 : 2
    } else if (char === '{' && text.charAt(at + 1) === '{') at += 2
    else if (char === '{') at = endOfField(text, { ...body, from: at + 1 }, depth)
    else if (char === '\n' && quote.length === 1) break
    else if (text.startsWith(quote, at)) return at + quote.length
    else at++
  }
  throw new NotUnderstood('a string does not end', line)
}

/** The offset after the closing brace of a replacement field. `from` is the offset after its opening brace. */
const endOfField = (text: string, body: Template, depth: number): number => {
  const { line } = body
  let brackets = 0
  let at = body.from
  let inFormat = false
  let expressionEnd: number | undefined
  const endExpression = () => {
    expressionEnd ??= at
    body.expressions.push(withoutDebug(text.slice(body.from, expressionEnd)))
  }
  while (at < text.length) {
    const char = text.charAt(at)
    if (inFormat) {
      if (char === '{') at = endOfField(text, { ...body, from: at + 1 }, depth + 1)
      else if (char === '}') return at + 1
      else if (text.startsWith(body.quote, at) || (char === '\n' && body.quote.length === 1)) break
      else at++
      continue
    }
    if (char === '#' || char === '\\') break
    const prefix = /[A-Za-z]{0,2}$/.exec(text.slice(Math.max(body.from, at - 2), at))?.[0] ?? ''
    if (char === '"' || char === "'") {
      // before Python 3.12 the template would end here, which is a syntax error
      at =
        isTemplatePrefix(prefix) && isStringPrefix(prefix)
          ? endOfTemplate(text, nested(text, at, { prefix, line }), depth + 1)
          : readString(text, { prefix: isStringPrefix(prefix) ? prefix : '', start: at, line }).end
      continue
    }
    if ('([{'.includes(char)) brackets++
    else if (char === '}' && brackets === 0) {
      endExpression()
      return at + 1
    } else if (')]}'.includes(char)) brackets--
    else if (char === '!' && brackets === 0 && text.charAt(at + 1) !== '=') expressionEnd ??= at
    else if (char === ':' && brackets === 0) {
      endExpression()
      inFormat = true
    }
    at++
  }
  throw new NotUnderstood('a template string is not understood', line)
}

const nested = (
  text: string,
  start: number,
  { prefix, line }: { readonly prefix: string; readonly line: number },
): Template => {
  const char = text.charAt(start)
  const quote = text.startsWith(char.repeat(3), start) ? char.repeat(3) : char
  // its expressions are found when the expression around it is tokenized
  return { from: start + quote.length, quote, raw: /r/i.test(prefix), line, expressions: [] }
}

/** An expression without the `=` at its end, which prints the expression itself: `f"{x=}"`. */
const withoutDebug = (expression: string): string => {
  const trimmed = expression.trimEnd()
  return /[^=!<>]=$/.test(trimmed) ? trimmed.slice(0, -1) : expression
}

const indexOrThrow = (text: string, what: string, from: number, line: number): number => {
  const at = text.indexOf(what, from)
  if (at < 0) throw new NotUnderstood('a string does not end', line)
  return at
}

const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]))/gu
const SIMPLE: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}
/** An escape with one of these that has not matched is broken, or names a character. */
const UNREAD = new Set(['x', 'u', 'U', 'N'])

/** A lone surrogate stays one in Python; JavaScript could join two of them. */
const isCharacter = (code: number): boolean => code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)

/** The value of a string with escapes. Undefined if this program does not read one of them. */
const unescaped = (body: string): string | undefined => {
  if (!body.includes('\\')) return body
  let readable = true
  const value = body.replace(
    ESCAPE,
    (match, octal?: string, x?: string, u?: string, upperU?: string, char?: string) => {
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
      const hex = x ?? u ?? upperU
      const code = hex === undefined ? undefined : Number.parseInt(hex, 16)
      if (code !== undefined && isCharacter(code)) return String.fromCodePoint(code)
      if (char === undefined || UNREAD.has(char)) {
        readable = false
        return match
      }
      return SIMPLE[char] ?? match
    },
  )
  return readable ? value : undefined
}
