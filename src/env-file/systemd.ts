import { collect, refused } from './env-file.ts'
import type { Collector, EnvFile, EnvVariable } from './env-file.ts'

const validName = /^[A-Za-z_][A-Za-z0-9_]*$/
const needsEscape = '"\\`$'
// U+FDD0..U+FDEF and the last two code points of each plane are noncharacters. systemd refuses them as invalid UTF-8.
const notUtf8 = /\p{Surrogate}|\p{Noncharacter_Code_Point}/u

type State =
  | 'before-name'
  | 'name'
  | 'before-value'
  | 'value'
  | 'value-escape'
  | 'single-quoted'
  | 'double-quoted'
  | 'double-quoted-escape'
  | 'comment'
  | 'comment-escape'

const isNewline = (c: string): boolean => c === '\n' || c === '\r'
const isBlank = (c: string): boolean => c === ' ' || c === '\t' || isNewline(c)

const chompName = (name: string): string => {
  let end = name.length
  while (isBlank(name.charAt(end - 1))) end--
  return name.slice(0, end)
}

interface Assignment {
  readonly name: string
  readonly value: string
  readonly line: number
  /** Whether a blank and an unquoted # follow the value, as of a comment. */
  readonly looksCommented: boolean
}

interface Scan {
  readonly assignments: readonly Assignment[]
  /** Lines with text but without `=`. */
  readonly bareLines: readonly number[]
  /** The line of a quote that never closes. */
  readonly unclosedAt?: number
  /** Lines of comments that end in a backslash. */
  readonly continuedComments: readonly number[]
}

/**
 * The states of systemd's src/basic/env-file.c. Before version 254 a backslash at the end of a comment continues it on
 * the next line. Since then it does not.
 */
const scan = (text: string, rules: { readonly commentsContinue: boolean }): Scan => {
  const assignments: Assignment[] = []
  const bareLines: number[] = []
  const continuedComments: number[] = []
  let state: State = 'before-name'
  let name = ''
  let value = ''
  let blanksFrom = -1
  let line = 1
  let startedAt = 1
  let quotedAt = 1
  let looksCommented = false
  let blankBefore = false

  const push = (): void => {
    const chomped = state === 'value' && blanksFrom >= 0 ? value.slice(0, blanksFrom) : value
    assignments.push({ name: chompName(name), value: chomped, line: startedAt, looksCommented })
    value = ''
    looksCommented = false
    state = 'before-name'
  }

  for (const c of text) {
    switch (state) {
      case 'before-name':
        if (c === '#' || c === ';') state = 'comment'
        else if (!isBlank(c)) {
          state = 'name'
          startedAt = line
          name = c
        }
        break
      case 'name':
        if (isNewline(c)) {
          bareLines.push(startedAt)
          state = 'before-name'
        } else if (c === '=') {
          state = 'before-value'
          blanksFrom = -1
        } else name += c
        break
      case 'before-value':
        if (isNewline(c)) push()
        else if (c === "'" || c === '"') {
          state = c === "'" ? 'single-quoted' : 'double-quoted'
          quotedAt = line
        } else if (c === '\\') state = 'value-escape'
        else if (!isBlank(c)) {
          state = 'value'
          looksCommented ||= c === '#' && blankBefore
          value += c
        }
        break
      case 'value':
        if (isNewline(c)) push()
        else if (c === '\\') {
          state = 'value-escape'
          blanksFrom = -1
        } else {
          looksCommented ||= c === '#' && blankBefore
          if (!isBlank(c)) blanksFrom = -1
          else if (blanksFrom < 0) blanksFrom = value.length
          value += c
        }
        break
      case 'value-escape':
        state = 'value'
        if (!isNewline(c)) value += c
        break
      case 'single-quoted':
        if (c === "'") state = 'before-value'
        else value += c
        break
      case 'double-quoted':
        if (c === '"') state = 'before-value'
        else if (c === '\\') state = 'double-quoted-escape'
        else value += c
        break
      case 'double-quoted-escape':
        state = 'double-quoted'
        if (needsEscape.includes(c)) value += c
        else if (c !== '\n') value += `\\${c}`
        break
      case 'comment':
        if (c === '\\') state = 'comment-escape'
        else if (isNewline(c)) state = 'before-name'
        break
      case 'comment-escape':
        state = 'comment'
        if (isNewline(c)) {
          continuedComments.push(line)
          if (!rules.commentsContinue) state = 'before-name'
        }
        break
    }
    if (c === '\n') line++
    blankBefore = isBlank(c)
  }

  const unclosed = state.startsWith('single-quoted') || state.startsWith('double-quoted')
  if (state === 'name') bareLines.push(startedAt)
  else if (!state.startsWith('comment') && state !== 'before-name') push()
  return { assignments, bareLines, continuedComments, ...(unclosed && { unclosedAt: quotedAt }) }
}

