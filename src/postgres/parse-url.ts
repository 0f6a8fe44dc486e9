import { parseKeyValues, parseSemicolons } from './parse-dsn.ts'
import { sourceRefusal } from './refusal.ts'
import type { Settings, Source } from './settings.ts'

/**
 * The schemes that libraries use for Postgres: libpq, node-postgres, Django, Rails, SQLAlchemy (with `+driver`), Ecto,
 * JDBC, R2DBC, golang-migrate, Laravel, Doctrine, peewee and Timescale.
 */
const SCHEME =
  /^(?<jdbc>jdbc:|r2dbc:(?:pool:)?)?(?:(?:postgres|postgresql)(?:ext(?:pool)?|[-_]psycopg[23]?)?|(?:pdo[-_])?pgsql|asyncpg|postgis|psql|pgx|pgx[45]|ecto|timescale|timescaledb|timescalegis|cockroach|cockroachdb|jdbcpostgresql)(?:\+\w+)?:(?<slashes>\/\/)?/i

const MALFORMED = 'is not well formed'

const decode = (text: string, what: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw sourceRefusal(`${MALFORMED}: a % in ${what} is not followed by two hexadecimal digits`)
  }
}

/** `host:port`, `[::1]:port`, `%2Fdirectory`. */
const parseHost = (text: string): readonly [host: string, port: string] => {
  const match = /^(?:\[([\da-fA-F:.%]+)\]|([^:[\]]*))(?::(.*))?$/.exec(text)
  if (!match)
    throw sourceRefusal(`${MALFORMED}: its host is not a name, an IPv4 address or an [IPv6 address]`)
  return [decode(match[1] ?? match[2] ?? '', 'the host'), match[3] ?? '']
}

/** A list of hosts, each with or without a port, as libpq's `host` and `port`. */
export const hostSettings = (list: string): Settings => {
  const hosts = list.split(',').map(parseHost)
  return [
    ['host', hosts.map(([host]) => host).join(',')],
    ...(hosts.some(([, port]) => port !== '')
      ? [['port', hosts.map(([, port]) => port).join(',')] as const]
      : []),
  ]
}

const authoritySettings = (authority: string): Settings => {
  const at = authority.lastIndexOf('@')
  const [user = '', ...password] = at < 0 ? [] : authority.slice(0, at).split(':')
  const hosts = authority.slice(at + 1)
  return [
    ...(user === '' ? [] : [['user', decode(user, 'the user')] as const]),
    ...(password.length === 0 ? [] : [['password', decode(password.join(':'), 'the password')] as const]),
    ...(hosts === '' ? [] : hostSettings(hosts)),
  ]
}

/** Python's and JavaScript's libraries read a + in a query as a blank. libpq does not; only in `options` it matters. */
const querySettings = (query: string): Settings => {
  const pairs = query.split('&').filter(pair => pair !== '')
  const settings = pairs.map(pair => {
    const [name = '', ...value] = pair.split('=')
    const text = name === 'options' ? value.join('=').replaceAll('+', ' ') : value.join('=')
    return [decode(name, 'a parameter'), decode(text, 'a parameter')] as const
  })
  // SQLAlchemy writes several hosts as host=a&host=b, each with or without a port.
  const hosts = settings.filter(([name]) => name === 'host').map(([, value]) => value)
  if (hosts.every(host => host.startsWith('/') || !host.includes(':'))) return joinHosts(settings, hosts)
  return [...settings.filter(([name]) => name !== 'host'), ...hostSettings(hosts.join(','))]
}

const joinHosts = (settings: Settings, hosts: readonly string[]): Settings =>
  hosts.length < 2 ? settings : [...settings.filter(([name]) => name !== 'host'), ['host', hosts.join(',')]]

const isOption = ([name]: readonly [string, string]): boolean => /^options\[.+\]$/.test(name)

/** sqlx: `options[search_path]=shop` is libpq's `options=-c search_path=shop`. */
const joinOptions = (settings: Settings): Settings => {
  const words = settings
    .filter(setting => isOption(setting) || setting[0] === 'options')
    .map(setting => {
      const [name, value] = setting
      return isOption(setting) ? `-c ${name.slice('options['.length, -1)}=${escaped(value)}` : value
    })
  if (!settings.some(isOption)) return settings
  return [
    ...settings.filter(setting => !isOption(setting) && setting[0] !== 'options'),
    ['options', words.join(' ')],
  ]
}

/** The server splits `options` at blanks that have no backslash before them. */
const escaped = (value: string): string => value.replace(/[\\\s]/g, character => `\\${character}`)

const namesOf = (settings: Settings): readonly string[] => settings.map(([name]) => name)

const parseUrl = (rest: string): Pick<Source, 'settings' | 'parameters'> => {
  const [, authority = '', path = '', query = ''] =
    /^([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?/s.exec(rest) ?? []
  if (/[@#]/.test(rest.slice(authority.length)))
    throw sourceRefusal(
      'holds an @ or # after its host; write @ / ? # as %40 %2F %3F %23 in a user, a password or a name',
    )
  if (/\s/.test(rest.trim())) throw sourceRefusal(`${MALFORMED}: it contains a blank; write it as %20`)
  const parameters = joinOptions(querySettings(query))
  return {
    parameters: namesOf(parameters),
    settings: [
      ...authoritySettings(authority),
      ...(path === '' ? [] : [['dbname', decode(path, 'the name of the database')] as const]),
      ...parameters,
    ],
  }
}

/** Words without one of these are something else that contains a =. */
const IDENTIFYING = new Set(['host', 'hostaddr', 'dbname', 'user'])

/** libpq's words, Npgsql's, and those of PHP's PDO: `pgsql:host=db;port=5432;dbname=shop`. */
const parseWords = (given: string): Settings => {
  const text = given.replace(/^\s*pgsql:(?=\s*\w+=)/, '')
  if (/^\s*\w[\w ]*=\s*[^;\s]*\s*;/.test(text)) return parseSemicolons(text)
  return /^\s*[a-z_]+\s*=/.test(text) ? parseKeyValues(text) : []
}

/** Reads a URL of any library, libpq's `key=value` words, or Npgsql's `Key=value;`. Throws a Refusal. */
export const parseSource = (text: string): Source => {
  const match = SCHEME.exec(text)
  const isJdbc = match?.groups?.['jdbc'] !== undefined
  const hasAuthority = match?.groups?.['slashes'] !== undefined
  if (match && (hasAuthority || isJdbc)) {
    const rest = text.slice(match[0].length)
    // JDBC's short form names the database alone: jdbc:postgresql:name
    return { isJdbc, ...parseUrl(hasAuthority ? rest : rest.replace(/^(?=[^/])/, '/')) }
  }
  const settings = parseWords(text)
  if (settings.some(([name]) => IDENTIFYING.has(name)))
    return { isJdbc, settings, parameters: namesOf(settings) }
  throw sourceRefusal('is not a Postgres URL: it must begin with postgres://')
}
