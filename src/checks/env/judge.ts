import { listNames } from '../../lib/list-names.ts'
import type { Evidence, Json } from '../../core/finding.ts'
import type { EnvFinding, EnvReason } from './reasons.ts'
import type { EnvProblem } from '../../env-file/env-file.ts'
import { mergeFiles } from '../../env-file/merge-files.ts'
import type { SourceFile } from '../../env-file/merge-files.ts'
import { findFlaws } from './flaws.ts'
import type { Contract, Flaws } from './flaws.ts'
import type { Violation } from './find-violations.ts'

/** A message lists at most this many names. The evidence lists all. */
const NAMES_IN_A_MESSAGE = 10

/** The evidence lists at most this many lines: a file that is not an environment file is wrong on every line. */
const LINES_IN_EVIDENCE = 20

const list = (items: readonly string[]): string => listNames(items, NAMES_IN_A_MESSAGE)

const omitEmpty = (evidence: Readonly<Record<string, Json>>): Evidence =>
  Object.fromEntries(Object.entries(evidence).filter(([, value]) => Object.keys(value ?? {}).length > 0))

interface FlawedLine {
  readonly at: string
  readonly code: string
  readonly message: string
  readonly lost: EnvProblem['lost']
  readonly variable?: string
}

const flawedLines = (sources: readonly SourceFile[]): readonly FlawedLine[] =>
  sources.flatMap(({ path, file }) =>
    file.problems.flatMap(({ line, code, message, lost, variable }) =>
      lost === 'nothing' && code !== 'value-taken-literally'
        ? []
        : [{ at: `${path}:${line}`, code, message, lost, ...(variable !== undefined && { variable }) }],
    ),
  )

const failure = (flaws: Flaws, lines: readonly FlawedLine[]): readonly [EnvReason, string] | undefined => {
  const withCause = (name: string): string => {
    const cause =
      lines.find(({ variable, lost }) => variable === name && lost === 'line') ??
      lines.find(({ lost }) => lost === 'rest')
    return cause ? `${name} (${cause.at}: ${cause.message})` : name
  }
  const refused = lines.filter(({ lost }) => lost === 'file').map(({ at, message }) => `${at}: ${message}`)
  const rules = [...flaws.invalid].map(([name, rule]) => `${name || 'the whole environment'} ${rule}`)
  const kinds: readonly (readonly [EnvReason, string, readonly string[]])[] = [
    ['ENV_FILE_MALFORMED', 'refused', refused],
    ['ENV_VARIABLE_MISSING', 'missing', flaws.missing.map(withCause)],
    ['ENV_VARIABLE_EMPTY', 'empty', flaws.empty],
    ['ENV_VARIABLE_PLACEHOLDER', 'a placeholder instead of a value', flaws.placeholder],
    ['ENV_VARIABLE_INVALID', 'invalid', rules],
  ]
  const found = kinds.filter(([, , items]) => items.length > 0)
  const [worst] = found
  return worst && [worst[0], found.map(([, what, items]) => `${what}: ${list(items)}`).join('; ')]
}

/**
 * Judges whether the files meet the contract. Pure. Reports everything at once, with the reason of the most severe
 * problem. Shows only names that the contract declares, and no value.
 */
export const judge = (
  sources: readonly SourceFile[],
  contract: Contract,
  { violations = [] }: { readonly violations?: readonly Violation[] } = {},
): EnvFinding => {
  const variables = mergeFiles(sources)
  const open = sources.find(({ file }) => file.openFrom)
  const flaws = findFlaws(contract, {
    variables,
    violations,
    problems: sources.flatMap(({ file }) => file.problems),
    complete: open === undefined,
  })
  const lines = flawedLines(sources)
  const { invalid, ...byName } = flaws
  const evidence = omitEmpty({
    files: sources.map(({ path }) => path),
    ...byName,
    invalid: Object.fromEntries(invalid),
    lines: lines.slice(0, LINES_IN_EVIDENCE).map(({ at, code }) => `${at} ${code}`),
  })

  const failed = failure(flaws, lines)
  if (failed) return { status: 'fail', reason: failed[0], message: failed[1], evidence }
  if (flaws.unknown.length > 0) {
    const reasons = flaws.unknown.map(name => {
      const variable = variables.get(name)
      if (variable?.kind === 'unknown') return `${name} (line ${variable.line}: ${variable.why})`
      return open ? `${name} (${open.path}:${open.file.openFrom?.line}: ${open.file.openFrom?.why})` : name
    })
    return {
      status: 'unknown',
      reason: 'ENV_VARIABLE_UNKNOWN',
      message: `not known: ${list(reasons)}`,
      evidence,
    }
  }
  if (flaws.notExported.length > 0) {
    const message = `not exported: ${list(flaws.notExported)}; add export or set -a, or the app does not inherit them`
    return { status: 'warn', reason: 'ENV_VARIABLE_NOT_EXPORTED', message, evidence }
  }
  const [first] = lines
  if (first) {
    const more = lines.length > 1 ? ` (and ${lines.length - 1} more lines)` : ''
    return {
      status: 'warn',
      reason: 'ENV_FILE_MALFORMED',
      message: `${first.at}: ${first.message}${more}`,
      evidence,
    }
  }
  return { status: 'pass', evidence: { ...evidence, variables: variables.size } }
}