const isDropped = (assignment: Assignment, { problems }: Collector): boolean => {
  const { name, line } = assignment
  const variable = /^export[ \t]+([A-Za-z_][A-Za-z0-9_]*)$/.exec(name)?.[1]
  if (variable !== undefined) {
    const message = 'systemd drops a line that begins with export; remove the word, or set format: shell'
    problems.push({ line, code: 'export-dropped', message, lost: 'line', variable })
    return true
  }
  if (name.startsWith('\ufeff')) {
    const message =
      'the file begins with a byte order mark, which systemd reads as part of the first name; remove it'
    problems.push({ line, code: 'byte-order-mark', message, lost: 'line', variable: name.slice(1) })
    return true
  }
  if (!validName.test(name)) {
    const message = 'the text before the = is not a valid name; systemd drops the line'
    problems.push({ line, code: 'name-invalid', message, lost: 'line' })
    return true
  }
  return false
}

const evaluate = (text: string, rules: { readonly commentsContinue: boolean }): EnvFile & Scan => {
  const scanned = scan(text, rules)
  const found = collect()
  for (const line of scanned.bareLines) {
    const message = 'the line has no =; systemd drops it'
    found.problems.push({ line, code: 'no-assignment', message, lost: 'line' })
  }
  for (const assignment of scanned.assignments) {
    if (notUtf8.test(assignment.name + assignment.value))
      return {
        ...refused(assignment.line, 'the assignment is not valid UTF-8; systemd refuses the file'),
        ...scanned,
      }
    if (isDropped(assignment, found)) continue
    const { name, value, line, looksCommented } = assignment
    found.assign(name, { kind: 'known', value, line, exported: true })
    if (looksCommented) {
      const message =
        'systemd keeps the # and what follows as part of the value; move the comment to its own line'
      found.problems.push({ line, code: 'value-taken-literally', message, lost: 'nothing', variable: name })
    }
  }
  if (scanned.unclosedAt !== undefined) {
    const message = 'a quote opens here and never closes; systemd reads the rest of the file as its text'
    const variable = scanned.assignments.at(-1)?.name ?? ''
    found.problems.push({ line: scanned.unclosedAt, code: 'quote-unclosed', message, lost: 'rest', variable })
  }
  const problems = found.problems.toSorted((a, b) => a.line - b.line)
  return { variables: found.variables, problems, ...scanned }
}

const unsure = (
  before254: EnvVariable | undefined,
  since254: EnvVariable | undefined,
): EnvVariable | undefined => {
  if (before254?.kind === 'known' && since254?.kind === 'known' && before254.value === since254.value)
    return since254
  const line = since254?.line ?? before254?.line
  const why = 'a comment before it ends in a backslash, which hides the next line from systemd before 254'
  return line === undefined ? undefined : { kind: 'unknown', line, why }
}

/**
 * Parses a file as a unit's `EnvironmentFile=` does (systemd.exec(5) and src/basic/env-file.c), from systemd 248 on.
 * Earlier versions also drop a value that contains a control character.
 */
export const parseSystemd = (text: string): EnvFile => {
  if (text.includes('\0')) return refused(1, 'the file contains a zero byte; systemd refuses it')
  const since254 = evaluate(text, { commentsContinue: false })
  const [continued] = since254.continuedComments
  if (continued === undefined) return { variables: since254.variables, problems: since254.problems }

  const before254 = evaluate(text, { commentsContinue: true })
  const variables = new Map<string, EnvVariable>()
  for (const name of new Set([...before254.variables.keys(), ...since254.variables.keys()])) {
    const variable = unsure(before254.variables.get(name), since254.variables.get(name))
    if (variable) variables.set(name, variable)
  }
  const message = 'the comment ends in a backslash; before systemd 254 the next line is part of the comment'
  const problem = { line: continued, code: 'comment-continued', message, lost: 'line' } as const
  return { variables, problems: [...since254.problems, problem].sort((a, b) => a.line - b.line) }
}
