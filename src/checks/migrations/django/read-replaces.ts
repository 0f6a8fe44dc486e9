import { decodeSource } from '../../../python/decode-source.ts'
import { readPairs } from '../../../python/literal.ts'
import { NotUnderstood } from '../../../python/not-understood.ts'
import { isPlainMigration } from './plain-migration.ts'
import {
  assignedValue,
  bodyOf,
  isName,
  isOperator,
  isText,
  notUnderstood,
} from '../../../python/statements.ts'
import { withScopes } from '../../../python/scopes.ts'
import { tokenize } from '../../../python/tokenize.ts'
import type { LogicalLine, Token } from '../../../python/token.ts'

export type Replaces = readonly (readonly [app: string, name: string])[]

export type Reading =
  | { readonly ok: true; readonly replaces: Replaces }
  /** `why` ends a sentence; `hasMigration` is false where nothing in the file is called Migration. */
  | { readonly ok: false; readonly why: string; readonly hasMigration: boolean }

/** Shared, as nearly every migration is like it. */
const NOTHING: Reading = { ok: true, replaces: [] }

/**
 * What the migration in a Python source replaces, without running it: `replaces` of its class `Migration`, which
 * derives from `migrations.Migration` of django.db, as a literal. Whatever could make it something else for Python (another base
 * class, a second assignment, a decorator, code that reaches for the class by its name …) is not understood.
 */
export const readReplaces = (source: Buffer): Reading => {
  if (isPlainMigration(source)) return NOTHING
  let hasMigration = true
  try {
    const text = decodeSource(source)
    const lines = tokenize(text)
    hasMigration = lines.some(({ tokens }) => tokens.some(token => isName(token, 'Migration')))
    return { ok: true, replaces: replacesOf(lines, text.includes('replaces')) }
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error
    const { message, line } = error
    return { ok: false, why: line === undefined ? message : `line ${line}: ${message}`, hasMigration }
  }
}

const replacesOf = (lines: readonly LogicalLine[], spelled: boolean): Replaces => {
  const at = lines.findIndex(line => line.indent === 0 && isClassMigration(line))
  const head = lines[at]
  if (!head) throw new NotUnderstood('it defines no class Migration of its own')
  if (isOperator(lines[at - 1]?.tokens[0], '@')) throw notUnderstood(head, 'its Migration is decorated')

  const base = baseOf(head)
  const imports = lines.slice(0, at).filter(line => line.indent === 0 && importedAs(line) === base)
  const imported = imports.at(-1)
  if (!imported) throw notUnderstood(head, `${base} is not imported from django.db at the top of the file`)

  const body = bodyOf(lines, at)
  const assignment = body.find(({ tokens }) => isName(tokens[0], 'replaces'))
  refuseSurprises(lines, { head, base, imported, assignment, spelled })
  return assignment ? readPairs(assignedValue(assignment), assignment.tokens[0]?.line ?? 0) : []
}

const isClassMigration = ({ tokens }: LogicalLine): boolean =>
  isName(tokens[0], 'class') && isName(tokens[1], 'Migration')

/** `migrations`, of `class Migration(migrations.Migration):` */
const baseOf = (head: LogicalLine): string => {
  const [, , open, base, dot, attribute, ...rest] = head.tokens
  const isPlain =
    isOperator(open, '(') && isOperator(dot, '.') && isName(attribute, 'Migration') && base?.type === 'name'
  if (!isPlain) throw notUnderstood(head, 'its Migration does not derive from migrations.Migration alone')
  const [close, colon, ...others] = isOperator(rest[0], ',') ? rest.slice(1) : rest
  if (!isOperator(close, ')') || !isOperator(colon, ':') || others.length > 0)
    throw notUnderstood(head, 'its Migration does not derive from migrations.Migration alone')
  return base.text
}

