import { frameworkReadings, namesWithDefault } from './discover-frameworks.ts'
import type { Reading } from './discover-frameworks.ts'

/** A source file. */
export interface SourceText {
  readonly path: string
  readonly text: string
}

/** A variable that the source files read. */
export interface DiscoveredVariable {
  readonly name: string
  /** `path:line` of the first place that reads it. */
  readonly readAt: string
  /** Whether at least one place reads it without a default. */
  readonly required: boolean
  readonly type: Reading['type']
}

const name = `(?:"([A-Za-z_][A-Za-z0-9_]*)"|'([A-Za-z_][A-Za-z0-9_]*)')`
/** For functions with other uses too: only a name in capitals counts. */
const capitals = `(?:"([A-Z_][A-Z0-9_]*)"|'([A-Z_][A-Z0-9_]*)')`
const start = String.raw`(?<![\w$.])`

/** Python, JavaScript and Ruby. One or two groups capture the name; `method` captures what gives the type. */
const readings: readonly RegExp[] = [
  String.raw`\b(?:os\.)?environ\s*\[\s*${name}\s*\]`,
  String.raw`\b(?:os\.)?environ\.get\s*\(\s*${name}`,
  String.raw`\b(?:os\.)?environ\.(?:pop|setdefault)\s*\(\s*${name}`,
  String.raw`\b(?:os\.)?getenv\s*\(\s*${name}`,
  String.raw`${start}env(?:\.(?<method>[a-z_]+))?\s*\(\s*${capitals}`,
  String.raw`${start}value_from_env\s*\(\s*${name}`,
  String.raw`${start}config\s*\(\s*${capitals}`,
  String.raw`\b(?:process|Bun)\.env\??\.([A-Za-z_]\w*)\b()`,
  String.raw`\b(?:process|Bun)\.env\s*(?:\?\.)?\[\s*${name}\s*\]`,
  String.raw`\bDeno\.env\.get\s*\(\s*${name}`,
  String.raw`${start}ENV\s*\[\s*${name}\s*\]`,
  String.raw`${start}ENV\.(?:fetch|dig)\s*\(\s*${name}`,
  String.raw`${start}ENV\.fetch[ \t]+${name}`,
].map(source => new RegExp(source, 'g'))

const openings = '([{'
const closings = ')]}'

/** The rest of a call's arguments: from after the first one to the closing parenthesis. */
const restOfCall = (text: string): string => {
  let depth = 0
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i)
    if (quote !== '') {
      if (c === '\\') i++
      else if (c === quote) quote = ''
    } else if (c === '"' || c === "'" || c === '`') quote = c
    else if (openings.includes(c)) depth++
    else if (closings.includes(c)) {
      if (depth === 0) return text.slice(0, i)
      depth--
    }
  }
  return ''
}

/** The longest text that is searched for the arguments of a call. */
const MAX_CALL_LENGTH = 2000

/** Splits arguments at the commas between them. */
const splitArguments = (text: string): readonly string[] => {
  const found: string[] = []
  let from = 0
  for (let at = text.indexOf(','); at >= 0; at = text.indexOf(',', at + 1)) {
    // a comma in parentheses or quotes leaves them open before it
    if (restOfCall(`${text.slice(from, at)})`) !== text.slice(from, at)) continue
    found.push(text.slice(from, at))
    from = at + 1
  }
  return [...found, text.slice(from)].map(argument => argument.trim()).filter(argument => argument !== '')
}

/** A second argument is a default, unless it has another name, such as `cast=int`. */
const isDefault = (argument: string): boolean =>
  !/^\w+\s*=(?!=)/.test(argument) || /^default\s*=/.test(argument)

/** What takes an absent variable as it is: another value, a comparison, a question. */
const TOLERANT = /^\s*(?:\?\?|\|\||&&|&\.|[!=]=|or\b|and\b|\?(?!\.)|\.(?:present|blank|nil)\?|\.presence\b)/

/** Python raises an error where a name is absent, unless what follows is known not to be reached. */
const OTHERWISE = /^\s*or\b/

