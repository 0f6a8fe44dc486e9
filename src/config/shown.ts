import type { Secret } from '../schema/vocabulary.ts'
import { holdsCredentials } from './quote.ts'
import { configSchema } from './schema.ts'
import { isMapping } from '../lib/json.ts'
import { memberSchema, secretIn, walkSchema } from './walk-schema.ts'

const MASK = '***'

/** A Unix socket written as a URL. It has no secret. */
const SOCKET = /^[a-z]+\+unix:\/[^@?#]*$/i

/** A well-formed URL. In a URL with unescaped delimiters, any part may be a secret. */
const REGULAR =
  /^([a-z][a-z0-9+.-]*:\/\/)(?:([^:@/?#]*)(:[^@/?#]*)?@)?((?:[\w.-]*|\[[\da-f:.]+\])(?::\d+)?(?:\/[^@?#]*)?)(\?[^@#]*)?(?:#[^@]*)?$/i

const maskUrl = (text: string): string => {
  if (SOCKET.test(text)) return text
  const [, scheme, user, password, rest, query] = REGULAR.exec(text) ?? []
  if (scheme === undefined) return MASK
  const login = user === undefined ? '' : `${user}${password === undefined ? '' : `:${MASK}`}@`
  return `${scheme}${login}${rest}${query === undefined ? '' : `?${MASK}`}`
}

/** Masks a value that the schema calls secret, and a login in any URL. */
const masked = (value: unknown, secret?: Secret): unknown => {
  if (typeof value !== 'string') return value
  if (secret === true) return MASK
  return secret === 'url' || holdsCredentials(value) ? maskUrl(value) : value
}

/** A copy of a configuration to print: keys in the order of the schema, every secret masked. */
export const shown = (value: unknown): unknown => {
  const copy: unknown = structuredClone(value)
  walkSchema(copy, configSchema, (node, schema) => {
    if (Array.isArray(node)) node.forEach((item, i) => void (node[i] = masked(item)))
    if (!isMapping(node)) return
    const ordered = Object.keys(schema?.properties ?? {}).filter(key => key in node)
    for (const key of new Set([...ordered, ...Object.keys(node)])) {
      const member = node[key]
      delete node[key]
      node[key] = masked(member, secretIn(schema && memberSchema(schema, key)))
    }
  })
  return copy
}
