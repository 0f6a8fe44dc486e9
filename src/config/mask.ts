import { configSchema } from './schema.ts'
import { isMapping, isSecret, memberSchema, walkSchema } from './walk-schema.ts'

const MASK = '***'

/** A URL without what it may hold of secrets: user, host and path stay, the rest does not. */
export const maskUrl = (text: string): string => {
  const url = URL.parse(text)
  if (!url?.host) return MASK
  if (url.password !== '') url.password = MASK
  url.search = url.search && `?${MASK}`
  url.hash = ''
  return url.href
}

/** A copy of a configuration in which every value that is marked as a secret is masked. */
export const maskSecrets = (value: unknown): unknown => {
  const copy: unknown = structuredClone(value)
  walkSchema(copy, configSchema, (mapping, schema) => {
    if (!isMapping(mapping) || !schema) return
    for (const [key, member] of Object.entries(mapping))
      if (typeof member === 'string' && isSecret(memberSchema(schema, key))) mapping[key] = maskUrl(member)
  })
  return copy
}
