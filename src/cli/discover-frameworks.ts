/** A variable as one place reads it; `index` is where in the text. */
export interface Reading {
  readonly name: string
  readonly index: number
  readonly hasDefault: boolean
  readonly type: 'string' | 'integer' | 'number' | 'uri'
}

/** The names that django-environ and dj-database-url read if none is given. */
const impliedNames: Readonly<Record<string, string>> = {
  'env.db': 'DATABASE_URL',
  'env.db_url': 'DATABASE_URL',
  'env.cache': 'CACHE_URL',
  'env.cache_url': 'CACHE_URL',
  'env.email': 'EMAIL_URL',
  'env.email_url': 'EMAIL_URL',
  'env.search_url': 'SEARCH_URL',
  'env.channels': 'CHANNELS_URL',
  'env.channels_url': 'CHANNELS_URL',
  'dj_database_url.config': 'DATABASE_URL',
}

/** `env.db()`, `env.cache(default=…)`, `dj_database_url.config(env="X")`. A name in first place is found elsewhere. */
const impliedUrls = (text: string): readonly Reading[] =>
  Array.from(
    text.matchAll(
      /(?<![\w$.])(env\.(?:db|cache|email|channels|search)(?:_url)?(?=\s*\(\s*[^\s"'])|dj_database_url\.config)\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g,
    ),
    ({ 1: call = '', 2: args = '', index }) => ({
      name: /(?:\benv\s*=\s*|^\s*)["'](\w+)["']/.exec(args)?.[1] ?? impliedNames[call] ?? '',
      index,
      hasDefault: /\bdefault\s*=/.test(args),
      type: 'string' as const,
    }),
  ).filter(({ name }) => name !== '')

const pythonTypes: Readonly<Record<string, Reading['type']>> = { int: 'integer', float: 'number' }

/** The members of `environ.Env(DEBUG=(bool, False), KEY=str)`: django-environ's scheme. */
const schemeMembers = (text: string): readonly (Reading & { readonly isGiven: boolean })[] =>
  Array.from(
    text.matchAll(
      /(?<![\w$])(?:environ\.)?(?:File(?:Aware)?)?Env\s*\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)/g,
    ),
  ).flatMap(({ 0: whole, 1: members = '', index }) =>
    Array.from(
      members.matchAll(
        /(?:^|,)\s*(?:#[^\n]*\n\s*)*([A-Z][A-Z0-9_]*)\s*=\s*(\(\s*)?(?:dict\([^)]*\)|([\w.]+))/g,
      ),
      ({ 0: member, 1: name = '', 2: tuple, 3: type = '', index: at }) => ({
        name,
        index: index + whole.indexOf('(') + 1 + at + member.indexOf(name),
        hasDefault: tuple !== undefined,
        isGiven: tuple !== undefined,
        type: pythonTypes[type] ?? ('string' as const),
      }),
    ),
  )

/** Names that django-environ's scheme gives a default, so that no place needs one. Pure. */
export const namesWithDefault = (text: string): readonly string[] =>
  schemeMembers(text).flatMap(({ name, isGiven }) => (isGiven ? [name] : []))

/** `import { env } from 'node:process'`, `const { env } = process`: then `env.NAME`. */
const ownEnv = (text: string): readonly Reading[] =>
  /\bimport\s*\{[^}]*\benv\b[^}]*\}\s*from\s*["'](?:node:)?process["']|\{\s*env\s*\}\s*=\s*process\b(?!\.)/.test(
    text,
  )
    ? Array.from(
        text.matchAll(/(?<![\w$.])env\.([A-Z_][A-Z0-9_]*)\b(\s*(?:\?\?|\|\||[!=]=|\?(?!\.)))?/g),
        member => ({
          name: member[1] ?? '',
          index: member.index,
          hasDefault: member[2] !== undefined,
          type: 'string' as const,
        }),
      )
    : []

/** `const { A, B = 'x', C: c } = process.env`, with or without a type. */
const destructured = (text: string): readonly Reading[] =>
  Array.from(text.matchAll(/\{([^{}]*)\}\s*(?::\s*[\w.<>, ]+)?=\s*process\.env\b(?!\s*[.[])/g)).flatMap(
    ({ 1: members = '', index }) =>
      Array.from(members.matchAll(/(?:^|,)\s*([A-Za-z_]\w*)\s*(?::\s*\w+\s*)?(=(?!=))?/g), member => ({
        name: member[1] ?? '',
        index: index + 1 + member.index + member[0].indexOf(member[1] ?? ''),
        hasDefault: member[2] !== undefined,
        type: 'string' as const,
      })),
  )

/** A field with `Field(…)` has no default if its first argument is `...`, or if it gives none. */
const hasFieldDefault = (value: string | undefined): boolean => {
  if (value === undefined) return false
  const field = /^\s*Field\s*\((.*)/s.exec(value)?.[1]
  if (field === undefined) return !/^\s*\.\.\./.test(value)
  return /\bdefault(?:_factory)?\s*=/.test(field) || !/^\s*(?:\.\.\.|\w+\s*=|\))/.test(field)
}

interface PythonClass {
  readonly name: string
  /** What its parentheses hold: its bases, and keywords. */
  readonly header: string
  readonly body: string
  /** Where the body is in the text. */
  readonly index: number
}

const classesIn = (text: string): readonly PythonClass[] =>
  Array.from(
    text.matchAll(/^class\s+(\w+)\(([^)]*)\):.*\n((?:[ \t]+.*\n?|[ \t]*\n|\)[ \t]*\n)*)/gm),
    ({ 0: whole, 1: name = '', 2: header = '', 3: body = '', index }) => ({
      name,
      header,
      body,
      index: index + whole.length - body.length,
    }),
  )

const setting = (name: string, { header, body }: PythonClass): string | undefined =>
  new RegExp(`\\b${name}\\s*=\\s*["'](\\w*)["']`).exec(`${header}\n${body}`)?.[1]

interface Field {
  readonly name: string
  readonly type: string
  readonly value: string | undefined
  readonly index: number
}

const fieldsOf = ({ body, index }: PythonClass): readonly Field[] => {
  const indent = /^[ \t]+/.exec(body)?.[0] ?? ''
  const value = String.raw`(?:=\s*((?:Field\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))|.*))?`
  const fields = body.matchAll(
    new RegExp(
      String.raw`^([ \t]+)([A-Za-z]\w*)[ \t]*:[ \t]*([^=\n#]+?(?:\[(?:[^[\]]|\[(?:[^[\]]|\[[^[\]]*\])*\])*\])?)[ \t]*${value}$`,
      'gm',
    ),
  )
  return Array.from(fields).flatMap(({ 1: own, 2: name = '', 3: type = '', 4: given, index: at }) =>
    own !== indent || name === 'model_config' || /\bClassVar\b/.test(type)
      ? []
      : [{ name, type, value: given, index: index + at }],
  )
}

/** The names of a field: its aliases, of which any one will do, or its own. */
const namesOf = ({ name, value = '' }: Field, prefix: string): readonly string[] => {
  const choices = /\bAliasChoices\(([^()]*)\)/.exec(value)?.[1]
  if (choices !== undefined) return Array.from(choices.matchAll(/["'](\w+)["']/g), ([, alias = '']) => alias)
  const alias = /\b(?:validation_alias|alias|env)\s*=\s*["'](\w+)["']/.exec(value)?.[1]
  return [alias ?? `${prefix}${name}`.toUpperCase()]
}

/** The fields of pydantic-settings' `class Settings(BaseSettings):`, and of classes that inherit from it. */
const settingsFields = (text: string): readonly Reading[] => {
  const classes = classesIn(text)
  const parentOf = ({ header }: PythonClass): PythonClass | undefined =>
    classes.find(({ name }) => new RegExp(`(?:^|,)\\s*${name}\\s*(?:,|$)`).test(header))
  const isSettings = (known: PythonClass, depth = 0): boolean => {
    const parent = parentOf(known)
    return (
      /\bBaseSettings\b/.test(known.header) ||
      (parent !== undefined && depth < 10 && isSettings(parent, depth + 1))
    )
  }
  const inherited = (name: string, known: PythonClass, depth = 0): string | undefined => {
    const parent = parentOf(known)
    return setting(name, known) ?? (parent && depth < 10 ? inherited(name, parent, depth + 1) : undefined)
  }
  const readings = (field: Field, prefix: string, delimiter: string | undefined): readonly Reading[] => {
    const names = namesOf(field, prefix)
    const nested = delimiter ? classes.find(({ name }) => name === field.type) : undefined
    if (nested && field.value === undefined && !isSettings(nested))
      return fieldsOf(nested).flatMap(inner => readings(inner, `${names[0] ?? ''}${delimiter}`, undefined))
    return names.map(name => ({
      name,
      index: field.index,
      hasDefault: names.length > 1 || hasFieldDefault(field.value),
      type: pythonTypes[field.type] ?? 'string',
    }))
  }
  return classes
    .filter(known => isSettings(known))
    .flatMap(known => {
      const prefix = inherited('env_prefix', known) ?? ''
      const delimiter = inherited('env_nested_delimiter', known)
      return fieldsOf(known).flatMap(field => readings(field, prefix, delimiter))
    })
}

/** Rails decrypts its credentials with this key, unless config/master.key has it. */
const railsKey = (text: string): readonly Reading[] =>
  Array.from(
    text.matchAll(/\bconfig\.require_master_key\s*=\s*true\b|\bRails\.application\.credentials\b/g),
    ({ 0: found, index }) => ({
      name: 'RAILS_MASTER_KEY',
      index,
      hasDefault: !found.startsWith('config'),
      type: 'string' as const,
    }),
  )

/** Variables that libraries read under names that no call spells out, or that no call reads. Pure. */
export const frameworkReadings = (text: string): readonly Reading[] => [
  ...impliedUrls(text),
  ...schemeMembers(text),
  ...ownEnv(text),
  ...destructured(text),
  ...settingsFields(text),
  ...railsKey(text),
]
