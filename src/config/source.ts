import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import type { Mistake } from './config-error.ts'
import { interpolate } from './interpolate.ts'
import type { ProcessEnv } from '../lib/process-env.ts'

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

/** `a.b[0].c` */
export const formatPath = (path: Path): string =>
  path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i > 0 ? '.' : ''}${step}`)).join('')

/**
 * Parses YAML 1.2 and fills in `${NAME}` and `${NAME:-default}` in its values. A value that becomes empty counts as not
 * given. Throws a SourceError.
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

  /** Fills in a node. False: its value became empty. */
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
        mistakes.push({
          ...place,
          message: `\${${name}} is not set in the environment and has no default; set it, or write \${${name}:-default}`,
        })
      if (malformed)
        mistakes.push({
          ...place,
          message:
            'found a malformed reference; expected ${NAME} or ${NAME:-default}, or $${ for a literal ${',
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

/** Only the parser's code: its messages can quote the file, and so a secret. */
const syntaxMessage = (code: string) => `invalid YAML: ${code.toLowerCase().replaceAll('_', ' ')}`

const toValue = (document: Document.Parsed, start: { line: number; column: number }): unknown => {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch {
    throw new SourceError([{ ...start, path: '', message: 'cannot resolve an alias; write the value out' }])
  }
}

/** The offset of the value at `path`, or of the nearest node around it. */
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
