import type { Secret } from '../schema.ts'
import { configSchema } from './schema.ts'
import { isMapping, memberSchema, secretIn, walkSchema } from './walk-schema.ts'

const MASK = '***'

const mask = (text: string, secret: Secret): string => {
  const url = secret === 'url' ? URL.parse(text) : null
  if (!url) return MASK
  if (url.password !== '') url.password = MASK
  if (url.search !== '') url.search = MASK
  url.hash = ''
  return url.href
}

/** A configuration as it may be printed: in the order of the schema, every secret in it masked. */
export const shown = (value: unknown): unknown => {
  const copy: unknown = structuredClone(value)
  walkSchema(copy, configSchema, (mapping, schema) => {
    if (!isMapping(mapping) || !schema) return
    const ordered = Object.keys(schema.properties ?? {}).filter(key => key in mapping)
    for (const key of new Set([...ordered, ...Object.keys(mapping)])) {
      const member = mapping[key]
      const secret = secretIn(memberSchema(schema, key))
      delete mapping[key]
      mapping[key] = secret && typeof member === 'string' ? mask(member, secret) : member
    }
  })
  return copy
}
