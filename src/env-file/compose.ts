import { collect } from './env-file.ts'
import type { Collector, EnvFile, EnvVariable } from './env-file.ts'

/**
 * One line of a file, with the lines that its quotes span. Docker compose (compose-go's dotenv) and python-dotenv read
 * such files alike but for what `valueOf` calls unknown.
 */
const LINE =
  /[ \t]*(?:export[ \t]+)?(?<name>[A-Za-z_][A-Za-z0-9_.-]*)[ \t]*(?:(?<sign>[=:])[ \t]*(?:'(?<single>[^'\\]*)'|"(?<double>(?:[^"\\]|\\[^])*)"|(?<plain>[^'"\n\r][^\n\r]*)?)(?<rest>[^\n\r]*))?(?:\r?\n|\r|$)/y

const SKIPPED = /[ \t]*(?:#[^\n\r]*)?(?:\r?\n|\r|$)/y

const unknown = (line: number, why: string): EnvVariable => ({ kind: 'unknown', line, why })

const DIFFER = 'compose and python-dotenv differ on it'

/** Escapes that mean the same to both. */
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }

/** A piece of a value: text, a variable, or something on which the two differ. */
const PIECE =
  /\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<fallback>[^${}]*))?\}|\\(?<escaped>[^])|(?<text>[^$\\]+)|(?<other>[^])/gy

type Expanded = { readonly value: string } | { readonly why: string }

const expand = (
  raw: string,
  {
    variables,
    unescapes,
  }: { readonly variables: ReadonlyMap<string, EnvVariable>; readonly unescapes: boolean },
): Expanded => {
  let value = ''
  for (const { groups = {} } of raw.matchAll(PIECE)) {
    const { name, fallback, escaped, text, other } = groups
    if (text !== undefined) value += text
    else if (escaped !== undefined) {
      const meaning = unescapes ? escapes[escaped] : undefined
      if (meaning === undefined) return { why: `it contains a backslash, and ${DIFFER}` }
      value += meaning
    } else if (name === undefined || other !== undefined)
      return { why: 'compose expands $NAME and python-dotenv does not; write ${NAME}' }
    else {
      const known = variables.get(name)
      if (known?.kind !== 'known') return { why: 'it uses a variable that the file does not set before it' }
      if (known.value === '' && fallback !== undefined)
        return { why: `it has a default for an empty variable, and ${DIFFER}` }
      value += known.value
    }
  }
  return { value }
}

/** An unquoted value without its comment. Undefined where the two differ on what is a comment or a blank. */
const withoutComment = (plain: string): string | undefined => {
  if (/[^\S \t]/.test(plain)) return undefined
  const value = plain.replace(/ +#.*$/s, '').replace(/[ \t]+$/, '')
  return /^#|\t#/.test(value) ? undefined : value
}

type Groups = Readonly<Record<string, string | undefined>>

const valueOf = (groups: Groups, found: Collector): Expanded => {
  const { sign, single, double, plain, rest = '' } = groups
  if (sign === undefined)
    return { why: 'the line has no value, so compose copies it from its own environment' }
  if (sign === ':') return { why: `a colon follows its name, and ${DIFFER}` }
  const { variables } = found
  if (plain !== undefined) {
    const value = withoutComment(plain)
    if (value === undefined) return { why: `it contains a # or an unusual blank, and ${DIFFER}` }
    return expand(value, { variables, unescapes: false })
  }
  if (!/^[ \t]*(?:#.*)?$/.test(rest)) return { why: `text follows its quotes, and ${DIFFER}` }
  if (single?.includes('$')) return { why: `a $ stands in single quotes, and ${DIFFER}` }
  return single === undefined ? expand(double ?? '', { variables, unescapes: true }) : { value: single }
}

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** A line that begins with a name: python-dotenv may take it for one without a value. */
const NAME_ALONE = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)(?![A-Za-z0-9_.-])/

/** Where the two may find the next assignment in different places: all is open. */
const isAmbiguous = (line: string): boolean => /['"\\]|\r(?!\n)|[^\S \t\r\n]/.test(line)

/**
 * Whether what follows a value, or the blanks before it, may open a quote: one that never closes is taken for what
 * follows. Before its version 1.0, python-dotenv takes \\" at the end of a value for an escaped quote.
 */
const mayOpenQuote = ({ rest = '', plain = '', double = '' }: Groups): boolean =>
  (isAmbiguous(rest) && !/^[ \t]*#/.test(rest)) || /^[^\S \t]/.test(plain) || double.endsWith('\\')

const lostTrack = ({ variables, problems }: Collector, line: number): EnvFile => {
  const why = 'compose refuses the line, and python-dotenv may read it as the beginning of another value'
  const all = [...variables].map(
    ([name, variable]) => [name, unknown(variable.line, `line ${line} may change it: ${why}`)] as const,
  )
  return { variables: new Map(all), problems, openFrom: { line, why } }
}

/**
 * Parses a file as Docker compose's `env_file` and python-dotenv do: both expand `${NAME}` of names that the file sets
 * before. Where they differ, or the environment of the reader decides, the value is unknown.
 */
export const parseCompose = (text: string): EnvFile => {
  const found = collect()
  let line = 1
  for (let at = 0; at < text.length;) {
    const rest = /[^\n]*\n?/y
    const wholeLine = matchAt(rest, text, at)?.[0] ?? ''
    const skipped = isAmbiguous(wholeLine.replace(/^[ \t]*#[^\r]*/, '')) ? null : matchAt(SKIPPED, text, at)
    const match = skipped ?? matchAt(LINE, text, at)
    const taken = match && match[0] !== '' ? match[0] : wholeLine
    const groups: Groups = match?.groups ?? {}
    const { name, sign } = groups
    if (mayOpenQuote(groups)) return lostTrack(found, line)
    if (name !== undefined && sign !== ':' && !/\r(?!\n)/.test(taken)) {
      const expanded = valueOf(groups, found)
      const isText = 'value' in expanded && !/\p{Surrogate}/u.test(expanded.value)
      if (isText) found.assign(name, { kind: 'known', value: expanded.value, line, exported: true })
      else
        found.assign(name, unknown(line, 'why' in expanded ? expanded.why : 'its value is not valid UTF-8'))
    } else if (!skipped) {
      if (isAmbiguous(taken)) return lostTrack(found, line)
      const message =
        'the line is not an assignment; compose refuses the file, and python-dotenv ignores the line'
      const begun = NAME_ALONE.exec(taken)?.[1]
      if (begun !== undefined) found.assign(begun, unknown(line, `its line is no assignment, and ${DIFFER}`))
      found.problems.push({ line, code: 'no-assignment', message, lost: 'line' })
    }
    line += taken.split('\n').length - 1
    at += taken.length
  }
  return { variables: found.variables, problems: found.problems }
}
