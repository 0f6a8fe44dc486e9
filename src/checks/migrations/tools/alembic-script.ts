import { decodeSource } from '../../../python/decode-source.ts'
import { readTexts } from '../../../python/literal.ts'
import { NotUnderstood } from '../../../python/not-understood.ts'
import { importIn } from '../../../python/imports.ts'
import { codeOf, mayReachNames, spellsAny, withScopes } from '../../../python/scopes.ts'
import { assignedValue, isName, isOperator, notUnderstood } from '../../../python/statements.ts'
import { tokenize } from '../../../python/tokenize.ts'
import type { LogicalLine } from '../../../python/token.ts'
import type { Shipped } from './tool.ts'

export type AlembicReading =
  | { readonly ok: true; readonly script: Shipped & { readonly parents: readonly string[] } }
  /** `why` ends a sentence. */
  | { readonly ok: false; readonly why: string }

const NAMES = ['revision', 'down_revision', 'depends_on']

/**
 * Reads one of Alembic's scripts without running it. `revision`, `down_revision` and `depends_on` must each be one
 * assignment of a literal at the top level. If other code could assign them, the script is not understood.
 */
export const readAlembicScript = (source: Buffer): AlembicReading => {
  try {
    return { ok: true, script: scriptOf(tokenize(decodeSource(source))) }
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error
    const { message, line } = error
    return { ok: false, why: line === undefined ? message : `line ${line}: ${message}` }
  }
}

const scriptOf = (lines: readonly LogicalLine[]): Shipped & { readonly parents: readonly string[] } => {
  const assignments = assignmentsIn(lines)
  const valueOf = (name: string) => {
    const line = assignments.get(name)
    return line && literalIn(line)
  }
  const revision = valueOf('revision')
  if (typeof revision !== 'string' || revision === '')
    throw new NotUnderstood('it assigns no text to revision')
  const down = valueOf('down_revision')
  if (down === undefined) throw new NotUnderstood('it assigns nothing to down_revision')
  const parents = [down, valueOf('depends_on') ?? null].flat().filter(parent => parent !== null)
  return { key: revision, name: revision, parents }
}

/** The line that assigns each of the names. Throws NotUnderstood if a name has another use at the top level. */
const assignmentsIn = (lines: readonly LogicalLine[]): ReadonlyMap<string, LogicalLine> => {
  const spelled = spellsAny(lines, NAMES)
  const found = new Map<string, LogicalLine>()
  for (const [line, { functions }] of withScopes(lines)) {
    const inFunction = functions.length > 0
    if (inFunction && !isName(line.tokens[0], 'global')) continue
    for (const code of codeOf(line.tokens))
      for (const [i, token] of code.entries()) {
        if (spelled && mayReachNames(code, i))
          throw notUnderstood(token, 'it may assign a name that a string spells')
        const name = NAMES.find(known => isName(token, known))
        if (name === undefined || isOperator(code[i - 1], '.')) continue
        if (inFunction || found.has(name) || code !== line.tokens || i > 0 || line.indent > 0)
          throw notUnderstood(token, `${name} is used for more than one assignment`)
        found.set(name, line)
      }
    if (found.size > 0 && importsAll(line))
      throw notUnderstood(line, 'it imports all names of another module')
  }
  return found
}

/** `from x import *`, unless it is of a library that has none of the names. */
const importsAll = (line: LogicalLine): boolean => {
  if (!line.tokens.some((token, i) => isName(token, 'import') && isOperator(line.tokens[i + 1], '*')))
    return false
  const module = importIn(line)?.all
  return module === undefined || module.level > 0 || !/^(?:sqlalchemy|alembic)(?:\.|$)/.test(module.path)
}

/** The None, string, or list or tuple of strings that a line assigns. */
const literalIn = (line: LogicalLine): string | null | readonly string[] => {
  const value = assignedValue(line)
  const end = value.findIndex(token => isOperator(token, ';'))
  const tokens = end < 0 ? value : value.slice(0, end)
  if (tokens.length === 1 && isName(tokens[0], 'None')) return null
  return readTexts(tokens, line.tokens[0]?.line ?? 0)
}
