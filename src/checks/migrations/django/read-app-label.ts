import { decodeSource } from '../../../python/decode-source.ts'
import { readText } from '../../../python/literal.ts'
import { NotUnderstood } from '../../../python/not-understood.ts'
import { assignedValue, bodyOf, isName, isOperator, notUnderstood } from '../../../python/statements.ts'
import { tokenize } from '../../../python/tokenize.ts'
import type { LogicalLine, Token } from '../../../python/token.ts'

export type Labelling =
  | { readonly ok: true; readonly label: string }
  /** `why` ends a sentence. */
  | { readonly ok: false; readonly why: string }

/** The sources of an app's package that may define its AppConfig. */
export interface AppSources {
  readonly 'apps.py'?: Buffer | undefined
  readonly '__init__.py'?: Buffer | undefined
}

type FileName = keyof AppSources

/**
 * The label of the app in `folder`: what an AppConfig in apps.py or `__init__.py` says literally, else the last part of its
 * name, else the folder's name. If several configurations differ, the default one decides.
 */
export const readAppLabel = (sources: AppSources, folder: string): Labelling => {
  let file: FileName = '__init__.py'
  try {
    const init = linesOf(sources[file])
    const initial = configsIn(init, { file, folder })
    file = 'apps.py'
    const configs = [...configsIn(linesOf(sources[file]), { file, folder }), ...initial]
    const labels = new Set(chosen(configs, defaultConfig(init)).map(labelOf))
    const [label = folder, ...others] = labels
    if (others.length > 0) return { ok: false, why: `it may be ${[label, ...others].join(' or ')}` }
    return { ok: true, label }
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error
    const { message, line } = error
    const where = file === 'apps.py' ? 'line' : `${file}, line`
    return { ok: false, why: line === undefined ? message : `${where} ${line}: ${message}` }
  }
}

const linesOf = (source: Buffer | undefined): readonly LogicalLine[] =>
  source ? tokenize(decodeSource(source)) : []

interface Place {
  readonly file: FileName
  readonly folder: string
}

interface Config {
  readonly name: string
  readonly head: LogicalLine
  readonly body: readonly LogicalLine[]
  /** The file's lines, in which a name may stand for a literal. */
  readonly lines: readonly LogicalLine[]
  /** Configurations of the same file above it. */
  readonly earlier: readonly Config[]
  readonly place: Place
}

const configsIn = (lines: readonly LogicalLine[], place: Place): readonly Config[] => {
  const found: Config[] = []
  for (const [at, head] of lines.entries()) {
    if (head.indent > 0 || !isName(head.tokens[0], 'class') || !isOperator(head.tokens.at(-1), ':')) continue
    const name = head.tokens[1]
    if (name?.type !== 'name') throw notUnderstood(head, 'a class has no name')
    const config = { name: name.text, head, body: bodyOf(lines, at), lines, earlier: [...found], place }
    if (isConfig(config)) found.push(config)
  }
  return found
}

/** `class ShopConfig(AppConfig):`, or a class with another base that sets a label. */
const isConfig = ({ head, body }: Config): boolean =>
  head.tokens.slice(2).some(token => token.type === 'name' && token.text.endsWith('Config')) ||
  (head.tokens.length > 3 && body.some(({ tokens }) => isName(tokens[0], 'label')))

/** The class that `default_app_config` names, as Django before 4.1 takes it. */
const defaultConfig = (lines: readonly LogicalLine[]): string | undefined => {
  const [line, again] = lines.filter(({ tokens }) => isName(tokens[0], 'default_app_config'))
  if (again) throw notUnderstood(again, 'default_app_config is assigned twice')
  return line && readText(assignedValue(line), line.tokens[0]?.line ?? 0)
}

const chosen = (configs: readonly Config[], dotted: string | undefined): readonly Config[] => {
  if (dotted !== undefined) {
    const [name, module] = dotted.split('.').toReversed()
    const named = configs.filter(
      config => config.name === name && (config.place.file !== 'apps.py' || module === 'apps'),
    )
    if (named.length === 0)
      throw new NotUnderstood(
        `default_app_config is ${dotted}, which neither apps.py nor __init__.py defines`,
      )
    return named
  }
  const defaults = configs.filter(({ place, body }) => place.file === 'apps.py' && body.some(isDefault))
  const others = configs.filter(({ place }) => place.file !== 'apps.py')
  return defaults.length === 1 ? [...defaults, ...others] : configs
}

/** `default = True` */
const isDefault = ({ tokens: [name, equals, value] }: LogicalLine): boolean =>
  isName(name, 'default') && isOperator(equals, '=') && isName(value, 'True')

/** What a configuration says, or else one of the same file that it derives from. */
const labelOf = (config: Config): string => {
  const { head, earlier } = config
  const said = textOf(config, 'label') ?? textOf(config, 'name')?.split('.').at(-1)
  if (said !== undefined) return said
  const base = earlier.findLast(other => head.tokens.slice(2).some(token => isName(token, other.name)))
  if (!base) throw notUnderstood(head, 'the configuration has neither a label nor a name')
  return labelOf(base)
}

/** What a class assigns to `name`, if anything. */
const textOf = ({ body, lines, place }: Config, name: string): string | undefined => {
  const [line, again] = body.filter(({ tokens }) => isName(tokens[0], name))
  if (again) throw notUnderstood(again, `${name} is assigned twice`)
  if (!line) return undefined
  const value = assignedValue(line)
  if (isOwnPackage(value, place.file)) return place.folder
  const [constant, ...others] = value
  const literal =
    constant?.type === 'name' && others.length === 0 ? constantIn(lines, constant.text) : undefined
  return readText(literal ?? value, line.tokens[0]?.line ?? 0)
}

/** Expressions for the package of apps.py, without blanks. */
const PACKAGE_OF_MODULE = new Set([
  "__name__.rpartition('.')[0]",
  "__name__.rsplit('.',1)[0]",
  "__name__.rsplit('.',maxsplit=1)[0]",
  "'.'.join(__name__.split('.')[:-1])",
  "__name__.removesuffix('.apps')",
  "__name__.replace('.apps','')",
  '__package__',
])

const isOwnPackage = (value: readonly Token[], file: FileName): boolean => {
  const text = value.map(spelled).join('')
  return file === 'apps.py' ? PACKAGE_OF_MODULE.has(text) : text === '__name__' || text === '__package__'
}

const spelled = (token: Token): string => (token.type === 'string' ? `'${token.value}'` : token.text)

/** The value of a name that is assigned once, at the top level, and used nowhere else but to be read. */
const constantIn = (lines: readonly LogicalLine[], name: string): readonly Token[] | undefined => {
  const assigning = lines.filter(({ tokens }) =>
    tokens.some((token, i) => isName(token, name) && isBinding(tokens, i)),
  )
  const [line, ...others] = assigning
  if (!line || others.length > 0 || line.indent > 0 || !isName(line.tokens[0], name)) return undefined
  return assignedValue(line)
}

/** Whether a name may be bound at a place: the conservative answer. */
const isBinding = (tokens: readonly Token[], at: number): boolean => {
  if (isOperator(tokens[at - 1], '.')) return false
  const isValue = isOperator(tokens[at - 1], '=') && at === tokens.length - 1
  const isArgument =
    ['(', ','].some(before => isOperator(tokens[at - 1], before)) && isOperator(tokens[at + 1], ')')
  return !isValue && !isArgument
}
