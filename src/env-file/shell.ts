import { collect } from './env-file.ts'
import type { Collector, EnvFile, EnvVariable } from './env-file.ts'
import { readShellLines } from './shell-words.ts'
import type { ShellCommand, Word } from './shell-words.ts'

/** Builtins and keywords of dash and bash. Any of them may set variables, unset them, or end the file. */
const builtins = new Set(
  (
    '. : [ alias bg bind break builtin caller cd chdir command compgen complete compopt continue declare dirs disown ' +
    'echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd ' +
    'printf pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type ' +
    'typeset ulimit umask unalias unset wait ' +
    '! { } [[ ]] case coproc do done elif else esac fi for function if in select then time until while'
  ).split(' '),
)

/** Names that the shell itself sets, protects, or reads: the value found may differ from the value assigned. */
const special =
  /^(?:_|UID|EUID|PPID|GROUPS|RANDOM|SRANDOM|SECONDS|LINENO|OPTIND|OPTARG|IFS|PWD|OLDPWD|DIRSTACK|FUNCNAME|HISTCMD|PIPESTATUS|SHELLOPTS|SHLVL|COMP_.*|EPOCH.*|BASH.*|POSIXLY_CORRECT)$/

/** The limit of execve(2) for one variable (MAX_ARG_STRLEN). A value that doubles itself soon exceeds it. */
const MAX_VALUE_LENGTH = 128 * 1024

interface Assignment {
  readonly name: string
  readonly value: Word
  /** `NAME+=`, `NAME[…]=`: an assignment in bash, a command in dash. */
  readonly onlyBash: boolean
}

const assignmentOf = ({ pieces: [first, ...rest] }: Word): Assignment | undefined => {
  if (first?.kind !== 'text' || first.quoted) return undefined
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(\+|\[[^\]]*\]\+?)?=/.exec(first.text)
  if (match?.[1] === undefined) return undefined
  const value = { pieces: [{ ...first, text: first.text.slice(match[0].length) }, ...rest] }
  return { name: match[1], value, onlyBash: match[2] !== undefined }
}

const literalOf = ({ pieces }: Word): string | undefined =>
  pieces.every(piece => piece.kind === 'text') ? pieces.map(piece => piece.text).join('') : undefined

