import { collect } from './env-file.ts'
import type { EnvFile } from './env-file.ts'

/**
 * The grammar of the npm package `dotenv`, versions 16 to 18: their regular expression, but for its `^\s*`, which takes
 * quadratic time over blank lines.
 */
const assignment =
  /(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/my

interface Match {
  /** Where the assignment begins, blanks before it left out. */
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

/** The package's own rule takes quadratic time where none of the quotes that begin lines within a value is closed. */
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

/** What lies between two assignments: blank lines, comments, and lines that dotenv passes over without a word. */
const isPassedOver = (line: string): boolean => line.trim() !== '' && !line.trimStart().startsWith('#')

/** What the npm package `dotenv` puts in `process.env`, where that does not hold the name already. */
export const parseDotenv = (text: string): EnvFile => {
  const found = collect()
  const lines = text.replace(/\r\n?/g, '\n')
  let line = 1
  let readTo = 0

  const passOver = (to: number): void => {
    const between = lines.slice(readTo, to).split('\n')
    for (const [i, passedOver] of between.entries()) {
      if (!isPassedOver(passedOver)) continue
      const message = 'dotenv takes the line for no assignment and passes over it'
      found.problems.push({ line: line + i, code: 'no-assignment', message, lost: 'line' })
    }
    line += between.length - 1
    readTo = to
  }

  const assign = (name: string, raw: string): void => {
    // A property of that name is the prototype's: dotenv's assignment to it is lost.
    if (name === '__proto__') return
    const value = unquote(raw)
    if (value === undefined)
      found.assign(name, { kind: 'unknown', line, why: 'its quotes cannot be told apart' })
    else if (/\p{Surrogate}/u.test(value))
      found.assign(name, { kind: 'unknown', line, why: 'its value is not valid UTF-8' })
    else found.assign(name, { kind: 'known', value, line, exported: true })
    if (isUnclosed(raw.trim())) {
      const message = 'a quote opens here and does not close; dotenv takes it for a part of the value'
      found.problems.push({ line, code: 'quote-unclosed', message, lost: 'line', variable: name })
    }
  }

  for (const { from, to, name, raw } of matchAssignments(lines)) {
    passOver(from)
    assign(name, raw)
    line += lines.slice(from, to).split('\n').length - 1
    readTo = to
  }
  passOver(lines.length)
  return { variables: found.variables, problems: found.problems }
}
