import { collect } from './env-file.ts'
import type { EnvFile } from './env-file.ts'

/** The grammar of the npm package `dotenv`, versions 16 to 18 (their regular expression, kept as it is). */
const assignment =
  /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/gm

const unquote = (raw: string): string => {
  const trimmed = raw.trim()
  const bare = trimmed.replace(/^(['"`])([\s\S]*)\1$/gm, '$2')
  return trimmed.startsWith('"') ? bare.replaceAll('\\n', '\n').replaceAll('\\r', '\r') : bare
}

const isUnclosed = (raw: string): boolean => /^['"`]/.test(raw) && (raw.length === 1 || raw.at(-1) !== raw[0])

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

  for (const match of lines.matchAll(assignment)) {
    const [whole, name, raw = ''] = match
    if (name === undefined) continue
    const lead = whole.length - whole.trimStart().length
    passOver(match.index + lead)
    // A property of that name is the prototype's: dotenv's assignment to it is lost.
    if (name !== '__proto__') {
      const value = unquote(raw)
      if (/\p{Surrogate}/u.test(value))
        found.assign(name, { kind: 'unknown', line, why: 'its value is not valid UTF-8' })
      else found.assign(name, { kind: 'known', value, line, exported: true })
      if (isUnclosed(raw.trim())) {
        const message = 'a quote opens here and does not close; dotenv takes it for a part of the value'
        found.problems.push({ line, code: 'quote-unclosed', message, lost: 'line', variable: name })
      }
    }
    line += whole.slice(lead).split('\n').length - 1
    readTo = match.index + whole.length
  }
  passOver(lines.length)
  return { variables: found.variables, problems: found.problems }
}