const hasDefault = (reading: string, after: string): boolean => {
  const isCall = reading
    .replace(/["'].*$/s, '')
    .trimEnd()
    .endsWith('(')
  if (isCall) {
    const rest = restOfCall(after)
    const end = after.slice(rest.length)
    if (/\.(?:pop|setdefault|dig)\s*\(/.test(reading)) return true
    // Ruby's fetch accepts its default as a block.
    if (/^\s*\)\s*(?:\{|do\b)/.test(end) || splitArguments(rest).some(isDefault)) return true
    return /\b(?:get|getenv)\s*\(/.test(reading) && TOLERANT.test(end.replace(/^\s*\)/, ''))
  }
  if (/\.fetch[ \t]/.test(reading)) return /^\s*(?:,|\{|do\b)/.test(after)
  return (/\benviron\s*\[/.test(reading) ? OTHERWISE : TOLERANT).test(after)
}

/** `ENV["A"] = …` sets the variable, and does not read it. */
const isAssignment = (reading: string, after: string): boolean =>
  !reading.includes('(') && /^\s*=(?![=>~])/.test(after)

const typeOf = (method: string | undefined, after: string): DiscoveredVariable['type'] => {
  const asked = method ?? /^[^)]*?\bcast\s*=\s*(\w+)/.exec(after)?.[1]
  if (asked === 'int') return 'integer'
  if (asked === 'float') return 'number'
  return asked === 'url' ? 'uri' : 'string'
}

const isComment = (line: string): boolean => /^\s*(?:#|\/\/|\*|\/\*)/.test(line)

const callsIn = (text: string): readonly Reading[] =>
  readings.flatMap(pattern =>
    [...text.matchAll(pattern)].flatMap(match => {
      const found = match.slice(1).find(group => group !== undefined && group !== match.groups?.['method'])
      if (!found) return []
      const from = match.index + match[0].length
      const after = text.slice(from, from + MAX_CALL_LENGTH)
      if (isAssignment(match[0], after)) return []
      return [
        {
          name: found,
          index: match.index,
          hasDefault: hasDefault(match[0], after),
          type: typeOf(match.groups?.['method'], after),
        },
      ]
    }),
  )

const readingsIn = ({ path, text }: SourceText): readonly DiscoveredVariable[] =>
  [...callsIn(text), ...frameworkReadings(text)].flatMap(
    ({ name: found, index, hasDefault: optional, type }) => {
      const lineStart = text.lastIndexOf('\n', index) + 1
      if (isComment(text.slice(lineStart, index + 1))) return []
      const line = text.slice(0, index).split('\n').length
      return [{ name: found, readAt: `${path}:${line}`, required: !optional, type }]
    },
  )

/** The variables that source files read, sorted by name. Pure. It is a draft for an author: it finds most, not all. */
export const discoverVariables = (sources: readonly SourceText[]): readonly DiscoveredVariable[] => {
  const byName = new Map<string, DiscoveredVariable>()
  for (const found of sources.flatMap(readingsIn)) {
    const known = byName.get(found.name)
    const type = known && known.type !== 'string' ? known.type : found.type
    byName.set(found.name, {
      ...(known ?? found),
      required: found.required || (known?.required ?? false),
      type,
    })
  }
  for (const defaulted of sources.flatMap(({ text }) => namesWithDefault(text))) {
    const known = byName.get(defaulted)
    if (known) byName.set(defaulted, { ...known, required: false })
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

const typeSchemas = {
  string: { type: 'string' },
  integer: { type: 'integer' },
  number: { type: 'number' },
  uri: { type: 'string', format: 'uri' },
} as const

/** A JSON Schema for the key `schema` of an env check. Variables without a default are required. */
export const environmentSchema = (variables: readonly DiscoveredVariable[]): object => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: variables.filter(({ required }) => required).map(variable => variable.name),
  properties: Object.fromEntries(
    variables.map(({ name: property, type, readAt }) => [
      property,
      { ...typeSchemas[type], description: `read in ${readAt}` },
    ]),
  ),
})
