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
      /(?<![\w$.])(env\.(?:db|cache|email|channels|search)(?:_url)?|dj_database_url\.config)\s*\(\s*(?!["'])([^()]*(?:\([^()]*\)[^()]*)*)\)/g,
    ),
    ({ 1: call = '', 2: args = '', index }) => ({
      name: /\benv\s*=\s*["'](\w+)["']/.exec(args)?.[1] ?? impliedNames[call] ?? '',
      index,
      hasDefault: /\bdefault\s*=/.test(args),
      type: 'string' as const,
    }),
  ).filter(({ name }) => name !== '')

/** `const { A, B = 'x', C: c } = process.env`. */
const destructured = (text: string): readonly Reading[] =>
  Array.from(text.matchAll(/\{([^{}]*)\}\s*=\s*process\.env\b(?!\s*[.[])/g)).flatMap(
    ({ 1: members = '', index }) =>
      Array.from(members.matchAll(/(?:^|,)\s*([A-Za-z_]\w*)\s*(?::\s*\w+\s*)?(=(?!=))?/g), member => ({
        name: member[1] ?? '',
        index: index + 1 + member.index + member[0].indexOf(member[1] ?? ''),
        hasDefault: member[2] !== undefined,
        type: 'string' as const,
      })),
  )

const pythonTypes: Readonly<Record<string, Reading['type']>> = { int: 'integer', float: 'number' }

/** A field with `Field(…)` has no default if its first argument is `...`, or if it gives none. */
const hasFieldDefault = (value: string | undefined): boolean => {
  if (value === undefined) return false
  const field = /^\s*Field\s*\((.*)/s.exec(value)?.[1]
  if (field === undefined) return !/^\s*\.\.\./.test(value)
  return /\bdefault(?:_factory)?\s*=/.test(field) || !/^\s*(?:\.\.\.|\w+\s*=|\))/.test(field)
}

/** The fields of pydantic-settings' `class Settings(BaseSettings):`. */
const settingsFields = (text: string): readonly Reading[] =>
  Array.from(
    text.matchAll(/^class\s+\w+\([^)]*\bBaseSettings\b[^)]*\):.*\n((?:[ \t]+.*\n?|[ \t]*\n)*)/gm),
  ).flatMap(({ 0: whole, 1: body = '', index }) => {
    const prefix = /\benv_prefix\s*=\s*["'](\w*)["']/.exec(body)?.[1] ?? ''
    const indent = /^[ \t]+/.exec(body)?.[0] ?? ''
    const bodyIndex = index + whole.length - body.length
    const fields = body.matchAll(/^([ \t]+)([A-Za-z]\w*)\s*:\s*([^=\n#]+?)\s*(?:=\s*(.*))?$/gm)
    return Array.from(fields).flatMap(({ 1: own, 2: field = '', 3: type = '', 4: value, index: at }) => {
      if (own !== indent || field === 'model_config' || /\bClassVar\b/.test(type)) return []
      const alias = /\b(?:validation_alias|alias|env)\s*=\s*["'](\w+)["']/.exec(value ?? '')?.[1]
      return [
        {
          name: alias ?? `${prefix}${field}`.toUpperCase(),
          index: bodyIndex + at,
          hasDefault: hasFieldDefault(value),
          type: pythonTypes[type] ?? 'string',
        },
      ]
    })
  })

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
  ...destructured(text),
  ...settingsFields(text),
  ...railsKey(text),
]
