import { LineCounter, isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { Document, Pair } from 'yaml'
import type { Mistake } from './config-error.ts'
import { interpolate } from './interpolate.ts'
import type { ProcessEnv } from '../lib/process-env.ts'
import { readYaml } from './read-yaml.ts'
import type { SyntaxMistake } from './read-yaml.ts'
import { MAX_DEPTH, MAX_TEXT_LENGTH, TOO_DEEP, tooLarge } from './size-limits.ts'

/** Keys and indexes from the top of the file to a value. */
export type Path = readonly (string | number)[]

/** A parsed configuration file, filled in from the environment, with the place of every value. */
export interface Source {
  readonly value: unknown
  /** References to the environment that could not be filled in. */
  readonly mistakes: readonly Mistake[]
  /** Whether any part of the value came from the environment. */
  isFilledIn(path: Path): boolean
  /** Makes a mistake at the value of `path`, or at its key. */
  mistake(path: Path, message: string, at?: 'key' | 'value'): Mistake
}

/** All syntax errors of a file. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  readonly mistakes: readonly Mistake[]

  constructor(mistakes: readonly Mistake[]) {
    super('invalid YAML')
    this.mistakes = mistakes
  }
}

/**
 * Whether a key may be shown. A value that was written without the blank after its colon is a part of the key, and may be
 * a secret.
 */
export const isPlainWord = (key: string): boolean => /^[A-Za-z_][\w.-]{0,39}$/.test(key)

/** `a.b[0].c`; a key that is no plain word is not shown. */
export const formatPath = (path: Path): string =>
  path
    .map((step, i) => {
      if (typeof step === 'number') return `[${step}]`
      return `${i > 0 ? '.' : ''}${isPlainWord(step) ? step : '(key not shown)'}`
    })
    .join('')

/**
 * Parses YAML 1.2 and fills in `${NAME}` and `${NAME:-default}` in its values. A value that becomes empty counts as not
 * given. Throws a SourceError.
 */
export const readSource = async (text: string, env: ProcessEnv): Promise<Source> => {
  const lines = new LineCounter()
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const refuse = (found: readonly SyntaxMistake[]): never => {
    throw new SourceError(found.map(({ offset, message }) => ({ ...placeOf(offset), path: '', message })))
  }
  const yaml = await readYaml(text, lines)
  if (!yaml.ok) return refuse(yaml.mistakes)
  const { document } = yaml

  const filledIn = new Set<string>()
  const mistakes: Mistake[] = []
  const badKeys: SyntaxMistake[] = []

  /** Fills in a node. False: its value became empty. */
  const fill = (node: unknown, path: Path): boolean => {
    // the size is judged below
    if (path.length > MAX_DEPTH) return true
    if (isMap(node)) {
      badKeys.push(...findBadKeys(node.items))
      node.items = node.items.filter(pair => fill(pair.value, [...path, keyOf(pair)]))
    } else if (isSeq(node)) {
      const kept: unknown[] = []
      for (const item of node.items) if (fill(item, [...path, kept.length])) kept.push(item)
      node.items = kept
    } else if (isScalar(node) && typeof node.value === 'string' && node.value.includes('${')) {
      const filled = interpolate(node.value, { env, maxLength: MAX_TEXT_LENGTH })
      const place = { ...placeOf(node.range?.[0] ?? 0), path: formatPath(path) }
      for (const message of complaintsOf(filled)) mistakes.push({ ...place, message })
      node.value = filled.text
      filledIn.add(JSON.stringify(path))
      return filled.text !== '' || filled.unset.length > 0
    }
    return true
  }
  fill(document.contents, [])
  if (badKeys.length > 0) refuse(badKeys)
  const value = toValue(document, placeOf(0))
  const complaint = tooLarge(value)
  if (complaint !== undefined) refuse([{ offset: 0, message: complaint }])

  const find = createFinder(document)
  return {
    value,
    mistakes,
    isFilledIn: path => filledIn.has(JSON.stringify(path)),
    mistake: (path, message, at = 'value') => ({
      ...placeOf(find(path, at)),
      path: formatPath(path),
      message,
    }),
  }
}

const complaintsOf = ({ unset, malformed, tooLong }: ReturnType<typeof interpolate>): string[] => [
  ...unset.map(
    name =>
      `\${${name}} is not set in the environment and has no default; set it, or write \${${name}:-default}`,
  ),
  ...(malformed
    ? ['found a malformed reference; expected ${NAME} or ${NAME:-default}, or $${ for a literal ${']
    : []),
  ...(tooLong
    ? [`found a text of more than ${MAX_TEXT_LENGTH} characters once its references are filled in`]
    : []),
]

const keyOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : '')

const MAX_BAD_KEYS = 20

/** Keys that are written twice in a mapping, or that are no text. */
const findBadKeys = (pairs: readonly Pair[]): SyntaxMistake[] => {
  const seen = new Set<string>()
  const found: SyntaxMistake[] = []
  for (const pair of pairs) {
    const offset = rangeOf(pair.key) ?? 0
    if (!isScalar(pair.key)) found.push({ offset, message: 'invalid YAML: a key that is no text' })
    else if (seen.has(keyOf(pair))) found.push({ offset, message: 'invalid YAML: duplicate key' })
    seen.add(keyOf(pair))
    if (found.length === MAX_BAD_KEYS) break
  }
  return found
}

const toValue = (document: Document.Parsed, start: { line: number; column: number }): unknown => {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    const message = error instanceof RangeError ? TOO_DEEP : 'cannot resolve an alias; write the value out'
    throw new SourceError([{ ...start, path: '', message }])
  }
}

/** The offset of the value at `path`, or of the nearest node around it. */
type Find = (path: Path, at: 'key' | 'value') => number

const createFinder = (document: Document.Parsed): Find => {
  const pairsOf = new Map<object, ReadonlyMap<string, Pair>>()
  const pairIn = (mapping: { readonly items: readonly Pair[] }, key: string): Pair | undefined => {
    const pairs = pairsOf.get(mapping) ?? new Map(mapping.items.map(pair => [keyOf(pair), pair]))
    pairsOf.set(mapping, pairs)
    return pairs.get(key)
  }
  return (path, at) => {
    let node: unknown = document.contents
    let offset = 0
    path.forEach((step, i) => {
      if (isAlias(node)) node = node.resolve(document)
      const last = i === path.length - 1
      if (isMap(node)) {
        const pair = pairIn(node, String(step))
        if (!pair) return
        if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset
        node = pair.value
        if (last && at === 'key') return
      } else if (isSeq(node)) node = node.items[Number(step)]
      offset = rangeOf(node) ?? offset
    })
    return offset
  }
}

const rangeOf = (node: unknown): number | undefined =>
  isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range?.[0] : undefined
