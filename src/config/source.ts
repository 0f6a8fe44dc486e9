import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import type { Mistake } from './config-error.ts'
import { interpolate } from './interpolate.ts'
import type { ProcessEnv } from '../lib/process-env.ts'

/** The steps from the top of the file to a value: keys and indexes. */
export type Path = readonly (string | number)[]

/** A configuration file as it was written, filled in from the environment, with the places of everything in it. */
export interface Source {
  readonly value: unknown
  /** References to the environment that cannot be filled in. */
  readonly mistakes: readonly Mistake[]
  /** Whether the value there came, in part or in whole, from the environment. */
  isFilledIn(path: Path): boolean
  /** A mistake in the value at `path`, or in its key. */
  mistake(path: Path, message: string, at?: 'key' | 'value'): Mistake
}

/** Raised with everything that is wrong with a file's syntax. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  readonly mistakes: readonly Mistake[]

  constructor(mistakes: readonly Mistake[]) {
    super('not readable')
    this.mistakes = mistakes
  }
}

/** `a.b[0].c` */
export const formatPath = (path: Path): string =>
  path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i > 0 ? '.' : ''}${step}`)).join('')

/**
 * Parses YAML 1.2 and fills in `${NAME}` and `${NAME:-default}` in its values. A value that the environment leaves empty
 * is as if it had not been given. Throws a SourceError.
 */
export const readSource = (text: string, env: ProcessEnv): Source => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  if (document.errors.length > 0) {
    throw new SourceError(
      document.errors.map(({ pos, code }) => ({
        ...placeOf(pos[0]),
        path: '',
        message: syntaxMessage(code),
      })),
    )
  }

  const filledIn = new Set<string>()
  const mistakes: Mistake[] = []

  /** Fills in a node; false where the environment leaves nothing of it. */
  const fill = (node: unknown, path: Path): boolean => {
    if (isMap(node)) {
      node.items = node.items.filter(pair => fill(pair.value, [...path, String(pair.key)]))
    } else if (isSeq(node)) {
      const kept: unknown[] = []
      for (const item of node.items) if (fill(item, [...path, kept.length])) kept.push(item)
      node.items = kept
    } else if (isScalar(node) && typeof node.value === 'string' && node.value.includes('${')) {
      const { text: value, unset, malformed } = interpolate(node.value, env)
      const place = { ...placeOf(node.range?.[0] ?? 0), path: formatPath(path) }
      for (const name of unset)
        mistakes.push({ ...place, message: `\${${name}} is not set in the environment, and has no default` })
      if (malformed)
        mistakes.push({
          ...place,
          message: 'expected ${NAME} or ${NAME:-default}; $${ stands for a literal ${',
        })
      node.value = value
      filledIn.add(JSON.stringify(path))
      return value !== '' || unset.length > 0
    }
    return true
  }
  fill(document.contents, [])

  return {
    value: toValue(document, placeOf(0)),
    mistakes,
    isFilledIn: path => filledIn.has(JSON.stringify(path)),
    mistake: (path, message, at = 'value') => ({
      ...placeOf(offsetOf(document, path, at)),
      path: formatPath(path),
      message,
    }),
  }
}

/** The parser's own messages can quote the file, and so a secret in it: its code says enough. */
const syntaxMessage = (code: string) => `not YAML: ${code.toLowerCase().replaceAll('_', ' ')}`

const toValue = (document: Document.Parsed, start: { line: number; column: number }): unknown => {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch {
    throw new SourceError([{ ...start, path: '', message: 'not YAML: an alias that cannot be resolved' }])
  }
}

/** Where the value at `path` begins, or else the nearest thing around it. */
const offsetOf = (document: Document.Parsed, path: Path, at: 'key' | 'value'): number => {
  let node: unknown = document.contents
  let offset = 0
  path.forEach((step, i) => {
    if (isAlias(node)) node = node.resolve(document)
    const last = i === path.length - 1
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(key) === String(step))
      if (!pair) return
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset
      node = pair.value
      if (last && at === 'key') return
    } else if (isSeq(node)) node = node.items[Number(step)]
    offset = rangeOf(node) ?? offset
  })
  return offset
}

const rangeOf = (node: unknown): number | undefined =>
  isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range?.[0] : undefined
