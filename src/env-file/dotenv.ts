import { collect } from './env-file.ts'
import type { EnvFile } from './env-file.ts'

/**
 * The grammar of the npm package `dotenv`, versions 16 to 18. It is their regular expression without the leading `^\s*`,
 * which takes quadratic time on blank lines.
 */
const assignment =
  /(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/my

interface Match {
  /** Where the assignment begins, after any blanks. */
  readonly from: number
  readonly to: number
  readonly name: string
  readonly raw: string
}

function* matchAssignments(text: string): Generator<Match, void, void> {
  const content = /\S/g
  const lineEnd = /[\n\u2028\u2029]/g
  const nextLine = (from: number): number => {
    lineEnd.lastIndex = from
    return lineEnd.exec(text) ? lineEnd.lastIndex : text.length
  }
  for (let at = 0; at < text.length;) {
    content.lastIndex = at
    const from = content.exec(text)?.index
    if (from === undefined) return
    assignment.lastIndex = from
    const match = assignment.exec(text)
    const [whole, name, raw = ''] = match ?? []
    if (whole === undefined || name === undefined) at = nextLine(from)
    else {
      const to = from + whole.length
      yield { from, to, name, raw }
      at = /[\n\u2028\u2029]/.test(text.charAt(to - 1)) ? to : nextLine(to)
    }
  }
}

/** The package's own rule takes quadratic time if a value has many lines that begin with an unclosed quote. */
const MAX_UNQUOTED_LENGTH = 8192

const unquote = (raw: string): string | undefined => {
  const trimmed = raw.trim()
  if (!/['"`]/.test(trimmed)) return trimmed
  if (isQuoted(trimmed)) return expand(trimmed, trimmed.slice(1, -1))
  if (!/[\n\u2028\u2029]/.test(trimmed)) return expand(trimmed, trimmed)
  if (trimmed.length > MAX_UNQUOTED_LENGTH) return undefined
  return expand(trimmed, trimmed.replace(/^(['"`])([\s\S]*)\1$/gm, '$2'))
}

const isQuoted = (trimmed: string): boolean =>
  trimmed.length > 1 && /['"`]/.test(trimmed.charAt(0)) && trimmed.at(-1) === trimmed[0]

const expand = (trimmed: string, bare: string): string =>
  trimmed.startsWith('"') ? bare.replaceAll('\\n', '\n').replaceAll('\\r', '\r') : bare

const isUnclosed = (trimmed: string): boolean => /^['"`]/.test(trimmed) && !isQuoted(trimmed)

/** Whether dotenv ignores a line between two assignments without a word. Blank lines and comments do not count. */
const isIgnored = (line: string): boolean => line.trim() !== '' && !line.trimStart().startsWith('#')

/** Parses a file as the npm package `dotenv` does, which sets only names that `process.env` does not have yet. */
export const parseDotenv = (text: string): EnvFile => {
  const found = collect()
  const lines = text.replace(/\r\n?/g, '\n')
  let line = 1
  let readTo = 0

  const reportIgnored = (to: number): void => {
    const between = lines.slice(readTo, to).split('\n')
    for (const [i, ignored] of between.entries()) {
      if (!isIgnored(ignored)) continue
      const message = 'the line is not an assignment; dotenv ignores it'
      found.problems.push({ line: line + i, code: 'no-assignment', message, lost: 'line' })
    }
    line += between.length - 1
    readTo = to
  }

  const assign = (name: string, raw: string): void => {
    // dotenv assigns to the prototype here, so the value is lost.
    if (name === '__proto__') return
    const value = unquote(raw)
    if (value === undefined) found.assign(name, { kind: 'unknown', line, why: 'its quotes are ambiguous' })
    else if (/\p{Surrogate}/u.test(value))
      found.assign(name, { kind: 'unknown', line, why: 'its value is not valid UTF-8' })
    else found.assign(name, { kind: 'known', value, line, exported: true })
    if (isUnclosed(raw.trim())) {
      const message = 'a quote opens here and never closes; dotenv keeps it as part of the value'
      found.problems.push({ line, code: 'quote-unclosed', message, lost: 'line', variable: name })
    }
  }

  for (const { from, to, name, raw } of matchAssignments(lines)) {
    reportIgnored(from)
    assign(name, raw)
    line += lines.slice(from, to).split('\n').length - 1
    readTo = to
  }
  reportIgnored(lines.length)
  return { variables: found.variables, problems: found.problems }
}
