import { decodeSource } from '../../../python/decode-source.ts'
import { readText } from '../../../python/literal.ts'
import { NotUnderstood } from '../../../python/not-understood.ts'
import { assignedValue, bodyOf, isName, isOperator, notUnderstood } from '../../../python/statements.ts'
import { tokenize } from '../../../python/tokenize.ts'
import type { LogicalLine } from '../../../python/token.ts'

export type Labelling =
  | { readonly ok: true; readonly label: string }
  /** `why` ends a sentence. */
  | { readonly ok: false; readonly why: string }

/**
 * The label of the app in `folder`, from the source of its apps.py: what its AppConfig says literally, else the last part of
 * its name, else the folder's name. Of several configurations that differ, the default one.
 */
export const readAppLabel = (source: Buffer, folder: string): Labelling => {
  try {
    const lines = tokenize(decodeSource(source))
    const configs = new Map(lines.flatMap((line, at) => (isConfig(line) ? [configAt(lines, at)] : [])))
    const defaults = [...configs.values()].filter(({ body }) => body.some(isDefault))
    const chosen = defaults.length === 1 ? defaults : [...configs.values()]
    const labels = new Set(chosen.map(config => labelOf(config, configs)))
    const [label = folder, ...others] = labels
    if (others.length > 0) return { ok: false, why: `it may be ${[label, ...others].join(' or ')}` }
    return { ok: true, label }
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error
    const { message, line } = error
    return { ok: false, why: line === undefined ? message : `line ${line}: ${message}` }
  }
}

interface Config {
  readonly name: string
  readonly head: LogicalLine
  readonly body: readonly LogicalLine[]
}

const configAt = (lines: readonly LogicalLine[], at: number): [name: string, config: Config] => {
  const [head] = lines.slice(at)
  const name = head?.tokens[1]
  if (!head || name?.type !== 'name') throw notUnderstood(head, 'a class has no name')
  return [name.text, { name: name.text, head, body: bodyOf(lines, at) }]
}

/** `class ShopConfig(AppConfig):`, on a line of its own */
const isConfig = ({ indent, tokens }: LogicalLine): boolean =>
  indent === 0 &&
  isName(tokens[0], 'class') &&
  isOperator(tokens.at(-1), ':') &&
  tokens.slice(2).some(token => token.type === 'name' && token.text.endsWith('Config'))

/** `default = True` */
const isDefault = ({ tokens: [name, equals, value] }: LogicalLine): boolean =>
  isName(name, 'default') && isOperator(equals, '=') && isName(value, 'True')

/** What a configuration says, or else one of the same file that it derives from. */
const labelOf = (config: Config, configs: ReadonlyMap<string, Config>): string => {
  const { head, body } = config
  const said = textOf(body, 'label') ?? textOf(body, 'name')?.split('.').at(-1)
  if (said !== undefined) return said
  const earlier = [...configs.values()].slice(0, [...configs.values()].indexOf(config))
  const base = earlier.findLast(other => head.tokens.slice(2).some(token => isName(token, other.name)))
  if (!base) throw notUnderstood(head, 'the configuration has neither a label nor a name')
  return labelOf(base, configs)
}

/** The literal that a class assigns to `name`, if anything. */
const textOf = (body: readonly LogicalLine[], name: string): string | undefined => {
  const [line, again] = body.filter(({ tokens }) => isName(tokens[0], name))
  if (again) throw notUnderstood(again, `${name} is assigned twice`)
  return line && readText(assignedValue(line), line.tokens[0]?.line ?? 0)
}