/** As what `from django.db import …` brings in `migrations`; undefined where the line is something else. */
const importedAs = ({ tokens }: LogicalLine): string | undefined => {
  const start = ['from', 'django', '.', 'db', 'import']
  if (!start.every((text, i) => isText(tokens[i], text))) return undefined
  const rest = tokens.slice(start.length)
  const names = isOperator(rest[0], '(') && isOperator(rest.at(-1), ')') ? rest.slice(1, -1) : rest
  let found: string | undefined
  for (let i = 0; i < names.length; i++) {
    const name = names[i]
    if (name?.type !== 'name') return undefined
    const alias = isName(names[i + 1], 'as') ? names[i + 2] : undefined
    if (alias && alias.type !== 'name') return undefined
    if (alias) i += 2
    const bound = alias?.type === 'name' ? alias.text : name.text
    if (bound === found) return undefined
    if (name.text === 'migrations') found = bound
    const separator = names[++i]
    if (separator && !isOperator(separator, ',')) return undefined
  }
  return found
}

/** Words by which code could assign what it spells in a string. */
const REACHING = new Set(['exec', 'eval', 'globals', 'locals', 'vars', 'setattr', '__dict__', '__setattr__'])
/** Attributes of a migration that have nothing to do with what it replaces. */
const HARMLESS = new Set(['operations', 'dependencies', 'run_before', 'atomic', 'initial'])

interface Known {
  readonly head: LogicalLine
  /** The name of the module of the base class. */
  readonly base: string
  /** The line that binds it. */
  readonly imported: LogicalLine
  readonly assignment: LogicalLine | undefined
  /** Whether the source spells `replaces` at all, be it in a string. */
  readonly spelled: boolean
}

/** Throws where something other than the lines that are known could have a say in what the migration replaces. */
const refuseSurprises = (lines: readonly LogicalLine[], known: Known): void => {
  const { head, base, imported, assignment, spelled } = known
  let isImported = false
  for (const [line, inFunction] of withScopes(lines)) {
    if (line === imported) isImported = true
    for (const [i, token] of line.tokens.entries()) {
      const name = token.type === 'name' ? token.text : undefined
      if (name === 'replaces' && !(line === assignment && i === 0))
        throw notUnderstood(token, 'replaces is more than one assignment')
      if (name === 'Migration' && line !== head && !isHarmless(line.tokens, i))
        throw notUnderstood(token, 'the name Migration is used for more than its class')
      if (name === 'global') refuseGlobal(line.tokens, i, base)
      if (inFunction) continue

      if (token.type === 'template' && token.text.includes(':='))
        throw notUnderstood(token, 'a template string may assign')
      if (spelled && name !== undefined && REACHING.has(name))
        throw notUnderstood(token, `${name} may reach the class under another name`)
      if (name === base && !isReference(line, i) && importedAs(line) !== base)
        throw notUnderstood(token, `${base} is bound anew`)
      if (isImported && name === 'import' && isOperator(line.tokens[i + 1], '*'))
        throw notUnderstood(token, 'it imports whatever another module has')
    }
  }
}

/** `Migration.operations` and `super(Migration, self)` */
const isHarmless = (tokens: readonly Token[], at: number): boolean => {
  const [attribute, after] = tokens.slice(at + 2)
  const reads = isOperator(tokens[at + 1], '.') && attribute?.type === 'name' && HARMLESS.has(attribute.text)
  const isSuper = isName(tokens[at - 2], 'super') && isOperator(tokens[at - 1], '(')
  return (reads && !isOperator(tokens[at - 1], '.') && !isOperator(after, '=')) || isSuper
}

/** Whether a name is an attribute's, or is only asked for an attribute. */
const isReference = ({ tokens }: LogicalLine, at: number): boolean =>
  isOperator(tokens[at - 1], '.') || (isOperator(tokens[at + 1], '.') && !isName(tokens[0], 'import'))

const refuseGlobal = (tokens: readonly Token[], at: number, base: string): void => {
  if (tokens.slice(at).some(token => isName(token, base)))
    throw notUnderstood(tokens[at], `${base} is bound anew`)
}
