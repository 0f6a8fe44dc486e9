import { beforeAbort, TIME_IS_UP } from '../lib/deadline.ts'
import { defaultDialect } from '../env-file/dialect.ts'
import { fileSource } from '../env-file/file-source.ts'
import { readText } from '../env-file/read-text.ts'
import { namesOfFiles, readVariables } from '../env-file/read-variables.ts'
import type { Variables } from '../env-file/read-variables.ts'
import type { DatabaseSource } from './database-source.ts'
import type { Login } from './login.ts'
import { loginOf } from './login-of.ts'
import { hostSettings, parseSource } from './parse-url.ts'
import { problemOf } from './problem.ts'
import type { DatabaseProblem } from './reasons.ts'
import { Refusal } from './refusal.ts'
import type { Settings, Source } from './settings.ts'

/** How to log in, which must never be shown, or why that is unknown. */
export type LoginAnswer =
  { readonly ok: true; readonly login: Login } | { readonly ok: false; readonly problem: DatabaseProblem }

type FromFiles = Extract<DatabaseSource, { env_file: unknown }>
type FromVariables = Extract<FromFiles, { name: string }>
type FromPasswordFile = Extract<DatabaseSource, { url: string }>

/** A file or a variable that is not there: a message of its own, without an origin before it. */
class NotThere extends Error {}

const valueOf = (variables: Variables, name: string): string => {
  const answer = variables.get(name)
  if (answer.ok) return answer.value
  throw new NotThere(answer.message)
}

const ADDRESS = new Set(['host', 'hostaddr', 'port'])

/** A host that the configuration names takes the place of the source's; its port stays, if there is only one. */
const overridden = (settings: Settings, host: string): Settings => {
  const replacement = hostSettings(host)
  const ports = settings.findLast(([name]) => name === 'port')?.[1].split(',') ?? []
  const keepsPort = replacement.length === 1 && ports.length === 1
  return [
    ...settings.filter(([name]) => !ADDRESS.has(name) || (name === 'port' && keepsPort)),
    ...replacement,
  ]
}

const named = (from: FromVariables, variables: Variables): Settings => {
  const pairs = [
    ['host', from.host],
    ['port', from.port],
    ['user', from.user],
    ['password', from.password],
    ['dbname', from.name],
  ] as const
  return pairs.flatMap(([name, variable]) =>
    variable === undefined ? [] : [[name, valueOf(variables, variable)] as const],
  )
}

const fromFiles = async (from: FromFiles): Promise<Source> => {
  const dialect = from.format ?? defaultDialect
  const files = [from.env_file].flat().map(file => fileSource(file, dialect))
  const variables = await readVariables(files)
  const source: Source =
    'variable' in from
      ? parseSource(valueOf(variables, from.variable))
      : { isJdbc: false, settings: named(from, variables), parameters: [] }
  const withHost =
    'variable' in from && from.host !== undefined ? overridden(source.settings, from.host) : source.settings
  return {
    ...source,
    settings: [
      ...withHost,
      ...(from.sslmode === undefined ? [] : [['sslmode', from.sslmode] as const]),
      ...(from.schema === undefined ? [] : [['schema', from.schema] as const]),
    ],
  }
}

const GIVEN = 'the URL of the database'

/** All of the file is the password, but for one newline at its end. */
const fromPasswordFile = async ({ url, password_file: path }: FromPasswordFile): Promise<Source> => {
  const source = parseSource(url)
  const answer = await readText(path)
  if (!answer.ok) throw new NotThere(answer.fault.message)
  const password = answer.text.replace(/\r?\n$/, '')
  if (password === '' || !password.isWellFormed())
    throw new NotThere(
      `${path} is empty or not UTF-8; expected the password of the database and nothing else`,
    )
  return { ...source, settings: [...source.settings, ['password', password]] }
}

const sourceOf = async (source: DatabaseSource): Promise<Source> => {
  if (typeof source === 'string') return parseSource(source)
  return 'url' in source ? fromPasswordFile(source) : fromFiles(source)
}

/** Where a source is from, for a message about what it says. */
const originOf = (source: DatabaseSource): string => {
  if (typeof source === 'string' || 'url' in source) return GIVEN
  const files = namesOfFiles([source.env_file].flat().map(file => fileSource(file, defaultDialect)))
  return 'variable' in source ? `${source.variable} in ${files}` : files
}

const unknown = (message: string): LoginAnswer => ({
  ok: false,
  problem: { status: 'unknown', reason: 'DATABASE_URL_UNKNOWN', cause: 'local', message },
})

/** Finds out how to log in. Re-reads files each time, because they may have changed. Never throws. */
export const resolveSource = async (source: DatabaseSource, signal: AbortSignal): Promise<LoginAnswer> => {
  try {
    const resolved = await beforeAbort(sourceOf(source), signal)
    if (resolved === TIME_IS_UP)
      throw new Refusal('DATABASE_TIMED_OUT', 'has its login in a file that cannot be read in time')
    return { ok: true, login: loginOf(resolved) }
  } catch (error) {
    if (error instanceof NotThere) return unknown(error.message)
    if (error instanceof Refusal && error.reason === 'DATABASE_URL_UNKNOWN')
      return unknown(`${originOf(source)} ${error.message}`)
    return {
      ok: false,
      problem: { ...problemOf(error, { database: 'the database', secrets: [] }), cause: 'local' },
    }
  }
}