/** Whether a shell would expand a word to file names, a home directory or alternatives. */
const isPattern = ({ pieces }: Word): boolean =>
  pieces.some(piece => piece.kind === 'text' && !piece.quoted && /[*?[{~]/.test(piece.text))

/** Whether bash would expand braces in a word of `export`: it needs a comma or two dots behind the brace. */
const hasBraceExpansion = (pieces: Word['pieces']): boolean => {
  const unquoted = pieces.map(piece => (piece.kind === 'text' && !piece.quoted ? piece.text : '\0')).join('')
  return /\{.*(?:,|\.\.).*\}/s.test(unquoted)
}

interface Known {
  readonly known: true
  readonly value: string
}

type Evaluated = Known | { readonly known: false; readonly why: string }

const unknowable = (why: string): Evaluated => ({ known: false, why })

/**
 * `asArgument`: the word is an argument of `export`. Some shells split it, and match it against file names. No file is
 * called `NAME=…`, so that a pattern stays as it is.
 */
const evaluate = (
  { pieces }: Word,
  variables: ReadonlyMap<string, EnvVariable>,
  options: { readonly asArgument: boolean },
): Evaluated => {
  let value = ''
  let before = ''
  for (const piece of pieces) {
    if (piece.kind === 'unknowable') return unknowable(piece.why)
    if (piece.kind === 'text') {
      if (!piece.quoted && /(?:^|[:=])~/.test(before + piece.text))
        return unknowable('an unquoted ~ expands to a home directory')
      if (!piece.quoted && options.asArgument && hasBraceExpansion(pieces))
        return unknowable('bash expands {…} with a comma or .. in it, and dash does not; quote the value')
      value += piece.text
      before = piece.text.at(-1) ?? before
      continue
    }
    const variable = variables.get(piece.name)
    if (variable?.kind !== 'known') return unknowable('it uses a variable that the file does not set')
    if (!piece.quoted && options.asArgument)
      return unknowable('shells differ on whether export splits an unquoted variable')
    value += variable.value
    before = variable.value.at(-1) ?? before
    if (value.length > MAX_VALUE_LENGTH) return unknowable('it is longer than execve(2) allows')
  }
  if (/\p{Surrogate}/u.test(value)) return unknowable('its value is not valid UTF-8')
  return { known: true, value }
}

/** What a shell would know after each command. No command is run. */
interface Interpreter {
  readonly found: Collector
  readonly exported: Set<string>
  exportsAll: boolean
}

const assign = (
  { found, exported, exportsAll }: Interpreter,
  { name, value, onlyBash }: Assignment,
  at: { readonly line: number; readonly asArgument: boolean },
): void => {
  const { line, asArgument } = at
  if (asArgument || exportsAll) exported.add(name)
  const evaluated = onlyBash
    ? unknowable('only bash reads it as an assignment')
    : special.test(name)
      ? unknowable('the name belongs to the shell')
      : evaluate(value, found.variables, { asArgument })
  if (!evaluated.known) {
    found.assign(name, { kind: 'unknown', line, why: evaluated.why })
    return
  }
  found.assign(name, { kind: 'known', value: evaluated.value, line, exported: exported.has(name) })
  if (evaluated.value.endsWith('\r')) {
    const message =
      'the line ends in a carriage return, which a shell keeps as part of the value; use Unix line ends'
    found.problems.push({ line, code: 'carriage-return', message, lost: 'line', variable: name })
  }
}

const exportName = ({ found, exported }: Interpreter, name: string, line: number): void => {
  exported.add(name)
  const variable = found.variables.get(name)
  if (variable?.kind === 'known') found.variables.set(name, { ...variable, exported: true })
  if (!variable) found.assign(name, { kind: 'unknown', line, why: 'it is exported without a value' })
}

const AMPERSAND = 'an unquoted & cuts the value and the shell loses the assignment; quote the value'

const loseAssignment = ({ found }: Interpreter, name: string, line: number): void =>
  void found.problems.push({ line, code: 'command', message: AMPERSAND, lost: 'line', variable: name })

/** An `export` before an unquoted & runs in a subshell. Returns whether it was understood. */
const loseExport = (interpreter: Interpreter, words: readonly Word[], line: number): boolean => {
  const assignments = words.map(assignmentOf)
  if (assignments.length === 0 || assignments.includes(undefined)) return false
  for (const assignment of assignments) if (assignment) loseAssignment(interpreter, assignment.name, line)
  return true
}

const CUT = 'an unquoted blank cuts the value; quote the value'

/** Applies an `export`. Returns whether it was understood. */
const runExport = (interpreter: Interpreter, words: readonly Word[], line: number): boolean => {
  const steps = words.map(word => assignmentOf(word) ?? literalOf(word))
  const clear = steps.every(step =>
    typeof step === 'string' ? /^[A-Za-z_][A-Za-z0-9_]*$/.test(step) : step !== undefined && !step.onlyBash,
  )
  if (!clear || steps.length === 0) return false
  const { found } = interpreter
  for (const [i, step] of steps.entries()) {
    const before = steps[i - 1]
    const isCut = typeof before === 'object' && typeof step === 'string' && !found.variables.has(step)
    if (isCut)
      found.problems.push({ line, code: 'command', message: CUT, lost: 'nothing', variable: before.name })
    if (typeof step === 'string') exportName(interpreter, step, line)
    else if (step) assign(interpreter, step, { line, asArgument: true })
  }
  return true
}

const describeCommand = (
  words: readonly Word[],
  word: string,
): readonly ['byte-order-mark' | 'carriage-return' | 'command', string] => {
  if (word.startsWith('\ufeff'))
    return [
      'byte-order-mark',
      'the file begins with a byte order mark, which a shell reads as part of the first word; remove it',
    ]
  if (word === '\r')
    return [
      'carriage-return',
      'the line contains only a carriage return, which a shell runs as a command; use Unix line ends',
    ]
  const prefix = words[0] && assignmentOf(words[0])
  return prefix
    ? [
        'command',
        'the value has an unquoted blank, so the shell runs the text after it and assigns nothing; quote the value',
      ]
    : ['command', 'the line is not an assignment; the shell runs it as a command']
}

/** Applies one command. Returns undefined if it was understood, or else why every value is unknown from here on. */
const runCommand = (
  interpreter: Interpreter,
  { words, line, inBackground }: ShellCommand,
): string | undefined => {
  const { found } = interpreter
  const assignments = words.map(assignmentOf)
  const firstOther = assignments.indexOf(undefined)
  if (firstOther < 0) {
    for (const assignment of assignments) {
      if (!assignment) continue
      if (inBackground) loseAssignment(interpreter, assignment.name, line)
      else assign(interpreter, assignment, { line, asArgument: false })
    }
    return undefined
  }
  const [command, ...rest] = words.slice(firstOther)
  const word = command && literalOf(command)
  if (!command || word === undefined || isPattern(command))
    return 'it runs a command that only a shell can resolve'
  if (builtins.has(word)) {
    if (firstOther === 0 && inBackground && word === 'export' && loseExport(interpreter, rest, line))
      return undefined
    if (firstOther > 0 || inBackground) return 'it runs a shell builtin'
    if (word === 'export' && runExport(interpreter, rest, line)) return undefined
    const options = rest.map(literalOf).join(' ')
    const all = word === 'set' ? /^([-+])(?:a|o allexport)$/.exec(options)?.[1] : undefined
    if (all === undefined) return 'it runs a shell builtin'
    interpreter.exportsAll = all === '-'
    return undefined
  }
  const [code, message] = describeCommand(words, word)
  const variable = assignments[0]?.name ?? /^\ufeff([A-Za-z_][A-Za-z0-9_]*)=/.exec(word)?.[1]
  found.problems.push({ line, code, message, lost: 'line', ...(variable !== undefined && { variable }) })
  return undefined
}

/** Marks every name as unknown: its value may have changed, and more names may have been set. */
const lostTrack = ({ variables, problems }: Collector, line: number, why: string): EnvFile => {
  const reason = `line ${line} may change it: ${why}`
  const all = [...variables].map(
    ([name, variable]) => [name, { kind: 'unknown', line: variable.line, why: reason }] as const,
  )
  return { variables: new Map(all), problems, openFrom: { line, why } }
}

/**
 * Parses a file as sh or bash sources it. A value is unknown if dash and bash differ, or if it depends on a command.
 * Nothing is executed.
 */
export const parseShell = (text: string): EnvFile => {
  const found = collect()
  if (text.includes('\0')) return lostTrack(found, 1, 'the file contains a zero byte')
  const interpreter: Interpreter = { found, exported: new Set(), exportsAll: false }
  for (const read of readShellLines(text)) {
    if (read.kind === 'opaque') return lostTrack(found, read.line, read.why)
    if (read.kind === 'syntax-error') {
      found.problems.push({ line: read.line, code: read.code, message: read.message, lost: 'rest' })
      break
    }
    for (const command of read.commands) {
      const why = runCommand(interpreter, command)
      if (why !== undefined) return lostTrack(found, command.line, why)
    }
  }
  return { variables: found.variables, problems: found.problems }
}
